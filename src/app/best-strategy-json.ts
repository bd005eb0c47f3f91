/** The strategy to try next, as it goes out. */
import { formatTime } from '../core/decode/time.js';
import type { PairTrends } from '../core/state/pair-trends.js';
import type { BestAnswer, BestBasis } from './answers.js';

export interface BestStrategyJson {
  readonly failure_type: string;
  /** Null while it is not clear enough. */
  readonly strategy: string | null;
  readonly probability: number | null;
  readonly verdict: 'best' | 'insufficient';
  readonly why: string;
  readonly based_on: BestBasis;
  /** What strategies did on the failures that they were given; it does not say why. */
  readonly evidence: 'association';
  readonly candidates: readonly {
    readonly strategy: string;
    readonly attempts: number;
    readonly succeeded: number;
    readonly expected_rate: number;
    readonly probability: number;
    /** RFC 3339; of the last attempt that came in order on the type. Null where none is followed. */
    readonly last_attempt_at: string | null;
  }[];
  /** Those with less promise, beyond the twenty that are compared. */
  readonly candidates_left_out: number;
  /** Why strategies may be missing among them; null where all that were tried are known. */
  readonly candidates_missing: string | null;
}

export function bestStrategyJson(
  failureType: string,
  best: BestAnswer,
  pairTrends: PairTrends,
): BestStrategyJson {
  const { strategy, probability, verdict, why, basedOn, candidates } = best;
  return {
    failure_type: failureType,
    strategy,
    probability,
    verdict,
    why,
    based_on: basedOn,
    evidence: best.evidence,
    candidates: candidates.map(({ expectedRate, ...candidate }) => ({
      strategy: candidate.strategy,
      attempts: candidate.attempts,
      succeeded: candidate.succeeded,
      expected_rate: expectedRate,
      probability: candidate.probability,
      last_attempt_at: timeOrNull(pairTrends.newestMs(candidate.strategy, failureType)),
    })),
    candidates_left_out: best.candidatesLeftOut,
    candidates_missing: best.candidatesMissing,
  };
}

function timeOrNull(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : formatTime(timeMs);
}
