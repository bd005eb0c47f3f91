/** Predictions that stand, and what becomes of each: settled once, by the failure, by word, or by time. */
import type {
  FailurePredicted,
  Folded,
  Input,
  PredictionOutcome,
  PredictionResolved,
} from '../event.js';
import type { AttemptEnded, Fact } from '../facts.js';
import { hasPassed } from './early-outcomes.js';
import type { Prediction } from './prediction.js';
import {
  WatchedTypes,
  type PredictionSubject,
  type WatchedTypesSnapshot,
} from './watched-types.js';

/** A prediction that does not say when stands for so long. */
const UNKNOWN_DELAY_STANDS_MS = 3_600_000;
/** Beyond this, the oldest is due to expire. */
const STANDING_MAX = 20_000;

export interface DuePrediction {
  readonly source: string;
  readonly predictionId: string;
  readonly seq: number;
  readonly timeMs: number;
}

export interface PredictionsSnapshot {
  readonly standing: readonly Readonly<Prediction>[];
  readonly watched: WatchedTypesSnapshot;
}

interface Settlement {
  readonly outcome: PredictionOutcome;
  readonly timeMs: number;
  /** With chance. */
  readonly isCompared: boolean;
}

export class Predictions {
  /** In the order of the log. */
  #standing = new Map<string, Prediction>();
  /** By source, failure type and agent: for matching. */
  readonly watched = new WatchedTypes();

  get standing(): number {
    return this.#standing.size;
  }

  predicted(event: Folded<FailurePredicted>, seq: number, facts: Fact[]): void {
    const { source, predictionId, failureType, agentId, confidence, timeMs } = event;
    const key = keyOf(source, predictionId);
    if (this.#standing.has(key)) return; // said again
    const standsMs =
      event.expectedInMs === undefined ? UNKNOWN_DELAY_STANDS_MS : 2 * event.expectedInMs;
    const endMs = timeMs + standsMs;
    const predictor = event.predictor ?? 'unknown';
    const subject = this.watched.predicted({ source, failureType, agentId, predictor, timeMs });
    const prediction: Prediction = {
      source,
      predictionId,
      failureType,
      agentId,
      predictor,
      confidence,
      issuedMs: timeMs,
      endMs,
      seq,
      chance: subject.chanceOf(predictor, timeMs, endMs),
      preventive: { attempts: 0, durationMs: 0 },
    };
    this.#standing.set(key, prediction);
    subject.standing.add(prediction);
    facts.push({ kind: 'predicted', source, timeMs, failureType, predictor, confidence });
  }

  /** `input` tells whether a sender says it, or the exporter itself. */
  resolved(
    { source, predictionId, outcome, timeMs }: Folded<PredictionResolved>,
    input: Input,
    facts: Fact[],
  ): void {
    const prediction = this.#standing.get(keyOf(source, predictionId));
    if (prediction === undefined) return;
    // Who says that it occurred tells of a failure; told of again by its detection it changes no chance.
    if (outcome === 'occurred') this.#subjectOf(prediction)?.gaps?.failed(timeMs);
    // One that had to make room says nothing about chance: its time had not passed. A sender who gives up a miss before
    // its time has missed.
    const madeRoom = input === 'internal' && outcome === 'expired' && timeMs < prediction.endMs;
    this.#settle(prediction, { outcome, timeMs, isCompared: !madeRoom }, facts);
  }

  /** All predictions that announced this failure have come true. */
  failed(
    failure: { source: string; failureType: string; agentId: string | undefined; timeMs: number },
    facts: Fact[],
  ): void {
    const { source, failureType, agentId, timeMs } = failure;
    const watched = this.watched.find(source, failureType);
    if (watched === undefined) return;
    if (timeMs >= watched.sinceMs) watched.failures += 1;
    const right = inForce(watched.anyAgent, timeMs);
    watched.anyAgent.gaps?.failed(timeMs);
    const ofAgent = agentId === undefined ? undefined : watched.agents.get(agentId);
    if (ofAgent !== undefined) {
      right.push(...inForce(ofAgent, timeMs));
      ofAgent.gaps?.failed(timeMs);
    }
    if (right.length === 0) return;
    const predictors = [...new Set(right.map(({ predictor }) => predictor))];
    facts.push({ kind: 'failure_was_predicted', source, timeMs, failureType, predictors });
    for (const prediction of right) {
      this.#settle(prediction, { outcome: 'occurred', timeMs, isCompared: true }, facts);
    }
  }

  /** A preventive attempt is put down to the prediction in force that has stood longest, its agent's first. */
  acted({ source, failureType, agentId, timeMs, durationMs }: AttemptEnded): void {
    const watched = this.watched.find(source, failureType);
    if (watched === undefined) return;
    const ofAgent = agentId === undefined ? undefined : watched.agents.get(agentId);
    const [cause] = [
      ...(ofAgent === undefined ? [] : inForce(ofAgent, timeMs)),
      ...inForce(watched.anyAgent, timeMs),
    ];
    if (cause === undefined) return;
    cause.preventive.attempts += 1;
    cause.preventive.durationMs += durationMs;
  }

  /** Predictions whose time has passed, or that are too many to keep. */
  due(nowMs: number): DuePrediction[] {
    const due: DuePrediction[] = [];
    const excess = this.#standing.size - STANDING_MAX;
    for (const { source, predictionId, seq, endMs } of this.#standing.values()) {
      if (!hasPassed({ endMs }, nowMs) && due.length >= excess) continue;
      due.push({ source, predictionId, seq, timeMs: Math.min(nowMs, endMs) });
    }
    return due;
  }

  /** Those that stand in the books only: their time has passed, and nobody has said so yet. */
  overdue(nowMs: number): readonly Readonly<Prediction>[] {
    return [...this.#standing.values()].filter((prediction) => hasPassed(prediction, nowMs));
  }

  snapshot(): PredictionsSnapshot {
    return { standing: [...this.#standing.values()], watched: this.watched.snapshot() };
  }

  restore({ standing, watched }: PredictionsSnapshot): void {
    this.#standing.clear();
    this.watched.restore(watched);
    for (const kept of standing) {
      const { source, failureType, agentId, predictor, issuedMs: timeMs, chance } = kept;
      const prediction = { ...kept, agentId, chance, preventive: { ...kept.preventive } };
      this.#standing.set(keyOf(source, kept.predictionId), prediction);
      const subject = this.watched.predicted({ source, failureType, agentId, predictor, timeMs });
      subject.standing.add(prediction);
    }
  }

  #subjectOf({ source, failureType, agentId }: Prediction): PredictionSubject | undefined {
    const watched = this.watched.find(source, failureType);
    return agentId === undefined ? watched?.anyAgent : watched?.agents.get(agentId);
  }

  #settle(
    prediction: Prediction,
    { outcome, timeMs, isCompared }: Settlement,
    facts: Fact[],
  ): void {
    const { source, predictionId, failureType, predictor, confidence, issuedMs } = prediction;
    this.#standing.delete(keyOf(source, predictionId));
    const subject = this.#subjectOf(prediction);
    subject?.standing.delete(prediction);
    this.watched.settled(prediction);
    const leadMs = outcome === 'occurred' ? Math.max(0, timeMs - issuedMs) : undefined;
    facts.push({
      kind: 'prediction_settled',
      source,
      timeMs,
      failureType,
      predictor,
      outcome,
      confidence,
      endMs: prediction.endMs,
      leadMs,
      chance: isCompared ? prediction.chance : undefined,
      preventive: prediction.preventive,
    });
  }
}

function inForce({ standing }: PredictionSubject, timeMs: number): Prediction[] {
  const found: Prediction[] = [];
  for (const prediction of standing) {
    if (timeMs >= prediction.issuedMs && timeMs <= prediction.endMs) found.push(prediction);
  }
  return found;
}

function keyOf(a: string, b: string): string {
  return `${a},${b}`; // no identifier holds a comma
}
