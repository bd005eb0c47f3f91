/**
 * Watches one strategy for hours of the day at which it fails more often, as its attempts come: the test that
 * analysis/seasonality.ts makes of weeks kept by the hour, from sums of the present day and of the days before it.
 * The two agree: with residuals centred by attempts the point of a day does not depend on the overall rate,
 *
 *   U = Σ failures (cos, sin) − F / N · Σ attempts (cos, sin)
 */
import { DAY_MS, HOUR_MS } from '../rollup.js';
import { WAVE_NUMBERS, WaveSums } from './wave-sums.js';

const HOURS = 24;
const COS = Float64Array.from({ length: HOURS }, (_, h) => Math.cos((2 * Math.PI * h) / HOURS));
const SIN = Float64Array.from({ length: HOURS }, (_, h) => Math.sin((2 * Math.PI * h) / HOURS));

const DAYS_MIN = 14;
const FAILURES_MIN = 50;
/** Days that are judged together: what was weeks ago is not to speak for a pattern, nor to hide one, for ever. */
const BLOCK_DAYS = 28;
/**
 * A pattern is confirmed below this. It is asked at the turn of every day from the 14th to the 28th of a block, of every
 * strategy, without an end: docs/statistics.md says what that comes to.
 */
const CONFIRMED_BELOW = 1e-4;
/** One that was confirmed goes on while each block of its own stays below this. */
const KEPT_BELOW = 0.01;
/** Its hours stay as they are while the peak of later blocks moves less than so. */
const SHIFT_HOURS_MAX = 3;

/** What the turn of a day has shown. `fromHour`: the twelve hours with more failures begin there, in UTC. */
export type SeasonTurn =
  { readonly kind: 'confirmed'; readonly fromHour: number } | { readonly kind: 'gone' };

export type FrozenSeasonWatch = readonly number[];

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) - HOURS * Math.floor(timeMs / DAY_MS);
}

/** Places in a row of numbers; what comes after them are the sums of the block. */
const DAY = 0;
const ATTEMPTS = 1;
const FAILURES = 2;
const ATTEMPTS_X = 3;
const ATTEMPTS_Y = 4;
const FAILURES_X = 5;
const FAILURES_Y = 6;
const BLOCK_FAILURES = 7;
const FROM_HOUR = 8;
const WAVE = 9;
const ROW = WAVE + WAVE_NUMBERS;
const ROWS_TOGETHER = 64;
const NONE = -1;

/** Where watches have their numbers, many in one array: each by itself would take four times the memory. */
export class SeasonRows {
  #numbers = new Float64Array(0);
  #used = 0;

  next(): SeasonWatch {
    if (this.#used === this.#numbers.length) {
      this.#numbers = new Float64Array(ROWS_TOGETHER * ROW);
      this.#used = 0;
    }
    this.#used += ROW;
    return new SeasonWatch(this.#numbers, this.#used - ROW);
  }
}

export class SeasonWatch {
  constructor(
    private readonly numbers = new Float64Array(ROW),
    private readonly at = 0,
  ) {
    // No day yet.
    numbers[at + DAY] = Number.MIN_SAFE_INTEGER;
    numbers[at + FROM_HOUR] = NONE;
  }

  /** Attempts come in the order of time. */
  observe(succeeded: boolean, timeMs: number): SeasonTurn | undefined {
    const day = Math.floor(timeMs / DAY_MS);
    const turn = day > this.#get(DAY) ? this.#begin(day) : undefined;
    const hour = Math.floor(timeMs / HOUR_MS) - HOURS * day;
    const cos = COS[hour] ?? 0;
    const sin = SIN[hour] ?? 0;
    this.#add(ATTEMPTS, 1);
    this.#add(ATTEMPTS_X, cos);
    this.#add(ATTEMPTS_Y, sin);
    if (!succeeded) {
      this.#add(FAILURES, 1);
      this.#add(FAILURES_X, cos);
      this.#add(FAILURES_Y, sin);
    }
    return turn;
  }

  /** Of the days of the present block that have ended; undefined where they do not tell. */
  get pValue(): number | undefined {
    return this.#block.pValue();
  }

  freeze(): FrozenSeasonWatch {
    return [...this.numbers.subarray(this.at, this.at + ROW)];
  }

  /** Takes what `freeze` gave. */
  restore(frozen: FrozenSeasonWatch): void {
    for (let i = 0; i < ROW; i += 1) this.numbers[this.at + i] = frozen[i] ?? 0;
  }

  get #block(): WaveSums {
    return new WaveSums(this.numbers, this.at + WAVE);
  }

  #get(place: number): number {
    return this.numbers[this.at + place] ?? 0;
  }

  #add(place: number, much: number): void {
    this.numbers[this.at + place] = this.#get(place) + much;
  }

  /** Ends the day before and judges the block that it belongs to. */
  #begin(day: number): SeasonTurn | undefined {
    let turn: SeasonTurn | undefined;
    if (this.#get(ATTEMPTS) > 0) {
      const rate = this.#get(FAILURES) / this.#get(ATTEMPTS);
      this.#block.add(
        this.#get(FAILURES_X) - rate * this.#get(ATTEMPTS_X),
        this.#get(FAILURES_Y) - rate * this.#get(ATTEMPTS_Y),
      );
      this.#add(BLOCK_FAILURES, this.#get(FAILURES));
      turn = this.#judge();
    }
    this.numbers.fill(0, this.at + ATTEMPTS, this.at + BLOCK_FAILURES);
    this.numbers[this.at + DAY] = day;
    return turn;
  }

  #judge(): SeasonTurn | undefined {
    const block = this.#block;
    const isWhole = block.cycles >= BLOCK_DAYS;
    const known = this.#get(FROM_HOUR);
    // A confirmed pattern is judged by whole blocks.
    if (block.cycles < DAYS_MIN || (known !== NONE && !isWhole)) return undefined;
    const pValue = this.#get(BLOCK_FAILURES) < FAILURES_MIN ? 1 : (block.pValue() ?? 1);
    // Twelve hours around the peak; an hour counts from its beginning.
    const fromHour = Math.ceil(HOURS * block.peak - HOURS / 4 + HOURS) % HOURS;
    if (isWhole || pValue < CONFIRMED_BELOW) {
      this.numbers.fill(0, this.at + WAVE, this.at + ROW);
      this.numbers[this.at + BLOCK_FAILURES] = 0;
    }
    if (known !== NONE && pValue < KEPT_BELOW && distance(known, fromHour) <= SHIFT_HOURS_MAX) {
      return undefined;
    }
    const isConfirmed = pValue < CONFIRMED_BELOW;
    this.numbers[this.at + FROM_HOUR] = isConfirmed ? fromHour : NONE;
    if (isConfirmed) return { kind: 'confirmed', fromHour };
    return known === NONE ? undefined : { kind: 'gone' };
  }
}

/** Hours between two hours of the day, the shorter way. */
function distance(a: number, b: number): number {
  const hours = Math.abs(a - b);
  return Math.min(hours, HOURS - hours);
}
