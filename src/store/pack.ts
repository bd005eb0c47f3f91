/**
 * What crosses from the main thread to the store's worker for one append: one buffer that is handed
 * over rather than copied, and few strings. A message with an object per event would cost more than
 * the disk.
 */
import { INPUTS } from '../core/event.js';
import type { AppendGroup, Checkpoint } from '../core/ports.js';
import { GAP_BYTES_MAX, type Entries } from './block.js';
import { idsJson } from './ids-json.js';

export interface PackedAppend extends Entries {
  /** Its buffer is that of all the typed arrays. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Distinct sources of the append, and for each event its index in them. */
  readonly sources: readonly string[];
  readonly sourceIndex: Uint32Array;
  /** For each of `sources` the ids of its events, in order, as a JSON array. */
  readonly idsJson: readonly string[];
  readonly checkpoints: readonly Checkpoint[];
}

/**
 * Copies what it keeps: the groups stay as they are. All typed arrays lie in one buffer: `spare` when it is large
 * enough, or a fresh one.
 */
export function packAppend(groups: readonly AppendGroup[], spare?: ArrayBuffer): PackedAppend {
  const count = groups.reduce((sum, group) => sum + group.timesMs.length, 0);
  const textBytes = groups.reduce((sum, group) => sum + keptBytes(group.spans), 0);
  const spansAt = count * 16;
  const indexAt = spansAt + count * 8;
  const inputsAt = indexAt + count * 4;
  const size = inputsAt + count + textBytes;
  const buffer = spare !== undefined && spare.byteLength >= size ? spare : new ArrayBuffer(size);
  const timesMs = new Float64Array(buffer, 0, count);
  const receivedMs = new Float64Array(buffer, count * 8, count);
  const spans = new Uint32Array(buffer, spansAt, count * 2);
  const sourceIndex = new Uint32Array(buffer, indexAt, count);
  const inputs = new Uint8Array(buffer, inputsAt, count);
  const text = new Uint8Array(buffer, inputsAt + count, textBytes);
  let event = 0;
  let textAt = 0;
  for (const group of groups) {
    const end = event + group.timesMs.length;
    timesMs.set(group.timesMs, event);
    receivedMs.fill(group.receivedMs, event, end);
    inputs.fill(INPUTS.indexOf(group.input), event, end);
    textAt = copyText(group, { spans, text }, event, textAt);
    event = end;
  }
  const { sources, idsJson } = packKeys(groups, sourceIndex);
  const checkpoints = groups.flatMap(({ checkpoint }) => (checkpoint ? [checkpoint] : []));
  // Written out: an object that others are spread into is made in the slow way.
  return {
    count,
    timesMs,
    receivedMs,
    spans,
    sourceIndex,
    inputs,
    text,
    sources,
    idsJson,
    checkpoints,
  };
}

function keptBytes(spans: ArrayLike<number>): number {
  let kept = 0;
  let last = spans[0] ?? 0;
  for (let i = 0; i < spans.length; i += 2) {
    const start = spans[i] ?? 0;
    const end = spans[i + 1] ?? 0;
    kept += end - (start - last > GAP_BYTES_MAX || start < last ? start : last);
    last = end;
  }
  return kept;
}

/** Copies the texts of a group in as few pieces as its gaps allow, and writes their new spans. */
function copyText(
  { bytes, spans }: AppendGroup,
  packed: { readonly spans: Uint32Array; readonly text: Uint8Array },
  event: number,
  textAt: number,
): number {
  let pieceStart = spans[0] ?? 0;
  let last = pieceStart;
  let at = textAt;
  for (let i = 0; i < spans.length; i += 2) {
    const start = spans[i] ?? 0;
    const end = spans[i + 1] ?? 0;
    // Folding order may differ from the order in the body, so a span may also lie before the last
    // one.
    if (start - last > GAP_BYTES_MAX || start < last) {
      packed.text.set(pieceOf(bytes, pieceStart, last), at);
      at += last - pieceStart;
      pieceStart = start;
    }
    packed.spans[2 * event + i] = at + start - pieceStart;
    packed.spans[2 * event + i + 1] = at + end - pieceStart;
    last = end;
  }
  packed.text.set(pieceOf(bytes, pieceStart, last), at);
  return at + last - pieceStart;
}

/** Mostly all of them, as they are. */
function pieceOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Numbers the sources of all groups, and writes the ids of each. */
function packKeys(
  groups: readonly AppendGroup[],
  sourceIndex: Uint32Array,
): { sources: readonly string[]; idsJson: string[] } {
  const [first] = groups;
  if (groups.length === 1 && first?.sources.length === 1) {
    sourceIndex.fill(0); // a spare buffer is as its last use left it
    return { sources: first.sources, idsJson: idsJson(groups, sourceIndex, 1) };
  }
  const numbers = new Map<string, number>();
  let event = 0;
  for (const group of groups) {
    const numberOf = group.sources.map((source) => {
      const number = numbers.get(source) ?? numbers.size;
      numbers.set(source, number);
      return number;
    });
    for (const index of group.sourceIndex) {
      sourceIndex[event] = numberOf[index] ?? 0;
      event += 1;
    }
  }
  return { sources: [...numbers.keys()], idsJson: idsJson(groups, sourceIndex, numbers.size) };
}
