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
  const spans: { gap: number; length: number }[] = [];
  const deltas: number[] = [];
  let before = 0;
  let end = 0;
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const gap = offset + i - end;
    const present = spans.at(-1);
    if (present === undefined || gap >= GAP_MIN) {
      spans.push({ gap, length: 1 });
    } else {
      for (let empty = 0; empty < gap; empty += 1) {
        deltas.push(-before);
        before = 0;
      }
      present.length += gap + 1;
    }
    deltas.push(count - before);
    before = count;
    end = offset + i + 1;
  }
  return { spans, deltas };
}
