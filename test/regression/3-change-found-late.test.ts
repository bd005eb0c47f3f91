// A change was news for a day from when it came. One that took more than a day and 50 attempts to find, as weak ones of
// strategies with few attempts do, was old news when it was found, and never called.
import { expect, test } from 'vitest';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, fold } from '../support/events.js';
import { uniform } from '../support/random.js';

const STRATEGY = 'AgentRestartStrategy';
const PER_DAY = 30;
const SETTLED = 400;

/** The attempts after the change at which each trend was called. */
function calledAt(seed: number): Record<'success' | 'pair' | 'duration', number[]> {
  const random = uniform(seed);
  const state = new LiveState();
  const called: ReturnType<typeof calledAt> = { success: [], pair: [], duration: [] };
  for (let n = 0; n < SETTLED + 300; n += 1) {
    const isAfter = n >= SETTLED;
    const outcome = random() < (isAfter ? 0.86 : 0.97) ? 'succeeded' : 'failed';
    const durationMs = 1000 * Math.exp(2 * random()) * (isAfter ? 1.4 : 1);
    const seconds = (n * 86_400) / PER_DAY;
    fold([completed(seconds, `f${n}`, { outcome, durationMs })], state);
    const nowMs = at(seconds);
    const { trends, pairTrends, attemptDurations } = state;
    if (trends.read(STRATEGY, nowMs)?.trend === 'degrading') called.success.push(n - SETTLED);
    const pair = pairTrends.read(STRATEGY, nowMs).get('agent_down');
    if (pair?.trend === 'degrading') called.pair.push(n - SETTLED);
    const duration = attemptDurations.read(STRATEGY, nowMs);
    if (duration?.trend === 'slower') called.duration.push(n - SETTLED);
  }
  return called;
}

test.each([
  [9, 'success'],
  [9, 'pair'],
  [3, 'duration'],
] as const)(
  'a change that takes more than a day to find is called for a day (%i, %s)',
  (seed, of) => {
    const called = calledAt(seed)[of];
    expect(called[0]).toBeGreaterThan(50);
    expect(called.length).toBeGreaterThanOrEqual(PER_DAY);
  },
);
