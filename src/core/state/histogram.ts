/**
 * Observations in two shapes at once: fixed buckets for text scrapes, and a base-2 exponential histogram for
 * native histograms and OTLP. Plain data, so that a snapshot is the value itself.
 */
import { addNewerExemplars, newExemplars, type Exemplars } from './exemplars.js';
import { bucketsPerDoubling, exponentialIndex, FINEST_SCALE } from './exponential-index.js';

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

/** The scale falls when there are more. At scale 4 these span twenty doublings, a factor of a million, with buckets 4.4 % wide. */
const EXPONENTIAL_BUCKETS_MAX = 320;

export interface Histogram {
  /** One per bound, not cumulative, and a last one for what lies above all of them. */
  counts: number[];
  count: number;
  sum: number;
  zeros: number;
  scale: number;
  /** Index of the first exponential bucket. */
  offset: number;
  /** Counts of the exponential buckets from `offset` on, without gaps. */
  exponential: number[];
  /** Of the fixed buckets; absent until there is one. */
  exemplars?: Exemplars;
}

export function newHistogram(bounds: readonly number[]): Histogram {
  return {
    counts: new Array<number>(bounds.length + 1).fill(0),
    count: 0,
    sum: 0,
    zeros: 0,
    scale: FINEST_SCALE,
    offset: 0,
    exponential: [],
  };
}

/**
 * `value` is finite and not negative: decode has seen to that. Returns the fixed bucket that it fell into, by its
 * place in `counts`.
 */
export function observe(histogram: Histogram, bounds: readonly number[], value: number): number {
  histogram.count += 1;
  histogram.sum += value;
  let i = 0;
  while (i < bounds.length && value > (bounds[i] ?? 0)) i += 1;
  histogram.counts[i] = (histogram.counts[i] ?? 0) + 1;
  if (value === 0) {
    histogram.zeros += 1;
    return i;
  }
  countExponentially(histogram, value);
  return i;
}

/** What it holds, value by value as exactly as its exponential buckets tell: the geometric middle of each. */
export function* middles({
  zeros,
  scale,
  offset,
  exponential,
}: Readonly<Histogram>): Iterable<readonly [value: number, count: number]> {
  if (zeros > 0) yield [0, zeros];
  for (const [i, count] of exponential.entries()) {
    if (count > 0) yield [middleOf(offset + i, scale), count];
  }
}

/** The middle of the bucket of the `nth` greatest value, from 1; 0 where there are fewer that are not 0. */
export function nthGreatest(
  { scale, offset, exponential }: Readonly<Histogram>,
  nth: number,
): number {
  let counted = 0;
  for (let i = exponential.length - 1; i >= 0; i -= 1) {
    counted += exponential[i] ?? 0;
    if (counted >= nth) return middleOf(offset + i, scale);
  }
  return 0;
}

/** The geometric middle of a bucket. */
function middleOf(index: number, scale: number): number {
  return 2 ** ((index - 0.5) / bucketsPerDoubling(scale));
}

/** Adds what another histogram of the same bounds has seen. */
export function addHistogram(to: Histogram, from: Histogram): void {
  to.count += from.count;
  to.sum += from.sum;
  to.zeros += from.zeros;
  for (const [i, count] of from.counts.entries()) to.counts[i] = (to.counts[i] ?? 0) + count;
  const other = { ...from, exponential: [...from.exponential] };
  while (to.scale > other.scale) halveResolution(to);
  while (other.scale > to.scale) halveResolution(other);
  addExponential(to, other);
  if (from.exemplars === undefined) return;
  to.exemplars ??= newExemplars(to.counts.length);
  addNewerExemplars(to.exemplars, from.exemplars);
}

/** Both of one scale. */
function addExponential(to: Histogram, from: Histogram): void {
  if (from.exponential.length === 0) return;
  if (to.exponential.length === 0) to.offset = from.offset;
  const first = Math.min(to.offset, from.offset);
  const end = Math.max(to.offset + to.exponential.length, from.offset + from.exponential.length);
  const sums = new Array<number>(end - first).fill(0);
  for (const { offset, exponential } of [to, from]) {
    for (const [i, count] of exponential.entries()) {
      const at = offset + i - first;
      sums[at] = (sums[at] ?? 0) + count;
    }
  }
  to.offset = first;
  to.exponential = sums;
  while (to.exponential.length > EXPONENTIAL_BUCKETS_MAX) halveResolution(to);
}

function countExponentially(histogram: Histogram, value: number): void {
  const { exponential } = histogram;
  let index = exponentialIndex(value, histogram.scale);
  if (exponential.length === 0) histogram.offset = index;
  const first = Math.min(index, histogram.offset);
  const last = Math.max(index, histogram.offset + exponential.length - 1);
  if (last - first >= EXPONENTIAL_BUCKETS_MAX) {
    halveResolution(histogram);
    countExponentially(histogram, value);
    return;
  }
  while (histogram.offset > index) {
    exponential.unshift(0);
    histogram.offset -= 1;
  }
  index -= histogram.offset;
  while (exponential.length <= index) exponential.push(0);
  exponential[index] = (exponential[index] ?? 0) + 1;
}

/** Two neighbours become one: bucket i goes to bucket ceil(i / 2). */
function halveResolution(histogram: Histogram): void {
  const { exponential, offset } = histogram;
  const first = Math.ceil(offset / 2);
  const merged: number[] = [];
  for (const [i, count] of exponential.entries()) {
    const at = Math.ceil((offset + i) / 2) - first;
    merged[at] = (merged[at] ?? 0) + count;
  }
  histogram.exponential = merged;
  histogram.offset = first;
  histogram.scale -= 1;
}
