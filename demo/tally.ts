/** The healer's own count of what it did, kept where it is done and not where it is told. */
import type { FailureType, Outcome, PredictionOutcome, Resolution, SkipReason } from './events.js';

export interface AttemptCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TallySnapshot {
  readonly failures: Readonly<Record<string, number>>;
  readonly attempts: Readonly<Record<string, AttemptCounts>>;
  readonly skips: Readonly<Record<string, number>>;
  /** `healed` are those that an attempt resolved. */
  readonly resolved: Readonly<Record<string, number>>;
  readonly predictions: Readonly<Record<string, number>>;
}

class Counter {
  readonly #counts = new Map<string, number>();

  add(key: string): void {
    this.#counts.set(key, this.get(key) + 1);
  }

  get(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  snapshot(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }
}

export class Tally {
  readonly #failures = new Counter();
  readonly #skips = new Counter();
  readonly #resolved = new Counter();
  readonly #predictions = new Counter();
  readonly #attempts = new Map<string, Record<Outcome, number>>();

  failure(type: FailureType): void {
    this.#failures.add(type);
  }

  /** From here on the strategy is listed, be it with zeros. */
  strategy(name: string): Record<Outcome, number> {
    const counts = this.#attempts.get(name) ?? { succeeded: 0, failed: 0, skipped: 0 };
    this.#attempts.set(name, counts);
    return counts;
  }

  attempt(strategy: string, outcome: 'succeeded' | 'failed'): void {
    this.strategy(strategy)[outcome] += 1;
  }

  skip(strategy: string, reason: SkipReason): void {
    this.strategy(strategy).skipped += 1;
    this.#skips.add(reason);
  }

  resolved(resolution: Resolution | 'healed'): void {
    this.#resolved.add(resolution);
  }

  prediction(outcome: PredictionOutcome): void {
    this.#predictions.add(outcome);
  }

  snapshot(): TallySnapshot {
    return {
      failures: this.#failures.snapshot(),
      attempts: Object.fromEntries(
        [...this.#attempts].sort().map(([strategy, counts]) => [strategy, { ...counts }]),
      ),
      skips: this.#skips.snapshot(),
      resolved: this.#resolved.snapshot(),
      predictions: this.#predictions.snapshot(),
    };
  }
}

/** For people, and easy to cut apart: one figure a line, or three for a strategy. */
export function formatTally(tally: TallySnapshot): string {
  const section = (title: string, counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts).map(([name, count]) => `  ${title}  ${name.padEnd(28)} ${count}`);
  return [
    ...section('failure   ', tally.failures),
    ...Object.entries(tally.attempts).map(
      ([name, { succeeded, failed, skipped }]) =>
        `  attempts    ${name.padEnd(28)} ${succeeded} succeeded, ${failed} failed, ${skipped} skipped`,
    ),
    ...section('skipped   ', tally.skips),
    ...section('resolved  ', tally.resolved),
    ...section('prediction', tally.predictions),
  ].join('\n');
}
