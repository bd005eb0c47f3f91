/** How often each failure type occurred within the last day, and whether anything was tried on it. */
import type { Fact } from '../facts.js';
import type { Fold } from './fold.js';
import { TimeRows } from './time-rows.js';
import { bucketOf, DAY_WINDOW, firstBucket, oldestKept } from './windows.js';

/** Types beyond these are left out. */
const FAILURE_TYPES_MAX = 10_000;

export interface FailureSums {
  readonly failureType: string;
  readonly failures: number;
  /** Attempts that ran. */
  readonly attempts: number;
  readonly skipped: number;
}

interface Track {
  newestMs: number;
  /** Bucket to failures, attempts, skipped. */
  readonly rows: TimeRows;
}

export type FailureWindowsSnapshot = readonly (readonly [
  failureType: string,
  newestMs: number,
  rows: readonly number[],
])[];

export class FailureWindows implements Fold<FailureWindowsSnapshot> {
  #tracks = new Map<string, Track>();

  apply(fact: Fact): void {
    if (fact.kind !== 'incident_opened' && fact.kind !== 'attempt_ended') return;
    const rows = this.#rowsFor(fact.failureType, fact.timeMs);
    const bucket = bucketOf(DAY_WINDOW, fact.timeMs);
    if (fact.kind === 'incident_opened') rows?.add(bucket, 1, 0, 0);
    else if (fact.outcome === 'skipped') rows?.add(bucket, 0, 0, 1);
    else rows?.add(bucket, 0, 1, 0);
  }

  /** Types with anything in the last day before `nowMs`; most failures first. */
  lastDay(nowMs: number): FailureSums[] {
    const first = firstBucket(DAY_WINDOW, nowMs);
    const all: FailureSums[] = [];
    for (const [failureType, { rows }] of this.#tracks) {
      const { a: failures, b: attempts, c: skipped } = rows.sumsFrom(first);
      if (failures + attempts + skipped > 0) all.push({ failureType, failures, attempts, skipped });
    }
    return all.sort((a, b) => b.failures - a.failures);
  }

  snapshot(): FailureWindowsSnapshot {
    return [...this.#tracks].map(([failureType, { newestMs, rows }]) => [
      failureType,
      newestMs,
      rows.snapshot(),
    ]);
  }

  restore(snapshot: FailureWindowsSnapshot): void {
    this.#tracks = new Map(
      snapshot.map(([failureType, newestMs, rows]) => [
        failureType,
        { newestMs, rows: new TimeRows(rows) },
      ]),
    );
  }

  /** Undefined when the time is too old, or the type one too many. */
  #rowsFor(failureType: string, timeMs: number): TimeRows | undefined {
    let track = this.#tracks.get(failureType);
    if (track === undefined) {
      if (this.#tracks.size >= FAILURE_TYPES_MAX) return undefined;
      track = { newestMs: 0, rows: new TimeRows() };
      this.#tracks.set(failureType, track);
    }
    if (timeMs > track.newestMs) track.newestMs = timeMs;
    const oldest = oldestKept(DAY_WINDOW, track.newestMs);
    if (bucketOf(DAY_WINDOW, timeMs) < oldest) return undefined;
    track.rows.dropBefore(oldest);
    return track.rows;
  }
}
