/** How long after a healing the same agent should not be healed the same way again. */
import { betaCdf } from '../core/beta.js';
import { binEndMs, binMiddleMs, binOf, quantileMs, type Bins } from '../core/bins.js';
import { RELAPSE_WITHIN_MS, type Relapses } from '../core/state/strategy-experience.js';
import { insufficient, type Parameter } from './parameter.js';

const HEALED_MIN = 30;
/**
 * What comes later than this is taken for new failures, and says how often those come: six hours, at the edge of a
 * bin, so that what was counted on either side is what could have been.
 */
const LAST_EARLY_BIN = binOf(RELAPSE_WITHIN_MS / 4) - 1;
const EARLY_MS = binEndMs(LAST_EARLY_BIN);
const EXCESS_MIN = 5;
const SURE = 0.99;
/** Agents that have not failed again in the first hours: fewer do not say how often failures come anyway. */
const SURVIVORS_MIN = 10;
/** The share of the relapses that the cooldown is to see. */
const COVERED = 0.9;

interface RelapsesAsked {
  readonly window: string;
  /** Of the healings of the last day that no failure has followed: how long ago each was. */
  readonly waitedMs?: readonly number[] | undefined;
}

/**
 * The time after a healing within which nine of ten relapses show; 0 where the agents fail again no sooner than later.
 *
 * Relapses are the failures of the six hours after a healing beyond those that the eighteen hours after these let
 * expect: failures per hour of an agent that has not failed again, early against late.
 * Units: milliseconds.
 * Left out: incidents without an agent; failures more than a day later.
 * No data: insufficient below 30 healings of known agents, and where nearly all agents fail again before the
 *   later hours, so that nothing tells what would fail anyway.
 * Errors: none.
 * Source: the exact test of two rates by the time that was watched; of all failures, the early ones are binomial.
 */
export function restartCooldown(
  relapses: Readonly<Relapses> | undefined,
  { window, waitedMs = [] }: RelapsesAsked,
): Parameter {
  const healed = relapses?.healed ?? 0;
  const afterMs = relapses?.afterMs ?? new Map<number, number>();
  const { early, late } = watchedIn(healed, afterMs, waitedMs);
  const ratePerMs = late.watchedMs === 0 ? undefined : late.failures / late.watchedMs;
  const again = early.failures;
  const expectedBy = (ms: number): number => expected(ratePerMs ?? 0, ms, { healed, waitedMs });
  const excess = again - expectedBy(EARLY_MS);
  const figures = {
    healed,
    failed_again_within_6h: again,
    expected_within_6h: ratePerMs === undefined ? null : expectedBy(EARLY_MS),
    failed_again_later: late.failures,
    p50_ms: quantileMs(afterMs, 0.5) ?? null,
    window,
  };
  if (healed < HEALED_MIN) {
    const why = `at least ${HEALED_MIN} healings of known agents are needed, ${healed} stand`;
    return insufficient(why, figures);
  }
  if (ratePerMs === undefined) {
    return insufficient('no agent was watched for longer than 6 h before it failed again', figures);
  }
  const confidence = probabilityOfSooner(early, late);
  if (confidence < SURE || excess < EXCESS_MIN) {
    if (healed - again - waitedMs.length < SURVIVORS_MIN) {
      const why = `fewer than ${SURVIVORS_MIN} of ${healed} healed agents went without a failure for 6 h, so what would fail anyway is not known`;
      return insufficient(why, figures);
    }
    const why = `${again} of ${healed} healed agents failed again within 6 h, no more than would fail anyway`;
    return { value: 0, verdict: 'known', confidence: null, why, evidence: figures };
  }
  let seen = 0;
  for (const [bin, count] of [...afterMs].sort(([a], [b]) => a - b)) {
    const ms = binMiddleMs(bin);
    seen += count;
    if (bin > LAST_EARLY_BIN || seen - expectedBy(ms) < COVERED * excess) continue;
    const why = `${again} of ${healed} healed agents failed again within 6 h, ${COVERED * 100} % of the relapses within ${Math.ceil(ms)} ms`;
    return { value: Math.ceil(ms), verdict: 'known', confidence, why, evidence: figures };
  }
  return insufficient('relapses come at no particular time', figures);
}

interface Watched {
  failures: number;
  /** Of all agents together, until they failed or the part of the day was over. */
  watchedMs: number;
}

function watchedIn(
  healed: number,
  afterMs: Readonly<Bins>,
  waitedMs: readonly number[],
): { readonly early: Readonly<Watched>; readonly late: Readonly<Watched> } {
  const early: Watched = { failures: 0, watchedMs: 0 };
  const late: Watched = { failures: 0, watchedMs: 0 };
  const watch = (ms: number, agents: number): void => {
    early.watchedMs += Math.min(ms, EARLY_MS) * agents;
    late.watchedMs += Math.max(0, Math.min(ms, RELAPSE_WITHIN_MS) - EARLY_MS) * agents;
  };
  for (const [bin, count] of afterMs) {
    watch(binMiddleMs(bin), count);
    (bin <= LAST_EARLY_BIN ? early : late).failures += count;
  }
  for (const ms of waitedMs) watch(ms, 1);
  const survivors = healed - early.failures - late.failures - waitedMs.length;
  watch(RELAPSE_WITHIN_MS, Math.max(0, survivors));
  return { early, late };
}

/** Failures within `ms` of a healing, at the rate of the later hours, by what was watched of each healing. */
function expected(
  ratePerMs: number,
  ms: number,
  { healed, waitedMs }: { readonly healed: number; readonly waitedMs: readonly number[] },
): number {
  const within = (watchedMs: number): number => 1 - Math.exp(-ratePerMs * Math.min(ms, watchedMs));
  const whole = (healed - waitedMs.length) * within(ms);
  return waitedMs.reduce((sum, watchedMs) => sum + within(watchedMs), whole);
}

/** 1 − the chance of so many early failures, or more, if they came no sooner than late ones. */
function probabilityOfSooner(early: Readonly<Watched>, late: Readonly<Watched>): number {
  if (early.failures === 0) return 0;
  const share = early.watchedMs / (early.watchedMs + late.watchedMs);
  return 1 - betaCdf(share, early.failures, late.failures + 1);
}
