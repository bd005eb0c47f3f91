/**
 * How the trials of each strategy's breakers ended: a breaker that was open lets one attempt through, and closes or
 * opens again. Only of breakers whose events name the strategy.
 */
import { addToBins, type Bins } from '../bins.js';
import type { CircuitMoved } from '../facts.js';
import type { Fold } from './fold.js';

/** First come. */
const STRATEGIES_MAX = 1_000;

export interface BreakerTrial {
  /** Trials after which it closed, and after which it opened again. */
  passed: number;
  failed: number;
  /** How long breakers had been open before the trials that failed. */
  readonly failedAfterMs: Bins;
}

export type BreakerTrialsSnapshot = readonly (readonly [
  strategy: string,
  passed: number,
  failed: number,
  failedAfterMs: readonly (readonly [number, number])[],
])[];

export class BreakerTrials implements Fold<BreakerTrialsSnapshot, CircuitMoved> {
  #byStrategy = new Map<string, BreakerTrial>();

  apply({ strategy, openMs, to }: CircuitMoved): void {
    if (strategy === undefined || openMs === undefined) return;
    let trial = this.#byStrategy.get(strategy);
    if (trial === undefined) {
      if (this.#byStrategy.size >= STRATEGIES_MAX) return;
      trial = { passed: 0, failed: 0, failedAfterMs: new Map() };
      this.#byStrategy.set(strategy, trial);
    }
    if (to === 'closed') {
      trial.passed += 1;
      return;
    }
    trial.failed += 1;
    addToBins(trial.failedAfterMs, openMs);
  }

  /** Undefined without a trial. */
  of(strategy: string): Readonly<BreakerTrial> | undefined {
    return this.#byStrategy.get(strategy);
  }

  snapshot(): BreakerTrialsSnapshot {
    return [...this.#byStrategy].map(([strategy, { passed, failed, failedAfterMs }]) => [
      strategy,
      passed,
      failed,
      [...failedAfterMs],
    ]);
  }

  restore(snapshot: BreakerTrialsSnapshot): void {
    this.#byStrategy = new Map(
      snapshot.map(([strategy, passed, failed, bins]) => [
        strategy,
        { passed, failed, failedAfterMs: new Map(bins) },
      ]),
    );
  }
}
