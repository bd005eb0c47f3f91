import { expect, test } from 'vitest';
import { LiveState } from '../../src/core/state/live-state.js';
import { completed, detected, fold, logged } from '../support/events.js';

// U+FEFF at the beginning of bytes is taken for a mark of their order, unless one says otherwise.
const ID = '\uFEFFf1';

test('an ended incident whose id begins with U+FEFF is found again', () => {
  const { state } = fold([detected(0, ID), completed(10, ID), completed(12, ID)]);
  expect([...state.incidents.ended()].map(({ failureId }) => failureId)).toEqual([ID]);
});

test('an open one keeps its id over a restart', () => {
  const { state } = fold([detected(0, 'x0'), detected(1, ID)]);
  const restored = LiveState.restore(state.snapshot()) ?? new LiveState();
  const idsOf = ({ incidents }: LiveState) => [...incidents.open].map(({ failureId }) => failureId);
  expect(idsOf(restored)).toEqual(['x0', ID]);
  restored.apply(logged(completed(10, ID), 3));
  expect(idsOf(restored)).toEqual(['x0']);
});
