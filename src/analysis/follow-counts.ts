/**
 * How often each failure type comes within five minutes after each other one, against what the hour explains; kept
 * from one look to the next, so that an hour in which nothing has changed is not counted again.
 */
import { HOUR_ROW, type MinuteBits } from '../core/state/failure-minutes.js';
import { bitsIn, coOccurrenceOf, MINUTES, type CoOccurrence } from './co-occurrence.js';

/** An effect is looked for in the minutes after a cause, up to this many; the same minute is none of them. */
const WAKE_MINUTES = 5;
const HALF = 30;
const HALF_MASK = 2 ** HALF - 1;
const NOTHING: MinuteBits = [];

/** One hour of every type: the bits of its two halves, and how many they are. */
class HourRows {
  readonly early: Int32Array;
  readonly late: Int32Array;
  readonly counts: Int32Array;
  /** Types that have any, as far as `length` tells. */
  readonly active: Int32Array;
  length = 0;

  constructor(types: number) {
    this.early = new Int32Array(types);
    this.late = new Int32Array(types);
    this.counts = new Int32Array(types);
    this.active = new Int32Array(types);
  }

  set(type: number, early: number, late: number): void {
    const count = bitsIn(early) + bitsIn(late);
    if (count === 0) return;
    this.early[type] = early;
    this.late[type] = late;
    this.counts[type] = count;
    this.active[this.length] = type;
    this.length += 1;
  }
}

export class FollowCounts {
  #names: readonly string[];
  /** As they were at the last look, by type. */
  #bits: MinuteBits[];
  /** Minutes of each type, over all hours. */
  readonly #minutes: Float64Array;
  /** By cause and effect, row by row: sums of whole numbers over the hours, so that what is taken off again leaves nothing. */
  readonly #together: Float64Array;
  readonly #products: Float64Array;
  readonly #spreads: Float64Array;

  constructor(names: readonly string[]) {
    this.#names = names;
    const pairs = names.length * names.length;
    this.#bits = names.map(() => NOTHING);
    this.#minutes = new Float64Array(names.length);
    this.#together = new Float64Array(pairs);
    this.#products = new Float64Array(pairs);
    this.#spreads = new Float64Array(pairs);
  }

  /** By place. */
  get names(): readonly string[] {
    return this.#names;
  }

  /**
   * Types that are not followed any more give their places to those that came instead: the next look takes off what
   * was counted of them. False where there are more or fewer types than places.
   */
  takePlaces(types: ReadonlyMap<string, MinuteBits>): boolean {
    if (types.size !== this.#names.length) return false;
    if (this.#names.every((name) => types.has(name))) return true;
    const known = new Set(this.#names);
    const fresh = [...types.keys()].filter((name) => !known.has(name)).values();
    this.#names = this.#names.map((name) =>
      types.has(name) ? name : (fresh.next().value ?? name),
    );
    return true;
  }

  /** Takes over what has changed since the last look; hours before `fromHour` do not count any more. */
  look(types: ReadonlyMap<string, MinuteBits>, fromHour = Number.NEGATIVE_INFINITY): void {
    const now = this.#names.map((name) => types.get(name) ?? NOTHING);
    const hours = new Set<number>();
    const next = now.map((bits, type) => {
      const before = this.#bits[type] ?? NOTHING;
      const from = placeOf(bits, fromHour);
      return addChangedHours(before, { bits, from }, hours) ? bits.slice(from) : before;
    });
    for (const hour of hours) {
      this.#add(hour, this.#bits, -1);
      this.#add(hour, next, 1);
    }
    this.#bits = next;
  }

  minutesOf(type: number): number {
    return this.#minutes[type] ?? 0;
  }

  /** Whether `effect` came after `cause` more often than the hours explain. */
  isMoreThanExpected(cause: number, effect: number): boolean {
    const pair = cause * this.#names.length + effect;
    return (this.#together[pair] ?? 0) * MINUTES > (this.#products[pair] ?? 0);
  }

  /** How often `effect` came after `cause`; both are places in `names`. */
  read(cause: number, effect: number): CoOccurrence {
    const pair = cause * this.#names.length + effect;
    return coOccurrenceOf({
      together: this.#together[pair] ?? 0,
      products: this.#products[pair] ?? 0,
      spreads: this.#spreads[pair] ?? 0,
    });
  }

  #add(hour: number, all: readonly MinuteBits[], sign: 1 | -1): void {
    const minutes = new HourRows(all.length);
    const wakes = new HourRows(all.length);
    for (const [type, bits] of all.entries()) {
      const at = placeOf(bits, hour);
      const isThere = bits[at] === hour;
      const early = isThere ? (bits[at + 1] ?? 0) : 0;
      const late = isThere ? (bits[at + 2] ?? 0) : 0;
      const before = bits[at - HOUR_ROW] === hour - 1 ? (bits[at - 1] ?? 0) : 0;
      minutes.set(type, early, late);
      wakes.set(type, within(early) | beyond(before), within(late) | beyond(early));
    }
    for (let i = 0; i < minutes.length; i += 1) {
      const type = minutes.active[i] ?? 0;
      this.#minutes[type] = (this.#minutes[type] ?? 0) + sign * (minutes.counts[type] ?? 0);
    }
    for (let i = 0; i < wakes.length; i += 1)
      this.#addPairs(wakes.active[i] ?? 0, { wakes, minutes, sign });
  }

  /** One hour of a cause with every effect. */
  #addPairs(cause: number, { wakes, minutes, sign }: OneHour): void {
    const together = this.#together;
    const products = this.#products;
    const spreads = this.#spreads;
    const { active, length, early, late, counts } = minutes;
    const wakeEarly = wakes.early[cause] ?? 0;
    const wakeLate = wakes.late[cause] ?? 0;
    const count = wakes.counts[cause] ?? 0;
    const product = sign * count;
    const spread = product * (MINUTES - count);
    const row = cause * this.#names.length;
    for (let i = 0; i < length; i += 1) {
      const effect = active[i] ?? 0;
      const n = counts[effect] ?? 0;
      const shared =
        bitsIn(wakeEarly & (early[effect] ?? 0)) + bitsIn(wakeLate & (late[effect] ?? 0));
      const pair = row + effect;
      together[pair] = (together[pair] ?? 0) + sign * shared;
      products[pair] = (products[pair] ?? 0) + product * n;
      spreads[pair] = (spreads[pair] ?? 0) + spread * n * (MINUTES - n);
    }
  }
}

interface OneHour {
  readonly wakes: HourRows;
  readonly minutes: HourRows;
  readonly sign: 1 | -1;
}

interface BitsFrom {
  readonly bits: MinuteBits;
  /** Where its rows begin. */
  readonly from: number;
}

/** Adds the hours in which the two differ, and those that wakes of these reach into; whether there are any. */
function addChangedHours(
  before: MinuteBits,
  { bits: now, from }: BitsFrom,
  hours: Set<number>,
): boolean {
  let i = 0;
  let j = from;
  let isChanged = false;
  while (i < before.length || j < now.length) {
    const old = before[i] ?? Number.POSITIVE_INFINITY;
    const hour = now[j] ?? Number.POSITIVE_INFINITY;
    const isSame = old === hour && before[i + 1] === now[j + 1] && before[i + 2] === now[j + 2];
    if (!isSame) {
      const first = Math.min(old, hour);
      hours.add(first).add(first + 1);
      isChanged = true;
    }
    if (old <= hour) i += HOUR_ROW;
    if (hour <= old) j += HOUR_ROW;
  }
  return isChanged;
}

/** Where the row of an hour is, or would be. */
function placeOf(bits: MinuteBits, hour: number): number {
  let low = 0;
  let high = bits.length / HOUR_ROW;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bits[middle * HOUR_ROW] ?? 0) < hour) low = middle + 1;
    else high = middle;
  }
  return low * HOUR_ROW;
}

/** The part of a wake that lies in the same half hour. */
function within(bits: number): number {
  let wake = 0;
  for (let lag = 1; lag <= WAKE_MINUTES; lag += 1) wake |= bits << lag;
  return wake & HALF_MASK;
}

/** And the part that lies in the next one. */
function beyond(bits: number): number {
  let wake = 0;
  for (let lag = 1; lag <= WAKE_MINUTES; lag += 1) wake |= bits >>> (HALF - lag);
  return wake;
}
