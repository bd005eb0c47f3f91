/**
 * In which minutes of the last four weeks each failure type occurred: what is needed to see that one follows
 * another. An hour with a failure takes three numbers: the hour, and a bit for each minute of its two halves.
 */
import type { IncidentOpened } from '../facts.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../rollup.js';
import type { Fold } from './fold.js';

/** Hours that are looked back, the present one counted in. */
export const HOURS_KEPT = (28 * DAY_MS) / HOUR_MS;
/** Types beyond these are left out, and counted. */
export const TYPES_KEPT_MAX = 64;
/** Numbers that an hour takes. */
export const HOUR_ROW = 3;
const HALF = 30;

/** Flat [hour, minutes 0–29, minutes 30–59, …], ascending by hour (Unix time in hours). */
export type MinuteBits = readonly number[];

export interface FailureMinutesSnapshot {
  readonly types: readonly (readonly [string, MinuteBits])[];
  readonly leftOut: readonly string[];
}

/** Names of types left out that are remembered so as to count them. */
const LEFT_OUT_MAX = 1_000;

export class FailureMinutes implements Fold<FailureMinutesSnapshot, IncidentOpened> {
  #types = new Map<string, number[]>();
  #leftOut = new Set<string>();

  /** By failure type, those that came first. */
  get types(): ReadonlyMap<string, MinuteBits> {
    return this.#types;
  }

  /** Types beyond those, as far as they are counted. */
  get typesLeftOut(): number {
    return this.#leftOut.size;
  }

  apply(fact: IncidentOpened): void {
    const { failureType, timeMs } = fact;
    let rows = this.#types.get(failureType);
    if (rows === undefined) {
      if (this.#types.size >= TYPES_KEPT_MAX) {
        if (this.#leftOut.size < LEFT_OUT_MAX) this.#leftOut.add(failureType);
        return;
      }
      rows = [];
      this.#types.set(failureType, rows);
    }
    markMinute(rows, Math.floor(timeMs / MINUTE_MS));
  }

  snapshot(): FailureMinutesSnapshot {
    return { types: [...this.#types], leftOut: [...this.#leftOut] };
  }

  restore({ types, leftOut }: FailureMinutesSnapshot): void {
    this.#types = new Map(types.map(([failureType, rows]) => [failureType, [...rows]]));
    this.#leftOut = new Set(leftOut);
  }
}

/** Sets the bit of a minute (Unix time in minutes), and forgets hours that are too old beside the newest. */
export function markMinute(rows: number[], minute: number): void {
  const hour = Math.floor(minute / 60);
  const within = minute - 60 * hour;
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
  const half = within < HALF ? 1 : 2;
  rows[at + half] = (rows[at + half] ?? 0) | (1 << (within % HALF));
}
