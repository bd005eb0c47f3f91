/** Values from tables of the normal distribution. */
import { expect, test } from 'vitest';
import { normalQuantile, normalTail } from '../../src/core/normal.js';

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.001, -3.090232306167813],
])('the quantile at %d', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 7);
});

test.each([
  [0, 0.5],
  [1.959963984540054, 0.025],
  [5, 2.866515718791939e-7],
  [-1, 0.8413447460685429],
])('the tail beyond %d', (z, p) => {
  expect(normalTail(z) / p).toBeCloseTo(1, 9);
});
