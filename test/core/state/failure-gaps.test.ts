import { describe, expect, test } from 'vitest';
import { FailureGaps } from '../../../src/core/state/failure-gaps.js';
import { at } from '../../support/events.js';
import { uniform } from '../../support/random.js';

const SPAN_MS = 600_000;

/** As docs/analysis.md has it, with a weight for each gap. */
function chanceOf(gaps: readonly { ms: number; weight: number }[], sinceMs: number): number {
  let followed = SPAN_MS;
  let all = Math.max(SPAN_MS, sinceMs);
  for (const { ms, weight } of gaps) {
    followed += weight * Math.min(ms, SPAN_MS);
    all += weight * ms;
  }
  return followed / all;
}

describe('the chance that a failure comes anyway', () => {
  test.each([0, 60, 700, 90_000])('is that of the formula, %i s after the newest one', (since) => {
    const random = uniform(3);
    const gaps = new FailureGaps(at(0));
    const known: { ms: number; weight: number }[] = [];
    let seconds = 0;
    for (let i = 0; i < 30; i += 1) {
      const gap = 1 + Math.floor(3000 * random() ** 2);
      seconds += gap;
      known.push({ ms: 1000 * gap, weight: 1 });
      gaps.failed(at(seconds));
    }
    const chance = gaps.chanceWithin(SPAN_MS, at(seconds + since)) ?? Number.NaN;
    // Gaps are kept in bins 8 % wide.
    expect(chance / chanceOf(known, 1000 * since)).toBeCloseTo(1, 1);
  });

  test('is that of one failure in all the time watched, where none came', () => {
    const gaps = new FailureGaps(at(0));
    const hundred = 100 * (SPAN_MS / 1000);
    expect(gaps.chanceWithin(SPAN_MS, at(hundred - 1))).toBeUndefined();
    expect(gaps.chanceWithin(SPAN_MS, at(hundred))).toBeCloseTo(0.01, 10);
    expect(gaps.chanceWithin(SPAN_MS, at(2 * hundred))).toBeCloseTo(0.005, 10);
  });

  test('is known after a hundred times the span also where failures came, or after ten of them', () => {
    const few = new FailureGaps(at(0));
    for (let i = 1; i < 10; i += 1) few.failed(at(i));
    expect(few.chanceWithin(SPAN_MS, at(20))).toBeUndefined();
    expect(few.chanceWithin(SPAN_MS, at(100 * (SPAN_MS / 1000)))).toBeGreaterThan(0);
    few.failed(at(20));
    expect(few.chanceWithin(SPAN_MS, at(20))).toBe(1);
  });

  test('forgets by halves: beyond 500, all gaps weigh half as much', () => {
    const gaps = new FailureGaps(at(0));
    const known: { ms: number; weight: number }[] = [];
    let seconds = 0;
    for (let i = 0; i < 900; i += 1) {
      const gap = i < 500 ? 6000 : 60;
      seconds += gap;
      gaps.failed(at(seconds));
      known.push({ ms: 1000 * gap, weight: 1 });
      if (known.reduce((sum, { weight }) => sum + weight, 0) <= 500) continue;
      for (const one of known) one.weight /= 2;
    }
    const chance = gaps.chanceWithin(SPAN_MS, at(seconds)) ?? Number.NaN;
    expect(chance / chanceOf(known, 0)).toBeCloseTo(1, 1);
    const restored = FailureGaps.restore(gaps.snapshot());
    expect(restored.chanceWithin(SPAN_MS, at(seconds))).toBe(chance);
  });
});
