/** What the trend promises, checked on simulated streams: in short for every run, at length for a release. */
import { describe, expect, test } from 'vitest';
import { alarmThreshold } from '../../src/core/state/change-detector.js';
import { uniform } from '../support/random.js';
import { knownRatesDelay, knownRatesThreshold } from './known-rates.js';
import {
  correlated,
  delayBound,
  delayOf,
  independent,
  mean,
  meanRunLength,
  median,
  naiveShareShown,
  runLength,
  shareShown,
} from './streams.js';
import { atLeast, atMost, mustExceed } from './table.js';

export interface Sizes {
  readonly seed: number;
  /** Streams without a change, and those with one. */
  readonly steady: number;
  readonly changing: number;
  /** Rates at which steady streams are watched. */
  readonly rates: readonly number[];
}

const GAMMA = 1e4;
const THRESHOLD = alarmThreshold(GAMMA);
const STEADY_CAP = 60_000;
const MISSED_CAP = 5_000;

/** Before, after; greatest median over the bound after 1000 and after 200 results. */
const CHANGES = [
  [0.95, 0.85, 0.75, 1.4],
  [0.95, 0.7, 0.95, 1.15],
  [0.9, 0.5, 1.05, 1.2],
  [0.7, 0.5, 0.9, 1.35],
  [0.7, 0.9, 0.9, 1.1],
  [0.98, 0.7, 1, 1.2],
] as const;

export function trendChecks({ seed, steady, changing, rates }: Sizes): void {
  const streams = (count: number, offset: number) =>
    Array.from({ length: count }, (_, i) => uniform(seed + offset + 7919 * i));

  describe.each(rates)('a steady rate of %d', (p) => {
    const runs = streams(steady, 1).map((random) =>
      runLength(independent(p, random), THRESHOLD, STEADY_CAP),
    );

    test('raises no false alarm for 10,000 results on average', () => {
      atLeast(`steady ${p}: results to a false alarm`, meanRunLength(runs), GAMMA);
    });

    test('raises one within 1,000 results in at most 13 % of streams', () => {
      const early = runs.filter(({ length, alarm }) => alarm && length <= 1_000).length;
      atMost(`steady ${p}: false alarm within 1,000 results`, early / runs.length, 0.13);
    });
  });

  describe.each(CHANGES)('a change from %d to %d', (p0, p1, after1000, after200) => {
    const delaysAfter = (settled: number) =>
      streams(changing, settled).flatMap((random) => {
        const options = { settled, threshold: THRESHOLD, cap: MISSED_CAP };
        const one = delayOf(independent(p0, random), independent(p1, random), options);
        return one === undefined ? [] : [one];
      });
    const named = `${p0} to ${p1}`;

    test.each([
      [1_000, after1000],
      [200, after200],
    ])('after %i results is found in at most %d times the bound', (settled, limit) => {
      const found = delaysAfter(settled);
      const ratio = median(found.map(({ delay }) => delay)) / delayBound(p0, p1, GAMMA);
      atMost(`${named} after ${settled}: median delay by the bound`, ratio, limit);

      const direction = p1 > p0 ? 'improving' : 'degrading';
      const wrong = found.filter(
        ({ change }) => change !== undefined && change.direction !== direction,
      );
      const share = wrong.length / found.length;
      atMost(`${named} after ${settled}: wrong direction`, share, 0.015);
    });

    test('takes at most 1.7 times as long as for who knows both rates', () => {
      const known = { before: p0, after: p1 };
      const threshold = knownRatesThreshold(known, GAMMA, uniform(seed + 6));
      const best = streams(changing, 7).map((random) =>
        knownRatesDelay(known, threshold, 1_000, [
          independent(p0, random),
          independent(p1, random),
        ]),
      );
      const ours = mean(delaysAfter(1_000).map(({ delay }) => delay));
      expect(mean(best)).toBeGreaterThan(5);
      atMost(
        `${named} after 1000: mean delay by that of who knows both rates`,
        ours / mean(best),
        1.7,
      );
    });
  });

  describe.each([0.95, 0.9, 0.7])('shown at every result of a steady %d', (p) => {
    const LENGTH = 10_000;

    test('a trend stands at most 1.5 % of the time, by at most two alarms in 10,000', () => {
      const all = streams(steady, 3).map((random) =>
        shareShown(independent(p, random), THRESHOLD, LENGTH, 200),
      );
      atMost(`steady ${p}: share of looks not stable`, mean(all.map(({ share }) => share)), 0.015);
      atMost(`steady ${p}: alarms in 10,000`, mean(all.map(({ alarms }) => alarms)), 2);
    });

    test('the rule of two windows stands at least 30 % of the time: it fails here', () => {
      const shares = streams(40, 4).map((random) =>
        naiveShareShown(independent(p, random), LENGTH),
      );
      const share = mean(shares);
      mustExceed(`means of two windows, steady ${p}: share of looks not stable`, share, 0.015);
      expect(share).toBeGreaterThanOrEqual(0.3);
    });
  });

  test.each([0.2, 0.4])('failures in runs (correlation %d) keep 5,000 results apart', (rho) => {
    // Alarms come sooner here than in independent streams, so that three times as many cost the same.
    const runs = streams(3 * steady, 5).map((random) =>
      runLength(correlated(0.9, rho, random), THRESHOLD, STEADY_CAP),
    );
    const check = `steady 0.9, correlation ${rho}: results to a false alarm`;
    atLeast(check, meanRunLength(runs), GAMMA / 2);
  });
}
