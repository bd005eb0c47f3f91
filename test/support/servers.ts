// Finds the real servers and tools that tests run against. scripts/servers.sh brings them from
// Debian packages. What is missing is a failure with CI=true, and named at the end otherwise.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { notRunNote } from './not-run-reporter.js';

/** Each tool, and the group of scripts/servers.sh that brings it. */
const GROUP_OF = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  alertmanager: 'alertmanager',
  amtool: 'alertmanager',
  'docker-compose': 'compose',
  'nats-server': 'nats',
  mtail: 'mtail',
  chromium: 'chromium',
  strace: 'strace',
} as const;
export type Tool = keyof typeof GROUP_OF;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The path of a tool: from the cache folder, else from PATH, else undefined. */
function findTool(tool: Tool): string | undefined {
  const cacheDir = process.env['SERVERS_DIR'] ?? join(root, '.cache/servers');
  const searchPath = (process.env['PATH'] ?? '').split(delimiter);
  return [join(cacheDir, 'bin'), ...searchPath]
    .map((dir) => join(dir, tool))
    .find((path) => existsSync(path));
}

/**
 * A `describe` that needs tools. Without them its tests do not run: one stand-in is reported by name
 * in their place, and with CI=true it fails.
 */
export function describeWith<const T extends Tool>(
  tools: readonly T[],
  name: string,
  suite: (path: Readonly<Record<T, string>>) => void,
): void {
  const found = new Map(tools.map((tool) => [tool, findTool(tool)]));
  const missing = tools.filter((tool) => found.get(tool) === undefined);
  if (missing.length === 0) {
    describe(name, () => {
      suite(Object.fromEntries(found) as Record<T, string>);
    });
    return;
  }
  const groups = [...new Set(missing.map((tool) => GROUP_OF[tool]))];
  const note = notRunNote(missing.join(', '), `scripts/servers.sh ${groups.join(' ')}`);
  test(name, (context) => {
    if (process.env['CI'] === 'true') throw new Error(note);
    context.skip(note);
  });
}
