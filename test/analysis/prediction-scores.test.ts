import { expect, test } from 'vitest';
import { predictionScores, type PredictorScore } from '../../src/analysis/prediction-scores.js';
import type { FailurePredicted, HealingEvent, PredictionOutcome } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold } from '../support/events.js';

/** After the end of all that is predicted here. */
const LATER_MS = at(1_000_000);

function predicted(
  seconds: number,
  predictionId: string,
  more: Partial<FailurePredicted> = {},
): FailurePredicted {
  return {
    ...envelope(seconds),
    type: 'selfhealer.failure.predicted',
    predictionId,
    failureType: 'agent_down',
    agentId: undefined,
    confidence: 0.8,
    expectedInMs: 60_000,
    predictor: 'trend',
    ...more,
  };
}

function settled(seconds: number, predictionId: string, outcome: PredictionOutcome): HealingEvent {
  return { ...envelope(seconds), type: 'selfhealer.prediction.resolved', predictionId, outcome };
}

function scoreOf(
  state: LiveState,
  predictor: 'trend' | 'pattern' | 'unknown' = 'trend',
  nowMs = LATER_MS,
) {
  const score = predictionScores(state, nowMs).get(predictor);
  if (score === undefined) throw new Error(`nothing is known of ${predictor}`);
  return score;
}

test('precision, recall and lead time of what came true and what did not', () => {
  const { state } = fold([
    predicted(0, 'p1'),
    detected(30, 'f1'),
    predicted(100, 'p2'),
    settled(300, 'p2', 'expired'),
    detected(400, 'f2'), // nobody expected it
    predicted(500, 'p3'),
    settled(510, 'p3', 'prevented'),
    predicted(600, 'p4'), // stands
    detected(601, 'f3', { failureType: 'disk_full' }), // not of the types that are predicted
  ]);
  const score = scoreOf(state, 'trend', at(700));
  expect(score).toMatchObject({
    issued: 4,
    settledEarly: 0,
    outcomes: { occurred: 1, prevented: 1, false_positive: 0, expired: 1 },
    precision: { rate: 2 / 3, of: 3 },
    cameTrue: { rate: 0.5, of: 2 },
    recall: { rate: 0.5, of: 2 },
    announced: 1,
    leadTime: { samples: 1 },
  });
  expect(score.leadTime.p50Ms).toBeGreaterThan(28_000);
  expect(score.leadTime.p50Ms).toBeLessThan(32_000);
  expect(predictionScores(state, LATER_MS).has('pattern')).toBe(false);
});

test('one failure makes every prediction true that announced it, and is announced once by each source', () => {
  const { state } = fold([
    predicted(0, 'p1'),
    predicted(1, 'p2', { agentId: 'a1' }),
    predicted(2, 'p3', { agentId: 'a2' }),
    predicted(3, 'p4', { predictor: 'pattern' }),
    detected(30, 'f1', { agentId: 'a1' }),
  ]);
  expect(scoreOf(state)).toMatchObject({ outcomes: { occurred: 2 }, announced: 1 });
  expect(scoreOf(state, 'pattern')).toMatchObject({ outcomes: { occurred: 1 }, announced: 1 });
  expect(state.predictions.standing).toBe(1);
  expect([...state.counts.failuresPredicted.values()].map(({ value }) => value.n)).toEqual([1]);
});

test("Brier's score, its skill and the reliability are those of their definitions", () => {
  const given = [
    [0.9, true],
    [0.9, true],
    [0.9, false],
    [0.25, false],
    [0.25, true],
    [0.1, false],
  ] as const;
  const { state } = fold(
    given.flatMap(([confidence, isTrue], i) => [
      predicted(1000 * i, `p${i}`, { confidence }),
      settled(1000 * i + 1, `p${i}`, isTrue ? 'occurred' : 'false_positive'),
    ]),
  );
  const { calibration } = scoreOf(state);
  const squares = given.map(([confidence, isTrue]) => (confidence - (isTrue ? 1 : 0)) ** 2);
  const brier = squares.reduce((sum, one) => sum + one, 0) / given.length;
  expect(calibration.brier).toBeCloseTo(brier, 6);
  expect(calibration.brierOfConstant).toBeCloseTo(0.25, 12);
  expect(calibration.skill).toBeCloseTo(1 - brier / 0.25, 6);
  expect(calibration.meanConfidence).toBeCloseTo(3.3 / 6, 9);
  // Of the nine pairs one in each: .9 beats .9 half, .25 and .1 whole; .25 beats .25 half and .1 whole.
  expect(calibration.discrimination).toBeCloseTo((2 * (0.5 + 1 + 1) + (0.5 + 1)) / 9, 12);
  expect(
    calibration.bins.map(({ from, predictions, cameTrue }) => [from, predictions, cameTrue]),
  ).toEqual([
    [0.1, 1, 0],
    [0.2, 2, 1],
    [0.9, 3, 2],
  ]);
  expect(calibration.verdict).toBe('insufficient_data');
});

test.each([
  [0.9, 0.5, 'overconfident'],
  [0.5, 0.9, 'underconfident'],
  [0.8, 0.8, 'calibrated'],
])('confidence %d of what comes true in a share of %d is %s', (confidence, rate, verdict) => {
  const { state } = fold(
    Array.from({ length: 100 }, (_, i) => [
      predicted(1000 * i, `p${i}`, { confidence }),
      settled(1000 * i + 1, `p${i}`, i % 10 < 10 * rate ? 'occurred' : 'false_positive'),
    ]).flat(),
  );
  expect(scoreOf(state).calibration.verdict).toBe(verdict);
});

/** A failure an hour. The prediction of each stands for ten minutes, from `leadSeconds` before it. */
function hourly(count: number, leadSeconds: number): PredictorScore {
  const events = Array.from({ length: count }, (_, hour) => [
    predicted(3600 * hour + 1000, `p${hour}`, { expectedInMs: 300_000 }),
    detected(3600 * hour + 1000 + leadSeconds, `f${hour}`),
    settled(3600 * hour + 3000, `p${hour}`, 'expired'),
  ]);
  const inTime = events.flat().sort((a, b) => a.timeMs - b.timeMs);
  return scoreOf(fold(inTime).state);
}

test('a source that knows is better than chance, and one that does not is said to be no better', () => {
  const good = hourly(60, 300).chance;
  expect(good).toMatchObject({ verdict: 'better_than_chance', tested: 50, cameTrue: 50 });
  expect(good.expected).toBeGreaterThan(5);
  expect(good.expected).toBeLessThan(12);
  const late = hourly(60, 1200).chance;
  expect(late).toMatchObject({ verdict: 'no_better_than_chance', tested: 50, cameTrue: 0 });
  expect(late.why).toMatch(/^0 of 50 came true, \d+\.\d would have by chance$/);
  const few = hourly(20, 300).chance;
  expect(few).toMatchObject({ verdict: 'insufficient_data', tested: 10 });
  expect(few.why).toContain('at least 30');
});

test('who predicts all the time what fails all the time is no better than chance, whatever came true', () => {
  const events = Array.from({ length: 200 }, (_, minute) => [
    predicted(60 * minute, `p${minute}`, { expectedInMs: 30_000 }),
    detected(60 * minute + 20, `f${minute}`),
  ]);
  const { chance, precision } = scoreOf(fold(events.flat()).state);
  expect(precision.rate).toBe(1);
  expect(chance.verdict).toBe('no_better_than_chance');
});

test('a false positive costs the preventive attempts that were made because of it', () => {
  const prevent = (seconds: number, agentId: string): HealingEvent =>
    completed(seconds, `prevent-${seconds}`, { trigger: 'preventive', agentId, durationMs: 500 });
  const { state } = fold([
    predicted(0, 'p1', { agentId: 'a1' }),
    predicted(1, 'p2', { agentId: 'a2' }),
    prevent(10, 'a1'),
    prevent(11, 'a1'),
    prevent(12, 'a2'),
    prevent(13, 'a3'), // nobody asked for it
    settled(20, 'p1', 'false_positive'),
    detected(30, 'f1', { agentId: 'a2' }),
    prevent(40, 'a1'), // nothing stands any more
  ]);
  expect(scoreOf(state).falsePositiveCost).toEqual({
    falsePositives: 1,
    attempts: 2,
    durationMs: 1000,
    durationMsEach: 1000,
    attemptsInAll: 3,
    durationMsInAll: 1500,
  });
});

test('what is followed is bounded, and predictions beyond it are matched all the same', () => {
  const events: HealingEvent[] = [];
  for (let i = 0; i < 2_100; i += 1) {
    events.push(predicted(0, `p${i}`, { failureType: `type-${i}` }));
    events.push(detected(1, `f${i}`, { failureType: `type-${i}` }));
  }
  for (let i = 0; i < 4_200; i += 1) {
    events.push(predicted(2, `q${i}`, { failureType: 'type-0', agentId: `a${i}` }));
    events.push(settled(3, `q${i}`, 'expired'));
  }
  const { state } = fold(events);
  expect(scoreOf(state).outcomes).toMatchObject({ occurred: 2_100, expired: 4_200 });
  const watched = [...state.predictions.watched.values()];
  expect(watched).toHaveLength(2_000);
  expect(watched[0]?.agents.size).toBe(4_000);
  const restored = LiveState.restore(state.snapshot());
  expect(restored?.snapshot()).toBe(state.snapshot());
});
