/** Durations most of which are equal: a few that are not must not weigh more than they are rare. */
import { describe, test } from 'vitest';
import { DurationDetector, durationThreshold } from '../../src/core/state/duration-detector.js';
import { uniform } from '../support/random.js';
import { untilAlarm, type Durations, type Sizes } from './duration-checks.js';
import { median } from './streams.js';
import { atMost, told } from './table.js';

const CAP = 20_000;

/** One of two; `share` are the first. */
function oneOf(share: number, mostMs: number, elseMs: number): Durations {
  return (random) => () => (random() < share ? mostMs : elseMs);
}

/** Fast healers in whole milliseconds, fixed sleeps, whole seconds. */
const TIED: Readonly<Record<string, Durations>> = {
  '0 ms, 10 % 1 ms': oneOf(0.9, 0, 1),
  '0 ms, 3 % 1 ms': oneOf(0.97, 0, 1),
  '0 ms, 1 % 1 ms': oneOf(0.99, 0, 1),
  '1 s, 0.5 % 5 s': oneOf(0.995, 1_000, 5_000),
  '1 s, 1 % 1 to 10 s': (random) => () => (random() < 0.99 ? 1_000 : 1_000 + 9_000 * random()),
  'whole seconds, 1 to 5': (random) => () => 1_000 * (1 + Math.floor(5 * random() * random())),
};

const CHANGES: readonly (readonly [name: string, before: Durations, after: Durations])[] = [
  ['1 s, then 2 s', oneOf(1, 1_000, 0), oneOf(1, 2_000, 0)],
  ['1 ms in place of 0 in 10 %, then in 50 %', oneOf(0.9, 0, 1), oneOf(0.5, 0, 1)],
  ['1 ms in place of 0 in 3 %, then in 20 %', oneOf(0.97, 0, 1), oneOf(0.8, 0, 1)],
];

export function tiedChecks({ seed, steady, changing }: Sizes): void {
  describe.each(Object.entries(TIED))('tied durations: %s', (name, durations) => {
    test.each([
      [1e4, '10,000'],
      [1e5, '100,000'],
    ])('raise no more false alarms than a gamma of %d allows', (gamma, written) => {
      const runs = Array.from({ length: steady }, (_, i) =>
        untilAlarm(durations(uniform(seed + 7919 * i)), durationThreshold(gamma), CAP),
      );
      const watched = runs.reduce((sum, { length }) => sum + length, 0);
      const alarms = runs.filter(({ alarm }) => alarm).length;
      const check = `tied, ${name}, gamma ${written}: false alarms by those allowed`;
      atMost(check, alarms / (watched / gamma), 1);
    });
  });

  test.each(CHANGES)('a change of tied durations is seen: %s', (name, before, after) => {
    const delays = Array.from({ length: changing }, (_, i) =>
      delayOf(uniform(seed + 104_729 + 7919 * i), before, after),
    );
    told(`tied, ${name}, after 1000: median durations to the alarm`, median(delays));
  });
}

function delayOf(random: () => number, before: Durations, after: Durations): number {
  const detector = new DurationDetector();
  const [drawBefore, drawAfter] = [before(random), after(random)];
  for (let n = 1; n <= 1_000; n += 1) detector.observe(drawBefore(), n, Infinity);
  const threshold = durationThreshold(1e4);
  for (let delay = 1; delay <= 2_000; delay += 1) {
    if (detector.observe(drawAfter(), 1_000 + delay, threshold) !== undefined) return delay;
  }
  return Infinity;
}
