// A strategy that was renamed a year ago was proposed for good, as if it had healed within the last day.
import { expect, test } from 'vitest';
import { recommendations } from '../../src/analysis/recommendations.js';
import { situationNow } from '../../src/analysis/situation.js';
import { bestStrategyAlike } from '../../src/app/answers.js';
import { bestStrategyJson } from '../../src/app/best-strategy-json.js';
import { at, completed, detected, fold } from '../support/events.js';

const DAY_S = 86_400;
const COUNT = 60;

/** One strategy heals so many of `COUNT` failures of the type, a minute apart and evenly spread. */
function healings(strategy: string, fromS: number, succeeded: number) {
  return Array.from({ length: COUNT }, (_, i) => [
    detected(fromS + 60 * i, `${strategy}${i}`),
    completed(fromS + 60 * i + 1, `${strategy}${i}`, {
      strategy,
      outcome: (i * succeeded) % COUNT < succeeded ? 'succeeded' : 'failed',
    }),
  ]).flat();
}

function proposals(oldAgeDays: number, [old, now]: readonly [number, number]) {
  const todayS = 400 * DAY_S;
  const events = [
    ...healings('Old', todayS - oldAgeDays * DAY_S, old),
    ...healings('New', todayS, now),
    // So that the new one is the most used.
    ...healings('New', todayS + COUNT * 60, now).map((event) => ({
      ...event,
      failureId: `again-${event.failureId ?? ''}`,
    })),
  ];
  const { state } = fold(events);
  const situation = situationNow(state, at(todayS + 2 * COUNT * 60));
  const proposed = recommendations(situation).filter(({ id }) => id.includes('better_strategy'));
  return { state, proposed };
}

test('what is no longer in use is not proposed, what is in use is', () => {
  expect(proposals(300, [59, 30]).proposed).toEqual([]);
  expect(proposals(20, [59, 30]).proposed).toMatchObject([
    { strategy: 'Old', evidence: { window: 'since_last_change', failures_window: '1d' } },
  ]);
});

test('nor is one to be tried before what is no longer in use', () => {
  const old = [...healings('Old', 0, 30), ...healings('Old', 2 * COUNT * 60, 30)];
  const unlike = old.map((event, i) => ({ ...event, failureId: `old${Math.floor(i / 2)}` }));
  for (const [ageDays, count] of [
    [300, 0],
    [20, 1],
  ] as const) {
    const fromS = ageDays * DAY_S;
    const { state } = fold([...unlike, ...healings('New', fromS, 59)]);
    const situation = situationNow(state, at(fromS + COUNT * 60));
    const ids = recommendations(situation).map(({ id }) => id);
    expect(ids.filter((id) => id.includes('better_strategy'))).toHaveLength(count);
  }
});

test('the answer says when each was tried last', () => {
  const { state } = proposals(300, [59, 30]);
  const best = bestStrategyAlike(state, 'agent_down', {});
  const { candidates } = bestStrategyJson('agent_down', best, state.pairTrends);
  const last = new Map(candidates.map((one) => [one.strategy, one.last_attempt_at]));
  const oldMs = at(100 * DAY_S + (COUNT - 1) * 60 + 1);
  expect(last.get('Old')).toBe(new Date(oldMs).toISOString());
});
