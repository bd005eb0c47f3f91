/** How long to wait for an attempt before it is given up. */
import { countIn, quantileMs, type Bins } from '../core/bins.js';
import { insufficient, type Parameter } from './parameter.js';
import { upperBoundMs } from './quantile-bounds.js';

const SURE = 0.95;
/** No lower quantile is taken for a timeout. */
export const LEAST_QUANTILE = 0.9;
/** The highest quantile that the data can bound; the lower it is, the more room is left above it. */
const STEPS = [
  { q: 0.99, room: 1.5 },
  { q: 0.95, room: 2 },
  { q: LEAST_QUANTILE, room: 3 },
] as const;

/**
 * The time by which successes have ended, with room above it.
 *
 * Units: milliseconds. `succeeded`: durations of successful attempts.
 * Left out: failed attempts; they may have been cut by the timeout that is in force.
 * No data: insufficient below 29 successes, the least from which the 90 % quantile can be bounded.
 * Errors: none.
 * Source: distribution-free bounds of quantiles.
 */
export function attemptTimeout(succeeded: Readonly<Bins>, window: string): Parameter {
  const successes = countIn(succeeded);
  const figures = {
    successes,
    p50_ms: quantileMs(succeeded, 0.5) ?? null,
    p95_ms: quantileMs(succeeded, 0.95) ?? null,
    p99_ms: quantileMs(succeeded, 0.99) ?? null,
    window,
  };
  for (const { q, room } of STEPS) {
    const boundMs = upperBoundMs(succeeded, { q, sure: SURE });
    if (boundMs === undefined) continue;
    return {
      value: Math.ceil(boundMs * room),
      verdict: 'known',
      confidence: SURE,
      why: `${q * 100} % of the successes end within ${Math.ceil(boundMs)} ms; ${room} times that leaves room`,
      evidence: { ...figures, quantile: q, bound_ms: boundMs, room },
    };
  }
  const needed = Math.ceil(Math.log(1 - SURE) / Math.log(LEAST_QUANTILE));
  return insufficient(`at least ${needed} successes are needed, ${successes} stand`, figures);
}
