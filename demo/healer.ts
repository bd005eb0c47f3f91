/**
 * The SelfHealer: finds failures, heals them with its strategies, sees some of them coming, and says
 * all that as events. It does no statistics; that is for whoever listens.
 */
import { EventEmitter } from 'node:events';
import { Attempts } from './attempts.js';
import { Detector, LOOK_INTERVAL_MS } from './detector.js';
import type { FailureType, HealerEvents } from './events.js';
import type { Symptom } from './failure.js';
import { Foresight } from './foresight.js';
import { Incidents } from './incidents.js';
import type { Strategy } from './strategies/strategy.js';
import type { Swarm } from './swarm.js';
import { Tally, type TallySnapshot } from './tally.js';
import { QUEUE_LENGTH_MAX } from './tasks.js';
import { Voice } from './voice.js';

const HEARTBEAT_INTERVAL_MS = 10_000;

export class SelfHealer extends EventEmitter<HealerEvents> {
  readonly #swarm: Swarm;
  readonly #strategies: readonly Strategy[];
  readonly #voice = new Voice(this);
  readonly #tally = new Tally();
  readonly #incidents: Incidents;
  readonly #detector: Detector;
  readonly #foresight: Foresight;
  #timers: NodeJS.Timeout[] = [];
  #isStopping = false;

  constructor({ swarm, strategies }: { swarm: Swarm; strategies: readonly Strategy[] }) {
    super();
    this.#swarm = swarm;
    this.#strategies = strategies;
    const voice = this.#voice;
    const tally = this.#tally;
    const attempts = new Attempts({ voice, tally });
    const strategiesFor = (type: FailureType): Strategy[] =>
      strategies.filter(({ failureTypes }) => failureTypes.includes(type));
    this.#incidents = new Incidents({ strategiesFor, attempts, voice, tally });
    this.#foresight = new Foresight({ swarm, strategiesFor, attempts, voice, tally });
    this.#detector = new Detector(swarm, (symptom) => this.#detect(symptom));
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
    this.#timers = [
      setInterval(() => this.#look(), LOOK_INTERVAL_MS),
      setInterval(() => this.#voice.heartbeat(), HEARTBEAT_INTERVAL_MS),
    ];
  }

  /** Comes after `start` is done. Ends the swarm; what is broken then matters to nobody any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#incidents.dismissAll();
    await this.#foresight.close();
    this.#voice.close();
    await this.#swarm.stop();
  }

  tally(): TallySnapshot {
    return this.#tally.snapshot();
  }

  #look(): void {
    const { tasks, level } = this.#swarm;
    this.#detector.look();
    this.#incidents.review();
    this.#foresight.look();
    level.observe(tasks.length < QUEUE_LENGTH_MAX / 4);
  }

  #detect(symptom: Symptom): void {
    if (this.#isStopping) return;
    if (this.#incidents.open(symptom)) this.#foresight.occurred(symptom);
  }

  #sayCircuit(): void {
    const { name, state } = this.#swarm.ledger.circuit;
    this.#voice.circuit(name, state, 'CircuitBreakerStrategy');
  }

  #sayLevel(): void {
    this.#voice.degradation('task_queue', this.#swarm.level.level);
  }
}
