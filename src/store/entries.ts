/** Taking entries apart and together. All functions leave what they are given as it is. */
import type { Entries } from './block.js';

/** Only the events marked with 1. */
export function keepFresh(entries: Entries, fresh: Uint8Array): Entries {
  if (!fresh.includes(0)) return entries;
  const kept: number[] = [];
  for (let i = 0; i < entries.count; i += 1) if (fresh[i] === 1) kept.push(i);
  const { spans, text } = entries;
  const lengths = kept.map((i) => (spans[2 * i + 1] ?? 0) - (spans[2 * i] ?? 0));
  const keptText = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  const keptSpans = new Uint32Array(kept.length * 2);
  let at = 0;
  for (const [place, i] of kept.entries()) {
    keptText.set(text.subarray(spans[2 * i], spans[2 * i + 1]), at);
    keptSpans[2 * place] = at;
    at += lengths[place] ?? 0;
    keptSpans[2 * place + 1] = at;
  }
  return {
    count: kept.length,
    text: keptText,
    spans: keptSpans,
    timesMs: Float64Array.from(kept, (i) => entries.timesMs[i] ?? 0),
    inputs: Uint8Array.from(kept, (i) => entries.inputs[i] ?? 0),
    receivedMs: Float64Array.from(kept, (i) => entries.receivedMs[i] ?? 0),
  };
}

/** The events from index `from` on, over the same text. */
export function sliceEntries(entries: Entries, from: number): Entries {
  return {
    count: entries.count - from,
    text: entries.text,
    spans: entries.spans.slice(2 * from),
    timesMs: entries.timesMs.slice(from),
    inputs: entries.inputs.slice(from),
    receivedMs: entries.receivedMs.slice(from),
  };
}

/** One after the other, in fresh arrays. */
export function joinEntries(parts: readonly Entries[]): Entries {
  const count = sum(parts, (part) => part.count);
  const joined = {
    count,
    text: new Uint8Array(sum(parts, (part) => part.text.length)),
    spans: new Uint32Array(count * 2),
    timesMs: new Float64Array(count),
    inputs: new Uint8Array(count),
    receivedMs: new Float64Array(count),
  };
  let event = 0;
  let textAt = 0;
  for (const part of parts) {
    joined.text.set(part.text, textAt);
    for (let i = 0; i < part.spans.length; i += 1) {
      joined.spans[2 * event + i] = textAt + (part.spans[i] ?? 0);
    }
    joined.timesMs.set(part.timesMs, event);
    joined.inputs.set(part.inputs, event);
    joined.receivedMs.set(part.receivedMs, event);
    event += part.count;
    textAt += part.text.length;
  }
  return joined;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
