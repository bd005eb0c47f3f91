/**
 * How incidents ended, by failure type and by the hour in which they STARTED: what the restricted mean of any range of
 * the last days is computed from, and of each of its hours. The windows of the gauges are finer and shorter
 * (RecoveryCohorts). Bounded: after eight days, or beyond a hundred thousand rows, the oldest hours are forgotten.
 */
import { binOf, type Bins } from '../bins.js';
import type { IncidentResolved } from '../facts.js';
import { DAY_MS, HOUR_MS } from '../rollup.js';
import type { Fold } from './fold.js';
import { TimeRows } from './time-rows.js';

/** Recoveries are followed for so long at most; whatever lasts longer is counted as one duration. */
export const FOLLOWED_MS_MAX = 4 * HOUR_MS;
const BEYOND = binOf(FOLLOWED_MS_MAX) + 1;
/** A row's key is its hour times this, plus the bin of the duration. */
const BINS_MAX = 256;
const HOURS_KEPT = (8 * DAY_MS) / HOUR_MS;
/** One row counts the incidents of a type and an hour that lasted equally long, within 8 %. */
const ROWS_MAX = 100_000;
const TYPES_MAX = 10_000;
/** Nothing has an empty name. Types beyond the cap share it, and so count in the sums over all types only. */
const REST = '';

export interface StartedCohort {
  readonly recovered: Bins;
  /** Durations at which incidents expired. */
  readonly censored: Bins;
}

export interface RecoveryHoursSnapshot {
  /** Null: of everything from the next hour on that comes to its knowledge. */
  readonly knownFromHour: number | null;
  readonly newestHour: number;
  /** By failure type, rows as TimeRows has them. */
  readonly types: readonly (readonly [failureType: string, rows: readonly number[]])[];
}

export class RecoveryHours implements Fold<RecoveryHoursSnapshot, IncidentResolved> {
  /** By failure type. Rows: hour and bin to recoveries and expired. */
  #types = new Map<string, TimeRows>();
  #rows = 0;
  #knownFromHour: number | undefined = 0;
  #newestHour = 0;

  /** Incidents that started before are not all known. */
  get knownFromMs(): number {
    return (this.#knownFromHour ?? Number.POSITIVE_INFINITY) * HOUR_MS;
  }

  apply({ failureType, detectedMs, timeMs, recoveryMs }: IncidentResolved): void {
    const newestHour = Math.max(this.#newestHour, Math.floor(timeMs / HOUR_MS));
    this.#knownFromHour ??= newestHour + 1;
    if (newestHour > this.#newestHour) {
      this.#newestHour = newestHour;
      this.#forgetBefore(newestHour - HOURS_KEPT);
    }
    const hour = Math.floor(detectedMs / HOUR_MS);
    if (hour < this.#knownFromHour) return;
    const rows = this.#rowsOf(failureType);
    const bin = Math.min(BEYOND, binOf(Math.max(0, timeMs - detectedMs)));
    const recovered = recoveryMs === undefined ? 0 : 1;
    const before = rows.size;
    rows.add(hour * BINS_MAX + bin, recovered, 1 - recovered, 0);
    this.#rows += rows.size - before;
    while (this.#rows > ROWS_MAX) this.#forgetOldest();
  }

  /** What started from one hour until before another, and has ended. Without a type: all of them. */
  cohort(failureType: string | undefined, fromHour: number, toHour: number): StartedCohort {
    const recovered: Bins = new Map();
    const censored: Bins = new Map();
    const ofType = failureType === undefined ? undefined : this.#types.get(failureType);
    const asked = failureType === undefined ? this.#types.values() : ofType ? [ofType] : [];
    for (const rows of asked) {
      rows.forEachFrom(fromHour * BINS_MAX, (key, count, expired) => {
        if (key >= toHour * BINS_MAX) return;
        const bin = key % BINS_MAX;
        if (count > 0) recovered.set(bin, (recovered.get(bin) ?? 0) + count);
        if (expired > 0) censored.set(bin, (censored.get(bin) ?? 0) + expired);
      });
    }
    return { recovered, censored };
  }

  snapshot(): RecoveryHoursSnapshot {
    return {
      knownFromHour: this.#knownFromHour ?? null,
      newestHour: this.#newestHour,
      types: [...this.#types].map(([failureType, rows]) => [failureType, rows.snapshot()]),
    };
  }

  /** Without a snapshot, as of older releases, nothing is known of what began until the hour of the next end. */
  restore(snapshot: RecoveryHoursSnapshot | undefined): void {
    this.#knownFromHour = snapshot?.knownFromHour ?? undefined;
    this.#newestHour = snapshot?.newestHour ?? 0;
    const types = snapshot?.types ?? [];
    this.#types = new Map(types.map(([failureType, rows]) => [failureType, new TimeRows(rows)]));
    this.#rows = this.#count();
  }

  /** An eighth of the hours at once, as each time goes through all types. */
  #forgetOldest(): void {
    const oldest = Math.max(this.#knownFromHour ?? 0, this.#newestHour - HOURS_KEPT);
    this.#forgetBefore(oldest + Math.max(1, Math.floor((this.#newestHour - oldest) / 8)));
  }

  #forgetBefore(hour: number): void {
    if (hour <= (this.#knownFromHour ?? 0)) return;
    this.#knownFromHour = hour;
    for (const [failureType, rows] of this.#types) {
      rows.dropBefore(hour * BINS_MAX);
      if (rows.size === 0) this.#types.delete(failureType);
    }
    this.#rows = this.#count();
  }

  #count(): number {
    let count = 0;
    for (const rows of this.#types.values()) count += rows.size;
    return count;
  }

  #rowsOf(failureType: string): TimeRows {
    const known = this.#types.get(failureType);
    if (known !== undefined) return known;
    const kept = this.#types.size < TYPES_MAX ? failureType : REST;
    const rows = this.#types.get(kept) ?? new TimeRows();
    this.#types.set(kept, rows);
    return rows;
  }
}
