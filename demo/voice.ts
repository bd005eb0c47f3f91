/** Puts into events what the healer does. */
import { EventEmitter } from 'node:events';
import type { CircuitState } from './circuit.js';
import type {
  FailureType,
  HealerEvents,
  Metadata,
  Outcome,
  PredictionOutcome,
  Resolution,
  SkipReason,
} from './events.js';
import { agentOf, nameOf, type Failure, type Symptom } from './failure.js';
import type { Prediction } from './predictions.js';
import type { Forecast } from './predictor.js';
import type { Level } from './service-level.js';

export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly actions: readonly string[];
  readonly trigger: 'reactive' | 'preventive';
  readonly reason?: SkipReason;
  readonly metadata?: Metadata;
}

export class Voice {
  #emitter: EventEmitter<HealerEvents>;
  #lastMs = 0;

  constructor(emitter: EventEmitter<HealerEvents>) {
    this.#emitter = emitter;
  }

  /** From here on it talks to nobody. */
  close(): void {
    this.#emitter = new EventEmitter<HealerEvents>();
  }

  /** No two events have the same time: so the order of events survives any sorting by time. */
  #nextMs(): number {
    this.#lastMs = Math.max(Date.now(), this.#lastMs + 1);
    return this.#lastMs;
  }

  #timestamp(): string {
    return new Date(this.#nextMs()).toISOString();
  }

  detected(symptom: Symptom): Failure {
    const ms = this.#nextMs();
    const { type: failureType, severity, metadata, subject } = symptom;
    const id = `${failureType}_${nameOf(subject)}_${ms}`;
    const detectedAt = new Date(ms).toISOString();
    const agent = agentOf(subject);
    this.#emitter.emit('failure.detected', {
      failureId: id,
      failureType,
      severity,
      detectedAt,
      metadata,
      ...agent,
    });
    return { ...symptom, id };
  }

  started({ id, type, subject }: Failure, strategy: string): void {
    this.#emitter.emit('healing.started', {
      failureId: id,
      strategyUsed: strategy,
      failureType: type,
      timestamp: this.#timestamp(),
      ...agentOf(subject),
    });
  }

  completed({ id, type, subject, severity }: Failure, strategy: string, end: AttemptEnd): void {
    this.#emitter.emit('healing.completed', {
      failureId: id,
      strategyUsed: strategy,
      failureType: type,
      severity,
      outcome: end.outcome,
      durationMs: end.durationMs,
      actionsTaken: end.actions,
      trigger: end.trigger,
      timestamp: this.#timestamp(),
      metadata: end.metadata ?? {},
      ...(end.reason === undefined ? {} : { reason: end.reason }),
      ...agentOf(subject),
    });
  }

  resolved({ id }: Failure, resolution: Resolution): void {
    this.#emitter.emit('failure.resolved', {
      failureId: id,
      resolution,
      timestamp: this.#timestamp(),
    });
  }

  registered(strategy: string, failureTypes: readonly FailureType[]): void {
    this.#emitter.emit('strategy.registered', {
      strategy,
      failureTypes,
      timestamp: this.#timestamp(),
    });
  }

  predicted(forecast: Forecast): Prediction {
    const issuedMs = this.#nextMs();
    const id = `pred-${issuedMs}`;
    const timestamp = new Date(issuedMs).toISOString();
    this.#emitter.emit('failure.predicted', { ...forecast, predictionId: id, timestamp });
    return { ...forecast, id, issuedMs };
  }

  settled({ id }: Prediction, outcome: PredictionOutcome): void {
    this.#emitter.emit('prediction.resolved', {
      predictionId: id,
      outcome,
      timestamp: this.#timestamp(),
    });
  }

  circuit(circuit: string, state: CircuitState, strategy: string): void {
    this.#emitter.emit('circuit.changed', {
      circuit,
      state,
      strategy,
      timestamp: this.#timestamp(),
    });
  }

  degradation(resource: string, level: Level): void {
    this.#emitter.emit('degradation.changed', { resource, level, timestamp: this.#timestamp() });
  }

  heartbeat(): void {
    this.#emitter.emit('heartbeat', { timestamp: this.#timestamp() });
  }
}
