// History that came after newer attempts of the same strategies was known to no trend, and nobody said so: of its
// failure types the best strategy said that none had been tried.
import { expect, test } from 'vitest';
import { EVERYTHING } from '../../src/analysis/range.js';
import { buildReport } from '../../src/analysis/report.js';
import { bestStrategyAlike } from '../../src/app/answers.js';
import type { HealingCompleted } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { completed, fold, logged } from '../support/events.js';
import { MemoryLog } from '../support/memory-log.js';

const DAY_SECONDS = 86_400;
const COUNT = 200;
const T0 = Date.parse('2026-11-23T12:00:00Z');

interface Attempt {
  readonly seconds: number;
  readonly strategy: string;
  readonly failureType: string;
  readonly succeeded: boolean;
}

/** One attempt each on another type, and then what was before. */
const attempts: readonly Attempt[] = [
  { seconds: 20 * DAY_SECONDS, strategy: 'Good', failureType: 'new_type', succeeded: true },
  { seconds: 20 * DAY_SECONDS, strategy: 'Poor', failureType: 'new_type', succeeded: true },
  ...Array.from({ length: COUNT }, (_, i) => [
    { seconds: 600 * i, strategy: 'Good', failureType: 'old_type', succeeded: i % 20 !== 0 },
    { seconds: 600 * i, strategy: 'Poor', failureType: 'old_type', succeeded: i % 3 === 0 },
  ]).flat(),
];

function eventsOf(all: readonly Attempt[]): HealingCompleted[] {
  return all.map(({ seconds, strategy, failureType, succeeded }, i) => {
    const outcome = succeeded ? 'succeeded' : 'failed';
    return completed(seconds, `f${i}`, { strategy, failureType, outcome, severity: 'high' });
  });
}

test('the best strategy of a type is known from history that came late', () => {
  const { state } = fold(eventsOf(attempts));
  const ofType = bestStrategyAlike(state, 'old_type', {});
  expect(ofType).toMatchObject({ verdict: 'best', strategy: 'Good', candidatesMissing: null });
  // The same numbers as those of a narrower question.
  const { candidates } = bestStrategyAlike(state, 'old_type', { attempt: 1 });
  const counted = candidates.map(({ strategy, succeeded, attempts: n }) => [
    strategy,
    succeeded,
    n,
  ]);
  expect(counted).toEqual([
    ['Good', 190, COUNT],
    ['Poor', 67, COUNT],
  ]);
  expect(ofType.candidates).toMatchObject([
    { strategy: 'Good', succeeded: 190, attempts: COUNT },
    { strategy: 'Poor', succeeded: 67, attempts: COUNT },
  ]);
});

test('the report lists the type, and says how many attempts its trends leave out', () => {
  const log = new MemoryLog();
  for (const [i, { seconds, strategy, failureType, succeeded }] of attempts.entries()) {
    log.add('healing.completed', {
      failure_id: `f${i}`,
      failure_type: failureType,
      strategy_used: strategy,
      success: succeeded,
      duration_ms: 10,
      timestamp: new Date(T0 + seconds * 1_000).toISOString(),
    });
  }
  const report = buildReport({
    state: log.state,
    history: log.history(),
    timeline: [],
    range: EVERYTHING,
    filters: {},
    nowMs: T0 + 20 * DAY_SECONDS * 1_000,
  });
  expect(report.strategy_effectiveness[0]).toMatchObject({
    name: 'Good',
    trend: 'insufficient_data',
    trend_missing: `${COUNT} attempts came late, dated before one that was there already: the trend leaves them out`,
    attempts_late: COUNT,
    failure_types_left_out: 0,
    by_failure_type: {
      new_type: { attempts: 1, attempts_late: 0 },
      old_type: { attempts: 0, attempts_late: COUNT, trend: 'insufficient_data' },
    },
  });
});

test('what is dated before the last change does not count as results since', () => {
  const results = Array.from({ length: 400 }, (_, i) => {
    const succeeded = i < 300 ? i % 20 !== 0 : i % 4 === 0;
    return { seconds: 3_600 * i, strategy: 'Worn', failureType: 'old_type', succeeded };
  });
  const late = results.slice(0, 100).map((one) => ({ ...one, seconds: one.seconds + 1 }));
  const before = fold(eventsOf(results)).state;
  expect(before.pairTrends.newestChangeMs('old_type')).toBeDefined();
  const after = fold(eventsOf([...results, ...late])).state;
  expect(after.pairTrends.regimes()).toEqual(before.pairTrends.regimes());
  expect(after.trends.read('Worn', T0)?.attemptsLate).toBe(100);
});

test('it is the same folded together, and with a restart in between', () => {
  const events = eventsOf(attempts);
  const { state } = fold(events);
  const together = new LiveState();
  together.applyAll(events.map((event, i) => logged(event, i + 1)));
  expect(together.snapshot()).toBe(state.snapshot());
  const restored = LiveState.restore(fold(events.slice(0, 150)).state.snapshot());
  expect(fold(events.slice(150), restored).state.snapshot()).toBe(state.snapshot());
});
