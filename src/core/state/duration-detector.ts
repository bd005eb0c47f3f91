/**
 * Tells whether the durations of one stream have become longer or shorter. Durations have no common distribution:
 * each is therefore replaced by the normal score of its rank among the first ones of the regime, and a change of
 * the scores' mean is looked for at every possible moment, as ChangeDetector does for success rates.
 */
import { begunLately } from './begun-lately.js';
import { GivenUp, NO_SUMS, withScore, without, type FrozenGivenUp, type Sums } from './given-up.js';
import { CORNER, Hull } from './hull.js';
import { rankScore, REFERENCE_SIZE, takeIn } from './rank-score.js';

/** Smallest difference of mean scores that is looked for, in standard deviations. */
const EFFECT_MIN = 0.25;
/**
 * Least variance of a score that is reckoned with; without ties it is about 0.95. Where most durations are equal, their
 * scores hardly vary, and a few that are not would each count as dozens of standard deviations. At 0.7 five scores of
 * an end (2.2 each) weigh 17 nats, which is about how rare five in a row are where they are 3 % of all.
 */
const VARIANCE_MIN = 0.7;
const BEFORE_MIN = 10;
const AFTER_MIN = 5;
/** Looking at every fourth duration comes one or two durations later; while nothing shows, every 16th does. */
const LOOK_EVERY = 4;
const LOOK_SELDOM = 16;
/** Evidence below this share of an alarm is nothing. */
const NOTHING = 1 / 3;

export type DurationDirection = 'slower' | 'faster';

export interface DurationChange {
  readonly direction: DurationDirection;
  /** Time of the last duration before the change, Unix milliseconds. */
  readonly timeMs: number;
  /** Median durations of the regime before and of what came after, at most 64 of each. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

export interface DurationEvidence {
  /** As in ChangeDetector; −Infinity when no moment comes into question. */
  readonly nats: number;
  readonly direction: DurationDirection | undefined;
}

export type FrozenDurationDetector = readonly [
  count: number,
  sum: number,
  squares: number,
  reference: readonly number[],
  recent: readonly number[],
  slower: readonly number[],
  faster: readonly number[],
  watchful: boolean,
  /** Null without any; undefined in snapshots of before it was kept. */
  givenUp?: FrozenGivenUp | null | undefined,
];

/** The evidence that keeps the mean number of durations to a false alarm above `gamma`. */
export function durationThreshold(gamma: number): number {
  return 1.15 * Math.log(gamma) - 1;
}

export class DurationDetector {
  /** Durations since the last change, their summed scores and squared scores. */
  #count = 0;
  #sum = 0;
  #squares = 0;
  /** Ascending. */
  #reference: number[] = [];
  /** The newest durations with their times, [duration, time, …], oldest first. */
  #recent: number[] = [];
  #slower = new Hull(1);
  #faster = new Hull(-1);
  /** The last look saw something. */
  #isWatchful = false;
  /** Undefined while there is none, as mostly: there are thousands of detectors. */
  #givenUp: GivenUp | undefined;

  /** Durations since the last change, or since the start. */
  get count(): number {
    return this.#count;
  }

  /** Median of the regime's first durations; undefined before the first. */
  get typicalMs(): number | undefined {
    return this.#reference[this.#reference.length >> 1];
  }

  /** Whether the next duration is looked at; otherwise its threshold does not matter. */
  get isLookDue(): boolean {
    return (this.#count + 1) % (this.#isWatchful ? LOOK_EVERY : LOOK_SELDOM) === 0;
  }

  /** Takes the next duration. An alarm makes what came after the change the new regime. */
  observe(durationMs: number, timeMs: number, threshold: number): DurationChange | undefined {
    const look = this.isLookDue;
    this.#take(durationMs, timeMs);
    if (!look) return undefined;
    const found = this.#look();
    this.#isWatchful = found.nats > threshold * NOTHING;
    return found.nats >= threshold ? this.#restart(found) : undefined;
  }

  /**
   * Takes what did not end and is waited for no longer. It is no duration, and what goes on is judged beside it. What
   * was given up sooner than most end is not among that.
   */
  giveUp(durationMs: number, startMs: number): void {
    if (startMs < this.#beganMs || durationMs < (this.typicalMs ?? Infinity)) return;
    this.#givenUp ??= new GivenUp();
    this.#givenUp.add(durationMs, startMs, (ms) => rankScore(this.#reference, ms));
  }

  /** The evidence now. */
  evidence(): DurationEvidence {
    return this.#look();
  }

  /**
   * The evidence that what began lately takes longer, with what goes on among it at its age: whatever becomes of
   * that, it is at least that long, so in a stream that does not change no score is too high. Nothing is kept of it.
   */
  evidenceGoingOn(agesMs: readonly number[], nowMs: number): DurationEvidence {
    const { typicalMs } = this;
    const givenUp = this.#givenUp?.remembered ?? [];
    const begun = begunLately(this.#recent, { agesMs, nowMs, typicalMs, givenUp });
    if (begun.length === 0) return { nats: Number.NEGATIVE_INFINITY, direction: undefined };
    const supposed = new DurationDetector();
    supposed.#startAfter(this.#sumsBeforeRecent(agesMs, nowMs));
    for (const { startMs, durationMs } of begun) {
      supposed.#count += 1;
      supposed.#add(rankScore(this.#reference, durationMs), startMs);
    }
    return supposed.#look();
  }

  freeze(): FrozenDurationDetector {
    return [
      this.#count,
      this.#sum,
      this.#squares,
      [...this.#reference],
      [...this.#recent],
      this.#slower.snapshot(),
      this.#faster.snapshot(),
      this.#isWatchful,
      this.#givenUp?.freeze() ?? null,
    ];
  }

  static thaw(frozen: FrozenDurationDetector): DurationDetector {
    const detector = new DurationDetector();
    const [count, sum, squares, reference, recent, slower, faster, isWatchful, givenUp] = frozen;
    detector.#isWatchful = isWatchful;
    detector.#count = count;
    detector.#sum = sum;
    detector.#squares = squares;
    detector.#reference = [...reference];
    detector.#recent = [...recent];
    detector.#slower.restore(slower);
    detector.#faster.restore(faster);
    if (givenUp === undefined) detector.#givenUp = new GivenUp({ count, sum, squares });
    else if (givenUp !== null) detector.#givenUp = GivenUp.thaw(givenUp);
    return detector;
  }

  #take(durationMs: number, timeMs: number): void {
    if (this.#count === 0) {
      this.#slower.push(0, 0, 0, timeMs);
      this.#faster.push(0, 0, 0, timeMs);
    }
    const z = takeIn(this.#reference, durationMs);
    this.#count += 1;
    this.#add(z, timeMs);
    if (this.#recent.length === 4 * REFERENCE_SIZE) this.#recent.splice(0, 2 * REFERENCE_SIZE);
    this.#recent.push(durationMs, timeMs);
  }

  #add(z: number, timeMs: number): void {
    this.#sum += z;
    this.#squares += z * z;
    this.#slower.hide(this.#count, this.#sum);
    this.#slower.push(this.#count, this.#sum, 0, timeMs);
    this.#faster.hide(this.#count, this.#sum);
    this.#faster.push(this.#count, this.#sum, 0, timeMs);
  }

  /** When the first duration of the regime ended. */
  get #beganMs(): number {
    return this.#slower.length === 0 ? Infinity : (this.#slower.corners[3] ?? 0);
  }

  /**
   * Everything before the remembered durations, as one, with what began then and never ended; nothing where that is
   * hardly anything.
   */
  #sumsBeforeRecent(agesMs: readonly number[], nowMs: number): Sums {
    const scoreOf = (ms: number): number => rankScore(this.#reference, ms);
    const all = { count: this.#count, sum: this.#sum, squares: this.#squares };
    let { count, sum, squares } = without(all, this.#givenUp?.unwatched ?? NO_SUMS);
    if (count - this.#recent.length / 2 < REFERENCE_SIZE) return NO_SUMS;
    for (let i = 0; i < this.#recent.length; i += 2) {
      const z = scoreOf(this.#recent[i] ?? 0);
      count -= 1;
      sum -= z;
      squares -= z * z;
    }
    const fromMs = this.#recent[1] ?? 0;
    let before: Sums = { count, sum, squares };
    before = this.#givenUp?.addedTo(before, fromMs, scoreOf) ?? before;
    for (const ageMs of agesMs) {
      const startMs = nowMs - ageMs;
      if (startMs >= this.#beganMs && startMs < fromMs) before = withScore(before, scoreOf(ageMs));
    }
    return before;
  }

  #startAfter({ count, sum, squares }: Sums): void {
    for (const hull of [this.#slower, this.#faster]) {
      hull.push(0, 0, 0, 0);
      if (count > 0) hull.push(count, sum, 0, 0);
    }
    this.#count = count;
    this.#sum = sum;
    this.#squares = squares;
  }

  /** Evidence over all moments, and the best of them. */
  #look(): Found {
    const t = this.#count;
    const measured = this.#squares - this.#sum ** 2 / t;
    const spread = Math.max(measured, VARIANCE_MIN * t);
    if (t < BEFORE_MIN + AFTER_MIN || measured <= 1e-9 * t) return NOTHING_FOUND;
    const weight = Math.log((EFFECT_MIN ** 2 * t) / (2 * spread));
    let greatest = Number.NEGATIVE_INFINITY;
    let total = 0;
    let direction: DurationDirection | undefined;
    let at = 0;
    let timeMs = 0;
    for (const hull of [this.#slower, this.#faster]) {
      const { corners, length } = hull;
      for (let i = 0; i < length; i += CORNER) {
        const n0 = corners[i] ?? 0;
        const n1 = t - n0;
        if (n0 < BEFORE_MIN) continue;
        if (n1 < AFTER_MIN) break;
        const s0 = corners[i + 1] ?? 0;
        const rise = (this.#sum - s0) / n1 - s0 / n0;
        if (Math.abs(rise) < EFFECT_MIN) continue;
        const between = Math.min(0.999_999, (((n0 * n1) / t) * rise * rise) / spread);
        const evidence =
          (-(t - 2) / 2) * Math.log1p(-between) + weight + Math.log(Math.min(n0, n1));
        if (evidence > greatest) {
          total = total * Math.exp(greatest - evidence) + 1;
          greatest = evidence;
          direction = hull === this.#slower ? 'slower' : 'faster';
          at = n0;
          timeMs = corners[i + 3] ?? 0;
        } else {
          total += Math.exp(evidence - greatest);
        }
      }
    }
    if (direction === undefined) return NOTHING_FOUND;
    return { nats: greatest + Math.log(total), direction, at, timeMs };
  }

  /** What came after the change, as far as it is remembered, begins the new regime. */
  #restart({ direction, at, timeMs }: Found): DurationChange {
    const after = this.#recent.slice(-2 * Math.min(REFERENCE_SIZE, this.#count - at));
    const beforeMs = this.typicalMs ?? 0;
    this.#count = 0;
    this.#sum = 0;
    this.#squares = 0;
    this.#reference = [];
    this.#recent = [];
    this.#slower = new Hull(1);
    this.#faster = new Hull(-1);
    this.#givenUp = this.#givenUp?.since(after[1] ?? 0);
    for (let i = 0; i < after.length; i += 2) this.#take(after[i] ?? 0, after[i + 1] ?? 0);
    const afterMs = this.typicalMs ?? 0;
    return { direction: direction ?? 'slower', timeMs, beforeMs, afterMs };
  }
}

interface Found extends DurationEvidence {
  readonly at: number;
  readonly timeMs: number;
}

const NOTHING_FOUND: Found = {
  nats: Number.NEGATIVE_INFINITY,
  direction: undefined,
  at: 0,
  timeMs: 0,
};
