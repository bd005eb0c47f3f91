/** Whether predictions come true as often as their confidence says. */
import { CONFIDENCE_STEPS, type PredictionScore } from '../core/state/prediction-scores.js';
import { successInterval } from './success-interval.js';
import { ratio } from './totals.js';

export type CalibrationVerdict =
  'calibrated' | 'overconfident' | 'underconfident' | 'miscalibrated' | 'insufficient_data';

export interface ReliabilityBin {
  /** Confidences from here, inclusive, to there, exclusive; 1 belongs to the last. */
  readonly from: number;
  readonly to: number;
  readonly predictions: number;
  readonly cameTrue: number;
  readonly rate: number;
  /** 95 % interval. */
  readonly lower: number;
  readonly upper: number;
}

export interface Calibration {
  readonly verdict: CalibrationVerdict;
  /** Predictions of which one knows whether the failure came. */
  readonly judged: number;
  readonly meanConfidence: number | undefined;
  readonly cameTrue: number | undefined;
  /** Mean square of confidence minus outcome: 0 is perfect, 0.25 is what always saying one half earns. */
  readonly brier: number | undefined;
  /** What always saying the share that came true would have earned. */
  readonly brierOfConstant: number | undefined;
  /** 1 − brier / brierOfConstant: above 0 the confidence tells more than that share does. */
  readonly skill: number | undefined;
  /** P(one that came true was given more confidence than one that did not): 0.5 tells nothing. */
  readonly discrimination: number | undefined;
  /** Those with any predictions. */
  readonly bins: readonly ReliabilityBin[];
}

const MILLION = 1e6;
const JUDGED_MIN = 30;
/** Two-sided 1 %. */
const Z_MAX = 2.5758293035489004;
const BINS = 10;
const STEPS_A_BIN = (CONFIDENCE_STEPS - 1) / BINS;

/**
 * Units: shares and confidences 0–1.
 * Left out: predictions that stand, and those that were prevented.
 * No data: verdict `insufficient_data` below 30 judged; figures undefined where nothing was judged, skill and
 *   discrimination also where all or none came true.
 * Errors: none.
 * Source: Brier's score (1950); Spiegelhalter's test (1986), on confidences to the hundredth; ranks of Mann and Whitney.
 */
export function calibration(score: Readonly<PredictionScore>): Calibration {
  const { occurred, false_positive: wrong, expired } = score.outcomes;
  const judged = occurred + wrong + expired;
  const rate = ratio(occurred, judged);
  const brier = ratio(
    (score.confidenceSquared - 2 * score.confidenceOfTrue) / MILLION + occurred,
    judged,
  );
  const constant = rate === undefined ? undefined : rate * (1 - rate);
  return {
    verdict: verdictOf(score, judged),
    judged,
    meanConfidence: ratio(score.confidence / MILLION, judged),
    cameTrue: rate,
    brier,
    brierOfConstant: constant,
    skill:
      brier === undefined || constant === undefined || constant === 0
        ? undefined
        : 1 - brier / constant,
    discrimination: discrimination(score),
    bins: binsOf(score),
  };
}

/** Whether it is too high or too low on the whole; else whether single confidences are off. */
function verdictOf({ judged, cameTrue }: Readonly<PredictionScore>, n: number): CalibrationVerdict {
  if (n < JUDGED_MIN) return 'insufficient_data';
  let excess = 0;
  let excessVariance = 0;
  let slope = 0;
  let slopeVariance = 0;
  judged.forEach((count, step) => {
    // Nobody is that sure: a single surprise would be infinitely unlikely.
    const confidence = Math.min(0.995, Math.max(0.005, step / (CONFIDENCE_STEPS - 1)));
    const variance = count * confidence * (1 - confidence);
    const more = count * confidence - (cameTrue[step] ?? 0);
    excess += more;
    excessVariance += variance;
    slope -= more * (1 - 2 * confidence);
    slopeVariance += variance * (1 - 2 * confidence) ** 2;
  });
  const z = excess / Math.sqrt(excessVariance);
  if (z > Z_MAX) return 'overconfident';
  if (z < -Z_MAX) return 'underconfident';
  const isOff = slopeVariance > 0 && Math.abs(slope) / Math.sqrt(slopeVariance) > Z_MAX;
  return isOff ? 'miscalibrated' : 'calibrated';
}

/** Equal confidences count one half. */
function discrimination({ judged, cameTrue }: Readonly<PredictionScore>): number | undefined {
  let below = 0;
  let pairs = 0;
  let allTrue = 0;
  judged.forEach((count, step) => {
    const right = cameTrue[step] ?? 0;
    const wrong = count - right;
    pairs += right * (below + wrong / 2);
    below += wrong;
    allTrue += right;
  });
  return ratio(pairs, allTrue * below);
}

function binsOf({ judged, cameTrue }: Readonly<PredictionScore>): ReliabilityBin[] {
  return Array.from({ length: BINS }, (_, bin): ReliabilityBin | undefined => {
    const first = bin * STEPS_A_BIN;
    const end = bin === BINS - 1 ? CONFIDENCE_STEPS : first + STEPS_A_BIN;
    const predictions = sum(judged.slice(first, end));
    const right = sum(cameTrue.slice(first, end));
    const interval = successInterval(predictions, right, 0);
    if (interval === undefined) return undefined;
    const rate = right / predictions;
    return {
      from: bin / BINS,
      to: (bin + 1) / BINS,
      predictions,
      cameTrue: right,
      rate,
      ...interval,
    };
  }).filter((bin) => bin !== undefined);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
