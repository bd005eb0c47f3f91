/** Which strategy to try next on a failure type. */
import type { History } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { ATTEMPT_NUMBERS } from '../core/state/strategy-experience.js';
import { untilNextEvent } from './known-at.js';
import {
  fleetPrior,
  oneMayStandOut,
  posteriors,
  probabilitiesOfBest,
  type Arm,
  type Posterior,
} from './best-probability.js';

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
  /** Those with less promise, beyond the twenty that are compared. */
  readonly candidatesLeftOut: number;
}

type Verdict = Omit<BestStrategy, 'candidatesLeftOut'>;

export const BEST_PROBABILITY_MIN = 0.7;
const ATTEMPTS_MIN = 10;
/** So many candidates must have that many attempts. */
const TRIED_MIN = 2;
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
  return bestOf(ofType, failureType, posteriors(ofType, fleetPrior(arms)));
}

/** For every failure type that has a strategy which is clear enough. */
export function bestStrategies(arms: readonly Arm[]): ReadonlyMap<string, BestStrategy> {
  const byType = new Map<string, Arm[]>();
  for (const arm of arms) {
    if (arm.attempts === 0) continue;
    const ofType = byType.get(arm.failureType);
    if (ofType === undefined) byType.set(arm.failureType, [arm]);
    else ofType.push(arm);
  }
  const prior = fleetPrior(arms);
  const found = new Map<string, BestStrategy>();
  for (const [failureType, ofType] of byType) {
    if (triedOf(ofType) < TRIED_MIN) continue;
    const known = posteriors(ofType, prior);
    if (!oneMayStandOut(known)) continue;
    const best = bestOf(ofType, failureType, known);
    if (best.verdict === 'best') found.set(failureType, best);
  }
  return found;
}

/** For the failure types of the state. */
export const bestStrategiesNow = untilNextEvent((state) => bestStrategies(armsOfState(state)));

function bestOf(
  ofType: readonly Arm[],
  failureType: string,
  known: readonly Posterior[],
): BestStrategy {
  const candidates = rank(known);
  const candidatesLeftOut = ofType.length - candidates.length;
  return { ...verdictOn(candidates, failureType), candidatesLeftOut };
}

function verdictOn(candidates: readonly Candidate[], failureType: string): Verdict {
  const [first] = candidates;
  if (first === undefined) {
    return insufficient(candidates, `no strategy has been tried on '${failureType}'`);
  }
  const tried = triedOf(candidates);
  if (tried < TRIED_MIN) {
    const needed = `${TRIED_MIN} strategies with at least ${ATTEMPTS_MIN} attempts each are needed`;
    return insufficient(candidates, `${needed} to compare on '${failureType}', ${tried} stand`);
  }
  if (first.probability < BEST_PROBABILITY_MIN) {
    const got = `'${first.strategy}' is the best with probability ${first.probability.toFixed(2)}`;
    return insufficient(candidates, `${got}, ${BEST_PROBABILITY_MIN} is needed`);
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

/** From the attempts since the last change of the success rate of each pair, also late ones; pairs beyond ten thousand are left out. */
export function armsOfState({ pairTrends }: LiveState): Arm[] {
  return pairTrends.regimes();
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

function insufficient(candidates: readonly Candidate[], why: string): Verdict {
  const probability = candidates[0]?.probability ?? null;
  return { strategy: null, probability, verdict: 'insufficient', why, candidates };
}

function triedOf(arms: readonly { readonly attempts: number }[]): number {
  let tried = 0;
  for (const { attempts } of arms) if (attempts >= ATTEMPTS_MIN) tried += 1;
  return tried;
}

function rank(known: readonly Posterior[]): Candidate[] {
  const probabilities = probabilitiesOfBest(known);
  return known
    .map(({ arm, mean }, i) => ({
      strategy: arm.strategy,
      attempts: arm.attempts,
      succeeded: arm.succeeded,
      expectedRate: mean,
      probability: probabilities[i] ?? 0,
    }))
    .sort((x, y) => y.probability - x.probability || y.expectedRate - x.expectedRate);
}
