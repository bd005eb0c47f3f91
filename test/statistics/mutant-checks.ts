/** The checks of the trends can fail: each broken form of a rule breaks a limit that the whole one keeps. */
import { describe, test } from 'vitest';
import { alarmThreshold, ChangeDetector } from '../../src/core/state/change-detector.js';
import { DurationDetector, durationThreshold } from '../../src/core/state/duration-detector.js';
import { normal, uniform } from '../support/random.js';
import { PlainDetector } from './plain-detector.js';
import {
  correlated,
  delayBound,
  delayOf,
  independent,
  meanRunLength,
  median,
  runLength,
  type MakeDetector,
  type Results,
} from './streams.js';
import { mutantExceeds, mutantFallsShortOf } from './table.js';

export interface MutantSizes {
  readonly seed: number;
  readonly steady: number;
  readonly changing: number;
}

const GAMMA = 1e4;
const THRESHOLD = alarmThreshold(GAMMA);
const whole: MakeDetector = () => new ChangeDetector();

export function mutantChecks({ seed, steady, changing }: MutantSizes): void {
  const streams = (count: number, offset: number) =>
    Array.from({ length: count }, (_, i) => uniform(seed + offset + 7919 * i));
  const runLengthOf = (make: MakeDetector, threshold: number, results: Draw): number =>
    meanRunLength(
      streams(steady, 1).map((random) => runLength(results(random), threshold, 60_000, make)),
    );
  const delays = (
    threshold: number,
    [before, after]: readonly [number, number],
    { settled = 1_000, make = whole, count = changing } = {},
  ) =>
    streams(count, 1_000).flatMap((random) => {
      const options = { settled, threshold, cap: 5_000 };
      return delayOf(independent(before, random), independent(after, random), options, make) ?? [];
    });

  describe('mutants of the trend', () => {
    test('a threshold lower by 1 raises false alarms too soon', () => {
      const length = runLengthOf(whole, THRESHOLD - 1, (random) => independent(0.9, random));
      mutantFallsShortOf(
        'threshold lower by 1, steady 0.9: results to a false alarm',
        length,
        GAMMA,
      );
    });

    test('a threshold higher by 2 is too late', () => {
      const found = delays(THRESHOLD + 2, [0.7, 0.9]);
      const ratio = median(found.map(({ delay }) => delay)) / delayBound(0.7, 0.9, GAMMA);
      const check = 'threshold higher by 2, 0.7 to 0.9 after 1000: median delay by the bound';
      mutantExceeds(check, ratio, 0.9);
    });

    test('without the design effect failures in runs raise false alarms', () => {
      const make: MakeDetector = () => new PlainDetector({ designEffect: false });
      const length = runLengthOf(make, THRESHOLD, (random) => correlated(0.9, 0.4, random));
      const check = 'no design effect, correlation 0.4: results to a false alarm';
      mutantFallsShortOf(check, length, GAMMA / 2);
    });

    test('without the weight of moments short stretches raise false alarms', () => {
      const make: MakeDetector = () => new PlainDetector({ weight: false });
      const length = runLengthOf(make, THRESHOLD, (random) => independent(0.7, random));
      mutantFallsShortOf('no weight, steady 0.7: results to a false alarm', length, GAMMA);
    });

    test('the greatest evidence in place of the sum is too late', () => {
      const make: MakeDetector = () => new PlainDetector({ sum: false });
      // So weak a change so soon is seen after widely different times: fewer of them do not tell.
      const found = delays(THRESHOLD, [0.95, 0.85], { settled: 200, make, count: 600 });
      const ratio = median(found.map(({ delay }) => delay)) / delayBound(0.95, 0.85, GAMMA);
      const check = 'greatest for sum, 0.95 to 0.85 after 200: median delay by the bound';
      mutantExceeds(check, ratio, 1.4);
    });

    test('with old and recent results exchanged the direction is wrong', () => {
      const found = delays(THRESHOLD, [0.7, 0.9]);
      const wrong = found.filter(({ change }) => change?.direction !== 'degrading').length;
      mutantExceeds('recent taken for old: wrong direction', wrong / found.length, 0.015);
    });

    test('a lower threshold of durations raises false alarms too soon', () => {
      const threshold = durationThreshold(GAMMA) - 1.5;
      const runs = streams(steady, 9).map((random) => {
        const gaussian = normal(random);
        const detector = new DurationDetector();
        for (let n = 1; n <= 40_000; n += 1) {
          const change = detector.observe(Math.exp(gaussian()), n, threshold);
          if (change !== undefined) return { length: n, alarm: true };
        }
        return { length: 40_000, alarm: false };
      });
      const check = 'threshold lower by 1.5: durations to a false alarm';
      mutantFallsShortOf(check, meanRunLength(runs), GAMMA);
    });
  });
}

type Draw = (random: () => number) => Results;
