/** What each strategy's attempts came to within the last hour and the last day. */
import type { Fact } from '../facts.js';
import type { Fold } from './fold.js';
import { TimeRows } from './time-rows.js';
import { bucketOf, firstBucket, oldestKept, WINDOWS, type Window } from './windows.js';

/** Strategies beyond these share one track: they count in the sums over all strategies only. */
const STRATEGIES_MAX = 10_000;

/** Attempts that ran and ended within a window. */
export interface WindowSums {
  readonly succeeded: number;
  readonly failed: number;
  /** Of both together. */
  readonly durationMs: number;
}

export type StrategyWindowsSnapshot = readonly FrozenTrack[];
type FrozenTrack = readonly [
  strategy: string,
  newestMs: number,
  rows: readonly (readonly number[])[],
];

/** No strategy has an empty name: identifiers have at least one character. */
const REST = '';

interface Track {
  /** Newest attempt, event time. */
  newestMs: number;
  /** One per window: bucket to succeeded, failed, duration. */
  readonly rows: readonly TimeRows[];
}

export class StrategyWindows implements Fold<StrategyWindowsSnapshot> {
  #tracks = new Map<string, Track>();

  apply(fact: Fact): void {
    if (fact.kind !== 'attempt_ended' || fact.outcome === 'skipped') return;
    const { timeMs, durationMs } = fact;
    const succeeded = fact.outcome === 'succeeded' ? 1 : 0;
    const track = this.#trackOf(fact.strategy);
    if (timeMs > track.newestMs) track.newestMs = timeMs;
    for (let i = 0; i < WINDOWS.length; i += 1) {
      const window = WINDOWS[i];
      const rows = track.rows[i];
      if (window === undefined || rows === undefined) continue;
      const oldest = oldestKept(window, track.newestMs);
      const bucket = bucketOf(window, timeMs);
      if (bucket < oldest) continue;
      rows.dropBefore(oldest);
      rows.add(bucket, succeeded, 1 - succeeded, durationMs);
    }
  }

  /** Zeros when nothing ended within the window before `nowMs`. Without a strategy: over all of them. */
  sums(strategy: string | undefined, window: Window, nowMs: number): WindowSums {
    const sums = { succeeded: 0, failed: 0, durationMs: 0 };
    const index = WINDOWS.indexOf(window);
    const first = firstBucket(window, nowMs);
    const sumUp = (track: Track | undefined): void => {
      track?.rows[index]?.forEachFrom(first, (_bucket, succeeded, failed, durationMs) => {
        sums.succeeded += succeeded;
        sums.failed += failed;
        sums.durationMs += durationMs;
      });
    };
    if (strategy === undefined) this.#tracks.forEach(sumUp);
    else sumUp(this.#tracks.get(strategy));
    return sums;
  }

  snapshot(): StrategyWindowsSnapshot {
    return [...this.#tracks].map(([strategy, { newestMs, rows }]) => [
      strategy,
      newestMs,
      rows.map((one) => one.snapshot()),
    ]);
  }

  restore(snapshot: StrategyWindowsSnapshot): void {
    this.#tracks = new Map(
      snapshot.map(([strategy, newestMs, rows]) => [
        strategy,
        { newestMs, rows: rows.map((one) => new TimeRows(one)) },
      ]),
    );
  }

  #trackOf(strategy: string): Track {
    const known = this.#tracks.get(strategy);
    if (known !== undefined) return known;
    const name = this.#tracks.size < STRATEGIES_MAX ? strategy : REST;
    const track = this.#tracks.get(name) ?? newTrack();
    this.#tracks.set(name, track);
    return track;
  }
}

function newTrack(): Track {
  return { newestMs: 0, rows: WINDOWS.map(() => new TimeRows()) };
}
