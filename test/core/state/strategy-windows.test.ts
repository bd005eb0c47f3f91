import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveState } from '../../../src/core/state/live-state.js';
import { DAY_WINDOW, HOUR_WINDOW, WINDOWS } from '../../../src/core/state/windows.js';
import { at, completed, fold } from '../../support/events.js';

const attempt = fc.record({
  s: fc.integer({ min: 0, max: 200_000 }),
  strategy: fc.constantFrom('A', 'B'),
  outcome: fc.constantFrom('succeeded', 'failed', 'skipped' as const),
  durationMs: fc.nat(10_000),
});

test('the sums are those of the attempts that ended within the window, in any order of arrival', () => {
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 60 }), (attempts) => {
      const events = attempts.map(({ s, ...more }, i) => completed(s, `f${i}`, more));
      const { state } = fold(events);
      const nowMs = Math.max(at(0), ...events.map(({ timeMs }) => timeMs));
      for (const window of WINDOWS) {
        const fromMs = Math.floor((nowMs - window.spanMs) / window.bucketMs) * window.bucketMs;
        for (const strategy of ['A', 'B', undefined]) {
          const inside = events.filter(
            (one) =>
              one.timeMs >= fromMs &&
              one.outcome !== 'skipped' &&
              (strategy ?? one.strategy) === one.strategy,
          );
          expect(state.windows.sums(strategy, window, nowMs)).toEqual({
            succeeded: inside.filter(({ outcome }) => outcome === 'succeeded').length,
            failed: inside.filter(({ outcome }) => outcome === 'failed').length,
            durationMs: inside.reduce((sum, { durationMs }) => sum + durationMs, 0),
          });
        }
      }
    }),
    { numRuns: 300, seed: 20_261_123 },
  );
});

test('the windows slide on without events', () => {
  const { state } = fold([completed(0, 'a'), completed(3_000, 'b', { outcome: 'failed' })]);
  const name = 'AgentRestartStrategy';
  expect(state.windows.sums(name, HOUR_WINDOW, at(3_600))).toMatchObject({
    succeeded: 1,
    failed: 1,
  });
  expect(state.windows.sums(name, HOUR_WINDOW, at(3_720))).toMatchObject({
    succeeded: 0,
    failed: 1,
  });
  expect(state.windows.sums(name, HOUR_WINDOW, at(9_000))).toMatchObject({
    succeeded: 0,
    failed: 0,
  });
  expect(state.windows.sums(name, DAY_WINDOW, at(9_000))).toMatchObject({
    succeeded: 1,
    failed: 1,
  });
});

test('an event dated ahead of the clock pushes nothing out of the window', () => {
  const { state } = fold([completed(0, 'a'), completed(3_600 + 240, 'ahead')]);
  expect(state.windows.sums(undefined, HOUR_WINDOW, at(3_600)).succeeded).toBe(2);
});

test('a snapshot gives the same sums and goes on the same', () => {
  const { state } = fold([completed(0, 'a'), completed(50, 'b', { outcome: 'failed' })]);
  const restored = LiveState.restore(state.snapshot());
  fold([completed(100, 'c')], state);
  fold([completed(100, 'c')], restored);
  expect(restored?.windows.snapshot()).toEqual(state.windows.snapshot());
  expect(restored?.windows.sums(undefined, DAY_WINDOW, at(100)).succeeded).toBe(2);
});

test('failures of the last day are counted per type with what was tried on them', () => {
  const { state } = fold([
    completed(0, 'a', { failureType: 'x' }),
    completed(10, 'b', { failureType: 'y', outcome: 'skipped' }),
    completed(20, 'c', { failureType: 'y', outcome: 'skipped' }),
  ]);
  expect(state.failures.lastDay(at(30))).toEqual([
    { failureType: 'y', failures: 2, attempts: 0, skipped: 2 },
    { failureType: 'x', failures: 1, attempts: 1, skipped: 0 },
  ]);
  expect(state.failures.lastDay(at(2 * 86_400))).toEqual([]);
  const restored = LiveState.restore(state.snapshot());
  expect(restored?.failures.snapshot()).toEqual(state.failures.snapshot());
});

test('strategies beyond ten thousand count in the whole, and are not told apart', () => {
  const { state } = fold(
    Array.from({ length: 10_002 }, (_, i) => completed(i, `f${i}`, { strategy: `S${i}` })),
  );
  const nowMs = at(10_002);
  expect(state.windows.sums(undefined, DAY_WINDOW, nowMs).succeeded).toBe(10_002);
  expect(state.windows.sums('S9999', DAY_WINDOW, nowMs).succeeded).toBe(1);
  expect(state.windows.sums('S10001', DAY_WINDOW, nowMs).succeeded).toBe(0);
  expect(state.trends.read('S9999', nowMs)).toBeDefined();
  expect(state.trends.read('S10001', nowMs)).toBeUndefined();
});
