/** The base of the deltas in a file beside the event log, so that a restart tells nothing twice and leaves nothing out. */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import {
  baseLine,
  parseBaseLine,
  type Base,
  type BaseFamily,
} from '../../exposition/otlp/delta-base.js';
import type { Log } from '../../core/ports.js';
import { nextTurn } from '../../pipeline/slice.js';

export interface BaseKeeper {
  /** Undefined where there is none yet. */
  load(): Base | 'unknown' | undefined;
  save(base: Base): Promise<void>;
}

const SUFFIX = '.otlp-base';

/**
 * `database`: the file of the event log; undefined for one in memory, whose counts end with it. A file that cannot be
 * read, or is no base, is unknown, and somebody has to know.
 */
export function baseKeeper(database: string | undefined, report: Log): BaseKeeper {
  if (database === undefined) return { load: () => undefined, save: () => Promise.resolve() };
  const path = database + SUFFIX;
  return {
    load: () => {
      try {
        return parsed(path);
      } catch (error) {
        const message = 'what was pushed before is not known: differences begin anew, with now';
        report('error', message, { error });
        return 'unknown';
      }
    },
    save: (base) => write(path, base),
  };
}

/** Throws for a file that is no base. */

function parsed(path: string): Base | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const atMs = Number(head);
  const families: BaseFamily[] = [];
  for (const [i, line] of lines.entries()) {
    const family = parseBaseLine(line);
    if (family === undefined)
      throw new Error(`${path}: line ${i + 2} is not what was written there`);
    families.push(family);
  }
  if (head === '' || !Number.isFinite(atMs)) throw new Error(`${path}: it begins with no time`);
  return { atMs, families };
}

/** Whole or not at all: the old one stays until the new one is on the disk. */
async function write(path: string, { atMs, families }: Base): Promise<void> {
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.write(`${atMs}\n`);
    for (const family of families) {
      await file.write(`${baseLine(family)}\n`);
      await nextTurn();
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
