/**
 * Whether two things happen in the same minutes more often than by chance, hour by hour: both may be frequent in
 * busy hours without having anything to do with each other.
 */
import { normalTail } from '../core/normal.js';
import { HOUR_ROW, type MinuteBits } from '../core/state/failure-minutes.js';

export const MINUTES = 60;
/** Below this expectation the Poisson distribution is used in place of the normal one. */
const POISSON_BELOW = 10;

export interface CoOccurrence {
  /** Minutes with both, and how many chance would give. */
  readonly together: number;
  readonly expected: number;
  readonly variance: number;
}

/** A series made ready to be compared with many others: row by row its hours that have any minutes. */
export interface Hourly {
  readonly hours: Int32Array;
  /** The bits of the minutes of each half hour. */
  readonly early: Int32Array;
  readonly late: Int32Array;
  /** How many they are. */
  readonly counts: Int32Array;
  /** Over all hours. */
  readonly total: number;
}

export function hourly(bits: MinuteBits): Hourly {
  const length = bits.length / HOUR_ROW;
  const hours = new Int32Array(length);
  const early = new Int32Array(length);
  const late = new Int32Array(length);
  const counts = new Int32Array(length);
  let total = 0;
  for (let row = 0; row < length; row += 1) {
    const at = row * HOUR_ROW;
    const count = bitsIn(bits[at + 1] ?? 0) + bitsIn(bits[at + 2] ?? 0);
    hours[row] = bits[at] ?? 0;
    early[row] = bits[at + 1] ?? 0;
    late[row] = bits[at + 2] ?? 0;
    counts[row] = count;
    total += count;
  }
  return { hours, early, late, counts, total };
}

/**
 * Minutes that two series share, against the number to expect when within each hour the minutes of one have
 * nothing to do with those of the other.
 *
 * Units: minutes.
 * Left out: hours in which only one of them has any; they say nothing about chance or connection.
 * No data: zeros.
 * Errors: none.
 * Source: Mantel, Haenszel (1959): expectation and variance per stratum, added up.
 */
export function coOccurrence(a: Hourly, b: Hourly): CoOccurrence {
  // Read on every tick for thousands of pairs: never beyond an end, which would make the engine careful at each row.
  const { hours: aHours, counts: aCounts, early: aEarly, late: aLate } = a;
  const { hours: bHours, counts: bCounts, early: bEarly, late: bLate } = b;
  let together = 0;
  // Sums of whole numbers, divided once at the end.
  let products = 0;
  let spreads = 0;
  let i = 0;
  let j = 0;
  while (i < aHours.length && j < bHours.length) {
    const ahead = (aHours[i] ?? 0) - (bHours[j] ?? 0);
    if (ahead === 0) {
      const na = aCounts[i] ?? 0;
      const nb = bCounts[j] ?? 0;
      const early = (aEarly[i] ?? 0) & (bEarly[j] ?? 0);
      const late = (aLate[i] ?? 0) & (bLate[j] ?? 0);
      if (early !== 0) together += bitsIn(early);
      if (late !== 0) together += bitsIn(late);
      products += na * nb;
      spreads += na * (MINUTES - na) * nb * (MINUTES - nb);
    }
    if (ahead <= 0) i += 1;
    if (ahead >= 0) j += 1;
  }
  return coOccurrenceOf({ together, products, spreads });
}

/** From sums over the hours, n being minutes of an hour: of n_a n_b, and of n_a (60 − n_a) n_b (60 − n_b). */
export function coOccurrenceOf({
  together,
  products,
  spreads,
}: {
  readonly together: number;
  readonly products: number;
  readonly spreads: number;
}): CoOccurrence {
  return {
    together,
    expected: products / MINUTES,
    variance: spreads / (MINUTES * MINUTES * (MINUTES - 1)),
  };
}

/** How likely so many or more shared minutes are by chance, 0–1; 1 where none could be expected. */
export function chanceOf({ together, expected, variance }: CoOccurrence): number {
  if (together === 0 || variance === 0) return 1;
  if (expected < POISSON_BELOW) return poissonTail(together, expected);
  return normalTail((together - expected - 0.5) / Math.sqrt(variance));
}

/** P(X >= n), X Poisson of mean `mean`. */
function poissonTail(n: number, mean: number): number {
  let term = Math.exp(-mean);
  for (let k = 1; k <= n; k += 1) term *= mean / k;
  let sum = 0;
  for (let k = n; term > 1e-17 * sum && k < n + 1_000; k += 1) {
    sum += term;
    term *= mean / (k + 1);
  }
  return Math.min(1, sum);
}

export function bitsIn(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
