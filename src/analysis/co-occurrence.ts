/**
 * Whether two things happen in the same minutes more often than by chance, hour by hour: both may be frequent in
 * busy hours without having anything to do with each other.
 */
import { normalTail } from '../core/normal.js';
import { HOUR_ROW, type MinuteBits } from '../core/state/failure-minutes.js';

const MINUTES = 60;
/** Below this expectation the Poisson distribution is used in place of the normal one. */
const POISSON_BELOW = 10;

export interface CoOccurrence {
  /** Minutes with both, and how many chance would give. */
  readonly together: number;
  readonly expected: number;
  readonly variance: number;
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
export function coOccurrence(a: MinuteBits, b: MinuteBits): CoOccurrence {
  let together = 0;
  let expected = 0;
  let variance = 0;
  let j = 0;
  for (let i = 0; i < a.length; i += HOUR_ROW) {
    const hour = a[i] ?? 0;
    while ((b[j] ?? Infinity) < hour) j += HOUR_ROW;
    if (b[j] !== hour) continue;
    const [a0 = 0, a1 = 0] = [a[i + 1], a[i + 2]];
    const [b0 = 0, b1 = 0] = [b[j + 1], b[j + 2]];
    const na = bitsIn(a0) + bitsIn(a1);
    const nb = bitsIn(b0) + bitsIn(b1);
    together += bitsIn(a0 & b0) + bitsIn(a1 & b1);
    expected += (na * nb) / MINUTES;
    variance += (na * (MINUTES - na) * nb * (MINUTES - nb)) / (MINUTES * MINUTES * (MINUTES - 1));
  }
  return { together, expected, variance };
}

/** How likely so many or more shared minutes are by chance, 0–1; 1 where none could be expected. */
export function chanceOf({ together, expected, variance }: CoOccurrence): number {
  if (together === 0 || variance === 0) return 1;
  if (expected < POISSON_BELOW) return poissonTail(together, expected);
  return normalTail((together - expected - 0.5) / Math.sqrt(variance));
}

/** Minutes of a series. */
export function minutesIn(bits: MinuteBits): number {
  let sum = 0;
  for (let i = 0; i < bits.length; i += HOUR_ROW) {
    sum += bitsIn(bits[i + 1] ?? 0) + bitsIn(bits[i + 2] ?? 0);
  }
  return sum;
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

function bitsIn(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
