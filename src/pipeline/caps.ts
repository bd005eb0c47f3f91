/**
 * The caps that the log was counted under, and from where on each of them held: counting it again, after a kill or
 * for another release, then gives the same series, and takes nothing back that was shown.
 */
import type { Clock, EventLog, Opened } from '../core/ports.js';
import type { Caps, Counts } from '../core/state/counts.js';

export interface CapsFrom {
  /** They hold for the events that come after this one. */
  readonly afterSeq: number;
  readonly caps: Caps;
}

/** Beside the places of the files, whose names begin with `file:`. */
const CHECKPOINT = 'metrics:caps';

/** Ascending. Empty for a store that was never counted, or by an older release only. */
export function readCaps({ checkpoints }: Opened): readonly CapsFrom[] {
  const text = checkpoints.get(CHECKPOINT);
  const parsed: unknown = text === undefined ? [] : JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter(isCapsFrom) : [];
}

/** Sets the caps that held for the event after `seq`. */
export function limitAt(history: readonly CapsFrom[], seq: number, counts: Counts): void {
  const last = history.findLast(({ afterSeq }) => afterSeq <= seq);
  if (last !== undefined) counts.limit(last.caps);
}

/** The history with `caps` for all that is still to come; undefined where it says so already. */
export function withCaps(
  history: readonly CapsFrom[],
  caps: Caps,
  lastSeq: number,
): readonly CapsFrom[] | undefined {
  const last = history.at(-1);
  if (last === undefined) return [{ afterSeq: 0, caps }];
  // A log that has lost its end may have been counted further than it goes.
  if (last.afterSeq <= lastSeq && isSame(last.caps, caps)) return undefined;
  return [...history.filter(({ afterSeq }) => afterSeq < lastSeq), { afterSeq: lastSeq, caps }];
}

/** On disk when it resolves. Rejects as `append` does. */
export async function noteCaps(
  log: Pick<EventLog, 'append'>,
  clock: Clock,
  history: readonly CapsFrom[],
): Promise<void> {
  await log.append([
    {
      input: 'internal',
      receivedMs: clock.nowMs(),
      bytes: new Uint8Array(),
      spans: new Uint32Array(),
      sources: [],
      sourceIndex: new Uint32Array(),
      idSpans: new Uint32Array(),
      otherIds: new Map(),
      timesMs: new Float64Array(),
      checkpoint: { name: CHECKPOINT, value: JSON.stringify(history) },
    },
  ]);
}

function isSame(one: Caps, other: Caps): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** Our own text: the store vouches for it. */
function isCapsFrom(value: unknown): value is CapsFrom {
  return typeof value === 'object' && value !== null && 'afterSeq' in value && 'caps' in value;
}
