// Hits counted at once and misses at the end of their time: while the predictions of a fleet stood, all that were settled
// had come true, and a source that guesses was called better than chance, always right and underconfident.
import { expect, test } from 'vitest';
import { predictionScores } from '../../src/analysis/prediction-scores.js';
import { predictionsJson } from '../../src/analysis/predictions-json.js';
import type { FailurePredicted, HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, detected, envelope, fold, logged } from '../support/events.js';
import { uniform } from '../support/random.js';

const AGENTS = 400;
const HOUR = 3600;
const ISSUED = 96 * HOUR;
const ENDS = ISSUED + HOUR;

function predicted(seconds: number, agentId: string, predictor: 'health' | 'queue') {
  const prediction: FailurePredicted = {
    ...envelope(seconds),
    type: 'selfhealer.failure.predicted',
    predictionId: `${predictor}-${agentId}`,
    failureType: 'agent_down',
    agentId,
    confidence: 0.28,
    expectedInMs: (HOUR * 1000) / 2,
    predictor,
  };
  return prediction;
}

/** Every agent fails once in three hours, whatever `health` says of all of them at one time. */
function fleet(): HealingEvent[] {
  const random = uniform(33);
  const events: HealingEvent[] = [];
  for (let a = 0; a < AGENTS; a += 1) {
    const agentId = `a${a}`;
    events.push(predicted(0, agentId, 'queue')); // so that it is watched
    events.push(predicted(ISSUED, agentId, 'health'));
    let n = 0;
    for (let s = HOUR; s < ENDS; s -= 3 * HOUR * Math.log(1 - random())) {
      events.push(detected(s, `${agentId}-${n}`, { agentId }));
      n += 1;
    }
  }
  return events.sort((a, b) => a.timeMs - b.timeMs);
}

const events = fleet();
const untilMid = events.filter(({ timeMs }) => timeMs <= at(ISSUED + HOUR / 3));

test('while they stand nothing is said of them, and afterwards that they guess', () => {
  const { state } = fold(untilMid);
  const during = predictionScores(state, at(ISSUED + HOUR / 3)).get('health');
  expect(during).toMatchObject({
    outcomes: { occurred: 0, expired: 0 },
    precision: { rate: undefined },
    chance: { verdict: 'insufficient_data', tested: 0, odds: 1 },
    calibration: { verdict: 'insufficient_data', judged: 0 },
  });
  expect(during?.settledEarly).toBeGreaterThan(30);
  // What was announced is known at once: it is a share of failures.
  expect(during?.announced).toBe(during?.settledEarly);

  fold(events.slice(untilMid.length), state);
  // Nobody has said yet that the others expired.
  const after = predictionScores(state, at(ENDS + 1)).get('health');
  expect(after).toMatchObject({ settledEarly: 0, chance: { verdict: 'no_better_than_chance' } });
  expect(after?.outcomes.occurred).toBeGreaterThan(50);
  expect(after?.outcomes.expired).toBe(AGENTS - (after?.outcomes.occurred ?? 0));
  expect(after?.chance.tested).toBeGreaterThan(300);
  expect(after?.calibration.verdict).toBe('calibrated');
  expect(predictionsJson(state, at(ENDS + 1)).standing).toBe(0);
});

test('that they expired may be said late: the scores stay the same', () => {
  const { state } = fold(events);
  const before = predictionScores(state, at(ENDS + 60)).get('health');
  const due = state.predictions.due(at(ENDS + 60));
  expect(due.length).toBeGreaterThan(250);
  for (const { predictionId, timeMs } of due) {
    const type = 'selfhealer.prediction.resolved';
    const outcome = 'expired';
    fold([{ ...envelope(0), timeMs, type, predictionId, outcome }], state);
  }
  const after = predictionScores(state, at(ENDS + 60)).get('health');
  expect(after?.outcomes).toEqual(before?.outcomes);
  expect(after?.chance.odds).toBeCloseTo(before?.chance.odds ?? 0, 9);
});

test('a sender that gives up its misses before their time has missed all the same', () => {
  const { state } = fold(events.filter(({ timeMs }) => timeMs <= at(ISSUED + HOUR / 3)));
  const rest = events.slice(untilMid.length);
  const announced = new Set(
    rest.flatMap((event) => (event.type === 'selfhealer.failure.detected' ? [event.agentId] : [])),
  );
  const givenUp = Array.from({ length: AGENTS }, (_, a) => `a${a}`)
    .filter((agentId) => !announced.has(agentId))
    .map((agentId, i) => ({
      ...envelope(ISSUED + HOUR / 3 + i / 1000),
      type: 'selfhealer.prediction.resolved' as const,
      predictionId: `health-${agentId}`,
      outcome: 'expired' as const,
    }));
  fold([...givenUp, ...rest], state);

  const scores = predictionScores(state, at(ENDS + 1)).get('health');
  expect(scores?.chance.tested).toBeGreaterThan(300);
  expect(scores?.chance.verdict).toBe('no_better_than_chance');
});

test('it is the same with a restart in between, and folded together', () => {
  const { state } = fold(events);
  const restored = LiveState.restore(fold(untilMid).state.snapshot());
  expect(fold(events.slice(untilMid.length), restored).state.snapshot()).toBe(state.snapshot());
  const together = new LiveState();
  together.applyAll(events.map((event, i) => logged(event, i + 1)));
  expect(together.snapshot()).toBe(state.snapshot());
});

test('a snapshot of an older release, in which none waited, is read', () => {
  const lines = fold(untilMid).state.snapshot().split('\n');
  const { earlyOutcomes, ...older } = JSON.parse(lines.pop() ?? '');
  expect(earlyOutcomes.waiting.length).toBeGreaterThan(30);
  const restored = LiveState.restore([...lines, JSON.stringify(older)].join('\n'));
  if (restored === undefined) throw new Error('it is not read');
  expect(predictionScores(restored, at(ISSUED)).get('health')?.settledEarly).toBe(0);
});

test('who waits is bounded, and what has ended is folded in without waiting for a look', () => {
  const state = new LiveState();
  for (let i = 0; i < 45_000; i += 1) {
    // They overlap, so that only the first is compared with chance.
    const prediction = { ...predicted(i / 10, 'a0', 'health'), predictionId: `p${i}` };
    fold([prediction, detected(i / 10, `f${i}`, { agentId: 'a0' })], state);
    expect(state.predictionScores.early.waiting.length).toBeLessThanOrEqual(40_000);
  }
  const scores = predictionScores(state, at(4500)).get('health');
  expect(scores?.outcomes.occurred).toBe(45_000 - (scores?.settledEarly ?? 0));
  expect(predictionScores(state, at(9000)).get('health')?.outcomes.occurred).toBe(45_000);
});
