/** Which failure type follows which. */
import { untilNextEvent } from './known-at.js';
import { HOUR_ROW, type MinuteBits } from '../core/state/failure-minutes.js';
import { chanceOf, coOccurrence, hourly, type CoOccurrence, type Hourly } from './co-occurrence.js';
import { falseDiscovery } from './false-discovery.js';

/** An effect is looked for in the minutes after a cause, up to this many; the same minute is none of them. */
const WAKE_MINUTES = 5;
/** Minutes with failures that a cause needs. */
const CAUSES_MIN = 50;
const TOGETHER_MIN = 5;
const LIFT_MIN = 1.5;
const FALSE_SHARE_MAX = 0.05;
/** One-sided 95 %: how surely it goes this way and not the other. */
const DIRECTION_Z = 1.64;
const HALF = 30;
const HALF_MASK = 2 ** HALF - 1;

interface Series {
  readonly name: string;
  readonly minutes: Hourly;
  readonly wake: Hourly;
}

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
 * No data: an empty list. Of those listed, at most one in twenty is there by chance, on average.
 * Errors: none.
 * Source: Mantel, Haenszel (1959), by hour; Benjamini, Hochberg (1995) over all pairs.
 * An association in time is no proof of a cause.
 */
export function cascades(types: ReadonlyMap<string, MinuteBits>): Cascade[] {
  const all = [...types].map(([name, bits]): Series => {
    return { name, minutes: hourly(bits), wake: hourly(wakeOf(bits)) };
  });
  const pairs: { cause: Series; effect: Series; ahead: CoOccurrence }[] = [];
  for (const cause of all) {
    if (cause.minutes.total < CAUSES_MIN) continue;
    for (const effect of all) {
      if (effect === cause || effect.minutes.total < TOGETHER_MIN) continue;
      pairs.push({ cause, effect, ahead: coOccurrence(cause.wake, effect.minutes) });
    }
  }
  const q = falseDiscovery(pairs.map(({ ahead }) => chanceOf(ahead)));
  return pairs
    .flatMap(({ cause, effect, ahead }, i): Cascade[] => {
      const { together, expected } = ahead;
      const lift = together / expected;
      const qValue = q[i] ?? 1;
      const isEdge = qValue <= FALSE_SHARE_MAX && together >= TOGETHER_MIN && lift >= LIFT_MIN;
      if (!isEdge || !isDirected(ahead, coOccurrence(effect.wake, cause.minutes))) return [];
      const strength = Math.min(1, (together - expected) / cause.minutes.total);
      const followed = { followed: together, expected, qValue };
      return [{ cause: cause.name, effect: effect.name, lift, strength, ...followed }];
    })
    .sort((a, b) => b.lift - a.lift);
}

/** Among the failure types that the state follows. */
export const cascadesNow = untilNextEvent((state) => cascades(state.failureMinutes.types));

function isDirected(forward: CoOccurrence, backward: CoOccurrence): boolean {
  const ahead = forward.together - forward.expected - (backward.together - backward.expected);
  return ahead > DIRECTION_Z * Math.sqrt(forward.variance + backward.variance);
}

/** The minutes that come one to five after one of these. */
function wakeOf(bits: MinuteBits): MinuteBits {
  const wake: number[] = [];
  /** What reaches over from the hour before, and which hour it reaches into. */
  let over = 0;
  let next = 0;
  for (let i = 0; i < bits.length; i += HOUR_ROW) {
    const hour = bits[i] ?? 0;
    const early = bits[i + 1] ?? 0;
    const late = bits[i + 2] ?? 0;
    if (over !== 0 && next !== hour) wake.push(next, over, 0);
    wake.push(hour, within(early) | (next === hour ? over : 0), within(late) | beyond(early));
    over = beyond(late);
    next = hour + 1;
  }
  if (over !== 0) wake.push(next, over, 0);
  return wake;
}

/** The part of a wake that lies in the same half hour. */
function within(bits: number): number {
  let wake = 0;
  for (let lag = 1; lag <= WAKE_MINUTES; lag += 1) wake |= bits << lag;
  return wake & HALF_MASK;
}

/** And the part that lies in the next one. */
function beyond(bits: number): number {
  let wake = 0;
  for (let lag = 1; lag <= WAKE_MINUTES; lag += 1) wake |= bits >>> (HALF - lag);
  return wake;
}
