/**
 * How the first, second, … attempt of a strategy on one incident ended, over all failure types. What others tried on
 * the incident before does not count: a strategy that always comes third has retried nothing.
 */
import type { AttemptEnded } from '../facts.js';
import type { Fold } from './fold.js';

/** First come; each takes 130 bytes. */
export const RETRIES_FOLLOWED_MAX = 10_000;
/** The last number stands for all beyond it too. */
const NUMBERS = 8;

/** Attempts that ran, of one strategy. */
export interface AttemptsOfNumber {
  /** Which of the strategy's attempts on its incident, from 1; 8 stands for 8 and more. */
  readonly attempt: number;
  readonly attempts: number;
  readonly succeeded: number;
}

/** Attempts and successes, alternating, by number. */
export type StrategyRetriesSnapshot = readonly (readonly [
  strategy: string,
  counts: readonly number[],
])[];

export class StrategyRetries implements Fold<StrategyRetriesSnapshot, AttemptEnded> {
  #byStrategy = new Map<string, number[]>();

  /** Strategies that come now are not followed. */
  get isFull(): boolean {
    return this.#byStrategy.size >= RETRIES_FOLLOWED_MAX;
  }

  has(strategy: string): boolean {
    return this.#byStrategy.has(strategy);
  }

  apply({ strategy, outcome, attemptOfStrategy }: AttemptEnded): void {
    if (outcome === 'skipped' || attemptOfStrategy < 1) return;
    let counts = this.#byStrategy.get(strategy);
    if (counts === undefined) {
      if (this.isFull) return;
      counts = new Array<number>(2 * NUMBERS).fill(0);
      this.#byStrategy.set(strategy, counts);
    }
    const place = 2 * (Math.min(attemptOfStrategy, NUMBERS) - 1);
    counts[place] = (counts[place] ?? 0) + 1;
    if (outcome === 'succeeded') counts[place + 1] = (counts[place + 1] ?? 0) + 1;
  }

  /** Since the beginning, without numbers that no attempt had. */
  of(strategy: string): AttemptsOfNumber[] {
    const counts = this.#byStrategy.get(strategy) ?? [];
    const found: AttemptsOfNumber[] = [];
    for (let place = 0; place < counts.length; place += 2) {
      const attempts = counts[place] ?? 0;
      if (attempts === 0) continue;
      found.push({ attempt: place / 2 + 1, attempts, succeeded: counts[place + 1] ?? 0 });
    }
    return found;
  }

  /** How many of them were not the first on their incident. */
  beyondFirst(strategy: string): number {
    const counts = this.#byStrategy.get(strategy) ?? [];
    let beyond = 0;
    for (let place = 2; place < counts.length; place += 2) beyond += counts[place] ?? 0;
    return beyond;
  }

  snapshot(): StrategyRetriesSnapshot {
    return [...this.#byStrategy].map(([strategy, counts]) => [strategy, [...counts]]);
  }

  restore(snapshot: StrategyRetriesSnapshot): void {
    this.#byStrategy = new Map(snapshot.map(([strategy, counts]) => [strategy, [...counts]]));
  }
}
