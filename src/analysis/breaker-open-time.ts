/** How long a circuit breaker should stay open before it tries again. */
import { countIn } from '../core/bins.js';
import { Z_95 } from '../core/normal.js';
import { insufficient, type Parameter } from './parameter.js';
import { survivalSteps, type Durations } from './survival.js';

const RECOVERIES_MIN = 30;
const CONFIDENCE = 0.95;

/**
 * The time after which half of the incidents have recovered: tried sooner, a breaker would mostly open again.
 *
 * `incidents`: of the failure types that the strategy is tried on.
 * Units: milliseconds, within 4 %.
 * Left out: nothing; who has not recovered counts for as long as it was watched.
 * No data: insufficient below 30 recoveries, and where fewer than half have recovered within what was watched.
 * Errors: none.
 * Source: Kaplan, Meier (1958); the interval of the median is Brookmeyer's and Crowley's (1982).
 */
export function breakerOpenTime(incidents: Durations, window: string): Parameter {
  const recoveries = countIn(incidents.recovered);
  const { medianMs, lowerMs, upperMs, p90Ms } = quantilesOf(incidents);
  const figures = {
    recoveries,
    unrecovered: countIn(incidents.censored),
    p50_ms: medianMs ?? null,
    p50_lower_ms: lowerMs ?? null,
    p50_upper_ms: upperMs ?? null,
    p90_ms: p90Ms ?? null,
    window,
  };
  if (recoveries < RECOVERIES_MIN) {
    const why = `at least ${RECOVERIES_MIN} recoveries of its failure types are needed, ${recoveries} stand`;
    return insufficient(why, figures);
  }
  if (medianMs === undefined) {
    const why = 'fewer than half of the incidents of its failure types have recovered so far';
    return insufficient(why, figures);
  }
  return {
    value: Math.ceil(medianMs),
    verdict: 'known',
    confidence: CONFIDENCE,
    why: `half of the incidents of its failure types have recovered after ${Math.ceil(medianMs)} ms; the interval of the median is in the evidence`,
    evidence: figures,
  };
}

interface Quantiles {
  medianMs?: number;
  lowerMs?: number;
  upperMs?: number;
  p90Ms?: number;
}

/** Each is undefined where the share that has not recovered does not fall so far. */
function quantilesOf(incidents: Durations): Quantiles {
  const found: Quantiles = {};
  let share = 1;
  let variance = 0;
  for (const { timeMs, ended, atRisk } of survivalSteps(incidents)) {
    const left = atRisk - ended;
    share *= left / atRisk;
    if (left > 0) variance += ended / (atRisk * left);
    const half = Z_95 * share * Math.sqrt(variance);
    if (share - half <= 0.5) found.lowerMs ??= timeMs;
    if (share <= 0.5) found.medianMs ??= timeMs;
    if (share + half <= 0.5) found.upperMs ??= timeMs;
    if (share <= 0.1) found.p90Ms ??= timeMs;
  }
  return found;
}
