/** Which failure type follows which. */
import { untilNextEvent } from './known-at.js';
import { HOUR_ROW, type MinuteBits } from '../core/state/failure-minutes.js';
import { chanceOf, coOccurrence, minutesIn, type CoOccurrence } from './co-occurrence.js';
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
  const all = [...types].map(([name, minutes]) => ({
    name,
    minutes,
    count: minutesIn(minutes),
    wake: wakeOf(minutes),
  }));
  const pairs: {
    cause: string;
    effect: string;
    count: number;
    forward: CoOccurrence;
    p: number;
  }[] = [];
  const backwards: CoOccurrence[] = [];
  for (const cause of all) {
    if (cause.count < CAUSES_MIN) continue;
    for (const effect of all) {
      if (effect === cause || effect.count < TOGETHER_MIN) continue;
      const forward = coOccurrence(cause.wake, effect.minutes);
      const { name, count } = cause;
      pairs.push({ cause: name, effect: effect.name, count, forward, p: chanceOf(forward) });
      backwards.push(coOccurrence(effect.wake, cause.minutes));
    }
  }
  const q = falseDiscovery(pairs.map(({ p }) => p));
  return pairs
    .flatMap(({ cause, effect, count, forward }, i): Cascade[] => {
      const { together, expected } = forward;
      const lift = together / expected;
      const qValue = q[i] ?? 1;
      const isEdge = qValue <= FALSE_SHARE_MAX && together >= TOGETHER_MIN && lift >= LIFT_MIN;
      if (!isEdge || !isDirected(forward, backwards[i])) return [];
      const strength = Math.min(1, (together - expected) / count);
      return [{ cause, effect, lift, strength, followed: together, expected, qValue }];
    })
    .sort((a, b) => b.lift - a.lift);
}

/** Among the failure types that the state follows. */
export const cascadesNow = untilNextEvent((state) => cascades(state.failureMinutes.types));

function isDirected(forward: CoOccurrence, backward: CoOccurrence | undefined): boolean {
  if (backward === undefined) return true;
  const ahead = forward.together - forward.expected - (backward.together - backward.expected);
  return ahead > DIRECTION_Z * Math.sqrt(forward.variance + backward.variance);
}

/** The minutes that come one to five after one of these. */
function wakeOf(minutes: MinuteBits): MinuteBits {
  const words = new Map<number, number>();
  const add = (at: number, bits: number): void => {
    if (bits !== 0) words.set(at, (words.get(at) ?? 0) | bits);
  };
  for (let i = 0; i < minutes.length; i += HOUR_ROW) {
    for (const half of [0, 1]) {
      const bits = minutes[i + 1 + half] ?? 0;
      if (bits === 0) continue;
      const at = 2 * (minutes[i] ?? 0) + half;
      for (let lag = 1; lag <= WAKE_MINUTES; lag += 1) {
        add(at, (bits << lag) & HALF_MASK);
        add(at + 1, bits >>> (HALF - lag));
      }
    }
  }
  const hours = [...new Set([...words.keys()].map((at) => at >> 1))].sort((a, b) => a - b);
  return hours.flatMap((hour) => [hour, words.get(2 * hour) ?? 0, words.get(2 * hour + 1) ?? 0]);
}
