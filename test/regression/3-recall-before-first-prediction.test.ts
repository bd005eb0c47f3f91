// A failure from before the first prediction of its type, told of afterwards, counted as one that nobody announced.
import { expect, test } from 'vitest';
import { predictionScores } from '../../src/analysis/prediction-scores.js';
import type { FailurePredicted } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, detected, envelope, fold } from '../support/events.js';

function predicted(seconds: number, predictionId: string): FailurePredicted {
  return {
    ...envelope(seconds),
    type: 'selfhealer.failure.predicted',
    predictionId,
    failureType: 'agent_down',
    agentId: undefined,
    confidence: 0.5,
    expectedInMs: 60_000,
    predictor: 'bottleneck',
  };
}

function recallOf(state: LiveState): unknown {
  return predictionScores(state, at(100_000)).get('bottleneck')?.recall;
}

test('a failure from before the first prediction is none that it could have announced', () => {
  const { state } = fold([predicted(3600, 'p1'), detected(0, 'f1')]);
  expect(recallOf(state)).toMatchObject({ rate: undefined, of: 0 });
  fold([detected(3600, 'f2'), detected(7200, 'f3')], state);
  expect(recallOf(state)).toMatchObject({ rate: 0.5, of: 2 });
});

test('a prediction that comes late begins the time earlier', () => {
  const { state } = fold([predicted(3600, 'p1'), predicted(0, 'p0'), detected(30, 'f1')]);
  expect(recallOf(state)).toMatchObject({ rate: 1, of: 1 });
});

test('it is the same after a restart, also from a snapshot of an older release', () => {
  const { state } = fold([predicted(3600, 'p1')]);
  const text = state.snapshot();
  const lines = text.split('\n');
  const older = JSON.parse(lines.pop() ?? '');
  for (const watched of older.predictions.watched) expect(watched.pop()).toBe(at(3600));
  for (const snapshot of [text, [...lines, JSON.stringify(older)].join('\n')]) {
    const restored = LiveState.restore(snapshot);
    if (restored === undefined) throw new Error('it is not read');
    expect(restored.snapshot()).toBe(text);
    fold([detected(0, 'f1'), detected(3610, 'f2')], restored);
    expect(recallOf(restored)).toMatchObject({ rate: 1, of: 1 });
  }
});
