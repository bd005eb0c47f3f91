/** Which failure type follows which. */
import { HOURS_KEPT, MINUTES_MIN, type MinuteBits } from '../core/state/failure-minutes.js';
import type { LiveState } from '../core/state/live-state.js';
import { chanceOf, type CoOccurrence } from './co-occurrence.js';
import { falseDiscovery } from './false-discovery.js';
import { FollowCounts } from './follow-counts.js';
import { untilNextEventOrHour } from './known-at.js';

/** Minutes with failures that a cause needs. */
const CAUSES_MIN = 50;
const TOGETHER_MIN = MINUTES_MIN;
const LIFT_MIN = 1.5;
const FALSE_SHARE_MAX = 0.05;
/** One-sided 95 %: how surely it goes this way and not the other. */
const DIRECTION_Z = 1.64;

export interface Cascade {
  readonly cause: string;
  readonly effect: string;
  /** How many times as often as by chance. */
  readonly lift: number;
  /** Share of cause minutes that the effect followed beyond chance: a lower bound of how often it is caused. */
  readonly strength: number;
  readonly followed: number;
  readonly expected: number;
  readonly qValue: number;
}

/**
 * Failure types that follow another one within five minutes.
 *
 * Units: minutes with at least one failure of a type.
 * Left out: causes of fewer than 50 minutes; pairs that follow each other alike in both directions: those have a
 *   common cause, or the one is seen late.
 * No data: an empty list. Of those listed, at most one in ten is there by chance, on average.
 * Errors: none.
 * Source: Mantel, Haenszel (1959), by hour; Benjamini, Hochberg (1995) over all pairs.
 * An association in time is no proof of a cause.
 */
export function cascades(types: ReadonlyMap<string, MinuteBits>): Cascade[] {
  const counts = new FollowCounts([...types.keys()]);
  counts.look(types);
  return cascadesOf(counts);
}

/** Of each state what was counted last: from one event to the next hardly an hour changes. */
const counted = new WeakMap<LiveState, FollowCounts>();

/** Among the failure types that the state follows, over the last four weeks. */
export const cascadesNow = untilNextEventOrHour((state, hour) => {
  const { types } = state.failureMinutes;
  const known = counted.get(state);
  const isRoomy = known?.takePlaces(types) === true;
  const counts = isRoomy ? known : new FollowCounts([...types.keys()]);
  counted.set(state, counts);
  // The state forgets an hour only when a newer failure of its type comes, which may never be.
  counts.look(types, hour - HOURS_KEPT + 1);
  return cascadesOf(counts);
});

function cascadesOf(counts: FollowCounts): Cascade[] {
  const { names } = counts;
  const pairs: { cause: number; effect: number; ahead: CoOccurrence; p: number }[] = [];
  let asked = 0;
  // Thousands of pairs on every tick: counted, because iterators cost more than what is done with each.
  for (let cause = 0; cause < names.length; cause += 1) {
    if (counts.minutesOf(cause) < CAUSES_MIN) continue;
    for (let effect = 0; effect < names.length; effect += 1) {
      if (effect === cause || counts.minutesOf(effect) < TOGETHER_MIN) continue;
      asked += 1;
      // What comes no more often than by chance has a p-value of about one half or more.
      if (!counts.isMoreThanExpected(cause, effect)) continue;
      const ahead = counts.read(cause, effect);
      const p = chanceOf(ahead);
      if (p <= FALSE_SHARE_MAX) pairs.push({ cause, effect, ahead, p });
    }
  }
  const q = falseDiscovery(
    pairs.map(({ p }) => p),
    asked,
  );
  const found: Cascade[] = [];
  pairs.forEach(({ cause, effect, ahead }, i) => {
    const { together, expected } = ahead;
    const lift = together / expected;
    const qValue = q[i] ?? 1;
    const isEdge = qValue <= FALSE_SHARE_MAX && together >= TOGETHER_MIN && lift >= LIFT_MIN;
    if (!isEdge || !isDirected(ahead, counts.read(effect, cause))) return;
    found.push({
      cause: names[cause] ?? '',
      effect: names[effect] ?? '',
      lift,
      strength: Math.min(1, (together - expected) / counts.minutesOf(cause)),
      followed: together,
      expected,
      qValue,
    });
  });
  return found.sort((a, b) => b.lift - a.lift);
}

function isDirected(forward: CoOccurrence, backward: CoOccurrence): boolean {
  const ahead = forward.together - forward.expected - (backward.together - backward.expected);
  return ahead > DIRECTION_Z * Math.sqrt(forward.variance + backward.variance);
}
