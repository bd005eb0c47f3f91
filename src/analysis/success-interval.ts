/** How sure a success rate is. */
import { Z_95 } from '../core/normal.js';
import { failureCorrelation, type Regime } from '../core/state/change-detector.js';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The 95 % interval of a success rate (Wilson 1927), widened when failures come in runs.
 *
 * Units: shares, 0–1. `correlation` is how alike neighbouring results are, 0–0.9: n of them say as much as
 *   n (1 − ρ) / (1 + ρ) independent ones.
 * Left out: skipped attempts; they are no results.
 * No data: undefined.
 * Errors: none.
 * It holds at one moment of looking. Watched at every result, the true rate lies outside now and then.
 * Source: Brown, Cai, DasGupta, Interval Estimation for a Binomial Proportion (2001).
 */
export function successInterval(
  attempts: number,
  successes: number,
  correlation: number,
): Interval | undefined {
  if (attempts === 0) return undefined;
  const n = (attempts * (1 - correlation)) / (1 + correlation);
  const p = successes / attempts;
  const square = (Z_95 * Z_95) / n;
  const center = (p + square / 2) / (1 + square);
  const half = ((Z_95 / (1 + square)) * Math.sqrt(p * (1 - p) + square / 4)) / Math.sqrt(n);
  return { lower: Math.max(0, center - half), upper: Math.min(1, center + half) };
}

/** The correlation of a strategy's present regime; 0 while nothing is known of it. */
export function correlationOf(regime: Regime | undefined): number {
  return regime === undefined ? 0 : failureCorrelation(regime);
}
