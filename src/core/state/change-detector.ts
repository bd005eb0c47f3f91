/**
 * Tells, after every result of one stream, whether its success rate has changed: a sequential likelihood-ratio
 * test over every possible moment of change, with the rate before it unknown. docs/analysis.md explains it.
 *
 * Results are seen as a path of points (results, successes). The best moment of a rise is always a corner of the
 * path's lower convex hull, that of a fall one of its upper hull (Romano, Eckley, Fearnhead, Rigaill 2023), and a
 * hull of n results has some log n corners: that is what makes looking at all moments cheap. The evidence is
 * summed over the moments in the manner of Shiryaev and Roberts, and shrunk when failures come in runs.
 */

import { CORNER, Hull } from './hull.js';

/** Changes smaller than one in twenty are not looked for; a whole number, so that the comparison is exact. */
const EFFECT_MIN_INVERSE = 20;
const BEFORE_MIN = 10;
const AFTER_MIN = 5;
/** The variance of a rate of 0.99: keeps the weights finite where nothing has failed yet. */
const VARIANCE_MIN = 0.0099;
/** The log weight of a moment is at most this, beside that of the results around it. */
const WEIGHT_MAX = -Math.log(2 * VARIANCE_MIN * EFFECT_MIN_INVERSE ** 2);
const CORRELATION_MAX = 0.9;
/** Pulls the correlation of few results towards none. */
const CORRELATION_PRIOR = 5;

const X_LOG_X_SIZE = 16_384;
const X_LOG_X = Float64Array.from({ length: X_LOG_X_SIZE }, (_, x) =>
  x === 0 ? 0 : x * Math.log(x),
);

export type Direction = 'improving' | 'degrading';

/** What an alarm found. */
export interface Change {
  readonly direction: Direction;
  /** Time of the last result before the change, Unix milliseconds. */
  readonly timeMs: number;
  /** Success rates of the results before and after, 0–1. */
  readonly before: number;
  readonly after: number;
  /** The evidence that it was found with. */
  readonly nats: number;
}

/** Results since the last change, or since the start. */
export interface Regime {
  readonly attempts: number;
  readonly successes: number;
  /** Failures that directly follow a failure: what the design effect is computed from. */
  readonly failurePairs: number;
}

export interface Evidence {
  /** Natural log of the summed, weighted likelihood ratio; −Infinity when no moment comes into question. */
  readonly nats: number;
  readonly direction: Direction | undefined;
}

export type FrozenDetector = readonly [
  attempts: number,
  successes: number,
  failurePairs: number,
  lastFailed: number,
  rising: readonly number[],
  falling: readonly number[],
];

/** The evidence that keeps the mean number of results to a false alarm above `gamma`, for any success rate. */
export function alarmThreshold(gamma: number): number {
  return 1.15 * Math.log(gamma) - 1.75;
}

/** How much alike neighbouring results are, 0–0.9: the lag-1 correlation of failures within one regime. */
export function failureCorrelation({ attempts, successes, failurePairs }: Regime): number {
  if (attempts === 0) return 0;
  const q = 1 - successes / attempts;
  return correlation(failurePairs - attempts * q * q, attempts * q * (1 - q));
}

/** The outcome of the newest evaluation, of whatever detector: kept by none, as each is one of ten thousand. */
const evaluated: { greatest: number; sum: number; hull: Hull | undefined; at: number } = {
  greatest: Number.NEGATIVE_INFINITY,
  sum: 0,
  hull: undefined,
  at: 0,
};
/** Nats by which a bound of the evidence must lie below a threshold: far more than rounding can make of it. */
const BOUND_MARGIN = 1;

function nats(): number {
  return evaluated.greatest + Math.log(evaluated.sum);
}

function add(evidence: number, hull: Hull, at: number): void {
  const { greatest } = evaluated;
  if (evidence > greatest || (evidence === greatest && isLater(hull, at))) {
    evaluated.sum = evaluated.sum * Math.exp(greatest - evidence) + 1;
    evaluated.greatest = evidence;
    evaluated.hull = hull;
    evaluated.at = at;
  } else {
    evaluated.sum += Math.exp(evidence - greatest);
  }
}

function isLater(hull: Hull, at: number): boolean {
  return (hull.corners[at] ?? 0) > (evaluated.hull?.corners[evaluated.at] ?? 0);
}

export class ChangeDetector {
  #attempts = 0;
  #successes = 0;
  #failurePairs = 0;
  #lastFailed = 0;
  /** Moments from which the rate may have risen. */
  readonly #rising = new Hull(1);
  /** Moments from which it may have fallen. */
  readonly #falling = new Hull(-1);

  get regime(): Regime {
    return {
      attempts: this.#attempts,
      successes: this.#successes,
      failurePairs: this.#failurePairs,
    };
  }

  get attempts(): number {
    return this.#attempts;
  }

  get successes(): number {
    return this.#successes;
  }

  /**
   * Takes the next result. An alarm makes the change the new origin: the evidence starts anew there. Without a
   * `look` the result is taken in, and what it changes is found at the next one.
   */
  observe(succeeded: boolean, timeMs: number, threshold: number, look = true): Change | undefined {
    if (this.#rising.length === 0) {
      this.#rising.push(0, 0, 0, timeMs);
      this.#falling.push(0, 0, 0, timeMs);
    }
    if (succeeded) {
      this.#successes += 1;
      this.#lastFailed = 0;
    } else {
      this.#failurePairs += this.#lastFailed;
      this.#lastFailed = 1;
    }
    this.#attempts += 1;
    this.#rising.hide(this.#attempts, this.#successes);
    this.#falling.hide(this.#attempts, this.#successes);
    const isAlarm = look && this.#mayReach(threshold) && this.#evaluate() >= threshold;
    const change = isAlarm ? this.#rebase() : undefined;
    this.#rising.push(this.#attempts, this.#successes, this.#failurePairs, timeMs);
    this.#falling.push(this.#attempts, this.#successes, this.#failurePairs, timeMs);
    return change;
  }

  evidence(): Evidence {
    const nats = this.#evaluate();
    return { nats, direction: Number.isFinite(nats) ? this.#direction() : undefined };
  }

  freeze(): FrozenDetector {
    return [
      this.#attempts,
      this.#successes,
      this.#failurePairs,
      this.#lastFailed,
      this.#rising.snapshot(),
      this.#falling.snapshot(),
    ];
  }

  static thaw(frozen: FrozenDetector): ChangeDetector {
    const detector = new ChangeDetector();
    const [attempts, successes, failurePairs, lastFailed, rising, falling] = frozen;
    detector.#attempts = attempts;
    detector.#successes = successes;
    detector.#failurePairs = failurePairs;
    detector.#lastFailed = lastFailed;
    detector.#rising.restore(rising);
    detector.#falling.restore(falling);
    return detector;
  }

  /**
   * Whether the evidence may be as much: mostly it is not by far, and that is told without a logarithm. The divergence of
   * two rates is at most their χ², so a log likelihood ratio is at most that of both sides against the whole.
   */
  #mayReach(threshold: number): boolean {
    const n = this.#attempts;
    const s = this.#successes;
    const corners = (this.#rising.length + this.#falling.length) / CORNER;
    const most = threshold - BOUND_MARGIN - WEIGHT_MAX - logBound(corners);
    const scale = n / (s * (n - s));
    return this.#mayWeigh(this.#rising, scale, most) || this.#mayWeigh(this.#falling, scale, most);
  }

  #mayWeigh({ corners, length }: Hull, scale: number, most: number): boolean {
    const attempts = this.#attempts;
    const successes = this.#successes;
    for (let i = 0; i < length; i += CORNER) {
      const n0 = corners[i] ?? 0;
      const n1 = attempts - n0;
      if (n0 < BEFORE_MIN) continue;
      if (n1 < AFTER_MIN) return false;
      const s0 = corners[i + 1] ?? 0;
      const apart = (successes - s0) * n0 - s0 * n1;
      if (Math.abs(apart) * EFFECT_MIN_INVERSE < n0 * n1) continue;
      const ratio = ((apart * apart) / (n0 * n1)) * scale;
      if (ratio + logBound(Math.min(n0, n1)) >= most) return true;
    }
    return false;
  }

  #evaluate(): number {
    evaluated.greatest = Number.NEGATIVE_INFINITY;
    evaluated.sum = 0;
    evaluated.hull = undefined;
    const p = (this.#successes + 1) / (this.#attempts + 2);
    const variance = Math.max(VARIANCE_MIN, p * (1 - p));
    const whole = logLikelihood(this.#successes, this.#attempts);
    const weight = -Math.log(2 * variance * EFFECT_MIN_INVERSE ** 2);
    this.#weigh(this.#rising, whole, weight);
    this.#weigh(this.#falling, whole, weight);
    return nats();
  }

  /** Adds the evidence of every corner of one hull. */
  #weigh(hull: Hull, whole: number, weight: number): void {
    const { corners, length } = hull;
    const attempts = this.#attempts;
    const successes = this.#successes;
    for (let i = 0; i < length; i += CORNER) {
      const n0 = corners[i] ?? 0;
      const n1 = attempts - n0;
      if (n0 < BEFORE_MIN) continue;
      if (n1 < AFTER_MIN) return; // corners come in the order of their time
      const s0 = corners[i + 1] ?? 0;
      const s1 = successes - s0;
      if (Math.abs(s1 * n0 - s0 * n1) * EFFECT_MIN_INVERSE < n0 * n1) continue;
      const p0 = s0 / n0;
      const p1 = s1 / n1;
      const ratio = logLikelihood(s0, n0) + logLikelihood(s1, n1) - whole;
      const q0 = 1 - p0;
      const q1 = 1 - p1;
      const rho = correlation(
        this.#failurePairs - n0 * q0 * q0 - n1 * q1 * q1,
        n0 * q0 * p0 + n1 * q1 * p1,
      );
      // ln(min(n0, n1) · effect² / 2v): a scale of n* = 2v / effect² results weighs one.
      const evidence = (ratio * (1 - rho)) / (1 + rho) + weight + Math.log(Math.min(n0, n1));
      add(evidence, hull, i);
    }
  }

  #direction(): Direction {
    return evaluated.hull === this.#rising ? 'improving' : 'degrading';
  }

  /** Makes the best moment of change the origin. */
  #rebase(): Change {
    const [n0 = 0, s0 = 0, pairs0 = 0, timeMs = 0] =
      evaluated.hull?.corners.slice(evaluated.at) ?? [];
    const change: Change = {
      direction: this.#direction(),
      timeMs,
      before: s0 / n0,
      after: (this.#successes - s0) / (this.#attempts - n0),
      nats: nats(),
    };
    this.#rising.rebase(n0, s0, pairs0, timeMs);
    this.#falling.rebase(n0, s0, pairs0, timeMs);
    this.#attempts -= n0;
    this.#successes -= s0;
    this.#failurePairs -= pairs0;
    return change;
  }
}

/** At least the logarithm of a whole number, by its bits. */
function logBound(n: number): number {
  return (32 - Math.clz32(n)) * Math.LN2;
}

/** The greatest log likelihood of `s` successes in `n` results of one rate. */
function logLikelihood(s: number, n: number): number {
  return xLogX(s) + xLogX(n - s) - xLogX(n);
}

function xLogX(x: number): number {
  return x < X_LOG_X_SIZE ? (X_LOG_X[x] ?? 0) : x * Math.log(x);
}

function correlation(excessPairs: number, variance: number): number {
  return Math.min(CORRELATION_MAX, Math.max(0, excessPairs / (variance + CORRELATION_PRIOR)));
}
