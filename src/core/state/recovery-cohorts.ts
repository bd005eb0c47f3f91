/**
 * How incidents ended, by when they STARTED: what a mean time to recovery is computed from that long incidents
 * do not escape. Those still open are not here; they are in the state's open incidents.
 */
import { binOf, type Bins } from '../bins.js';
import type { Fact } from '../facts.js';
import type { Fold } from './fold.js';
import { TimeRows } from './time-rows.js';
import { bucketOf, firstBucket, oldestKept, WINDOWS, type Window } from './windows.js';

/** Types beyond these share one track: they count in the sums over all types only. */
const FAILURE_TYPES_MAX = 10_000;
/** A row's key is its start bucket times this, plus the bin of the duration; 31 days is bin 283. */
const BINS_MAX = 1_024;

/** The incidents that started within a window and have ended. */
export interface Cohort {
  /** Durations from detection to recovery. */
  readonly recovered: Bins;
  readonly recoveries: number;
  /** Sum of those durations, exact. */
  readonly recoveredMs: number;
  /** Durations at which incidents expired: they had not recovered until then. */
  readonly censored: Bins;
}

export type RecoveryCohortsSnapshot = readonly FrozenTrack[];
type FrozenTrack = readonly [
  failureType: string,
  newestMs: number,
  rows: readonly (readonly number[])[],
];

/** No failure type has an empty name: identifiers have at least one character. */
const REST = '';

interface Track {
  /** Newest ending, event time. */
  newestMs: number;
  /** One per window: start bucket and bin to recoveries, their durations, expired. */
  readonly rows: readonly TimeRows[];
}

export class RecoveryCohorts implements Fold<RecoveryCohortsSnapshot> {
  #tracks = new Map<string, Track>();

  apply(fact: Fact): void {
    if (fact.kind !== 'incident_resolved') return;
    const { detectedMs, timeMs } = fact;
    const track = this.#trackOf(fact.failureType);
    if (timeMs > track.newestMs) track.newestMs = timeMs;
    const durationMs = Math.max(0, timeMs - detectedMs);
    const recovered = fact.recoveryMs === undefined ? 0 : 1;
    const bin = Math.min(BINS_MAX - 1, binOf(durationMs));
    for (let i = 0; i < WINDOWS.length; i += 1) {
      const window = WINDOWS[i];
      const rows = track.rows[i];
      if (window === undefined || rows === undefined) continue;
      const oldest = oldestKept(window, track.newestMs);
      const bucket = bucketOf(window, detectedMs);
      if (bucket < oldest) continue;
      rows.dropBefore(oldest * BINS_MAX);
      rows.add(bucket * BINS_MAX + bin, recovered, recovered * durationMs, 1 - recovered);
    }
  }

  /** Empty when nothing that started within the window before `nowMs` has ended. Without a type: over all of them. */
  cohort(failureType: string | undefined, window: Window, nowMs: number): Cohort {
    const recovered: Bins = new Map();
    const censored: Bins = new Map();
    let recoveries = 0;
    let recoveredMs = 0;
    const index = WINDOWS.indexOf(window);
    const first = firstBucket(window, nowMs) * BINS_MAX;
    const sumUp = (track: Track | undefined): void => {
      track?.rows[index]?.forEachFrom(first, (key, count, sumMs, expired) => {
        const bin = key % BINS_MAX;
        if (count > 0) recovered.set(bin, (recovered.get(bin) ?? 0) + count);
        if (expired > 0) censored.set(bin, (censored.get(bin) ?? 0) + expired);
        recoveries += count;
        recoveredMs += sumMs;
      });
    };
    if (failureType === undefined) this.#tracks.forEach(sumUp);
    else sumUp(this.#tracks.get(failureType));
    return { recovered, recoveries, recoveredMs, censored };
  }

  /** Types that an incident of has ended. */
  failureTypes(): string[] {
    return [...this.#tracks.keys()].filter((failureType) => failureType !== REST);
  }

  snapshot(): RecoveryCohortsSnapshot {
    return [...this.#tracks].map(([failureType, { newestMs, rows }]) => [
      failureType,
      newestMs,
      rows.map((one) => one.snapshot()),
    ]);
  }

  restore(snapshot: RecoveryCohortsSnapshot): void {
    this.#tracks = new Map(
      snapshot.map(([failureType, newestMs, rows]) => [
        failureType,
        { newestMs, rows: rows.map((one) => new TimeRows(one)) },
      ]),
    );
  }

  #trackOf(failureType: string): Track {
    const known = this.#tracks.get(failureType);
    if (known !== undefined) return known;
    const name = this.#tracks.size < FAILURE_TYPES_MAX ? failureType : REST;
    const track = this.#tracks.get(name) ?? newTrack();
    this.#tracks.set(name, track);
    return track;
  }
}

function newTrack(): Track {
  return { newestMs: 0, rows: WINDOWS.map(() => new TimeRows()) };
}
