/** How good predictions are, per source of predictions. */
import { quantileMs } from '../core/bins.js';
import type { PredictionOutcome } from '../core/event.js';
import type { PredictorLabel } from '../core/facts.js';
import { Z_95 } from '../core/normal.js';
import type { LiveState } from '../core/state/live-state.js';
import {
  oddsAgainstChance,
  type PredictionReading,
  type PredictionScore,
} from '../core/state/prediction-scores.js';
import { calibration, type Calibration } from './calibration.js';
import { successInterval } from './success-interval.js';
import { ratio } from './totals.js';

export type ChanceVerdict = 'better_than_chance' | 'no_better_than_chance' | 'insufficient_data';

/** A share with its 95 % interval; undefined without anything to take a share of. */
export interface Share {
  readonly rate: number | undefined;
  readonly lower: number | undefined;
  readonly upper: number | undefined;
  readonly of: number;
}

export interface PredictorScore {
  readonly issued: number;
  /** Settled while their time has not passed: in no other figure until then. */
  readonly settledEarly: number;
  readonly outcomes: Readonly<Record<PredictionOutcome, number>>;
  /** Occurred or prevented, of all that were settled. */
  readonly precision: Share;
  /** Occurred, of those of which one knows whether the failure came. */
  readonly cameTrue: Share;
  /** Failures announced, of all failures detected of the types that it predicts, since it does. */
  readonly recall: Share;
  readonly announced: number;
  readonly calibration: Calibration;
  readonly leadTime: {
    readonly samples: number;
    readonly p10Ms: number | undefined;
    readonly p50Ms: number | undefined;
    readonly p90Ms: number | undefined;
  };
  readonly falsePositiveCost: {
    readonly falsePositives: number;
    readonly attempts: number;
    readonly durationMs: number;
    /** Undefined without false positives. */
    readonly durationMsEach: number | undefined;
    /** Preventive attempts because of predictions, right and wrong. */
    readonly attemptsInAll: number;
    readonly durationMsInAll: number;
  };
  readonly chance: ChanceTest;
}

export interface ChanceTest {
  readonly verdict: ChanceVerdict;
  /** In words. */
  readonly why: string;
  readonly tested: number;
  readonly cameTrue: number;
  /** How many would have come true by chance. */
  readonly expected: number;
  /** 100 and more: better than chance. */
  readonly odds: number;
}

/** One source in a hundred that only guesses ever reaches these odds. */
const ODDS_MIN = 100;
const TESTED_MIN = 30;
/** Nobody is called no better than chance who may well be better by so large a share, or who looks as if. */
const LIFT_MAX = 0.15;
const LOOKS_BETTER_Z = 1.6448536269514722;

/**
 * The scores of every source that predicted anything, since the beginning.
 *
 * Units: shares 0–1, milliseconds.
 * Left out: predictions whose time has not passed, those settled before included, because hits are known earlier
 *   than misses (recall counts failures, at once); of calibration and the test against chance also those that were prevented,
 *   because nobody knows whether these failures would have come.
 * No data: no entry; within an entry undefined, or a verdict `insufficient_data`.
 * Errors: none.
 * Source: own test against chance, by a likelihood ratio that may be looked at any time; Brier's score; Wilson's interval.
 */
export function predictionScores(
  { predictions, predictionScores: scores }: LiveState,
  nowMs: number,
): ReadonlyMap<PredictorLabel, PredictorScore> {
  const readings = scores.at(nowMs, predictions.overdue(nowMs));
  return new Map(
    [...readings].map(([predictor, reading]) => {
      let failures = 0;
      for (const watched of predictions.watched.values()) {
        if (watched.predictors.has(predictor)) failures += watched.failures;
      }
      return [predictor, scoreOf(reading, failures)] as const;
    }),
  );
}

function scoreOf({ score, settledEarly }: PredictionReading, failures: number): PredictorScore {
  const { issued, outcomes, announced, leadMs } = score;
  const { occurred, prevented, false_positive: wrong, expired } = outcomes;
  return {
    issued,
    settledEarly,
    outcomes,
    precision: share(occurred + prevented, occurred + prevented + wrong + expired),
    cameTrue: share(occurred, occurred + wrong + expired),
    recall: share(announced, failures),
    announced,
    calibration: calibration(score),
    leadTime: {
      samples: occurred,
      p10Ms: quantileMs(leadMs, 0.1),
      p50Ms: quantileMs(leadMs, 0.5),
      p90Ms: quantileMs(leadMs, 0.9),
    },
    falsePositiveCost: {
      falsePositives: wrong + expired,
      attempts: score.wrongAttempts,
      durationMs: score.wrongAttemptsMs,
      durationMsEach: ratio(score.wrongAttemptsMs, wrong + expired),
      attemptsInAll: score.attempts,
      durationMsInAll: score.attemptsMs,
    },
    chance: chanceTest(score),
  };
}

function chanceTest(score: Readonly<PredictionScore>): ChanceTest {
  const { tested, testedTrue: cameTrue, expected, variance } = score;
  const odds = oddsAgainstChance(score);
  const figures = { tested, cameTrue, expected, odds };
  const seen = `${cameTrue} of ${tested} came true, ${expected.toFixed(1)} would have by chance`;
  if (tested < TESTED_MIN) {
    const why = `at least ${TESTED_MIN} predictions that can be compared with chance are needed, ${tested} stand`;
    return { verdict: 'insufficient_data', why, ...figures };
  }
  if (odds >= ODDS_MIN) return { verdict: 'better_than_chance', why: seen, ...figures };
  const spread = Math.max(variance, (cameTrue * (tested - cameTrue)) / tested);
  const excess = cameTrue - expected;
  const liftAtMost = (excess + Z_95 * Math.sqrt(spread)) / tested;
  if (liftAtMost <= LIFT_MAX && excess <= LOOKS_BETTER_Z * Math.sqrt(variance)) {
    return { verdict: 'no_better_than_chance', why: seen, ...figures };
  }
  const why = `${seen}; more predictions are needed to tell`;
  return { verdict: 'insufficient_data', why, ...figures };
}

function share(count: number, of: number): Share {
  // Several predictors may have announced one failure, and one failure is announced once by each.
  const interval = successInterval(of, Math.min(count, of), 0);
  return { rate: ratio(count, of), lower: interval?.lower, upper: interval?.upper, of };
}
