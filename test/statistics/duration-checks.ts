/** What the trend of durations promises, on distributions that have little in common. */
import { describe, test } from 'vitest';
import {
  DurationDetector,
  durationThreshold,
  type DurationChange,
} from '../../src/core/state/duration-detector.js';
import { normal, uniform } from '../support/random.js';
import { meanRunLength, median, type RunLength } from './streams.js';
import { atLeast, atMost, mustExceed, told } from './table.js';

export type Durations = (random: () => number) => () => number;

const THRESHOLD = durationThreshold(1e4);
const CAP = 40_000;

const DISTRIBUTIONS: Readonly<Record<string, Durations>> = {
  'lognormal, sigma 1': (random) => lognormal(1, random),
  'lognormal, sigma 2': (random) => lognormal(2, random),
  'Pareto 1.1': (random) => () => 1000 * (1 - random()) ** (-1 / 1.1),
  '5 s or 300 s': (random) => () => (random() < 0.8 ? 5_000 : 300_000) * (0.9 + 0.2 * random()),
  'cut off at a timeout': (random) => {
    const draw = lognormal(1, random);
    // One in ten, and more once it is slower.
    return () => Math.min(10_000, draw());
  },
  'Weibull 0.6': (random) => () => 10_000 * (-Math.log(1 - random())) ** (1 / 0.6),
};

export function durationChecks({ seed, steady, changing }: Sizes): void {
  describe.each(Object.entries(DISTRIBUTIONS))('durations: %s', (name, durations) => {
    test('raise no false alarm for 10,000 durations on average', () => {
      const runs = Array.from({ length: steady }, (_, i) =>
        untilAlarm(durations(uniform(seed + 7919 * i)), THRESHOLD, CAP),
      );
      atLeast(`${name}: durations to a false alarm`, meanRunLength(runs), 1e4);
    });

    test('twice as slow is seen', () => {
      const found = Array.from({ length: changing }, (_, i) =>
        delayOf(durations(uniform(seed + 104_729 + 7919 * i)), 2, 1_000),
      ).filter((one) => one !== undefined);
      const delay = median(found.map((one) => one.delay));
      told(`${name}, twice as slow after 1000: median durations to the alarm`, delay);
    });

    test('the rule of means over two windows fails here', () => {
      const draw = durations(uniform(seed + 1));
      const share = naiveShare(draw, 20_000);
      mustExceed(`means of two windows, ${name}: share of looks not stable`, share, 0.015);
    });
  });

  test.each([
    [1_000, 38],
    [200, 45],
  ])('twice as slow after %i durations is seen in at most %i', (settled, limit) => {
    const found = Array.from({ length: changing }, (_, i) => {
      const draw = lognormal(1, uniform(seed + 104_729 + 7919 * i));
      return delayOf(draw, 2, settled);
    }).filter((one) => one !== undefined);
    const delay = median(found.map((one) => one.delay));
    atMost(`twice as slow after ${settled}: median durations to the alarm`, delay, limit);
    const wrong = found.filter(({ change }) => change?.direction === 'faster').length;
    atMost(`twice as slow after ${settled}: wrong direction`, wrong / found.length, 0.01);
  });
}

export interface Sizes {
  readonly seed: number;
  readonly steady: number;
  readonly changing: number;
}

export function untilAlarm(draw: () => number, threshold: number, cap: number): RunLength {
  const detector = new DurationDetector();
  for (let n = 1; n <= cap; n += 1) {
    if (detector.observe(draw(), n, threshold) !== undefined) return { length: n, alarm: true };
  }
  return { length: cap, alarm: false };
}

function delayOf(draw: () => number, factor: number, settled: number) {
  const detector = new DurationDetector();
  for (let n = 1; n <= settled; n += 1) {
    if (detector.observe(draw(), n, THRESHOLD) !== undefined) return undefined;
  }
  let change: DurationChange | undefined;
  let delay = 0;
  while (change === undefined && delay < 2_000) {
    delay += 1;
    change = detector.observe(factor * draw(), settled + delay, THRESHOLD);
  }
  return { delay, change };
}

/** The mean of the last twenty against the mean before, ±20 %. */
function naiveShare(draw: () => number, count: number): number {
  const recent: number[] = [];
  let sum = 0;
  let shown = 0;
  for (let n = 1; n <= count; n += 1) {
    recent.push(draw());
    if (recent.length > 20) sum += recent.shift() ?? 0;
    const before = sum / Math.max(1, n - 20);
    const now = recent.reduce((total, one) => total + one, 0) / recent.length;
    if (n > 40 && Math.abs(now / before - 1) > 0.2) shown += 1;
  }
  return shown / count;
}

function lognormal(sigma: number, random: () => number): () => number {
  const gaussian = normal(random);
  return () => 3_000 * Math.exp(sigma * gaussian());
}
