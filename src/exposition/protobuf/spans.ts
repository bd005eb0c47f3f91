/** Exponential buckets as native histograms write them: runs of buckets, and differences of their counts. */

export interface Span {
  /** From the end of the span before; of the first span, from bucket 0. */
  readonly gap: number;
  readonly length: number;
}

/** Fewer empty buckets than this are written as such: a new span costs as much. */
const GAP_MIN = 3;

/** `offset` is the index of the first of `counts`. */
export function spansOf(
  offset: number,
  counts: readonly number[],
): { readonly spans: readonly Span[]; readonly deltas: readonly number[] } {
  const spans: Span[] = [];
  const deltas: number[] = [];
  let before = 0;
  let endOfSpan = 0;
  let at = 0;
  while (at < counts.length) {
    const start = at;
    // The span goes on over short gaps, and ends with a bucket that holds something.
    let end = at;
    let empty = 0;
    while (at < counts.length && empty < GAP_MIN) {
      if ((counts[at] ?? 0) === 0) {
        empty += 1;
      } else {
        empty = 0;
        end = at + 1;
      }
      at += 1;
    }
    if (end > start && (counts[start] ?? 0) > 0) {
      spans.push({ gap: offset + start - endOfSpan, length: end - start });
      for (const count of counts.slice(start, end)) {
        deltas.push(count - before);
        before = count;
      }
      endOfSpan = offset + end;
    }
    at = Math.max(end, start);
    while (at < counts.length && (counts[at] ?? 0) === 0) at += 1;
  }
  return { spans, deltas };
}
