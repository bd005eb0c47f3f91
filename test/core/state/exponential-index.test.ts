import { expect, test } from 'vitest';
import { exponentialIndex, FINEST_SCALE } from '../../../src/core/state/exponential-index.js';
import { uniform } from '../../support/random.js';

const SCALES = [FINEST_SCALE, 4, 3, 1, 0, -1, -3];

/** By its definition: the first bucket whose upper bound is not below the value. */
function wanted(value: number, scale: number): number {
  const upperBound = (index: number): number => 2 ** (index / 2 ** scale);
  let index = Math.round(Math.log2(value) * 2 ** scale);
  while (upperBound(index) < value) index += 1;
  while (upperBound(index - 1) >= value) index -= 1;
  return index;
}

test('any value lies in the bucket whose bounds it lies between', () => {
  const random = uniform(20_261_128);
  for (let n = 0; n < 20_000; n += 1) {
    const value = 2 ** (60 * random() - 30);
    const scale = SCALES[n % SCALES.length] ?? 0;
    // Plus 0: the definition may come to a zero with a sign.
    expect(exponentialIndex(value, scale)).toBe(wanted(value, scale) + 0);
  }
});

test('a bound lies in the bucket that it ends, and what is hardly more in the next', () => {
  for (const scale of SCALES) {
    for (let index = -200; index <= 200; index += 1) {
      const bound = 2 ** (index / 2 ** scale);
      if (bound < 1e-300 || bound === Infinity) continue;
      expect(exponentialIndex(bound, scale)).toBe(index);
      expect(exponentialIndex(bound * (1 + 1e-12), scale)).toBe(index + 1);
      expect(exponentialIndex(bound * (1 - 1e-12), scale)).toBe(index);
    }
  }
});

test('the tiniest and the greatest numbers have a bucket', () => {
  expect(exponentialIndex(5e-324, 0)).toBe(-1074);
  expect(exponentialIndex(1e-310, 0)).toBe(-1029);
  expect(exponentialIndex(Number.MAX_VALUE, 0)).toBe(1024);
});
