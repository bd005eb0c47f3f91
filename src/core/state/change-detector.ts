/**
 * Tells, after every result of one stream, whether its success rate has changed: a sequential likelihood-ratio
 * test over every possible moment of change, with the rate before it unknown. docs/analysis.md explains it.
 *
 * Results are seen as a path of points (results, successes). The best moment of a rise is always a corner of the
 * path's lower convex hull, that of a fall one of its upper hull (Romano, Eckley, Fearnhead, Rigaill 2023), and a
 * hull of n results has some log n corners: that is what makes looking at all moments cheap. The evidence is
 * summed over the moments in the manner of Shiryaev and Roberts, and shrunk when failures come in runs.
 */

/** Changes smaller than this are not looked for. */
const EFFECT_MIN = 0.05;
const BEFORE_MIN = 10;
const AFTER_MIN = 5;
/** The variance of a rate of 0.99: keeps the weights finite where nothing has failed yet. */
const VARIANCE_MIN = 0.0099;
const CORRELATION_MAX = 0.9;
/** Pulls the correlation of few results towards none. */
const CORRELATION_PRIOR = 5;
/** Numbers that a corner takes: results, successes, adjacent pairs of failures, time. */
const STRIDE = 4;

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

export class ChangeDetector {
  #attempts = 0;
  #successes = 0;
  #failurePairs = 0;
  #lastFailed = 0;
  /** Corners of the lower hull, flat: moments from which the rate may have risen. */
  #rising: number[] = [];
  /** Corners of the upper hull: moments from which it may have fallen. */
  #falling: number[] = [];

  // The outcome of the last evaluation; fields, so that a result allocates nothing.
  #greatest = Number.NEGATIVE_INFINITY;
  #sum = 0;
  #bestStack: number[] = this.#rising;
  #bestAt = 0;

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

  /** Takes the next result. An alarm makes the change the new origin: the evidence starts anew there. */
  observe(succeeded: boolean, timeMs: number, threshold: number): Change | undefined {
    if (this.#attempts === 0 && this.#rising.length === 0) {
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
    popHidden(this.#rising, this.#attempts, this.#successes, 1);
    popHidden(this.#falling, this.#attempts, this.#successes, -1);
    const change = this.#evaluate() >= threshold ? this.#rebase() : undefined;
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
      this.#rising,
      this.#falling,
    ];
  }

  static thaw(frozen: FrozenDetector): ChangeDetector {
    const detector = new ChangeDetector();
    const [attempts, successes, failurePairs, lastFailed, rising, falling] = frozen;
    detector.#attempts = attempts;
    detector.#successes = successes;
    detector.#failurePairs = failurePairs;
    detector.#lastFailed = lastFailed;
    detector.#rising = [...rising];
    detector.#falling = [...falling];
    return detector;
  }

  #evaluate(): number {
    this.#greatest = Number.NEGATIVE_INFINITY;
    this.#sum = 0;
    const p = (this.#successes + 1) / (this.#attempts + 2);
    const variance = Math.max(VARIANCE_MIN, p * (1 - p));
    const whole = logLikelihood(this.#successes, this.#attempts);
    const weight = Math.log((EFFECT_MIN * EFFECT_MIN) / (2 * variance));
    this.#weigh(this.#rising, whole, weight);
    this.#weigh(this.#falling, whole, weight);
    return this.#greatest + Math.log(this.#sum);
  }

  /** Adds the evidence of every corner of one hull. */
  #weigh(stack: number[], whole: number, weight: number): void {
    for (let i = 0; i < stack.length; i += STRIDE) {
      const n0 = stack[i] ?? 0;
      const n1 = this.#attempts - n0;
      if (n0 < BEFORE_MIN) continue;
      if (n1 < AFTER_MIN) return; // corners come in the order of their time
      const s0 = stack[i + 1] ?? 0;
      const s1 = this.#successes - s0;
      const p0 = s0 / n0;
      const p1 = s1 / n1;
      if (Math.abs(p1 - p0) < EFFECT_MIN) continue;
      const ratio = logLikelihood(s0, n0) + logLikelihood(s1, n1) - whole;
      const q0 = 1 - p0;
      const q1 = 1 - p1;
      const rho = correlation(
        this.#failurePairs - n0 * q0 * q0 - n1 * q1 * q1,
        n0 * q0 * p0 + n1 * q1 * p1,
      );
      // ln(min(n0, n1) · effect² / 2v): a scale of n* = 2v / effect² results weighs one.
      const evidence = (ratio * (1 - rho)) / (1 + rho) + weight + Math.log(Math.min(n0, n1));
      this.#add(evidence, stack, i);
    }
  }

  #add(evidence: number, stack: number[], at: number): void {
    const isLater = (stack[at] ?? 0) > (this.#bestStack[this.#bestAt] ?? 0);
    if (evidence > this.#greatest || (evidence === this.#greatest && isLater)) {
      this.#sum = this.#sum * Math.exp(this.#greatest - evidence) + 1;
      this.#greatest = evidence;
      this.#bestStack = stack;
      this.#bestAt = at;
    } else {
      this.#sum += Math.exp(evidence - this.#greatest);
    }
  }

  #direction(): Direction {
    return this.#bestStack === this.#rising ? 'improving' : 'degrading';
  }

  /** Makes the best moment of change the origin. */
  #rebase(): Change {
    const [n0 = 0, s0 = 0, pairs0 = 0, timeMs = 0] = this.#bestStack.slice(this.#bestAt);
    const change: Change = {
      direction: this.#direction(),
      timeMs,
      before: s0 / n0,
      after: (this.#successes - s0) / (this.#attempts - n0),
    };
    const moved = (stack: readonly number[]): number[] => {
      const kept = [0, 0, 0, timeMs];
      for (let i = 0; i < stack.length; i += STRIDE) {
        const [n = 0, s = 0, pairs = 0, at = 0] = stack.slice(i, i + STRIDE);
        if (n > n0) kept.push(n - n0, s - s0, pairs - pairs0, at);
      }
      return kept;
    };
    this.#rising = moved(this.#rising);
    this.#falling = moved(this.#falling);
    this.#attempts -= n0;
    this.#successes -= s0;
    this.#failurePairs -= pairs0;
    return change;
  }
}

/** Drops the corners that the newest point (n, s) takes off the hull; `turn` 1 for the lower, −1 for the upper. */
function popHidden(stack: number[], n: number, s: number, turn: number): void {
  let end = stack.length;
  while (end >= 2 * STRIDE) {
    const topN = stack[end - STRIDE] ?? 0;
    const topS = stack[end - STRIDE + 1] ?? 0;
    const underN = stack[end - 2 * STRIDE] ?? 0;
    const underS = stack[end - 2 * STRIDE + 1] ?? 0;
    const cross = (topN - underN) * (s - topS) - (topS - underS) * (n - topN);
    if (cross * turn > 0) break;
    end -= STRIDE;
  }
  if (end < stack.length) stack.length = end;
}

/** The greatest log likelihood of `s` successes in `n` results of one rate. */
function logLikelihood(s: number, n: number): number {
  return xLogX(s) + xLogX(n - s) - xLogX(n);
}

function xLogX(x: number): number {
  return X_LOG_X[x] ?? x * Math.log(x);
}

function correlation(excessPairs: number, variance: number): number {
  return Math.min(CORRELATION_MAX, Math.max(0, excessPairs / (variance + CORRELATION_PRIOR)));
}
