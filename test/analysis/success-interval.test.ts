import { expect, test } from 'vitest';
import { successInterval } from '../../src/analysis/success-interval.js';

test('no attempts, no interval', () => {
  expect(successInterval(0, 0, 0)).toBeUndefined();
});

test('it is never empty, never outside 0 to 1, and holds the rate', () => {
  for (const n of [1, 2, 7, 100]) {
    for (let s = 0; s <= n; s += 1) {
      const { lower, upper } = successInterval(n, s, 0.3) ?? { lower: 2, upper: -1 };
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(upper).toBeLessThanOrEqual(1);
      expect(lower).toBeLessThanOrEqual(s / n + 1e-12);
      expect(upper).toBeGreaterThanOrEqual(s / n - 1e-12);
      expect(upper - lower).toBeGreaterThan(0.01);
    }
  }
});

test('failures in runs make it wider', () => {
  const width = (correlation: number): number => {
    const { lower, upper } = successInterval(100, 90, correlation) ?? { lower: 0, upper: 0 };
    return upper - lower;
  };
  expect(width(0.4)).toBeGreaterThan(1.3 * width(0));
});

test.each([
  [10, 0.945, 0.96, 0.83],
  [100, 0.945, 0.96, 0.9],
])('the exact coverage at n = %i is what 95 %% promises', (n, meanMin, meanMax, leastMin) => {
  const covered: number[] = [];
  for (let p = 0.3; p <= 0.995; p += 0.005) {
    let sum = 0;
    let logTerm = n * Math.log(1 - p);
    for (let s = 0; s <= n; s += 1) {
      if (s > 0) logTerm += Math.log(((n - s + 1) / s) * (p / (1 - p)));
      const { lower, upper } = successInterval(n, s, 0) ?? { lower: 1, upper: 0 };
      if (lower <= p && p <= upper) sum += Math.exp(logTerm);
    }
    covered.push(sum);
  }
  const mean = covered.reduce((sum, one) => sum + one, 0) / covered.length;
  expect(mean).toBeGreaterThanOrEqual(meanMin);
  expect(mean).toBeLessThanOrEqual(meanMax);
  expect(Math.min(...covered)).toBeGreaterThanOrEqual(leastMin);
});
