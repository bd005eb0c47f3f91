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
  // What is backwards for one pair is forwards for its opposite.
  const forwards = all.map(() => new Array<CoOccurrence | undefined>(all.length));
  const forward = (cause: number, effect: number): CoOccurrence => {
    const known = forwards[cause]?.[effect];
    if (known !== undefined) return known;
    const found = coOccurrence(all[cause]?.wake ?? [], all[effect]?.minutes ?? []);
    forwards[cause]?.splice(effect, 1, found);
    return found;
  };
  const pairs: { cause: number; effect: number; p: number }[] = [];
  for (const [cause, { count }] of all.entries()) {
    if (count < CAUSES_MIN) continue;
    for (const [effect, other] of all.entries()) {
      if (effect === cause || other.count < TOGETHER_MIN) continue;
      pairs.push({ cause, effect, p: chanceOf(forward(cause, effect)) });
    }
  }
  const q = falseDiscovery(pairs.map(({ p }) => p));
  return pairs
    .flatMap(({ cause, effect }, i): Cascade[] => {
      const ahead = forward(cause, effect);
      const { together, expected } = ahead;
      const lift = together / expected;
      const qValue = q[i] ?? 1;
      const isEdge = qValue <= FALSE_SHARE_MAX && together >= TOGETHER_MIN && lift >= LIFT_MIN;
      if (!isEdge || !isDirected(ahead, forward(effect, cause))) return [];
      const { name = '', count = 1 } = all[cause] ?? {};
      const strength = Math.min(1, (together - expected) / count);
      const followed = { followed: together, expected, qValue };
      return [{ cause: name, effect: all[effect]?.name ?? '', lift, strength, ...followed }];
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
