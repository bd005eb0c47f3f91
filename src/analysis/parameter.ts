/** A parameter that a strategy's own results call for. */
import type { Figures } from './recommendation.js';

export const PARAMETER_NAMES = [
  'retry_limit',
  'attempt_timeout_ms',
  'breaker_open_ms',
  'restart_cooldown_ms',
] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];

export interface Parameter {
  /** Attempts for the retry limit, the first included; milliseconds for the others. Null while it is not known. */
  readonly value: number | null;
  /** `at_least`: the data end before the limit is reached. */
  readonly verdict: 'known' | 'at_least' | 'insufficient';
  /** Probability that it holds as `why` says it, 0–1; null while it is not known. */
  readonly confidence: number | null;
  /** In words. */
  readonly why: string;
  /** Numbers by name; `window` says what they cover. */
  readonly evidence: Figures;
}

export function insufficient(why: string, evidence: Figures): Parameter {
  return { value: null, verdict: 'insufficient', confidence: null, why, evidence };
}
