/** What results say about how good strategies are, and how probably each is the best. */
import { logBeta } from '../core/beta.js';
import { normalQuantile, normalTail } from '../core/normal.js';

/** How one strategy did on one failure type: attempts that ran. */
export interface Arm {
  readonly failureType: string;
  readonly strategy: string;
  readonly attempts: number;
  readonly succeeded: number;
}

export interface Prior {
  readonly a: number;
  readonly b: number;
}

/** What is known of a success rate: Beta(a, b). */
export interface Posterior {
  readonly arm: Arm;
  readonly a: number;
  readonly b: number;
  readonly mean: number;
  readonly deviation: number;
}

/** The fleet's experience weighs as much as so many attempts, at most. */
const PRIOR_ATTEMPTS_MAX = 10;
/** Rates of fewer attempts say too little about how rates vary. */
const PRIOR_ATTEMPTS_MIN_PER_ARM = 5;
/** Beyond these, the candidates with the least promise are left out: the work grows with the square. */
const CANDIDATES_MAX = 20;
/** e to this is nothing beside a density of which any share is told. */
const LOG_NOTHING = -60;
/** So many standard deviations above its middle a normal distribution has ended. */
const FAR = 6;
/** Below it the rough look is sure enough. */
const MAY_STAND_OUT = 0.55;
/** Middles of nine equal shares of the normal distribution. */
const ROUGH_STEPS = Array.from({ length: 9 }, (_, i) => normalQuantile((i + 0.5) / 9));
/** Where the log odds of each rate are looked at, in standard deviations from their middle. */
const STEPS = [
  ...Array.from({ length: 17 }, (_, i) => (i - 8) * 0.75),
  ...[-20, -14, -10, -7.5, 7.5, 10, 14, 20],
];

/** How rates vary over the fleet, as a Beta distribution of the same mean and variance. */
export function fleetPrior(arms: readonly Arm[]): Prior {
  const known = arms.filter(({ attempts }) => attempts >= PRIOR_ATTEMPTS_MIN_PER_ARM);
  if (known.length < 2) return { a: 0.5, b: 0.5 };
  const average = (of: (arm: Arm) => number): number =>
    known.reduce((sum, arm) => sum + of(arm), 0) / known.length;
  const mean = Math.min(0.99, Math.max(0.01, average(rateOf)));
  const spread = average((arm) => (rateOf(arm) - mean) ** 2);
  // Part of the spread is only that each rate is measured on few attempts.
  const noise = average(({ attempts }) => (mean * (1 - mean)) / attempts);
  const variance = Math.max(1e-6, spread - noise);
  const weight = Math.min(PRIOR_ATTEMPTS_MAX, Math.max(1, (mean * (1 - mean)) / variance - 1));
  return { a: mean * weight, b: (1 - mean) * weight };
}

/** Of the twenty most promising. */
export function posteriors(arms: readonly Arm[], prior: Prior): Posterior[] {
  return arms
    .map((arm): Posterior => {
      const a = prior.a + arm.succeeded;
      const b = prior.b + arm.attempts - arm.succeeded;
      const mean = a / (a + b);
      return { arm, a, b, mean, deviation: Math.sqrt((mean * (1 - mean)) / (a + b + 1)) };
    })
    .sort((x, y) => y.mean + 2 * y.deviation - (x.mean + 2 * x.deviation))
    .slice(0, CANDIDATES_MAX);
}

/**
 * False where no single one can be the best with a probability of 0.7: a rough look at the one with the highest rate, as
 * if all were normal, is far from it.
 */
export function oneMayStandOut(known: readonly Posterior[]): boolean {
  let first = known[0];
  if (first === undefined) return false;
  for (const one of known) if (one.mean > first.mean) first = one;
  let best = 0;
  let steps = ROUGH_STEPS.length;
  for (const z of ROUGH_STEPS) {
    const rate = first.mean + z * first.deviation;
    let all = 1;
    for (const other of known) {
      const beyond = (rate - other.mean) / other.deviation;
      if (other !== first && beyond < FAR) all *= 1 - normalTail(beyond);
    }
    best += all / ROUGH_STEPS.length;
    steps -= 1;
    // Were it the best at all steps that are left, it still would not stand out.
    if (best + steps / ROUGH_STEPS.length < MAY_STAND_OUT) return false;
  }
  return best >= MAY_STAND_OUT;
}

/**
 * ∫ f_i(x) ∏ F_j(x) dx over j ≠ i, as sums over a grid that is fine wherever any of them changes. In log odds every
 * density is smooth, also that of a strategy which never failed.
 */
export function probabilitiesOfBest(known: readonly Posterior[]): number[] {
  const points = gridFor(known);
  const logX = points.map((point) => Math.min(0, point) - Math.log1p(Math.exp(-Math.abs(point))));
  // Of the first between all points, then of the second …
  const shares = new Float64Array(known.length * points.length);
  for (const [i, posterior] of known.entries()) {
    const from = i * points.length;
    shareOut(shares.subarray(from, from + points.length), { points, logX }, posterior);
  }
  const below = new Float64Array(known.length);
  const wins = new Float64Array(known.length);
  for (let at = 1; at < points.length; at += 1) {
    let all = 1;
    for (let i = 0; i < known.length; i += 1) {
      all *= (below[i] ?? 0) + (shares[i * points.length + at] ?? 0) / 2;
    }
    for (let i = 0; i < known.length; i += 1) {
      const share = shares[i * points.length + at] ?? 0;
      if (share === 0) continue;
      wins[i] = (wins[i] ?? 0) + (share * all) / ((below[i] ?? 0) + share / 2);
      below[i] = (below[i] ?? 0) + share;
    }
  }
  const total = wins.reduce((sum, win) => sum + win, 0);
  return Array.from(wins, (win) => win / total);
}

/** Ascending. A point that several have in common stands there several times, and does no harm. */
function gridFor(known: readonly Posterior[]): Float64Array {
  const points = new Float64Array(known.length * STEPS.length);
  let length = 0;
  for (const { a, b } of known) {
    const middle = Math.log(a / b);
    const deviation = Math.sqrt(1 / a + 1 / b);
    for (const step of STEPS) {
      points[length] = middle + step * deviation;
      length += 1;
    }
  }
  return points.sort();
}

interface Grid {
  /** In log odds. */
  readonly points: Float64Array;
  /** The logarithms of the rates there. */
  readonly logX: Float64Array;
}

/** How much of the distribution lies between each point and the one before; together 1. */
function shareOut(shares: Float64Array, { points, logX }: Grid, { a, b }: Posterior): void {
  const logFront = logBeta(a, b);
  let density = 0;
  let before = points[0] ?? 0;
  let total = 0;
  for (let at = 0; at < points.length; at += 1) {
    // x^a (1 − x)^b at x = 1 / (1 + e^−point): dx brings one x and one 1 − x along.
    const point = points[at] ?? 0;
    const log = logX[at] ?? 0;
    const exponent = a * log + b * (log - point) - logFront;
    const next = exponent < LOG_NOTHING ? 0 : Math.exp(exponent);
    const share = ((density + next) / 2) * (point - before);
    shares[at] = share;
    total += share;
    density = next;
    before = point;
  }
  for (let at = 0; at < points.length; at += 1) shares[at] = (shares[at] ?? 0) / total;
}

function rateOf({ succeeded, attempts }: Arm): number {
  return succeeded / attempts;
}
