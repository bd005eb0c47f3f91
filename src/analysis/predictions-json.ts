/** How good predictions are, as it goes out. docs/analysis.md explains each. */
import type { PredictionOutcome } from '../core/event.js';
import type { CalibrationVerdict } from './calibration.js';
import type { ChanceVerdict, PredictorScore } from './prediction-scores.js';
import type { LiveState } from '../core/state/live-state.js';
import { predictionScores } from './prediction-scores.js';

export interface PredictionsJson {
  /** Scores are kept since the beginning, for all sources of events; the range and the filters do not narrow them. */
  readonly window: 'all';
  /** Predictions that are not settled yet, and whose time has not passed. */
  readonly standing: number;
  /** By what made the predictions: the `source` of their data. */
  readonly by_source: Readonly<Record<string, PredictorJson>>;
}

export interface PredictorJson {
  readonly predictions: number;
  /** Settled while their time has not passed: they are scored when it has, since hits are known earlier than misses. */
  readonly settled_early: number;
  /** Of those whose time has passed, as everything but recall. */
  readonly outcomes: Readonly<Record<PredictionOutcome, number>>;
  /** Occurred or prevented, of all that were settled. */
  readonly precision: number | null;
  readonly precision_lower: number | null;
  readonly precision_upper: number | null;
  /** Likewise, those that were prevented left out. */
  readonly precision_without_prevented: number | null;
  /** Failures announced, of the failures of the types that it predicts. */
  readonly recall: number | null;
  readonly recall_lower: number | null;
  readonly recall_upper: number | null;
  readonly failures_announced: number;
  readonly failures: number;
  readonly calibration: CalibrationJson;
  readonly lead_time: {
    readonly samples: number;
    readonly p10_ms: number | null;
    readonly p50_ms: number | null;
    readonly p90_ms: number | null;
  };
  readonly false_positive_cost: {
    readonly false_positives: number;
    readonly preventive_attempts: number;
    readonly preventive_ms: number;
    readonly preventive_ms_each: number | null;
    readonly share_of_preventive_ms: number | null;
  };
  readonly chance: {
    readonly verdict: ChanceVerdict;
    readonly why: string;
    readonly tested: number;
    readonly came_true: number;
    readonly expected_by_chance: number;
    readonly odds_against_chance: number;
  };
}

export interface CalibrationJson {
  readonly verdict: CalibrationVerdict;
  readonly judged: number;
  readonly mean_confidence: number | null;
  readonly came_true: number | null;
  readonly brier: number | null;
  readonly brier_of_constant: number | null;
  readonly brier_skill: number | null;
  readonly discrimination: number | null;
  readonly bins: readonly {
    readonly from: number;
    readonly to: number;
    readonly predictions: number;
    readonly came_true: number;
    readonly rate: number;
    readonly rate_lower: number;
    readonly rate_upper: number;
  }[];
}

export function predictionsJson(state: LiveState, nowMs: number): PredictionsJson {
  const { predictions } = state;
  return {
    window: 'all',
    standing: predictions.standing - predictions.overdue(nowMs).length,
    by_source: Object.fromEntries(
      [...predictionScores(state, nowMs)].map(([predictor, score]) => [
        predictor,
        predictorJson(score),
      ]),
    ),
  };
}

function predictorJson(score: PredictorScore): PredictorJson {
  const { issued, outcomes, precision, cameTrue, recall, announced, leadTime, chance } = score;
  const { falsePositiveCost: cost } = score;
  return {
    predictions: issued,
    settled_early: score.settledEarly,
    outcomes,
    precision: precision.rate ?? null,
    precision_lower: precision.lower ?? null,
    precision_upper: precision.upper ?? null,
    precision_without_prevented: cameTrue.rate ?? null,
    recall: recall.rate ?? null,
    recall_lower: recall.lower ?? null,
    recall_upper: recall.upper ?? null,
    failures_announced: announced,
    failures: recall.of,
    calibration: calibrationJson(score),
    lead_time: {
      samples: leadTime.samples,
      p10_ms: leadTime.p10Ms ?? null,
      p50_ms: leadTime.p50Ms ?? null,
      p90_ms: leadTime.p90Ms ?? null,
    },
    false_positive_cost: {
      false_positives: cost.falsePositives,
      preventive_attempts: cost.attempts,
      preventive_ms: cost.durationMs,
      preventive_ms_each: cost.durationMsEach ?? null,
      share_of_preventive_ms:
        cost.durationMsInAll === 0 ? null : cost.durationMs / cost.durationMsInAll,
    },
    chance: {
      verdict: chance.verdict,
      why: chance.why,
      tested: chance.tested,
      came_true: chance.cameTrue,
      expected_by_chance: chance.expected,
      odds_against_chance: chance.odds,
    },
  };
}

function calibrationJson({ calibration }: PredictorScore): CalibrationJson {
  return {
    verdict: calibration.verdict,
    judged: calibration.judged,
    mean_confidence: calibration.meanConfidence ?? null,
    came_true: calibration.cameTrue ?? null,
    brier: calibration.brier ?? null,
    brier_of_constant: calibration.brierOfConstant ?? null,
    brier_skill: calibration.skill ?? null,
    discrimination: calibration.discrimination ?? null,
    bins: calibration.bins.map(({ from, to, predictions, cameTrue, rate, lower, upper }) => ({
      from,
      to,
      predictions,
      came_true: cameTrue,
      rate,
      rate_lower: lower,
      rate_upper: upper,
    })),
  };
}
