/** What each strategy's attempts came to within the last hour and the last day. */
import type { AttemptEnded } from '../facts.js';
import type { Fold } from './fold.js';
import { WindowTracks, type WindowTracksSnapshot } from './window-tracks.js';
import { bucketOf, firstBucket, type Window } from './windows.js';

/** Attempts that ran and ended within a window. */
export interface WindowSums {
  readonly succeeded: number;
  readonly failed: number;
  /** Of both together. */
  readonly durationMs: number;
}

const NO_SUMS = { a: 0, b: 0, c: 0 };

export type StrategyWindowsSnapshot = WindowTracksSnapshot;

export class StrategyWindows implements Fold<StrategyWindowsSnapshot, AttemptEnded> {
  /** By strategy. Rows: bucket to succeeded, failed, duration. */
  #tracks = new WindowTracks();

  apply(fact: AttemptEnded): void {
    if (fact.outcome === 'skipped') return;
    const { strategy, timeMs, durationMs } = fact;
    const succeeded = fact.outcome === 'succeeded' ? 1 : 0;
    this.#tracks.update(strategy, timeMs, (rows, window, oldest) => {
      const bucket = bucketOf(window, timeMs);
      if (bucket < oldest) return;
      rows.dropBefore(oldest);
      rows.add(bucket, succeeded, 1 - succeeded, durationMs);
    });
  }

  /** Zeros when nothing ended within the window before `nowMs`. Without a strategy: over all of them. */
  sums(strategy: string | undefined, window: Window, nowMs: number): WindowSums {
    const first = firstBucket(window, nowMs);
    if (strategy !== undefined) {
      const { a, b, c } = this.#tracks.rowsOf(strategy, window)?.sumsFrom(first) ?? NO_SUMS;
      return { succeeded: a, failed: b, durationMs: c };
    }
    let succeeded = 0;
    let failed = 0;
    let durationMs = 0;
    for (const rows of this.#tracks.rows(strategy, window)) {
      const { a, b, c } = rows.sumsFrom(first);
      succeeded += a;
      failed += b;
      durationMs += c;
    }
    return { succeeded, failed, durationMs };
  }

  snapshot(): StrategyWindowsSnapshot {
    return this.#tracks.snapshot();
  }

  restore(snapshot: StrategyWindowsSnapshot): void {
    this.#tracks.restore(snapshot);
  }
}
