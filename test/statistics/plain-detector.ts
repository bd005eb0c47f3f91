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
  #path: Moment[] = [];
  #rising: Moment[] = [];
  #falling: Moment[] = [];
  #lastFailed = false;

  constructor(parts: Parts = {}) {
    this.#parts = { designEffect: true, weight: true, sum: true, everyMoment: false, ...parts };
  }

  observe(succeeded: boolean, timeMs: number, threshold: number): Change | undefined {
    if (this.#path.length === 0) this.#push({ n: 0, s: 0, pairs: 0, timeMs });
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
    const now = this.#path.at(-1);
    if (now === undefined) throw new Error('nothing observed');
    return now;
  }

  #push(moment: Moment): void {
    this.#path.push(moment);
    if (this.#parts.everyMoment) return;
    extend(this.#rising, moment, 1);
    extend(this.#falling, moment, -1);
  }

  #weighed(): Weighed[] {
    if (!this.#parts.everyMoment) {
      return [...this.#weigh(this.#rising, true), ...this.#weigh(this.#falling, false)];
    }
    return [
      ...this.#weigh(cornersOf(this.#path, 1), true),
      ...this.#weigh(cornersOf(this.#path, -1), false),
    ];
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

  #beginAnewAt({ moment, rises }: Weighed, nats: number): Change {
    const now = this.#now;
    const later = this.#path.filter(({ n }) => n >= moment.n);
    this.#path = [];
    this.#rising = [];
    this.#falling = [];
    for (const { n, s, pairs, timeMs } of later) {
      this.#push({ n: n - moment.n, s: s - moment.s, pairs: pairs - moment.pairs, timeMs });
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
 * By definition: a moment is a corner when the steepest line to it from what comes before is flatter than the
 * flattest from it to what comes after (for the lower side; the other way round for the upper). The newest moment
 * is none yet.
 */
function cornersOf(path: readonly Moment[], turn: 1 | -1): Moment[] {
  return path.slice(1, -1).filter((moment, i) => {
    const slope = (a: Moment, b: Moment): number => (turn * (b.s - a.s)) / (b.n - a.n);
    const before = Math.max(...path.slice(0, i + 1).map((one) => slope(one, moment)));
    const after = Math.min(...path.slice(i + 2).map((one) => slope(moment, one)));
    return before < after;
  });
}

/** s ln s + (n − s) ln (n − s) − n ln n. */
function g(s: number, n: number): number {
  const xLogX = (x: number): number => (x === 0 ? 0 : x * Math.log(x));
  return xLogX(s) + xLogX(n - s) - xLogX(n);
}
