/** Which failure types occur unusually often just now. */
import type { LiveState } from '../core/state/live-state.js';
import type { RateReading } from '../core/state/failure-rates.js';
import { falseDiscovery } from './false-discovery.js';

/** A step of five minutes this unlikely is anomalous; a steady type has one in three days at most. */
const ANOMALY_PROBABILITY = 1e-3;
const FALSE_SHARE_MAX = 0.05;

export interface Anomaly extends RateReading {
  readonly failureType: string;
  /** 0 usual, 1 anomalous, and one more for every factor of a thousand beyond. */
  readonly score: number;
  /** Of all types looked at together. */
  readonly qValue: number;
  /** Unlikely enough also among so many types. */
  readonly isAnomalous: boolean;
}

/**
 * How unusual the number of failures of each type is, in the last five minutes that are complete or the present ones.
 *
 * Units: `score` = −log₁₀(probability) / 3.
 * Left out: types known for less than a week; what is usual for them is not known.
 * No data: an empty list.
 * Errors: none.
 * Source: tail of the negative binomial distribution around a forgetting mean with hour-of-day factors.
 */
export function anomalies(state: LiveState, nowMs: number): Anomaly[] {
  const read = [...state.failureRates.failureTypes()].flatMap((failureType) => {
    const reading = state.failureRates.read(failureType, nowMs);
    return reading === undefined ? [] : [{ failureType, ...reading }];
  });
  const q = falseDiscovery(read.map(({ probability }) => probability));
  return read.map((one, i) => {
    const qValue = q[i] ?? 1;
    const score = Math.abs(Math.log10(Math.max(1e-300, one.probability))) / 3;
    const isAnomalous = one.probability < ANOMALY_PROBABILITY && qValue <= FALSE_SHARE_MAX;
    return { ...one, score, qValue, isAnomalous };
  });
}
