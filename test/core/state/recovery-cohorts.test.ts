import { expect, test } from 'vitest';
import { binOf } from '../../../src/core/bins.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { DAY_WINDOW, HOUR_WINDOW } from '../../../src/core/state/windows.js';
import { at, completed, detected, envelope, fold } from '../../support/events.js';

test('an incident belongs to the window in which it started, however late it ended', () => {
  const { state } = fold([
    detected(0, 'long'),
    detected(4_000, 'short'),
    completed(4_060, 'short'),
    completed(7_200, 'long'),
  ]);
  const nowMs = at(7_200);
  expect(state.cohorts.cohort(undefined, HOUR_WINDOW, nowMs)).toEqual({
    recovered: new Map([[binOf(60_000), 1]]),
    recoveries: 1,
    recoveredMs: 60_000,
    censored: new Map(),
  });
  expect(state.cohorts.cohort('agent_down', DAY_WINDOW, nowMs)).toMatchObject({
    recoveries: 2,
    recoveredMs: 7_260_000,
  });
});

test('an incident that expired has not recovered until then', () => {
  const { state } = fold([
    detected(0, 'f'),
    {
      ...envelope(600),
      type: 'selfhealer.failure.resolved',
      failureId: 'f',
      resolution: 'expired',
    },
  ]);
  expect(state.cohorts.cohort('agent_down', HOUR_WINDOW, at(700))).toEqual({
    recovered: new Map(),
    recoveries: 0,
    recoveredMs: 0,
    censored: new Map([[binOf(600_000), 1]]),
  });
});

test('types are apart, and all of them together are the sum', () => {
  const { state } = fold([
    completed(100, 'a', { failureType: 'x', durationMs: 1_000 }),
    completed(200, 'b', { failureType: 'y', durationMs: 3_000 }),
  ]);
  expect(state.cohorts.failureTypes()).toEqual(['x', 'y']);
  expect(state.cohorts.cohort('x', HOUR_WINDOW, at(300)).recoveredMs).toBe(1_000);
  expect(state.cohorts.cohort(undefined, HOUR_WINDOW, at(300)).recoveredMs).toBe(4_000);
  expect(state.cohorts.cohort('z', HOUR_WINDOW, at(300)).recoveries).toBe(0);
});

test('what started before the window is forgotten, and a snapshot keeps the rest', () => {
  const { state } = fold([
    completed(0, 'old'),
    completed(2 * 86_400, 'new'),
    completed(2 * 86_400 + 60, 'newer'),
  ]);
  const nowMs = at(2 * 86_400 + 60);
  expect(state.cohorts.cohort(undefined, DAY_WINDOW, nowMs).recoveries).toBe(2);
  const restored = LiveState.restore(state.snapshot());
  expect(restored?.cohorts.snapshot()).toEqual(state.cohorts.snapshot());
  expect(JSON.stringify(state.cohorts.snapshot()).length).toBeLessThan(400);
});
