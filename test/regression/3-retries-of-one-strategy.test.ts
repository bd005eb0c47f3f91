// The retry limit went by the number of the attempt over all strategies: one that was tried once, after another had
// failed, was told to have been retried and to heal nothing then, and one that always comes third had no limit.
import { expect, test } from 'vitest';
import { tuning } from '../../src/analysis/tuning.js';
import { tuningAdvice } from '../../src/analysis/tuning-advice.js';
import type { HealingEvent, Outcome } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, fold } from '../support/events.js';
import { MemoryLog } from '../support/memory-log.js';

const COUNT = 100;

type Tried = readonly (readonly [strategy: string, outcome: Outcome])[];

/** Incidents of one type, one after the other, each tried as told. */
function incidents(failureType: string, triedOn: (n: number) => Tried): HealingEvent[] {
  return Array.from({ length: COUNT }, (_, n) => [
    detected(100 * n, `${failureType}${n}`, { failureType }),
    ...triedOn(n).map(([strategy, outcome], i) =>
      completed(100 * n + 1 + i, `${failureType}${n}`, { failureType, strategy, outcome }),
    ),
  ]).flat();
}

function retryLimitOf(strategy: string, events: readonly HealingEvent[]) {
  const log = new MemoryLog();
  for (const event of events) log.fold(event);
  const asked = { strategy, window: 'all', nowMs: at(100 * COUNT) };
  return tuning(log.state, log.history(), asked).parameters.retry_limit;
}

function adviceOn(strategy: string, events: readonly HealingEvent[]): string[] {
  const of = { attempts: 1, succeeded: 1, durationMs: 1, trend: 'stable' as const };
  const strategies = [{ ...of, strategy, changedMs: undefined, delta: undefined }];
  const { state } = fold(events);
  return tuningAdvice(state, { strategies }, at(100 * COUNT)).map(({ message }) => message);
}

/** Of every ten, so many succeed. */
const healing = (n: number, often: number): Outcome => (n % 10 < often ? 'succeeded' : 'failed');

const afterAnother = [
  ...incidents('easy', (n) => [['Solo', healing(n, 9)]]),
  ...incidents('hard', () => [
    ['First', 'failed'],
    ['Solo', 'failed'],
  ]),
];

test('an attempt after those of another strategy is no retry', () => {
  const limit = retryLimitOf('Solo', afterAnother);
  expect(limit).toMatchObject({ value: 1, verdict: 'at_least' });
  expect(limit.evidence).toEqual({
    attempts_1: 2 * COUNT,
    success_rate_1: 0.45,
    worth_rate: 0.1,
    window: 'all',
  });
  expect(adviceOn('Solo', afterAnother)).toEqual([]);
});

test('a strategy that always comes third has a limit by its own attempts', () => {
  const events = incidents('agent_down', (n) => [
    ['First', 'failed'],
    ['Second', 'skipped'],
    ['Second', 'failed'],
    ['Last', healing(n, 5)],
    ...(n % 10 < 5 ? [] : ([['Last', 'failed']] as const)),
  ]);
  const limit = retryLimitOf('Last', events);
  expect(limit).toMatchObject({ value: 1, verdict: 'known' });
  expect(limit.evidence).toMatchObject({ attempts_1: COUNT, attempts_2: 50, success_rate_2: 0 });
  expect(adviceOn('Last', events)).toEqual([
    `Strategy 'Last' was tried 50 times beyond its attempt 1 on an incident: ${limit.why}. Limit its retries.`,
  ]);
  expect(retryLimitOf('Second', events).evidence).toMatchObject({ attempts_1: COUNT });
});

test('strategies that take turns are counted each by itself, through a restart in between', () => {
  const events = incidents('agent_down', () => [
    ['Odd', 'failed'],
    ['Even', 'failed'],
    ['Odd', 'failed'],
    ['Even', 'succeeded'],
  ]);
  const whole = fold(events).state;
  const between = Math.floor(events.length / 2) + 2; // the attempts on one incident
  const restored = LiveState.restore(fold(events.slice(0, between)).state.snapshot());
  const { state } = fold(events.slice(between), restored);
  expect(state.snapshot()).toBe(whole.snapshot());
  for (const strategy of ['Odd', 'Even']) {
    expect(state.retries.of(strategy)).toMatchObject([
      { attempt: 1, attempts: COUNT },
      { attempt: 2, attempts: COUNT },
    ]);
  }
});

test('an incident that opens again begins anew', () => {
  const again = [0, 100].flatMap((second) => [
    detected(second, 'f'),
    completed(second + 1, 'f', { strategy: 'First', outcome: 'failed' }),
    completed(second + 2, 'f', { strategy: 'Second' }),
  ]);
  const { state } = fold(again);
  for (const strategy of ['First', 'Second']) {
    expect(state.retries.of(strategy)).toMatchObject([{ attempt: 1, attempts: 2 }]);
  }
});
