// A thousand warnings that stood already kept a critical one out of the history of advice, and nothing said so.
import { expect, test } from 'vitest';
import { adviceHistory } from '../../src/analysis/standing-advice.js';
import { AdviceHistory, type Advice } from '../../src/core/state/advice-history.js';
import { at, completed, detected, fold } from '../support/events.js';

const MAX = 1_000;

function advice(id: string, severity: string): Advice {
  return { id, kind: 'strategy', severity, message: `About ${id}.`, action: 'Do it.' };
}

function many(severity: string, count: number): Advice[] {
  return Array.from({ length: count }, (_, i) => advice(`${severity}${i}`, severity));
}

test('what is less urgent gives way, the oldest first, and comes back', () => {
  const history = new AdviceHistory();
  const infos = many('info', MAX - 1);
  const warning = advice('w', 'warning');
  history.note([warning, ...infos], 0);
  expect(history.leftOut).toBe(0);
  history.note([warning, ...infos, advice('c', 'critical')], 1);
  let ids = history.standing.map(({ id }) => id);
  expect(ids).toHaveLength(MAX);
  expect(ids).toEqual(expect.arrayContaining(['w', 'c', 'info1']));
  expect(ids).not.toContain('info0');
  // It still stands, so it has not ended.
  expect(history.ended).toEqual([]);
  expect(history.leftOut).toBe(1);
  history.note([warning, ...infos], 2);
  ids = history.standing.map(({ id }) => id);
  expect(ids).toContain('info0');
  expect(history.leftOut).toBe(0);
});

test('nothing gives way to what is no more urgent', () => {
  const history = new AdviceHistory();
  const critical = many('critical', MAX);
  history.note(critical, 0);
  history.saved();
  history.note([...critical, ...many('warning', 5), advice('c', 'critical')], 1);
  expect(history.standing.map(({ id }) => id)).toEqual(critical.map(({ id }) => id));
  expect(history).toMatchObject({ hasNews: false, leftOut: 6 });
});

test('a critical strategy is in the history beside 1,200 types without one', () => {
  const untried = Array.from({ length: 1_200 * 3 }, (_, i) =>
    detected(Math.floor(i / 100), `u${i}`, { failureType: `type${i % 1_200}` }),
  );
  const { state } = fold(untried);
  expect(adviceHistory(state, at(60), { only: undefined, limit: MAX }).total).toBe(MAX);
  const failing = Array.from({ length: 60 }, (_, i) =>
    completed(60 + i, `c${i}`, { strategy: 'Crit', outcome: 'failed' }),
  );
  const after = fold(failing, state).state;
  const told = adviceHistory(after, at(130), { only: 'standing', limit: MAX });
  const ids = told.history.map(({ id }) => id);
  expect(ids).toContain('strategy:low_success_rate:Crit');
  expect(told.left_out).toBeGreaterThanOrEqual(200);
  expect(adviceHistory(after, at(130), { only: 'gone', limit: MAX }).left_out).toBe(0);
});
