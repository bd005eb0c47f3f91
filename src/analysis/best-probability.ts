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
  const rates = known.map(({ succeeded, attempts }) => succeeded / attempts);
  const mean = Math.min(0.99, Math.max(0.01, average(rates)));
  const spread = average(rates.map((rate) => (rate - mean) ** 2));
  // Part of the spread is only that each rate is measured on few attempts.
  const noise = average(known.map(({ attempts }) => (mean * (1 - mean)) / attempts));
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
  const [first] = [...known].sort((x, y) => y.mean - x.mean);
  if (first === undefined) return false;
  let best = 0;
  for (const z of ROUGH_STEPS) {
    const rate = first.mean + z * first.deviation;
    let all = 1;
    for (const other of known) {
      if (other !== first) all *= 1 - normalTail((rate - other.mean) / other.deviation);
    }
    best += all / ROUGH_STEPS.length;
  }
  return best >= MAY_STAND_OUT;
}

/**
 * ∫ f_i(x) ∏ F_j(x) dx over j ≠ i, as sums over a grid that is fine wherever any of them changes. In log odds every
 * density is smooth, also that of a strategy which never failed.
 */
export function probabilitiesOfBest(known: readonly Posterior[]): number[] {
  const grid = known.flatMap(({ a, b }) => {
    const middle = Math.log(a / b);
    const deviation = Math.sqrt(1 / a + 1 / b);
    return STEPS.map((step) => middle + step * deviation);
  });
  const points = Float64Array.from(new Set(grid)).sort();
  const logX = points.map((point) => Math.min(0, point) - Math.log1p(Math.exp(-Math.abs(point))));
  const shares = known.map((posterior) => sharesBetween(points, logX, posterior));
  const below = new Float64Array(known.length);
  const wins = known.map(() => 0);
  for (let at = 1; at < points.length; at += 1) {
    let all = 1;
    for (let i = 0; i < known.length; i += 1) {
      all *= (below[i] ?? 0) + (shares[i]?.[at] ?? 0) / 2;
    }
    for (let i = 0; i < known.length; i += 1) {
      const share = shares[i]?.[at] ?? 0;
      const middle = (below[i] ?? 0) + share / 2;
      if (middle > 0) wins[i] = (wins[i] ?? 0) + (share * all) / middle;
      below[i] = (below[i] ?? 0) + share;
    }
  }
  const total = wins.reduce((sum, win) => sum + win, 0);
  return wins.map((win) => win / total);
}

/** How much of the distribution lies between each point and the one before; together 1. */
function sharesBetween(
  points: Float64Array,
  logX: Float64Array,
  { a, b }: Posterior,
): Float64Array {
  const logFront = logBeta(a, b);
  const shares = new Float64Array(points.length);
  let density = 0;
  let total = 0;
  points.forEach((point, at) => {
    // x^a (1 − x)^b at x = 1 / (1 + e^−point): dx brings one x and one 1 − x along.
    const log = logX[at] ?? 0;
    const next = Math.exp(a * log + b * (log - point) - logFront);
    if (at > 0) shares[at] = ((density + next) / 2) * (point - (points[at - 1] ?? point));
    total += shares[at] ?? 0;
    density = next;
  });
  return shares.map((share) => share / total);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
