/** The failures that stand, each cared for until it is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempts } from './attempts.js';
import type { FailureType, Resolution } from './events.js';
import { nameOf, type Failure, type Symptom } from './failure.js';
import type { Strategy } from './strategies/strategy.js';
import type { Tally } from './tally.js';
import type { Voice } from './voice.js';

interface Incident {
  readonly key: string;
  readonly failure: Failure;
  /** Aborts when the incident ends. */
  readonly over: AbortController;
  /** An attempt is running: nobody else decides meanwhile. */
  isBusy: boolean;
}

/** Many hangs end by themselves: to wait a moment costs less than a restart. */
const PATIENCE_MS: Partial<Record<FailureType, number>> = { agent_hang: 800 };
const BACKOFF_MS = { first: 500, max: 8000 } as const;

export class Incidents {
  readonly #strategiesFor: (type: FailureType) => readonly Strategy[];
  readonly #attempts: Attempts;
  readonly #voice: Voice;
  readonly #tally: Tally;
  /** By type and subject: the same symptom, seen again, is no second failure. */
  readonly #open = new Map<string, Incident>();

  constructor(options: {
    strategiesFor: (type: FailureType) => readonly Strategy[];
    attempts: Attempts;
    voice: Voice;
    tally: Tally;
  }) {
    this.#strategiesFor = options.strategiesFor;
    this.#attempts = options.attempts;
    this.#voice = options.voice;
    this.#tally = options.tally;
  }

  /** False when this failure is known already. */
  open(symptom: Symptom): boolean {
    const key = `${symptom.type}:${nameOf(symptom.subject)}`;
    if (this.#open.has(key)) return false;
    const failure = this.#voice.detected(symptom);
    this.#tally.failure(failure.type);
    const incident = { key, failure, over: new AbortController(), isBusy: false };
    this.#open.set(key, incident);
    void this.#care(incident);
    return true;
  }

  /** Closes what ended without our help. */
  review(): void {
    for (const incident of this.#open.values()) {
      if (incident.isBusy) continue;
      const standing = incident.failure.standing();
      if (standing !== 'standing') this.#resolve(incident, standing);
    }
  }

  /** Somebody decided that these failures matter no more. */
  dismissAll(): void {
    for (const incident of this.#open.values()) this.#resolve(incident, 'manual');
  }

  /** Attempt after attempt, until it is over or there is nothing that a strategy could do. */
  async #care(incident: Incident): Promise<void> {
    const { failure, over } = incident;
    const strategies = this.#strategiesFor(failure.type);
    // Whoever told us of the failure may have more to say: nothing is done before that.
    await pause(PATIENCE_MS[failure.type] ?? 0, over.signal);
    for (let attempt = 0; !over.signal.aborted; attempt++) {
      const strategy = strategies[Math.min(attempt, strategies.length - 1)];
      if (!strategy) return this.#attempts.skip(failure, 'None', 'no_strategy');
      const act = strategy.consider(failure);
      if (typeof act !== 'function') {
        this.#attempts.skip(failure, strategy.name, act);
        if (act === 'declined') return;
      } else {
        incident.isBusy = true;
        const { name } = strategy;
        const run = { failure, strategy: name, act, trigger: 'reactive' } as const;
        const isHealed = await this.#attempts.run(run, over.signal);
        incident.isBusy = false;
        if (isHealed) this.#close(incident, 'healed');
      }
      await pause(Math.min(BACKOFF_MS.first * 2 ** attempt, BACKOFF_MS.max), over.signal);
    }
  }

  #resolve(incident: Incident, resolution: Resolution): void {
    this.#voice.resolved(incident.failure, resolution);
    this.#close(incident, resolution);
  }

  #close({ key, over }: Incident, resolution: Resolution | 'healed'): void {
    this.#open.delete(key);
    this.#tally.resolved(resolution);
    over.abort();
  }
}

/** Comes back after the time, or when `signal` aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
