/**
 * How incidents ended, by when they STARTED: what a mean time to recovery is computed from that long incidents
 * do not escape. Those still open are not here; they are in the state's open incidents.
 */
import { binOf, type Bins } from '../bins.js';
import type { IncidentResolved } from '../facts.js';
import type { Fold } from './fold.js';
import { WindowTracks, type WindowTracksSnapshot } from './window-tracks.js';
import { bucketOf, firstBucket, type Window } from './windows.js';

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

export type RecoveryCohortsSnapshot = WindowTracksSnapshot;

export class RecoveryCohorts implements Fold<RecoveryCohortsSnapshot, IncidentResolved> {
  /** By failure type. Rows: start bucket and bin to recoveries, their durations, expired. */
  #tracks = new WindowTracks();
  /** Recoveries by bin, while a cohort is added up; zeros otherwise. */
  readonly #counts = new Float64Array(BINS_MAX);

  apply(fact: IncidentResolved): void {
    const { failureType, detectedMs, timeMs } = fact;
    const durationMs = Math.max(0, timeMs - detectedMs);
    const recovered = fact.recoveryMs === undefined ? 0 : 1;
    const bin = Math.min(BINS_MAX - 1, binOf(durationMs));
    this.#tracks.update(failureType, timeMs, (rows, window, oldest) => {
      const bucket = bucketOf(window, detectedMs);
      if (bucket < oldest) return;
      rows.dropBefore(oldest * BINS_MAX);
      rows.add(bucket * BINS_MAX + bin, recovered, recovered * durationMs, 1 - recovered);
    });
  }

  /** Empty when nothing that started within the window before `nowMs` has ended. Without a type: over all of them. */
  cohort(failureType: string | undefined, window: Window, nowMs: number): Cohort {
    return this.between(failureType, window, firstBucket(window, nowMs), Number.POSITIVE_INFINITY);
  }

  /** The same of those that started from one bucket of the window until before another. */
  between(
    failureType: string | undefined,
    window: Window,
    fromBucket: number,
    toBucket: number,
  ): Cohort {
    const censored: Bins = new Map();
    let recoveries = 0;
    let recoveredMs = 0;
    let end = 0;
    const counts = this.#counts;
    for (const rows of this.#tracks.rows(failureType, window)) {
      rows.forEachFrom(fromBucket * BINS_MAX, (key, count, sumMs, expired) => {
        if (key >= toBucket * BINS_MAX) return;
        const bin = key % BINS_MAX;
        counts[bin] = (counts[bin] ?? 0) + count;
        if (bin >= end) end = bin + 1;
        if (expired > 0) censored.set(bin, (censored.get(bin) ?? 0) + expired);
        recoveries += count;
        recoveredMs += sumMs;
      });
    }
    return { recovered: emptied(counts.subarray(0, end)), recoveries, recoveredMs, censored };
  }

  /** Types that an incident of has ended. */
  failureTypes(): string[] {
    return this.#tracks.names();
  }

  snapshot(): RecoveryCohortsSnapshot {
    return this.#tracks.snapshot();
  }

  restore(snapshot: RecoveryCohortsSnapshot): void {
    this.#tracks.restore(snapshot);
  }
}

/** What was counted; the counts are zeros afterwards. */
function emptied(counts: Float64Array): Bins {
  const bins: Bins = new Map();
  for (let bin = 0; bin < counts.length; bin += 1) {
    const count = counts[bin] ?? 0;
    if (count > 0) bins.set(bin, count);
  }
  counts.fill(0);
  return bins;
}
