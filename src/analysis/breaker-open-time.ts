/** How long a circuit breaker should stay open before it tries again. */
import { quantileMs, type Bins } from '../core/bins.js';
import { insufficient, type Parameter } from './parameter.js';
import { countOf, lowerBoundMs, upperBoundMs } from './quantile-bounds.js';

const RECOVERIES_MIN = 30;
/** Each side of a 95 % interval. */
const SURE = 0.975;

/**
 * The time after which half of the incidents have recovered: tried sooner, a breaker would mostly open again.
 *
 * Units: milliseconds. `recovered`: from detection to recovery, over the failure types that the strategy is tried on.
 * Left out: incidents that are open or expired.
 * No data: insufficient below 30 recoveries.
 * Errors: none.
 * Source: the median and its distribution-free interval.
 */
export function breakerOpenTime(recovered: Readonly<Bins>, window: string): Parameter {
  const recoveries = countOf(recovered);
  const medianMs = quantileMs(recovered, 0.5);
  const figures = {
    recoveries,
    p50_ms: medianMs ?? null,
    p50_lower_ms: lowerBoundMs(recovered, { q: 0.5, sure: SURE }) ?? null,
    p50_upper_ms: upperBoundMs(recovered, { q: 0.5, sure: SURE }) ?? null,
    p90_ms: quantileMs(recovered, 0.9) ?? null,
    window,
  };
  if (medianMs === undefined || recoveries < RECOVERIES_MIN) {
    const why = `at least ${RECOVERIES_MIN} recoveries of its failure types are needed, ${recoveries} stand`;
    return insufficient(why, figures);
  }
  return {
    value: Math.ceil(medianMs),
    verdict: 'known',
    confidence: 2 * SURE - 1,
    why: `half of the incidents of its failure types have recovered after ${Math.ceil(medianMs)} ms; the interval of the median is in the evidence`,
    evidence: figures,
  };
}
