/**
 * Reads what each place says (flags, environment, file, options), without judging the values yet.
 */
import { parse } from 'yaml';
import { describeValue } from '../../core/decode/describe.js';
import type { ConfigProblem, Origin } from './problem.js';
import { camelCase, CONFIG_FILE, ENV_PREFIX, SETTINGS, type Setting } from './settings.js';
import { didYouMean } from './suggest.js';
import { readYamlFile } from './yaml-file.js';

/** A value as it stands there. `originAt` knows the line of what is inside of it. */
export interface GivenValue {
  readonly value: unknown;
  readonly origin: Origin;
  readonly originAt?: (inside: readonly PropertyKey[]) => Origin;
}

export interface Given {
  /** By key. What is absent or null is not in it. */
  readonly values: ReadonlyMap<string, GivenValue>;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Kubernetes and Docker tell every container about its neighbours: a service named
 * selfhealer-exporter becomes SELFHEALER_EXPORTER_SERVICE_HOST, SELFHEALER_EXPORTER_PORT_9464_TCP
 * and so on. They are not about us.
 */
const NEIGHBOUR_NAME =
  /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$|_PORT$/;

const BY_FLAG: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((s) => [s.flag, s]));
const BY_ENV: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((s) => [s.env, s]));
const KEYS = SETTINGS.map(({ key }) => key);
const GROUPS_AND_KEYS = SETTINGS.flatMap(({ path }) => {
  return path.map((_, i) => path.slice(0, i + 1).join('.'));
});

/** `--a.b-c=value`, `--a.b-c value`, and for booleans `--a.b-c` alone. */
export function readFlags(argv: readonly string[]): Given {
  const values = new Map<string, GivenValue>();
  const problems: ConfigProblem[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    const equals = argument.indexOf('=');
    const name = equals < 0 ? argument : argument.slice(0, equals);
    const origin = { kind: 'flag', name } as const;
    const setting = name === CONFIG_FILE.flag ? CONFIG_FILE_SETTING : BY_FLAG.get(name);
    const inline = equals < 0 ? undefined : argument.slice(equals + 1);
    if (setting === undefined) {
      problems.push({
        key: '',
        message: `unknown flag ${describeValue(name)}${near(name)}`,
        origin,
      });
      // Its value, where it stands apart, is part of the same mistake.
      if (inline === undefined && name.startsWith('--') && isValue(argv[i + 1])) i += 1;
      continue;
    }
    const { key, kind } = setting;
    const text =
      inline ?? (kind === 'boolean' ? 'true' : isValue(argv[i + 1]) ? argv[++i] : undefined);
    const before = values.get(key);
    if (text === undefined) {
      problems.push({ key, message: `expected ${setting.wants}, got nothing`, origin });
    } else if (before === undefined) {
      values.set(key, { value: fromText(setting, text), origin });
    } else if (kind === 'list') {
      values.set(key, { value: [before.value, fromText(setting, text)].flat(), origin });
    } else {
      problems.push({ key, message: 'expected the flag once, got it again', origin });
    }
  }
  return { values, problems };
}

/** Variables that begin with `SELFHEALER_`. An empty one counts as not set. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Given {
  const values = new Map<string, GivenValue>();
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined || text === '') continue;
    const origin = { kind: 'environment', name } as const;
    const setting = name === CONFIG_FILE.env ? CONFIG_FILE_SETTING : BY_ENV.get(name);
    if (setting !== undefined) {
      values.set(setting.key, { value: fromText(setting, text), origin });
    } else if (!NEIGHBOUR_NAME.test(name)) {
      const known = [...BY_ENV.keys(), CONFIG_FILE.env];
      const message = `unknown variable ${describeValue(name)}${didYouMean(name, known)}`;
      problems.push({ key: '', message, origin });
    }
  }
  return { values, problems };
}

export function readYaml(path: string, text: string): Given {
  const file = readYamlFile(text);
  if (file.ok) {
    return readTree(file.tree, (inside) => ({ kind: 'file', path, line: file.lineOf(inside) }));
  }
  const problems = file.problems.map(({ message, line }) => {
    return { key: '', message, origin: { kind: 'file', path, line } as const };
  });
  return { values: new Map(), problems };
}

/** Nested groups of settings, keys in snake_case. */
export function readTree(
  tree: unknown,
  originAt: (inside: readonly PropertyKey[]) => Origin,
): Given {
  const values = new Map<string, GivenValue>();
  const problems: ConfigProblem[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (value === undefined || value === null) return;
    const key = path.join('.');
    const origin = originAt(path);
    if (KEYS.includes(key)) {
      values.set(key, { value, origin, originAt: (inside) => originAt([...path, ...inside]) });
      return;
    }
    const prefix = path.length === 0 ? '' : `${key}.`;
    const spell = (name: string): string => (origin.kind === 'option' ? camelCase(name) : name);
    const known = KEYS.filter((name) => name.startsWith(prefix)).map(spell);
    if (known.length === 0) {
      const message = `unknown key${didYouMean(spell(key), GROUPS_AND_KEYS.map(spell))}`;
      problems.push({ key, message, origin });
    } else if (typeof value !== 'object' || Array.isArray(value)) {
      const message = `expected a group with ${known.join(', ')}, got ${describeValue(value)}`;
      problems.push({ key, message, origin });
    } else {
      for (const [name, inner] of Object.entries(value)) visit(inner, [...path, name]);
    }
  };
  visit(tree, []);
  return { values, problems };
}

const CONFIG_FILE_SETTING: Pick<Setting, 'key' | 'kind' | 'wants'> = {
  key: CONFIG_FILE.key,
  kind: 'text',
  wants: 'a path',
};

/**
 * Text that stands for something else is turned into it; what is not right is left for the schema
 * to refuse.
 */
function fromText({ kind }: Pick<Setting, 'kind'>, text: string): unknown {
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind === 'text') return text;
  // A map in YAML or JSON, or a list, or one item of a list alone.
  if (kind === 'map') return parsedOr(text);
  if (!/^\s*[[{]/.test(text)) return [text];
  const list = parsedOr(text);
  return Array.isArray(list) || list === text ? list : [list];
}

/** The text itself where it is no YAML. */
function parsedOr(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function isValue(argument: string | undefined): argument is string {
  return argument !== undefined && !argument.startsWith('--');
}

function near(name: string): string {
  return didYouMean(name, [...BY_FLAG.keys(), CONFIG_FILE.flag]);
}
