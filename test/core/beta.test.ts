import { expect, test } from 'vitest';
import { betaCdf } from '../../src/core/beta.js';

test('agrees with the binomial sum that it equals for whole numbers', () => {
  for (const [a, b] of [
    [1, 1],
    [3, 5],
    [20, 4],
    [150, 60],
  ] as const) {
    for (const x of [0.01, 0.2, 0.5, 0.73, 0.99]) {
      expect(betaCdf(x, a, b)).toBeCloseTo(binomialTail(a + b - 1, a, x), 11);
    }
  }
});

test('agrees with the arcsine law at one half and one half', () => {
  for (const x of [0.001, 0.1, 0.5, 0.9]) {
    expect(betaCdf(x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
  }
});

test('stays a probability for very many attempts and at the ends', () => {
  expect(betaCdf(0.9, 900_000.5, 100_000.5)).toBeCloseTo(0.5, 2);
  expect(betaCdf(0, 2, 3)).toBe(0);
  expect(betaCdf(1, 2, 3)).toBe(1);
  expect(betaCdf(0.2, 1e6, 10)).toBe(0);
});

/** P(at least k of n succeed) at rate x; in logs, as the terms leave the range of a double. */
function binomialTail(n: number, k: number, x: number): number {
  let logTerm = n * Math.log(1 - x);
  let sum = k === 0 ? Math.exp(logTerm) : 0;
  for (let i = 1; i <= n; i += 1) {
    logTerm += Math.log(((n - i + 1) / i) * (x / (1 - x)));
    if (i >= k) sum += Math.exp(logTerm);
  }
  return sum;
}
