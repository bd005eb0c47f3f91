/**
 * Observations in two shapes at once: fixed buckets for text scrapes, and a base-2 exponential histogram for
 * native histograms and OTLP. Plain data, so that a snapshot is the value itself.
 */

/** Attempt durations, seconds. */
export const DURATION_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600,
] as const;
/** Recoveries, seconds. */
export const RECOVERY_BUCKETS = [
  0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400,
] as const;
export const ATTEMPT_COUNT_BUCKETS = [1, 2, 3, 5, 8, 13] as const;
export const CONFIDENCE_BUCKETS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] as const;

/** Bucket i of scale s covers (2^((i-1)/2^s), 2^(i/2^s)]. The scale falls when the buckets become too many. */
const FIRST_SCALE = 5;
/** At scale 4 these span twenty doublings, a factor of a million, with bins 4.4 % wide. */
const EXPONENTIAL_BUCKETS_MAX = 320;

export interface Histogram {
  /** One per bound, not cumulative, and a last one for what lies above all of them. */
  counts: number[];
  count: number;
  sum: number;
  zeros: number;
  scale: number;
  /** Bucket index to count. */
  exponential: Record<number, number>;
  exponentialSize: number;
}

export function newHistogram(bounds: readonly number[]): Histogram {
  return {
    counts: new Array<number>(bounds.length + 1).fill(0),
    count: 0,
    sum: 0,
    zeros: 0,
    scale: FIRST_SCALE,
    exponential: {},
    exponentialSize: 0,
  };
}

/** `value` is finite and not negative: decode has seen to that. */
export function observe(histogram: Histogram, bounds: readonly number[], value: number): void {
  histogram.count += 1;
  histogram.sum += value;
  let i = 0;
  while (i < bounds.length && value > (bounds[i] ?? 0)) i += 1;
  histogram.counts[i] = (histogram.counts[i] ?? 0) + 1;
  if (value === 0) {
    histogram.zeros += 1;
    return;
  }
  const index = exponentialIndex(value, histogram.scale);
  const known = histogram.exponential[index];
  histogram.exponential[index] = (known ?? 0) + 1;
  if (known !== undefined) return;
  histogram.exponentialSize += 1;
  while (histogram.exponentialSize > EXPONENTIAL_BUCKETS_MAX) halveResolution(histogram);
}

/** The index of the bucket that holds a positive value; exact powers of two lie in the bucket that they end. */
export function exponentialIndex(value: number, scale: number): number {
  const index = Math.ceil(Math.log2(value) * 2 ** scale);
  return 2 ** ((index - 1) / 2 ** scale) >= value ? index - 1 : index;
}

function halveResolution(histogram: Histogram): void {
  const merged: Record<number, number> = {};
  for (const [index, count] of Object.entries(histogram.exponential)) {
    const wider = Math.ceil(Number(index) / 2);
    merged[wider] = (merged[wider] ?? 0) + count;
  }
  histogram.exponential = merged;
  histogram.exponentialSize = Object.keys(merged).length;
  histogram.scale -= 1;
}
