/**
 * In which minutes of the last four weeks each failure type occurred: what is needed to see that one follows
 * another. An hour with a failure takes three numbers: the hour, and a bit for each minute of its two halves.
 */
import type { IncidentOpened } from '../facts.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../rollup.js';
import type { Fold } from './fold.js';

/** Hours that are looked back, the present one counted in. */
export const HOURS_KEPT = (28 * DAY_MS) / HOUR_MS;
/** Types beyond these are left out, and counted: a look at what follows what goes with the square of them. */
export const TYPES_KEPT_MAX = 64;
/** Minutes with failures that a type needs to be the effect of another one; as a cause it needs more. */
export const MINUTES_MIN = 5;
/** Numbers that an hour takes. */
export const HOUR_ROW = 3;
const HALF = 30;

/** Flat [hour, minutes 0–29, minutes 30–59, …], ascending by hour (Unix time in hours). */
export type MinuteBits = readonly number[];

export interface FailureMinutesSnapshot {
  readonly types: readonly (readonly [string, MinuteBits])[];
  /** With the newest hour that is known of each, as they were left out. Absent in those of older releases. */
  readonly leftOutHours?: readonly (readonly [string, number])[];
}

/** Names of types left out that are remembered so as to count them; beyond these, the newest ones. */
const LEFT_OUT_MAX = 1_000;

export class FailureMinutes implements Fold<FailureMinutesSnapshot, IncidentOpened> {
  #types = new Map<string, number[]>();
  #leftOut = new Map<string, number>();

  /** By failure type. */
  get types(): ReadonlyMap<string, MinuteBits> {
    return this.#types;
  }

  /** Types that failed in the last four weeks and are none of those; a thousand at most. */
  typesLeftOut(nowMs: number): number {
    const oldest = Math.floor(nowMs / HOUR_MS) - HOURS_KEPT;
    return [...this.#leftOut.values()].filter((hour) => hour > oldest).length;
  }

  apply(fact: IncidentOpened): void {
    const { failureType, timeMs } = fact;
    let rows = this.#types.get(failureType);
    if (rows === undefined) {
      const hour = Math.floor(timeMs / HOUR_MS);
      if (!this.#makeRoom(hour)) {
        this.#leaveOut(failureType, hour);
        return;
      }
      this.#leftOut.delete(failureType);
      rows = [];
      this.#types.set(failureType, rows);
    }
    markMinute(rows, Math.floor(timeMs / MINUTE_MS));
  }

  /**
   * Where there is no room, the type that has been silent the longest goes, of those that failed in none of the four
   * weeks, or too seldom to follow anything: else types that come once would keep out for ever what comes daily.
   */
  #makeRoom(hour: number): boolean {
    if (this.#types.size < TYPES_KEPT_MAX) return true;
    let silent: { readonly failureType: string; readonly newest: number } | undefined;
    for (const [failureType, rows] of this.#types) {
      const newest = rows[rows.length - HOUR_ROW] ?? 0;
      if (silent === undefined ? newest > hour : newest >= silent.newest) continue;
      if (newest <= hour - HOURS_KEPT || isSeldom(rows)) silent = { failureType, newest };
    }
    if (silent === undefined) return false;
    this.#types.delete(silent.failureType);
    this.#leaveOut(silent.failureType, silent.newest);
    return true;
  }

  #leaveOut(failureType: string, hour: number): void {
    this.#leftOut.delete(failureType);
    this.#leftOut.set(failureType, hour);
    if (this.#leftOut.size <= LEFT_OUT_MAX) return;
    for (const longestAgo of this.#leftOut.keys()) {
      this.#leftOut.delete(longestAgo);
      return;
    }
  }

  snapshot(): FailureMinutesSnapshot {
    return { types: [...this.#types], leftOutHours: [...this.#leftOut] };
  }

  restore({ types, leftOutHours }: FailureMinutesSnapshot): void {
    this.#types = new Map(types.map(([failureType, rows]) => [failureType, [...rows]]));
    this.#leftOut = new Map(leftOutHours ?? []);
  }
}

/** Fewer minutes than anything needs that follows another. */
function isSeldom(rows: readonly number[]): boolean {
  if (rows.length >= MINUTES_MIN * HOUR_ROW) return false;
  let minutes = 0;
  for (let at = 0; at < rows.length; at += HOUR_ROW) {
    for (let bits = rows[at + 1] ?? 0; bits !== 0; bits &= bits - 1) minutes += 1;
    for (let bits = rows[at + 2] ?? 0; bits !== 0; bits &= bits - 1) minutes += 1;
  }
  return minutes < MINUTES_MIN;
}

/** Sets the bit of a minute (Unix time in minutes), and forgets hours that are too old beside the newest. */
export function markMinute(rows: number[], minute: number): void {
  const hour = Math.floor(minute / 60);
  const within = minute - 60 * hour;
  const bit = 1 << (within % HALF);
  markHour(rows, hour, within < HALF ? bit : 0, within < HALF ? 0 : bit);
}

/** The same for minutes of one hour at once: a bit for each of its two halves. */
export function markHour(rows: number[], hour: number, early: number, late: number): void {
  let at = rows.length - HOUR_ROW;
  while (at >= 0 && (rows[at] ?? 0) > hour) at -= HOUR_ROW;
  if (at < 0 || rows[at] !== hour) {
    const newest = rows[rows.length - HOUR_ROW] ?? hour;
    if (hour <= newest - HOURS_KEPT) return;
    at += HOUR_ROW;
    rows.splice(at, 0, hour, 0, 0);
    const oldest = Math.max(newest, hour) - HOURS_KEPT;
    let drop = 0;
    while ((rows[drop] ?? oldest + 1) <= oldest) drop += HOUR_ROW;
    if (drop > 0) rows.splice(0, drop);
    at -= drop;
  }
  rows[at + 1] = (rows[at + 1] ?? 0) | early;
  rows[at + 2] = (rows[at + 2] ?? 0) | late;
}
