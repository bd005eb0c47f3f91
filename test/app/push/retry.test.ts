/** What a receiver says about when to come back. */
import { expect, test } from 'vitest';
import { delayMs, retryAfterMs } from '../../../src/app/push/retry.js';

test.each([
  ['7', 7000],
  [' 7 ', 7000],
  ['1.5', 1500],
  ['99999999999', 3_600_000],
  ['Tue, 24 Nov 2026 00:00:10 GMT', 10_000],
  ['soon', undefined],
  ['', undefined],
])('Retry-After of "%s" is %s ms', (given, ms) => {
  expect(retryAfterMs(given, Date.UTC(2026, 10, 24))).toBe(ms);
});

test.each([
  [1, undefined, 0, 800],
  [1, undefined, 1, 1200],
  [3, undefined, 0.5, 4000],
  [99, undefined, 0.5, 30_000],
  [1, 0, 0.5, 1000],
  [1, 50_000, 0, 50_000],
  [1, 50_000, 1, 60_000],
])('after %i failures, asked for %s ms, by chance %d: %i ms', (failures, asked, random, ms) => {
  expect(delayMs(failures, asked, random)).toBeCloseTo(ms, 6);
});
