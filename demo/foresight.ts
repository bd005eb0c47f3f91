/** From forecast to outcome: says what is predicted, prevents what is worth it, settles the rest. */
import type { Attempts } from './attempts.js';
import type { FailureType } from './events.js';
import type { Failure, Symptom } from './failure.js';
import { Predictions, type Prediction } from './predictions.js';
import { Predictor, type Forecast } from './predictor.js';
import type { Strategy } from './strategies/strategy.js';
import type { Swarm } from './swarm.js';
import type { Tally } from './tally.js';
import type { Voice } from './voice.js';

/** Prevention moves work about, so it wants a prediction that is right more often than not. */
const PREVENTION = { confidenceMin: 0.55, leadMsMin: 1000 } as const;

export class Foresight {
  readonly #swarm: Swarm;
  readonly #strategiesFor: (type: FailureType) => readonly Strategy[];
  readonly #attempts: Attempts;
  readonly #voice: Voice;
  readonly #predictor: Predictor;
  readonly #predictions: Predictions;
  readonly #preventions = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: {
    swarm: Swarm;
    strategiesFor: (type: FailureType) => readonly Strategy[];
    attempts: Attempts;
    voice: Voice;
    tally: Tally;
  }) {
    const { swarm, voice, tally } = options;
    this.#swarm = swarm;
    this.#strategiesFor = options.strategiesFor;
    this.#attempts = options.attempts;
    this.#voice = voice;
    this.#predictor = new Predictor(swarm, (forecast) => this.#predict(forecast));
    this.#predictions = new Predictions((prediction, outcome) => {
      tally.prediction(outcome);
      this.#predictor.learn(prediction.source, outcome);
      voice.settled(prediction, outcome);
    });
    swarm.supervisor.on('up', (agentId) => this.#predictions.forget(agentId));
  }

  /** To be called again and again. */
  look(): void {
    this.#predictor.watchQueue(this.#swarm.tasks.length);
    this.#predictions.settleOverdue(Date.now());
  }

  /** A failure was detected: perhaps it was predicted. */
  occurred({ type, subject }: Symptom): void {
    this.#predictions.occurred(type, subject.kind === 'agent' ? subject.agentId : undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // They have no incident that could end them. They are over within a second.
    await Promise.all(this.#preventions);
    this.#predictions.close();
  }

  #predict(forecast: Forecast): void {
    if (this.#isClosed || this.#predictions.isStanding(forecast)) return;
    const prediction = this.#voice.predicted(forecast);
    this.#predictions.add(prediction);
    const { confidence, expectedTimeMs } = forecast;
    if (confidence < PREVENTION.confidenceMin || expectedTimeMs < PREVENTION.leadMsMin) return;
    const prevention = this.#prevent(prediction);
    this.#preventions.add(prevention);
    void prevention.finally(() => this.#preventions.delete(prevention));
  }

  /** Heals what is not broken yet, with a strategy that does no harm to an agent that is well. */
  async #prevent(prediction: Prediction): Promise<void> {
    const { agentId, failureType, id } = prediction;
    const strategy = this.#strategiesFor(failureType).find(({ isGentle }) => isGentle);
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
    const isPrevented = await this.#attempts.run(attempt, new AbortController().signal);
    if (isPrevented) this.#predictions.settle(prediction, 'prevented');
  }
}
