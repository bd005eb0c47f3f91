/**
 * In which minutes names failed, hour by hour. Patterns look at weeks of them whenever they are asked
 * for, and only the newest hours change: the others are kept once they were read.
 */
import { markMinute } from '../core/state/failure-minutes.js';

/** Marks every minute of a Unix hour in which something failed, by the number of its name. */
export type HourReader = (hour: number, mark: (no: number, minute: number) => void) => void;

/** Two megabytes: two weeks in which five hundred names fail every hour. */
const NUMBERS_MAX = 500_000;
/** What an hour takes beside its numbers, also where nothing failed. */
const HOUR_NUMBERS = 30;

export class FailingMinutes {
  readonly #read: HourReader;
  readonly #hours = new Map<number, Int32Array>();
  #numbers = 0;

  constructor(read: HourReader) {
    this.#read = read;
  }

  /** Flat [number of the name, minutes 0–29, minutes 30–59, …], a bit for each minute. */
  ofHour(hour: number): Int32Array {
    const known = this.#hours.get(hour);
    if (known !== undefined) return known;
    const found = Int32Array.from(readHour(this.#read, hour));
    this.#hours.set(hour, found);
    this.#numbers += HOUR_NUMBERS + found.length;
    for (const oldest of this.#hours.keys()) {
      if (this.#numbers <= NUMBERS_MAX) break;
      this.forget(oldest);
    }
    return found;
  }

  /** To be called for every hour that is written to, also where that is rolled back. */
  forget(hour: number): void {
    const known = this.#hours.get(hour);
    if (known === undefined) return;
    this.#numbers -= HOUR_NUMBERS + known.length;
    this.#hours.delete(hour);
  }
}

/** The same as `ofHour`, read anew. */
export function readHour(read: HourReader, hour: number): number[] {
  const rows = new Map<number, number[]>();
  read(hour, (no, minute) => {
    let row = rows.get(no);
    if (row === undefined) {
      row = [];
      rows.set(no, row);
    }
    markMinute(row, minute);
  });
  return [...rows].flatMap(([no, [, early = 0, late = 0]]) => [no, early, late]);
}
