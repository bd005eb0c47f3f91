/**
 * What an incident learned late moved it to the end of those of its agent, and labels that it had left were remembered
 * with their successes: a restart forgot both, so that the same log gave another state after one.
 */
import { expect, test } from 'vitest';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { completed, detected, fold, logged } from '../support/events.js';

/** The state after all events, with a restart after the first `cut` of them. */
function foldedWithRestart(events: readonly HealingEvent[], cut: number): LiveState {
  let state = new LiveState();
  for (const [i, event] of events.entries()) {
    if (i === cut) state = LiveState.restore(state.snapshot()) ?? new LiveState();
    state.apply(logged(event, i + 1));
  }
  return state;
}

test('one success ends incidents in the same order with and without a restart', () => {
  const agentId = 'a1';
  const events = [
    detected(0, 'f1'),
    detected(1, 'f2', { agentId }),
    detected(2, 'f1', { agentId }),
    detected(3, 'f3', { agentId }),
    completed(4, 'f3', { agentId }),
  ];
  expect(foldedWithRestart(events, 3).snapshot()).toBe(fold(events).state.snapshot());
});

test('labels that no incident has any more are forgotten with their successes', () => {
  const events = [
    completed(10, 'task_1', { agentId: 'a1', failureType: undefined }),
    // Until now its type was only read off its id.
    detected(5, 'task_1', { agentId: 'a1', failureType: 'task_timeout' }),
    detected(1, 'task_2', { agentId: 'a1', failureType: 'task' }),
  ];
  const { state } = fold(events);
  expect([...state.incidents.open].map(({ failureId }) => failureId)).toEqual(['task_2']);
  expect(foldedWithRestart(events, 2).snapshot()).toBe(state.snapshot());
});
