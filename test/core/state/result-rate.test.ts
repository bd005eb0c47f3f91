/** How many results a stream has a day, as thresholds take it. */
import { expect, test } from 'vitest';
import {
  countResult,
  decayedMs,
  evenRate,
  newRate,
  resultsPerDay,
  type ResultRate,
} from '../../../src/core/state/result-rate.js';

const DAY = 86_400_000;

/** `perDay` results a day, evenly, for so many days after what is known. */
function after(rate: ResultRate, perDay: number, days: number): ResultRate {
  const from = rate.newestMs;
  for (let n = 1; n <= perDay * days; n += 1) countResult(rate, from + (n * DAY) / perDay);
  return rate;
}

test('an even stream has the results that it has', () => {
  for (const days of [1, 7, 60]) {
    expect(resultsPerDay(after(newRate(0), 240, days)) / 240).toBeCloseTo(1, 1);
  }
});

test('the first results are taken for those of an hour', () => {
  const rate = newRate(0);
  for (let n = 1; n <= 10; n += 1) countResult(rate, n * 1000);
  expect(resultsPerDay(rate)).toBeCloseTo(240, 0);
});

test('results that follow within a second fade as any others', () => {
  const rate = newRate(0);
  const plain = { week: 0, newestMs: 0 };
  for (const ms of [0, 1, 2, 2.5, 999, 1_023, 1_024, 1_025, 60_000, 0]) {
    plain.week = plain.week * Math.exp(-ms / (7 * DAY)) + 1;
    plain.newestMs += ms;
    countResult(rate, plain.newestMs);
    expect(rate.weekResults).toBe(plain.week);
  }
});

test('a stream that has grown is taken for grown within days, one that rests for calm within weeks', () => {
  const rate = after(newRate(0), 10, 60);
  expect(resultsPerDay(after(rate, 1000, 3)) / 1000).toBeGreaterThan(0.9);
  expect(resultsPerDay(after(rate, 10, 3)) / 1000).toBeGreaterThan(0.2);
  expect(resultsPerDay(after(rate, 10, 60)) / 10).toBeLessThan(1.5);
});

test('without the memory of a day results are taken to have come evenly', () => {
  const { weekResults, watchedMs, newestMs, dayResults } = after(newRate(0), 240, 9);
  const even = evenRate({ weekResults, watchedMs, newestMs });
  expect(even.dayResults / dayResults).toBeCloseTo(1, 1);
  expect(watchedMs / decayedMs(9 * DAY)).toBeCloseTo(1, 9);
  expect(evenRate({ weekResults: 1, watchedMs: 0, newestMs: 0 }).dayResults).toBe(1);
});
