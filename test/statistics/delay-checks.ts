/** How long until the trend notices: the tables that docs/analysis.md tells, and the course of slow and short changes. */
import { describe, expect, test } from 'vitest';
import { alarmThreshold, ChangeDetector } from '../../src/core/state/change-detector.js';
import { uniform } from '../support/random.js';
import { delayOf, independent, mean, median, quantile } from './streams.js';
import { atLeast, atMost, told } from './table.js';
import { TOLD_CHANGES, TOLD_RATES } from './told-delays.js';

export interface DelaySizes {
  readonly seed: number;
  readonly changing: number;
}

const THRESHOLD = alarmThreshold(1e4);
const CAP = 5_000;

export function delayChecks({ seed, changing }: DelaySizes): void {
  const streams = (offset: number) =>
    Array.from({ length: changing }, (_, i) => uniform(seed + offset + 7919 * i));

  describe.each(TOLD_RATES)('%s, false alarms %d apart, after %i', (rate, gamma, settled) => {
    test.each(TOLD_CHANGES)('a change from %d to %d', (p0, p1) => {
      const threshold = alarmThreshold(gamma);
      const found = streams(settled).flatMap((random) => {
        const options = { settled, threshold, cap: CAP };
        return delayOf(independent(p0, random), independent(p1, random), options) ?? [];
      });
      const delays = found.map(({ delay }) => delay);
      const missed = found.filter(({ change }) => change === undefined).length / found.length;
      const named = `${rate}, after ${settled}, ${p0} to ${p1}`;
      told(`${named}: median delay`, median(delays));
      told(`${named}: delay of 95 %`, quantile(delays, 0.95));
      told(`${named}: missed in ${CAP}`, missed);
      expect(found.length).toBeGreaterThan(changing / 2);
    });
  });

  test.each([300, 1_000, 3_000])('a slide from 0.95 to 0.75 over %i results', (length) => {
    const found = streams(11).flatMap((random) => {
      let n = 0;
      const sliding = (): boolean => {
        n += 1;
        return random() < 0.95 - 0.2 * Math.min(1, n / length);
      };
      const options = { settled: 500, threshold: THRESHOLD, cap: CAP };
      return delayOf(independent(0.95, random), sliding, options) ?? [];
    });
    told(`slide 0.95 to 0.75 over ${length}: median delay`, median(found.map((one) => one.delay)));
  });

  test.each([60, 150, 400])(
    'a fall to 0.7 for %i results, and its end, are both seen',
    (length) => {
      const found = streams(12)
        .map((random) => directions(random, length, 1_000))
        .filter((one) => one !== undefined);
      const back = found.filter((seen) => seen.includes('improving')).length / found.length;
      atLeast(`0.95 to 0.7 for ${length} and back: improving seen`, back, 0.9);
    },
  );

  test('a fall that stays is hardly ever followed by a rise that is none', () => {
    const found = streams(13)
      .map((random) => directions(random, 1_500, 0))
      .filter((one) => one !== undefined);
    const rises = found.map((seen) => (seen.includes('improving') ? 1 : 0));
    atMost('0.95 to 0.7 for good: improving seen within 1500', mean(rises), 0.1);
  });
}

/** What is seen of a fall from 0.95 to 0.7 after 1,000 results, and of the `after` results once it is over. */
function directions(random: () => number, length: number, after: number): string[] | undefined {
  const detector = new ChangeDetector();
  const seen: string[] = [];
  for (let n = 0; n < 1_000 + length + after; n += 1) {
    const p = n < 1_000 || n >= 1_000 + length ? 0.95 : 0.7;
    const change = detector.observe(random() < p, n, THRESHOLD);
    if (change !== undefined && n < 1_000) return undefined;
    if (change !== undefined) seen.push(change.direction);
  }
  return seen;
}
