/** How long a circuit breaker should stay open before it tries again. */
import { binMiddleMs, type Bins } from '../core/bins.js';
import { insufficient, type Parameter } from './parameter.js';
import { countOf } from './quantile-bounds.js';

const RECOVERIES_MIN = 30;
/** Of a 95 % interval. */
const Z = 1.959963984540054;
const CONFIDENCE = 0.95;

/** The incidents of the failure types that the strategy is tried on. */
export interface Watched {
  /** From detection to recovery. */
  readonly recovered: Readonly<Bins>;
  /** Of those that have not: how long they were watched. */
  readonly unrecovered: Readonly<Bins>;
}

/**
 * The time after which half of the incidents have recovered: tried sooner, a breaker would mostly open again.
 *
 * Units: milliseconds, within 4 %.
 * Left out: nothing; who has not recovered counts for as long as it was watched.
 * No data: insufficient below 30 recoveries, and where fewer than half have recovered within what was watched.
 * Errors: none.
 * Source: Kaplan, Meier (1958); the interval of the median is Brookmeyer's and Crowley's (1982).
 */
export function breakerOpenTime(watched: Watched, window: string): Parameter {
  const recoveries = countOf(watched.recovered);
  const { medianMs, lowerMs, upperMs, p90Ms } = quantilesOf(watched);
  const figures = {
    recoveries,
    unrecovered: countOf(watched.unrecovered),
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
function quantilesOf({ recovered, unrecovered }: Watched): Quantiles {
  const bins = [...new Set([...recovered.keys(), ...unrecovered.keys()])].sort((a, b) => a - b);
  const found: Quantiles = {};
  let atRisk = countOf(recovered) + countOf(unrecovered);
  let share = 1;
  let variance = 0;
  for (const bin of bins) {
    const ended = recovered.get(bin) ?? 0;
    const left = atRisk - ended;
    if (ended > 0) {
      share *= left / atRisk;
      if (left > 0) variance += ended / (atRisk * left);
      const half = Z * share * Math.sqrt(variance);
      const ms = binMiddleMs(bin);
      if (share - half <= 0.5) found.lowerMs ??= ms;
      if (share <= 0.5) found.medianMs ??= ms;
      if (share + half <= 0.5) found.upperMs ??= ms;
      if (share <= 0.1) found.p90Ms ??= ms;
    }
    // Whoever was watched until this bin was still at risk of recovering in it.
    atRisk = left - (unrecovered.get(bin) ?? 0);
  }
  return found;
}
