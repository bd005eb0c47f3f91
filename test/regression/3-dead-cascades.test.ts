// The minutes of a failure type are forgotten when a newer failure of it comes. A type that never failed again kept
// its cascades for ever, as those of "28d" up to "now".
import { expect, test } from 'vitest';
import { cascadesNow } from '../../src/analysis/cascades.js';
import { deriveGauges } from '../../src/analysis/derived.js';
import { adviceNow } from '../../src/analysis/standing-advice.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, detected, fold } from '../support/events.js';
import { uniform } from '../support/random.js';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const CASCADE_DAYS = 10;

/** Every hour one type and, mostly, the other one after it; then neither of them again. */
function withCascade(): LiveState {
  const random = uniform(11);
  const state = new LiveState();
  for (let hour = 0; hour < 24 * CASCADE_DAYS; hour += 1) {
    const seconds = hour * HOUR + 3_000 * random();
    fold([detected(seconds, `c${hour}`, { failureType: 'disk_full' })], state);
    if (random() > 0.7) continue;
    fold([detected(seconds + 150, `e${hour}`, { failureType: 'agent_lost' })], state);
  }
  return state;
}

/** What is told of it where somebody looks. */
function told(state: LiveState, seconds: number) {
  const nowMs = at(seconds);
  return {
    gauges: deriveGauges(state, nowMs).cascades.length,
    advice: adviceNow(state, nowMs).filter(({ id }) => id.startsWith('prevention:cascade')).length,
  };
}

test('a cascade ends with the four weeks, whether or not anything fails again', () => {
  const state = withCascade();
  expect(told(state, CASCADE_DAYS * DAY)).toEqual({ gauges: 1, advice: 1 });
  // Five days are left of it, and not one failure has come since.
  expect(told(state, (CASCADE_DAYS + 23) * DAY)).toEqual({ gauges: 1, advice: 1 });
  expect(told(state, (CASCADE_DAYS + 28) * DAY + HOUR)).toEqual({ gauges: 0, advice: 0 });

  fold([detected(290 * DAY, 'other', { failureType: 'queue_stuck' })], state);
  expect(told(state, 290 * DAY)).toEqual({ gauges: 0, advice: 0 });
});

test('what is told of it rests on the hours of the last four weeks', () => {
  const state = withCascade();
  const followed = [0, 19, 21, 23].map((days) => {
    const [edge] = cascadesNow(state, at((CASCADE_DAYS + days) * DAY));
    return edge?.followed ?? 0;
  });
  expect(followed[1]).toBeLessThan(followed[0] ?? 0);
  expect(followed[2]).toBeLessThan(followed[1] ?? 0);
  expect(followed[3]).toBeLessThan(followed[2] ?? 0);
});
