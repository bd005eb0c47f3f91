import { expect, test } from 'vitest';
import { addToBins, type Bins } from '../../src/core/bins.js';
import { horizonOf, restrictedMean } from '../../src/analysis/restricted-mean.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function bins(...durations: readonly (readonly [ms: number, count: number])[]): Bins {
  const all: Bins = new Map();
  for (const [ms, count] of durations) addToBins(all, ms, count);
  return all;
}

test('below ten recoveries there is no mean, below thirty no interval', () => {
  const none = new Map<number, number>();
  expect(restrictedMean({ recovered: bins([MINUTE, 9]), censored: none }, HOUR)).toBeUndefined();
  const ten = restrictedMean({ recovered: bins([MINUTE, 10]), censored: none }, HOUR);
  expect(ten).toMatchObject({ lowerMs: undefined, upperMs: undefined, recovered: 10 });
  const thirty = restrictedMean({ recovered: bins([MINUTE, 30]), censored: none }, HOUR);
  expect(thirty?.lowerMs).toBeDefined();
});

test('when everything recovered in time it is the plain mean, within a bin', () => {
  const recovered = bins([MINUTE, 20], [10 * MINUTE, 20]);
  const mean = restrictedMean({ recovered, censored: new Map() }, HOUR)?.meanMs ?? 0;
  expect(Math.abs(mean / (5.5 * MINUTE) - 1)).toBeLessThan(0.04);
});

test('what lasts beyond the horizon counts as the horizon, open or recovered', () => {
  const half = { recovered: bins([MINUTE, 10]), censored: bins([3 * HOUR, 10]) };
  const late = { recovered: bins([MINUTE, 10], [3 * HOUR, 10]), censored: new Map() };
  const mean = restrictedMean(half, HOUR)?.meanMs ?? 0;
  expect(Math.abs(mean / (30.5 * MINUTE) - 1)).toBeLessThan(0.03);
  expect(restrictedMean(late, HOUR)?.meanMs).toBe(mean);
  expect(restrictedMean(half, HOUR)).toMatchObject({ recovered: 10, unrecovered: 10 });
});

test('open incidents make it longer, the younger they are the less', () => {
  const recovered = bins([10 * MINUTE, 40]);
  const meanWith = (ageMs: number): number =>
    restrictedMean({ recovered, censored: bins([ageMs, 20]) }, HOUR)?.meanMs ?? 0;
  expect(meanWith(MINUTE)).toBeCloseTo(meanWith(5 * MINUTE), 6); // they say nothing yet
  expect(meanWith(20 * MINUTE)).toBeGreaterThan(1.5 * meanWith(MINUTE));
});

test('the median is missing while fewer than half recover', () => {
  const recovered = bins([MINUTE, 20]);
  expect(restrictedMean({ recovered, censored: bins([HOUR, 10]) }, HOUR)?.medianMs).toBeDefined();
  expect(restrictedMean({ recovered, censored: bins([HOUR, 30]) }, HOUR)?.medianMs).toBeUndefined();
});

test('the horizon is four hours, or the window where that is shorter', () => {
  expect(horizonOf(HOUR)).toBe(HOUR);
  expect(horizonOf(24 * HOUR)).toBe(4 * HOUR);
  expect(horizonOf(Number.POSITIVE_INFINITY)).toBe(4 * HOUR);
});
