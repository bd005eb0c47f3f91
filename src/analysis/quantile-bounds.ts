/** How sure a quantile of durations is: a bound that holds whatever the durations' distribution. */
import { betaCdf } from '../core/beta.js';
import { countIn, quantileMs, type Bins } from '../core/bins.js';

/** A bin's upper edge lies so much above its middle. */
const EDGE = Math.sqrt(1.08);

/**
 * The duration that the `q`-quantile lies below with probability `sure`, to the upper edge of its bin.
 *
 * Units: milliseconds; `q` and `sure` are shares, 0–1.
 * No data: undefined, and so where too few were counted for any of them to be such a bound.
 * Errors: none.
 * Source: order statistics; the number of durations below a quantile is binomial.
 */
export function upperBoundMs(
  bins: Readonly<Bins>,
  { q, sure }: { readonly q: number; readonly sure: number },
): number | undefined {
  const n = countIn(bins);
  if (n === 0 || 1 - q ** n < sure) return undefined;
  const middle = quantileMs(bins, rankAbove(n, q, sure) / n);
  return middle === undefined ? undefined : middle * EDGE;
}

/** The least rank r, from 1, with P(fewer than r of n lie below the quantile) of at least `sure`. */
function rankAbove(n: number, q: number, sure: number): number {
  let rank = Math.max(1, Math.floor(n * q));
  while (rank < n && betaCdf(q, rank, n - rank + 1) > 1 - sure) rank += 1;
  return rank;
}
