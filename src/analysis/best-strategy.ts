/** Which strategy to try next on a failure type. */
import { betaCdf } from '../core/beta.js';
import type { History } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { OVERFLOW } from '../core/state/family.js';
import { ATTEMPT_NUMBERS } from '../core/state/strategy-experience.js';

/** How one strategy did on one failure type: attempts that ran. */
export interface Arm {
  readonly failureType: string;
  readonly strategy: string;
  readonly attempts: number;
  readonly succeeded: number;
}

export interface Candidate {
  readonly strategy: string;
  readonly attempts: number;
  readonly succeeded: number;
  /** The rate to expect, 0–1: between its own rate and that of the whole fleet. */
  readonly expectedRate: number;
  /** Probability that no other candidate is better, 0–1. */
  readonly probability: number;
}

export interface BestStrategy {
  /** Null while it is not clear enough. */
  readonly strategy: string | null;
  /** Of the strategy named, or of the likeliest; null without candidates. */
  readonly probability: number | null;
  readonly verdict: 'best' | 'insufficient';
  /** In words. */
  readonly why: string;
  /** Likeliest first. */
  readonly candidates: readonly Candidate[];
}

const PROBABILITY_MIN = 0.7;
const ATTEMPTS_MIN = 10;
/** So many candidates must have that many attempts. */
const TRIED_MIN = 2;
/** The fleet's experience weighs as much as so many attempts, at most. */
const PRIOR_ATTEMPTS_MAX = 10;
/** Rates of fewer attempts say too little about how rates vary. */
const PRIOR_ATTEMPTS_MIN_PER_ARM = 5;
/** Points per candidate at which its distribution is looked at, spread over six standard deviations each way. */
const POINTS = 33;
const SPREAD = 6;
/** Beyond these, the candidates with the least promise are left out: the work grows with the square. */
const CANDIDATES_MAX = 20;

interface Prior {
  readonly a: number;
  readonly b: number;
}

/**
 * The strategy that is most probably the best for a failure type, among those that were tried on it.
 *
 * Units: probabilities and rates 0–1.
 * `arms`: of all failure types; those of other types only say how rates vary over the fleet.
 * Left out: skipped attempts; candidates beyond the 20 most promising.
 * No data: verdict `insufficient`, and so while fewer than two strategies have 10 attempts, or none is the best
 *   with a probability of 0.7. The candidates are listed all the same.
 * Errors: none.
 * It is an association: strategies that get the harder failures look worse than they are.
 * Source: Beta-binomial posteriors with a prior fitted by moments; the probability of being best by integration.
 */
export function bestStrategy(arms: readonly Arm[], failureType: string): BestStrategy {
  const ofType = arms.filter((arm) => arm.failureType === failureType && arm.attempts > 0);
  const candidates = rank(ofType, fleetPrior(arms));
  const [first] = candidates;
  if (first === undefined) {
    return insufficient(candidates, `no strategy has been tried on '${failureType}'`);
  }
  const tried = candidates.filter(({ attempts }) => attempts >= ATTEMPTS_MIN).length;
  if (tried < TRIED_MIN) {
    const needed = `${TRIED_MIN} strategies with at least ${ATTEMPTS_MIN} attempts each are needed`;
    return insufficient(candidates, `${needed} to compare on '${failureType}', ${tried} stand`);
  }
  if (first.probability < PROBABILITY_MIN) {
    const got = `'${first.strategy}' is the best with probability ${first.probability.toFixed(2)}`;
    return insufficient(candidates, `${got}, ${PROBABILITY_MIN} is needed`);
  }
  const { strategy, probability, succeeded, attempts } = first;
  const why = `it healed ${succeeded} of ${attempts} attempts on '${failureType}' and is the best of ${candidates.length} with probability ${probability.toFixed(2)}`;
  return { strategy, probability, verdict: 'best', why, candidates };
}

export function armsOfHistory({ cells }: History): Arm[] {
  return cells
    .filter(({ strategy, cell }) => strategy !== '' && cell.succeeded + cell.failed > 0)
    .map(({ failureType, strategy, cell }) => ({
      failureType,
      strategy,
      attempts: cell.succeeded + cell.failed,
      succeeded: cell.succeeded,
    }));
}

/** From the counts since the log began; label sets beyond the cap of the family are not told apart there. */
export function armsOfState({ counts }: LiveState): Arm[] {
  const arms = new Map<string, { failureType: string; strategy: string; n: number; bad: number }>();
  for (const [family, isFailure] of [
    [counts.attempts, false],
    [counts.attemptFailures, true],
  ] as const) {
    for (const { labels, value } of family.values()) {
      const [strategy = '', failureType = ''] = labels; // both triggers together
      if (strategy === OVERFLOW || failureType === OVERFLOW) continue;
      const key = `${strategy},${failureType}`; // no identifier holds a comma
      const arm = arms.get(key) ?? { failureType, strategy, n: 0, bad: 0 };
      if (isFailure) arm.bad += value.n;
      else arm.n += value.n;
      arms.set(key, arm);
    }
  }
  return [...arms.values()].map(({ failureType, strategy, n, bad }) => ({
    failureType,
    strategy,
    attempts: n,
    succeeded: n - bad,
  }));
}

/** What attempts have in common; what is undefined may be anything. */
export interface ExperienceContext {
  readonly severity?: string | undefined;
  /** Which attempt on its incident, from 1. */
  readonly attempt?: number | undefined;
}

/** Of one failure type, only the attempts of that context. */
export function armsInContext(
  { experience }: LiveState,
  failureType: string,
  { severity, attempt }: ExperienceContext,
): Arm[] {
  const number = attempt === undefined ? undefined : Math.min(attempt, ATTEMPT_NUMBERS);
  const sums = new Map<string, { attempts: number; succeeded: number }>();
  for (const one of experience.ofFailureType(failureType)) {
    if (severity !== undefined && one.severity !== severity) continue;
    if (number !== undefined && one.attempt !== number) continue;
    const sum = sums.get(one.strategy) ?? { attempts: 0, succeeded: 0 };
    sum.attempts += one.attempts;
    sum.succeeded += one.succeeded;
    sums.set(one.strategy, sum);
  }
  return [...sums].map(([strategy, sum]) => ({ failureType, strategy, ...sum }));
}

function insufficient(candidates: readonly Candidate[], why: string): BestStrategy {
  const probability = candidates[0]?.probability ?? null;
  return { strategy: null, probability, verdict: 'insufficient', why, candidates };
}

/** How rates vary over the fleet, as a Beta distribution of the same mean and variance. */
function fleetPrior(arms: readonly Arm[]): Prior {
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

interface Posterior {
  readonly arm: Arm;
  readonly a: number;
  readonly b: number;
  readonly mean: number;
  readonly deviation: number;
}

function rank(arms: readonly Arm[], prior: Prior): Candidate[] {
  const posteriors = arms
    .map((arm): Posterior => {
      const a = prior.a + arm.succeeded;
      const b = prior.b + arm.attempts - arm.succeeded;
      const mean = a / (a + b);
      return { arm, a, b, mean, deviation: Math.sqrt((mean * (1 - mean)) / (a + b + 1)) };
    })
    .sort((x, y) => y.mean + 2 * y.deviation - (x.mean + 2 * x.deviation))
    .slice(0, CANDIDATES_MAX);
  const probabilities = probabilitiesOfBest(posteriors);
  return posteriors
    .map(({ arm, mean }, i) => ({
      strategy: arm.strategy,
      attempts: arm.attempts,
      succeeded: arm.succeeded,
      expectedRate: mean,
      probability: probabilities[i] ?? 0,
    }))
    .sort((x, y) => y.probability - x.probability || y.expectedRate - x.expectedRate);
}

/** ∫ f_i(x) ∏ F_j(x) dx over j ≠ i, summed over a grid that is fine wherever any of them changes. */
function probabilitiesOfBest(posteriors: readonly Posterior[]): number[] {
  const points = posteriors.flatMap(({ mean, deviation }) =>
    Array.from(
      { length: POINTS },
      (_, i) => mean + deviation * SPREAD * ((2 * i) / (POINTS - 1) - 1),
    ),
  );
  const inside = points.filter((x) => x > 0 && x < 1);
  const grid = [0, ...new Set(inside.sort((x, y) => x - y)), 1];
  const shares = posteriors.map(() => 0);
  let below = posteriors.map(() => 0);
  for (const x of grid.slice(1)) {
    const upTo = posteriors.map(({ a, b }) => betaCdf(x, a, b));
    posteriors.forEach((_, i) => {
      let others = 1;
      posteriors.forEach((__, j) => {
        if (j !== i) others *= ((upTo[j] ?? 0) + (below[j] ?? 0)) / 2;
      });
      shares[i] = (shares[i] ?? 0) + ((upTo[i] ?? 0) - (below[i] ?? 0)) * others;
    });
    below = upTo;
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
