// Where most durations are equal, as those of fast healers in whole milliseconds, a few that were not counted as dozens of
// standard deviations each: a strategy that never changed was called slower and faster every few hundred attempts.
import { expect, test } from 'vitest';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, fold } from '../support/events.js';
import { uniform } from '../support/random.js';

const STRATEGY = 'FastStrategy';
const PER_DAY = 300;

/** What the duration of each attempt, a few minutes apart, is called over time. */
function calledOver(count: number, durationMs: (n: number) => number): string[] {
  const state = new LiveState();
  const called = new Set<string>();
  for (let n = 0; n < count; n += 1) {
    const seconds = (n * 86_400) / PER_DAY;
    fold([completed(seconds, `f${n}`, { strategy: STRATEGY, durationMs: durationMs(n) })], state);
    if (n % 16 !== 0) continue;
    const reading = state.attemptDurations.read(STRATEGY, at(seconds));
    if (reading !== undefined) called.add(reading.trend);
  }
  return [...called];
}

test.each([
  [0.97, 0, 1],
  [0.99, 0, 1],
  [0.995, 1_000, 5_000],
])('a share of %d takes %i ms, the others %i ms, and nothing changes', (share, mostMs, elseMs) => {
  for (const seed of [1, 2, 3]) {
    const random = uniform(seed);
    const called = calledOver(4_000, () => (random() < share ? mostMs : elseMs));
    expect(called).toEqual(['insufficient_data', 'stable']);
  }
});

test('equal durations that all become longer are called slower', () => {
  expect(calledOver(600, (n) => (n < 500 ? 1_000 : 2_000))).toContain('slower');
});
