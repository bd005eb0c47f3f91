/** A change of the failures given to a strategy, and a change of the strategy. */
import { expect, test } from 'vitest';
import { mixShift } from '../../src/analysis/mix-shift.js';
import type { History } from '../../src/core/ports.js';
import { emptyCell } from '../../src/core/rollup.js';

/** Failure type to [succeeded, failed]. */
function history(types: Readonly<Record<string, readonly [number, number]>>): History {
  return {
    cells: Object.entries(types).map(([failureType, [succeeded, failed]]) => ({
      failureType,
      strategy: 'S',
      cell: { ...emptyCell(), succeeded, failed },
    })),
    agents: [],
    agentsLeftOut: { agents: 0, failures: 0 },
  };
}

test('harder failures at the same rates are the mix', () => {
  const before = history({ easy: [90, 10], hard: [5, 5] });
  const after = history({ easy: [9, 1], hard: [50, 50] });
  expect(mixShift(before, after)).toMatchObject({ isMix: true, byRates: expect.closeTo(0, 9) });
});

test('lower rates on the same failures are the strategy', () => {
  const before = history({ easy: [90, 10], hard: [50, 50] });
  const after = history({ easy: [60, 40], hard: [20, 80] });
  const shift = mixShift(before, after);
  expect(shift).toMatchObject({ isMix: false, byMix: expect.closeTo(0, 9) });
  expect((shift?.byMix ?? 0) + (shift?.byRates ?? 0)).toBeCloseTo(-0.3, 9);
});

test('of few attempts nothing is said', () => {
  expect(mixShift(history({ a: [10, 9] }), history({ a: [1, 50] }))).toBeUndefined();
});
