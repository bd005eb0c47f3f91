/**
 * Watches one strategy for hours of the day at which it fails more often, as its attempts come: the test that
 * analysis/seasonality.ts makes of weeks kept by the hour, from sums of the present day and of the days before it.
 * The two agree: with residuals centred by attempts the point of a day does not depend on the overall rate,
 *
 *   U = Σ failures (cos, sin) − F / N · Σ attempts (cos, sin)
 */
import { DAY_MS, HOUR_MS } from '../rollup.js';
import { WaveSums, type FrozenWave } from './wave-sums.js';

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

export type FrozenSeasonWatch = readonly [
  today: readonly number[],
  block: FrozenWave,
  blockFailures: number,
  fromHour: number | null,
];

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) - HOURS * Math.floor(timeMs / DAY_MS);
}

export class SeasonWatch {
  /** Number of the present day since 1970. */
  #day = Number.MIN_SAFE_INTEGER;
  #attempts = 0;
  #failures = 0;
  #attemptsX = 0;
  #attemptsY = 0;
  #failuresX = 0;
  #failuresY = 0;
  #block = new WaveSums();
  #blockFailures = 0;
  /** Of the confirmed pattern. */
  #fromHour: number | undefined;

  /** Attempts come in the order of time. */
  observe(succeeded: boolean, timeMs: number): SeasonTurn | undefined {
    const day = Math.floor(timeMs / DAY_MS);
    const turn = day > this.#day ? this.#begin(day) : undefined;
    const hour = Math.floor(timeMs / HOUR_MS) - HOURS * day;
    const cos = COS[hour] ?? 0;
    const sin = SIN[hour] ?? 0;
    this.#attempts += 1;
    this.#attemptsX += cos;
    this.#attemptsY += sin;
    if (!succeeded) {
      this.#failures += 1;
      this.#failuresX += cos;
      this.#failuresY += sin;
    }
    return turn;
  }

  /** Of the days of the present block that have ended; undefined where they do not tell. */
  get pValue(): number | undefined {
    return this.#block.pValue();
  }

  freeze(): FrozenSeasonWatch {
    const today = [
      this.#day,
      this.#attempts,
      this.#failures,
      this.#attemptsX,
      this.#attemptsY,
      this.#failuresX,
      this.#failuresY,
    ];
    return [today, this.#block.freeze(), this.#blockFailures, this.#fromHour ?? null];
  }

  static thaw([today, block, blockFailures, fromHour]: FrozenSeasonWatch): SeasonWatch {
    const watch = new SeasonWatch();
    const [day = 0, attempts = 0, failures = 0, ax = 0, ay = 0, fx = 0, fy = 0] = today;
    watch.#day = day;
    watch.#attempts = attempts;
    watch.#failures = failures;
    watch.#attemptsX = ax;
    watch.#attemptsY = ay;
    watch.#failuresX = fx;
    watch.#failuresY = fy;
    watch.#block = WaveSums.thaw(block);
    watch.#blockFailures = blockFailures;
    watch.#fromHour = fromHour ?? undefined;
    return watch;
  }

  /** Ends the day before and judges the block that it belongs to. */
  #begin(day: number): SeasonTurn | undefined {
    let turn: SeasonTurn | undefined;
    if (this.#attempts > 0) {
      const rate = this.#failures / this.#attempts;
      this.#block.add(
        this.#failuresX - rate * this.#attemptsX,
        this.#failuresY - rate * this.#attemptsY,
      );
      this.#blockFailures += this.#failures;
      turn = this.#judge();
    }
    this.#day = day;
    this.#attempts = 0;
    this.#failures = 0;
    this.#attemptsX = 0;
    this.#attemptsY = 0;
    this.#failuresX = 0;
    this.#failuresY = 0;
    return turn;
  }

  #judge(): SeasonTurn | undefined {
    const { cycles } = this.#block;
    const isWhole = cycles >= BLOCK_DAYS;
    const known = this.#fromHour;
    // A confirmed pattern is judged by whole blocks.
    if (cycles < DAYS_MIN || (known !== undefined && !isWhole)) return undefined;
    const pValue = this.#blockFailures < FAILURES_MIN ? 1 : (this.pValue ?? 1);
    // Twelve hours around the peak; an hour counts from its beginning.
    const fromHour = Math.ceil(HOURS * this.#block.peak - HOURS / 4 + HOURS) % HOURS;
    if (isWhole || pValue < CONFIRMED_BELOW) {
      this.#block = new WaveSums();
      this.#blockFailures = 0;
    }
    if (known !== undefined && pValue < KEPT_BELOW && distance(known, fromHour) <= SHIFT_HOURS_MAX)
      return undefined;
    this.#fromHour = pValue < CONFIRMED_BELOW ? fromHour : undefined;
    if (this.#fromHour !== undefined) return { kind: 'confirmed', fromHour };
    return known === undefined ? undefined : { kind: 'gone' };
  }
}

/** Hours between two hours of the day, the shorter way. */
function distance(a: number, b: number): number {
  const hours = Math.abs(a - b);
  return Math.min(hours, HOURS - hours);
}
