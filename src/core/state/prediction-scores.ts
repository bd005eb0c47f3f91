/**
 * How predictions turned out, per predictor: what every score of them is computed from. Each counts from the end of its
 * time on, whenever it was settled.
 */
import { addToBins, type Bins } from '../bins.js';
import type { PredictionOutcome } from '../event.js';
import type { Fact, PredictorLabel } from '../facts.js';
import { EarlyOutcomes, hasPassed, type EarlyOutcome } from './early-outcomes.js';
import type { Fold } from './fold.js';
import type { Prediction } from './prediction.js';

/** Confidences are told apart by the hundredth, where they are not summed. */
export const CONFIDENCE_STEPS = 101;
/** Confidences are summed in whole millionths: then their order does not matter. */
const MILLION = 1e6;
/** How much likelier than by chance a prediction might come true: odds ratios that the evidence is split over. */
const ODDS_RATIOS = [1.5, 3, 10] as const;
/** JSON knows no infinity. */
const ODDS_MAX = 1e300;

export interface PredictionScore {
  issued: number;
  readonly outcomes: Record<PredictionOutcome, number>;
  /** Failures that it had announced. */
  announced: number;
  /** By hundredths of confidence: those of which one knows whether the failure came, and those where it did. */
  readonly judged: number[];
  readonly cameTrue: number[];
  /** Sums over the judged, in millionths: of confidences, of their squares, and of confidences where it came. */
  confidence: number;
  confidenceSquared: number;
  confidenceOfTrue: number;
  /** From issue to occurrence. */
  readonly leadMs: Bins;
  /** Preventive attempts while predictions stood that turned out wrong, and in all. */
  wrongAttempts: number;
  wrongAttemptsMs: number;
  attempts: number;
  attemptsMs: number;
  /** Predictions compared with chance, those of them that came true, and what chance lets expect. */
  tested: number;
  testedTrue: number;
  expected: number;
  variance: number;
  /** Per odds ratio: the logarithm of how much likelier it makes what was seen than chance does. */
  readonly evidence: number[];
}

export interface PredictionReading {
  readonly score: Readonly<PredictionScore>;
  /** Settled, and not in the score yet, because their time has not passed. */
  readonly settledEarly: number;
}

export type PredictionScoresSnapshot = readonly (readonly [
  predictor: PredictorLabel,
  score: Omit<PredictionScore, 'leadMs'>,
  leadMs: readonly (readonly [number, number])[],
])[];

export class PredictionScores implements Fold<PredictionScoresSnapshot> {
  #scores = new Map<PredictorLabel, PredictionScore>();
  readonly early = new EarlyOutcomes();

  /**
   * Of predictors that predicted anything. `overdue` are the predictions whose time has passed, and that have not been
   * settled yet: they count as expired.
   */
  at(
    nowMs: number,
    overdue: readonly Readonly<Prediction>[],
  ): ReadonlyMap<PredictorLabel, PredictionReading> {
    const readings = new Map<PredictorLabel, { score: PredictionScore; settledEarly: number }>();
    const ended: EarlyOutcome[] = [];
    for (const [predictor, score] of this.#scores) {
      readings.set(predictor, { score, settledEarly: 0 });
    }
    for (const outcome of this.early.waiting) {
      if (hasPassed(outcome, nowMs)) ended.push(outcome);
      else {
        const reading = readings.get(outcome.predictor);
        if (reading !== undefined) reading.settledEarly += 1;
      }
    }
    for (const prediction of overdue) {
      ended.push({ ...prediction, outcome: 'expired', leadMs: undefined });
    }
    const copied = new Set<PredictorLabel>();
    for (const outcome of ended) {
      const reading = readings.get(outcome.predictor);
      if (reading === undefined) continue;
      if (!copied.has(outcome.predictor)) reading.score = copyOf(reading.score);
      copied.add(outcome.predictor);
      settle(reading.score, outcome);
    }
    return readings;
  }

  apply(fact: Fact): void {
    switch (fact.kind) {
      case 'predicted':
        this.#scoreOf(fact.predictor).issued += 1;
        return;
      case 'failure_was_predicted':
        for (const predictor of fact.predictors) this.#scoreOf(predictor).announced += 1;
        return;
      case 'prediction_settled':
        if (fact.timeMs >= fact.endMs) this.#settle(fact);
        else for (const ended of this.early.add(fact)) this.#settle(ended);
        return;
      default:
        return;
    }
  }

  snapshot(): PredictionScoresSnapshot {
    return [...this.#scores].map(([predictor, { leadMs, ...score }]) => [
      predictor,
      score,
      [...leadMs],
    ]);
  }

  restore(snapshot: PredictionScoresSnapshot): void {
    this.#scores = new Map(
      snapshot.map(([predictor, score, leadMs]) => [
        predictor,
        { ...score, leadMs: new Map(leadMs) },
      ]),
    );
  }

  #settle(outcome: EarlyOutcome): void {
    settle(this.#scoreOf(outcome.predictor), outcome);
  }

  #scoreOf(predictor: PredictorLabel): PredictionScore {
    let score = this.#scores.get(predictor);
    if (score === undefined) {
      score = emptyScore();
      this.#scores.set(predictor, score);
    }
    return score;
  }
}

/** The odds against chance: at most 1 in 100 predictors that only guess ever reach 100, however often one looks. */
export function oddsAgainstChance({ evidence }: Readonly<PredictionScore>): number {
  const greatest = Math.max(...evidence);
  const sum = evidence.reduce((all, log) => all + Math.exp(log - greatest), 0);
  return Math.min(ODDS_MAX, (sum / ODDS_RATIOS.length) * Math.exp(greatest));
}

function emptyScore(): PredictionScore {
  return {
    issued: 0,
    outcomes: { occurred: 0, prevented: 0, false_positive: 0, expired: 0 },
    announced: 0,
    judged: Array.from({ length: CONFIDENCE_STEPS }, () => 0),
    cameTrue: Array.from({ length: CONFIDENCE_STEPS }, () => 0),
    confidence: 0,
    confidenceSquared: 0,
    confidenceOfTrue: 0,
    leadMs: new Map(),
    wrongAttempts: 0,
    wrongAttemptsMs: 0,
    attempts: 0,
    attemptsMs: 0,
    tested: 0,
    testedTrue: 0,
    expected: 0,
    variance: 0,
    evidence: ODDS_RATIOS.map(() => 0),
  };
}

function copyOf(score: PredictionScore): PredictionScore {
  return {
    ...score,
    outcomes: { ...score.outcomes },
    judged: [...score.judged],
    cameTrue: [...score.cameTrue],
    leadMs: new Map(score.leadMs),
    evidence: [...score.evidence],
  };
}

function settle(score: PredictionScore, settled: EarlyOutcome): void {
  const { outcome, confidence, leadMs, preventive, chance } = settled;
  score.outcomes[outcome] += 1;
  score.attempts += preventive.attempts;
  score.attemptsMs += preventive.durationMs;
  if (outcome === 'prevented') return; // whether the failure would have come, nobody knows
  const isTrue = outcome === 'occurred';
  if (!isTrue) {
    score.wrongAttempts += preventive.attempts;
    score.wrongAttemptsMs += preventive.durationMs;
  }
  if (leadMs !== undefined) addToBins(score.leadMs, leadMs);
  const step = Math.round(confidence * (CONFIDENCE_STEPS - 1));
  score.judged[step] = (score.judged[step] ?? 0) + 1;
  score.confidence += Math.round(confidence * MILLION);
  score.confidenceSquared += Math.round(confidence * confidence * MILLION);
  if (isTrue) {
    score.cameTrue[step] = (score.cameTrue[step] ?? 0) + 1;
    score.confidenceOfTrue += Math.round(confidence * MILLION);
  }
  if (chance !== undefined) compare(score, isTrue, chance);
}

/** Each factor is 1 on average when predictions come true by chance: so a guesser's product hardly ever grows large. */
function compare(score: PredictionScore, isTrue: boolean, by: number): void {
  const chance = Math.min(0.995, Math.max(0.005, by));
  score.tested += 1;
  if (isTrue) score.testedTrue += 1;
  score.expected += chance;
  score.variance += chance * (1 - chance);
  ODDS_RATIOS.forEach((ratio, i) => {
    const odds = 1 - chance + ratio * chance;
    score.evidence[i] = (score.evidence[i] ?? 0) + Math.log((isTrue ? ratio : 1) / odds);
  });
}
