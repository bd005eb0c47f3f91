/** Points of a push, summed over labels that their row has no more. */
import { addHistogram, type Histogram } from '../../core/state/histogram.js';
import type { HistogramValue, Point } from '../row-walker.js';

type Value = number | HistogramValue;

/** `names`: of the labels that are left. */
export function summedOver(
  points: readonly Point<Value>[],
  names: readonly string[],
): readonly Point<Value>[] {
  const sums = new Map<string, Point<Value>>();
  for (const { labels, value, sinceMs } of points) {
    const values = names.map((one) => labels[one] ?? '');
    const key = JSON.stringify(values);
    const before = sums.get(key);
    const kept = Object.fromEntries(names.map((one, i) => [one, values[i] ?? '']));
    sums.set(key, {
      labels: before?.labels ?? kept,
      value: before === undefined ? value : sumOf(before.value, value),
      sinceMs: oldest(before?.sinceMs, sinceMs),
    });
  }
  return [...sums.values()];
}

function oldest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** Of one family: both are numbers, or both histograms. */
function sumOf(one: Value, other: Value): Value {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  if (typeof one === 'number' || typeof other === 'number') return one;
  const sum = countingOf(one);
  addHistogram(sum, countingOf(other));
  const { count, zeros, scale, offset } = sum;
  // Where the buckets of one are not known, those of the sum are not.
  const areKnown = one.counts.length === other.counts.length;
  const counts = areKnown ? sum.counts : [];
  const exponential = { scale, zeros, offset, counts: sum.exponential };
  return { counts, count, sum: sum.sum, exponential, exemplars: undefined };
}

function countingOf({ counts, count, sum, exponential }: HistogramValue): Histogram {
  const { scale, zeros, offset, counts: buckets } = exponential;
  return { counts: [...counts], count, sum, zeros, scale, offset, exponential: [...buckets] };
}
