/** Predictions that stand, and what becomes of each: settled once, by the failure, by word, or by time. */
import type { FailurePredicted, PredictionOutcome, PredictionResolved } from '../event.js';
import type { Fact, PredictorLabel } from '../facts.js';

/** A prediction that does not say when stands for so long. */
const UNKNOWN_DELAY_STANDS_MS = 3_600_000;
/** Beyond this, the oldest is due to expire. */
const STANDING_MAX = 20_000;

interface Prediction {
  readonly source: string;
  readonly predictionId: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  readonly predictor: PredictorLabel;
  readonly confidence: number;
  readonly issuedMs: number;
  readonly endMs: number;
  readonly seq: number;
}

export interface DuePrediction {
  readonly source: string;
  readonly predictionId: string;
  readonly seq: number;
  readonly timeMs: number;
}

export type PredictionsSnapshot = readonly Readonly<Prediction>[];

export class Predictions {
  /** In the order of the log. */
  #standing = new Map<string, Prediction>();
  /** By source and failure type, for matching. */
  #byType = new Map<string, Set<Prediction>>();

  get standing(): number {
    return this.#standing.size;
  }

  predicted(event: FailurePredicted, seq: number, facts: Fact[]): void {
    const { source, predictionId, failureType, agentId, confidence, timeMs } = event;
    const key = keyOf(source, predictionId);
    if (this.#standing.has(key)) return; // said again
    const standsMs =
      event.expectedInMs === undefined ? UNKNOWN_DELAY_STANDS_MS : 2 * event.expectedInMs;
    const predictor = event.predictor ?? 'unknown';
    this.#add(key, {
      source,
      predictionId,
      failureType,
      agentId,
      predictor,
      confidence,
      issuedMs: timeMs,
      endMs: timeMs + standsMs,
      seq,
    });
    facts.push({ kind: 'predicted', source, timeMs, failureType, predictor, confidence });
  }

  resolved({ source, predictionId, outcome, timeMs }: PredictionResolved, facts: Fact[]): void {
    const prediction = this.#standing.get(keyOf(source, predictionId));
    if (prediction !== undefined) this.#settle(prediction, outcome, timeMs, facts);
  }

  /** The longest standing prediction that announced this failure, if any, has come true. */
  failed(
    failure: { source: string; failureType: string; agentId: string | undefined; timeMs: number },
    facts: Fact[],
  ): void {
    const { source, failureType, agentId, timeMs } = failure;
    for (const prediction of this.#byType.get(keyOf(source, failureType)) ?? []) {
      if (timeMs < prediction.issuedMs || timeMs > prediction.endMs) continue;
      if (prediction.agentId !== undefined && prediction.agentId !== agentId) continue;
      facts.push({ kind: 'failure_was_predicted', source, timeMs, failureType });
      this.#settle(prediction, 'occurred', timeMs, facts);
      return;
    }
  }

  /** Predictions whose time has passed, or that are too many to keep. */
  due(nowMs: number): DuePrediction[] {
    const due: DuePrediction[] = [];
    const excess = this.#standing.size - STANDING_MAX;
    for (const { source, predictionId, seq, endMs } of this.#standing.values()) {
      if (endMs >= nowMs && due.length >= excess) continue;
      due.push({ source, predictionId, seq, timeMs: Math.min(nowMs, endMs) });
    }
    return due;
  }

  snapshot(): PredictionsSnapshot {
    return [...this.#standing.values()];
  }

  restore(snapshot: PredictionsSnapshot): void {
    this.#standing.clear();
    this.#byType.clear();
    for (const kept of snapshot) {
      this.#add(keyOf(kept.source, kept.predictionId), { ...kept, agentId: kept.agentId });
    }
  }

  #add(key: string, prediction: Prediction): void {
    this.#standing.set(key, prediction);
    const typeKey = keyOf(prediction.source, prediction.failureType);
    const sameType = this.#byType.get(typeKey);
    if (sameType === undefined) this.#byType.set(typeKey, new Set([prediction]));
    else sameType.add(prediction);
  }

  #settle(prediction: Prediction, outcome: PredictionOutcome, timeMs: number, facts: Fact[]): void {
    const { source, predictionId, failureType, predictor, confidence, issuedMs } = prediction;
    this.#standing.delete(keyOf(source, predictionId));
    const typeKey = keyOf(source, failureType);
    const sameType = this.#byType.get(typeKey);
    sameType?.delete(prediction);
    if (sameType?.size === 0) this.#byType.delete(typeKey);
    const leadMs = outcome === 'occurred' ? Math.max(0, timeMs - issuedMs) : undefined;
    facts.push({
      kind: 'prediction_settled',
      source,
      timeMs,
      failureType,
      predictor,
      outcome,
      confidence,
      leadMs,
    });
  }
}

function keyOf(a: string, b: string): string {
  return `${a},${b}`; // no identifier holds a comma
}
