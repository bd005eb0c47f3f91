import { expect, test } from 'vitest';
import { Hull } from '../../../src/core/state/hull.js';

test('A hull that stays small keeps its room: none is made anew for every point', () => {
  const hull = new Hull(1);
  hull.push(0, 0, 0, 0);
  const room = hull.corners;
  // A rate that falls and falls: each point hides the one before.
  for (let n = 1; n <= 100; n += 1) {
    hull.hide(n, -n * n);
    hull.push(n, -n * n, 0, n);
    expect(hull.corners).toBe(room);
  }
});

test('A hull that was large gives its room back', () => {
  const hull = new Hull(1);
  hull.push(0, 0, 0, 0);
  for (let n = 1; n <= 100; n += 1) {
    hull.hide(n, n * n);
    hull.push(n, n * n, 0, n);
  }
  const large = hull.corners.length;
  hull.hide(101, -1e9);
  hull.push(101, -1e9, 0, 101);
  expect(hull.corners.length).toBeLessThan(large / 2);
});
