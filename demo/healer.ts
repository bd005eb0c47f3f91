/**
 * The SelfHealer: finds failures, heals them with its strategies, sees some of them coming, and says
 * all that as events. It does no statistics; that is for whoever listens.
 */
import { EventEmitter } from 'node:events';
import { Attempts } from './attempts.js';
import { Detector, LOOK_INTERVAL_MS } from './detector.js';
import type { FailureType, HealerEvents, PredictionOutcome } from './events.js';
import type { Failure, Symptom } from './failure.js';
import { Incidents } from './incidents.js';
import { Predictions, type Prediction } from './predictions.js';
import { Predictor, type Forecast } from './predictor.js';
import type { Strategy } from './strategies/strategy.js';
import type { Swarm } from './swarm.js';
import { Tally, type TallySnapshot } from './tally.js';
import { QUEUE_LENGTH_MAX } from './tasks.js';
import { Voice } from './voice.js';

const HEARTBEAT_INTERVAL_MS = 10_000;
/** Prevention moves work about, so it wants a prediction that is right more often than not. */
const PREVENTION = { confidenceMin: 0.55, leadMsMin: 1000 } as const;

export class SelfHealer extends EventEmitter<HealerEvents> {
  readonly #swarm: Swarm;
  readonly #strategies: readonly Strategy[];
  readonly #voice = new Voice(this);
  readonly #tally = new Tally();
  readonly #attempts = new Attempts({ voice: this.#voice, tally: this.#tally });
  readonly #incidents: Incidents;
  readonly #detector: Detector;
  readonly #predictor: Predictor;
  readonly #predictions: Predictions;
  readonly #stopping = new AbortController();
  #timers: NodeJS.Timeout[] = [];

  constructor({ swarm, strategies }: { swarm: Swarm; strategies: readonly Strategy[] }) {
    super();
    this.#swarm = swarm;
    this.#strategies = strategies;
    this.#incidents = new Incidents({
      strategiesFor: (type) => this.#strategiesFor(type),
      attempts: this.#attempts,
      voice: this.#voice,
      tally: this.#tally,
    });
    this.#detector = new Detector(swarm, (symptom) => this.#detect(symptom));
    this.#predictor = new Predictor(swarm, (forecast) => this.#predict(forecast));
    this.#predictions = new Predictions((prediction, outcome) => this.#settle(prediction, outcome));
    swarm.supervisor.on('up', (agentId) => this.#predictions.forget(agentId));
    swarm.ledger.circuit.on('changed', () => this.#sayCircuit());
    swarm.level.on('changed', () => this.#sayLevel());
  }

  /** Listeners come before this: the first thing said is which strategies there are. */
  async start(): Promise<void> {
    for (const { name, failureTypes } of this.#strategies) {
      this.#tally.strategy(name);
      this.#voice.registered(name, failureTypes);
    }
    // A listener with a memory may know of another state, from a run that was killed.
    this.#sayCircuit();
    this.#sayLevel();
    this.#voice.heartbeat();
    await this.#swarm.start();
    if (this.#stopping.signal.aborted) return;
    this.#timers = [
      setInterval(() => this.#tick(), LOOK_INTERVAL_MS),
      setInterval(() => this.#voice.heartbeat(), HEARTBEAT_INTERVAL_MS),
    ];
  }

  /** Ends the swarm. What is broken at that time matters to nobody any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) clearInterval(timer);
    this.#incidents.dismissAll();
    this.#predictions.close();
    this.#voice.close();
    await this.#swarm.stop();
  }

  tally(): TallySnapshot {
    return this.#tally.snapshot();
  }

  #tick(): void {
    const { tasks, level } = this.#swarm;
    this.#detector.look();
    this.#incidents.review();
    this.#predictor.watchQueue(tasks.length);
    this.#predictions.settleOverdue(Date.now());
    level.observe(tasks.length < QUEUE_LENGTH_MAX / 4);
  }

  #strategiesFor(type: FailureType): readonly Strategy[] {
    return this.#strategies.filter(({ failureTypes }) => failureTypes.includes(type));
  }

  #detect(symptom: Symptom): void {
    if (this.#stopping.signal.aborted || !this.#incidents.open(symptom)) return;
    const { type, subject } = symptom;
    this.#predictions.occurred(type, subject.kind === 'agent' ? subject.agentId : undefined);
  }

  #predict(forecast: Forecast): void {
    if (this.#stopping.signal.aborted || this.#predictions.isStanding(forecast)) return;
    const prediction = this.#voice.predicted(forecast);
    this.#predictions.add(prediction);
    const { confidence, expectedTimeMs } = forecast;
    const isWorthIt =
      confidence >= PREVENTION.confidenceMin && expectedTimeMs >= PREVENTION.leadMsMin;
    if (isWorthIt) void this.#prevent(prediction);
  }

  /** Heals a failure that is not there yet. Only strategies that do no harm to a healthy agent may. */
  async #prevent(prediction: Prediction): Promise<void> {
    const { agentId, failureType, id } = prediction;
    const strategy = this.#strategiesFor(failureType).find((s) => s.isGentle === true);
    if (!strategy || agentId === undefined) return;
    const failure: Failure = {
      id: `preventive_${id}`,
      type: failureType,
      severity: 'low',
      subject: { kind: 'agent', agentId },
      metadata: {},
      standing: () => 'standing',
    };
    const act = strategy.consider(failure);
    if (typeof act !== 'function') return;
    const attempt = { failure, strategy: strategy.name, act, trigger: 'preventive' } as const;
    const isPrevented = await this.#attempts.run(attempt, this.#stopping.signal);
    if (isPrevented) this.#predictions.settle(prediction, 'prevented');
  }

  #settle(prediction: Prediction, outcome: PredictionOutcome): void {
    this.#tally.prediction(outcome);
    this.#predictor.learn(prediction.source, outcome);
    this.#voice.settled(prediction, outcome);
  }

  #sayCircuit(): void {
    const { name, state } = this.#swarm.ledger.circuit;
    this.#voice.circuit(name, state, 'CircuitBreakerStrategy');
  }

  #sayLevel(): void {
    this.#voice.degradation('task_queue', this.#swarm.level.level);
  }
}
