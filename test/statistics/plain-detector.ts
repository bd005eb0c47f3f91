/**
 * The rule of the success trend in the plainest form: a list of moments, the formula for each of them, in the words
 * of docs/analysis.md and without anything that makes the one in use fast. Parts of it can be left out, to see what
 * breaks then.
 */
import type { Change } from '../../src/core/state/change-detector.js';
import type { Detector } from './streams.js';

export interface Parts {
  /** Failures in runs count for less. */
  readonly designEffect?: boolean;
  /** Moments are weighed by the shorter of the stretches before and after. */
  readonly weight?: boolean;
  /** The evidence of all moments is added up; otherwise the greatest counts. */
  readonly sum?: boolean;
  /** Every moment is looked at for being a corner of the hull; otherwise corners are kept from one result to the next. */
  readonly everyMoment?: boolean;
}

interface Moment {
  readonly n: number;
  readonly s: number;
  readonly pairs: number;
  readonly timeMs: number;
}

interface Weighed {
  readonly moment: Moment;
  readonly evidence: number;
  readonly rises: boolean;
}

export class PlainDetector implements Detector {
  readonly #parts: Required<Parts>;
  #newest: Moment | undefined;
  #rising: Moment[] = [];
  #falling: Moment[] = [];
  /** The corners again, by their definition; only where every moment is looked at. */
  #lower = new CornersByDefinition(1);
  #upper = new CornersByDefinition(-1);
  #lastFailed = false;

  constructor(parts: Parts = {}) {
    this.#parts = { designEffect: true, weight: true, sum: true, everyMoment: false, ...parts };
  }

  observe(succeeded: boolean, timeMs: number, threshold: number): Change | undefined {
    if (this.#newest === undefined) this.#push({ n: 0, s: 0, pairs: 0, timeMs });
    const { n, s, pairs } = this.#now;
    this.#push({
      n: n + 1,
      s: s + (succeeded ? 1 : 0),
      pairs: pairs + (!succeeded && this.#lastFailed ? 1 : 0),
      timeMs,
    });
    this.#lastFailed = !succeeded;
    const weighed = this.#weighed();
    const nats = this.#nats(weighed);
    if (nats < threshold) return undefined;
    const best = weighed.reduce((a, b) =>
      b.evidence > a.evidence || (b.evidence === a.evidence && b.moment.n > a.moment.n) ? b : a,
    );
    return this.#beginAnewAt(best, nats);
  }

  evidence(): number {
    return this.#nats(this.#weighed());
  }

  get #now(): Moment {
    if (this.#newest === undefined) throw new Error('nothing observed');
    return this.#newest;
  }

  #push(moment: Moment): void {
    this.#newest = moment;
    this.#pushTo(1, moment);
    this.#pushTo(-1, moment);
  }

  #pushTo(turn: 1 | -1, moment: Moment): void {
    if (this.#parts.everyMoment) (turn === 1 ? this.#lower : this.#upper).add(moment);
    else extend(turn === 1 ? this.#rising : this.#falling, moment, turn);
  }

  /** The newest moment may be among them; too little comes after it to be weighed. */
  #corners(turn: 1 | -1): readonly Moment[] {
    if (this.#parts.everyMoment) return (turn === 1 ? this.#lower : this.#upper).corners();
    return turn === 1 ? this.#rising : this.#falling;
  }

  #weighed(): Weighed[] {
    return [...this.#weigh(this.#corners(1), true), ...this.#weigh(this.#corners(-1), false)];
  }

  #weigh(moments: readonly Moment[], rises: boolean): Weighed[] {
    const now = this.#now;
    const p = (now.s + 1) / (now.n + 2);
    const variance = Math.max(0.0099, p * (1 - p));
    return moments.flatMap((moment): Weighed[] => {
      const [n0, n1] = [moment.n, now.n - moment.n];
      const [s0, s1] = [moment.s, now.s - moment.s];
      // In whole numbers, so that a difference of exactly one in twenty counts.
      if (n0 < 10 || n1 < 5 || 20 * Math.abs(s1 * n0 - s0 * n1) < n0 * n1) return [];
      const ratio = g(s0, n0) + g(s1, n1) - g(now.s, now.n);
      const [q0, q1] = [1 - s0 / n0, 1 - s1 / n1];
      const spread = n0 * q0 * (1 - q0) + n1 * q1 * (1 - q1);
      const excess = now.pairs - n0 * q0 * q0 - n1 * q1 * q1;
      const rho = this.#parts.designEffect ? Math.min(0.9, Math.max(0, excess / (spread + 5))) : 0;
      const weight = this.#parts.weight
        ? Math.log((Math.min(n0, n1) * 0.05 ** 2) / (2 * variance))
        : 0;
      return [{ moment, rises, evidence: (ratio * (1 - rho)) / (1 + rho) + weight }];
    });
  }

  #nats(weighed: readonly Weighed[]): number {
    if (weighed.length === 0) return Number.NEGATIVE_INFINITY;
    const greatest = Math.max(...weighed.map(({ evidence }) => evidence));
    if (!this.#parts.sum) return greatest;
    return (
      greatest +
      Math.log(weighed.reduce((total, { evidence }) => total + Math.exp(evidence - greatest), 0))
    );
  }

  /** What was no corner of its side any more stays out of the question. */
  #beginAnewAt({ moment, rises }: Weighed, nats: number): Change {
    const now = this.#now;
    const sides = [1, -1] as const;
    const kept = sides.map((turn) => [
      moment,
      ...this.#corners(turn).filter(({ n }) => n > moment.n && n < now.n),
      now,
    ]);
    this.#rising = [];
    this.#falling = [];
    this.#lower = new CornersByDefinition(1);
    this.#upper = new CornersByDefinition(-1);
    for (const [i, turn] of sides.entries()) {
      for (const { n, s, pairs, timeMs } of kept[i] ?? []) {
        const one = { n: n - moment.n, s: s - moment.s, pairs: pairs - moment.pairs, timeMs };
        this.#pushTo(turn, one);
        this.#newest = one;
      }
    }
    return {
      direction: rises ? 'improving' : 'degrading',
      timeMs: moment.timeMs,
      before: moment.s / moment.n,
      after: (now.s - moment.s) / (now.n - moment.n),
      nats,
    };
  }
}

/** `turn` is 1 for the lower side of the path, −1 for the upper. */
function extend(corners: Moment[], next: Moment, turn: 1 | -1): void {
  for (;;) {
    const [under, top] = [corners.at(-2), corners.at(-1)];
    if (under === undefined || top === undefined) break;
    const cross = (top.n - under.n) * (next.s - top.s) - (top.s - under.s) * (next.n - top.n);
    if (cross * turn > 0) break;
    corners.pop();
  }
  corners.push(next);
}

/**
 * A moment is a corner when the steepest line to it from what comes before is flatter than the flattest from it to what
 * comes after (for the lower side; the other way round for the upper). The first and the newest moment are none.
 */
class CornersByDefinition {
  readonly #moments: Moment[] = [];
  /** By moment. */
  readonly #steepestBefore: number[] = [];
  readonly #flattestAfter: number[] = [];

  constructor(readonly turn: 1 | -1) {}

  add(next: Moment): void {
    let steepest = Number.NEGATIVE_INFINITY;
    for (const [i, one] of this.#moments.entries()) {
      const slope = (this.turn * (next.s - one.s)) / (next.n - one.n);
      steepest = Math.max(steepest, slope);
      this.#flattestAfter[i] = Math.min(this.#flattestAfter[i] ?? Number.POSITIVE_INFINITY, slope);
    }
    this.#moments.push(next);
    this.#steepestBefore.push(steepest);
    this.#flattestAfter.push(Number.POSITIVE_INFINITY);
  }

  corners(): Moment[] {
    const last = this.#moments.length - 1;
    return this.#moments.filter(
      (_, i) => i > 0 && i < last && (this.#steepestBefore[i] ?? 0) < (this.#flattestAfter[i] ?? 0),
    );
  }
}

/** s ln s + (n − s) ln (n − s) − n ln n. */
function g(s: number, n: number): number {
  const xLogX = (x: number): number => (x === 0 ? 0 : x * Math.log(x));
  return xLogX(s) + xLogX(n - s) - xLogX(n);
}
