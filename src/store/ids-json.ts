/**
 * Ids on their way to the store's worker: as JSON, because that is how SQLite takes many at once. Most stand in the
 * bodies as JSON wants them and are copied from there; no string is made of each.
 */
import type { AppendGroup } from '../core/ports.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
/** Two quotes, and a comma or a bracket. */
const BESIDE_AN_ID = 3;

/**
 * For each of so many sources the ids of its events, in order, as a JSON array. `sourceIndex`: of each event, over all
 * groups.
 */
export function idsJson(
  groups: readonly AppendGroup[],
  sourceIndex: Uint32Array,
  sources: number,
): string[] {
  const starts = startsOf(groups, sourceIndex, sources);
  const bytes = Buffer.allocUnsafe(starts[sources] ?? 0);
  /** Of each source, where its next id goes, or the bracket behind its last. */
  const nexts = starts.slice(0, sources);
  let event = 0;
  for (const group of groups) {
    for (let i = 0; i < group.timesMs.length; i += 1) {
      const source = sourceIndex[event] ?? 0;
      const next = nexts[source] ?? 0;
      bytes[next] = next === starts[source] ? OPENING_BRACKET : COMMA;
      nexts[source] = writeId(group, i, bytes, next + 1);
      event += 1;
    }
  }
  return Array.from(nexts, (end, source) => {
    const start = starts[source] ?? 0;
    if (end === start) return '[]';
    bytes[end] = CLOSING_BRACKET;
    return bytes.toString('utf8', start, end + 1);
  });
}

/** Where the ids of each source begin among the bytes of all; behind them, how many those are. */
function startsOf(
  groups: readonly AppendGroup[],
  sourceIndex: Uint32Array,
  sources: number,
): Uint32Array {
  const starts = new Uint32Array(sources + 1).fill(1, 1); // a bracket each
  let event = 0;
  for (const { idSpans, otherIds } of groups) {
    for (let i = 0; i < idSpans.length; i += 2) {
      const behind = (sourceIndex[event] ?? 0) + 1;
      const length = (idSpans[i + 1] ?? 0) - (idSpans[i] ?? 0) + BESIDE_AN_ID;
      starts[behind] = (starts[behind] ?? 0) + length;
      event += 1;
    }
    event -= idSpans.length / 2;
    for (const [i, id] of otherIds) {
      const behind = (sourceIndex[event + i] ?? 0) + 1;
      starts[behind] = (starts[behind] ?? 0) + Buffer.byteLength(JSON.stringify(id));
    }
    event += idSpans.length / 2;
  }
  for (let i = 1; i <= sources; i += 1) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  return starts;
}

/** Returns its end. */
function writeId(
  { bytes, idSpans, otherIds }: AppendGroup,
  i: number,
  to: Buffer,
  at: number,
): number {
  const start = idSpans[2 * i] ?? 0;
  const end = idSpans[2 * i + 1] ?? 0;
  if (start === end) return at + to.write(JSON.stringify(otherIds.get(i) ?? ''), at);
  to[at] = QUOTE;
  let next = at + 1;
  for (let from = start; from < end; from += 1, next += 1) to[next] = bytes[from] ?? 0;
  to[next] = QUOTE;
  return next + 1;
}
