/**
 * The configuration in force as YAML that can be used as a file, with where each value came from.
 */
import { stringify } from 'yaml';
import type { Config, EffectiveValue } from './config.js';
import { describeOrigin } from './problem.js';
import { SETTINGS } from './settings.js';

const UNSHOWABLE = /[\u007f-\u009f\u2028\u2029]/;

/**
 * Of the web configuration file only that there are keys and users is said; hashes and keys are not
 * shown.
 */
export function printConfig(config: Config, values: readonly EffectiveValue[]): string {
  const byKey = new Map(values.map((value) => [value.key, value]));
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { key, path } of SETTINGS) {
    const groups = path.slice(0, -1);
    for (const [depth, name] of groups.entries()) {
      if (open[depth] === name && depth < open.length) continue;
      lines.push(`${indent(depth)}${name}:`);
      open = groups.slice(0, depth + 1);
    }
    open = groups;
    const { value, origin } = byKey.get(key) ?? {
      value: null,
      origin: { kind: 'default' as const },
    };
    const name = path.at(-1) ?? key;
    const comment = oneLine(describeOrigin(origin));
    lines.push(`${indent(groups.length)}${name}: ${inline(value)} # ${comment}`);
    if (key === 'web.config.file') lines.push(...accessLines(config, groups.length));
  }
  return `${lines.join('\n')}\n`;
}

function accessLines({ web }: Config, depth: number): readonly string[] {
  const { tls, users } = web.access;
  const about: string[] = [];
  if (tls !== undefined) {
    const clients = tls.requestCert ? ', client certificates required' : '';
    about.push(`TLS from ${tls.minVersion}${clients}; key not shown`);
  }
  for (const name of users.keys()) about.push(`user ${inline(name)}: password hash not shown`);
  return about.map((line) => `${indent(depth)}# ${oneLine(line)}`);
}

function inline(value: unknown): string {
  return stringify(value, {
    collectionStyle: 'flow',
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  }).trim();
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

/** A line feed in a path would end the comment. */
function oneLine(text: string): string {
  return [...text].map((c) => (c < ' ' || UNSHOWABLE.test(c) ? '?' : c)).join('');
}
