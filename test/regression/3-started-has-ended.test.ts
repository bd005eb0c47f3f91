// Attempts that were skipped after their start, or whose incident ended, were told to be going on: only a result took
// them off the list of what was started.
import { expect, test } from 'vitest';
import { recommendations } from '../../src/analysis/recommendations.js';
import { situationNow } from '../../src/analysis/situation.js';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold, started } from '../support/events.js';

const STRATEGY = 'AgentRestartStrategy';

function proposals(events: readonly HealingEvent[]) {
  const { state } = fold(events);
  const restored = LiveState.restore(state.snapshot()) ?? new LiveState();
  const [now, after] = [state, restored].map((one) =>
    recommendations(situationNow(one, at(60))).filter(({ kind }) => kind === 'proposal'),
  );
  expect(after).toEqual(now);
  return now ?? [];
}

const failures = [0, 1, 2].map((i) => detected(i, `f${i}`));
const starts = [3, 4, 5].map((i) => started(i, `f${i - 3}`));

test('skipped attempts have ended', () => {
  const skipped = [6, 7, 8].map((i) =>
    completed(i, `f${i - 6}`, { outcome: 'skipped', reason: 'circuit_open' }),
  );
  const [proposal, ...more] = proposals([...failures, ...starts, ...skipped]);
  expect(more).toEqual([]);
  expect(proposal).toMatchObject({
    id: 'proposal:not_tried:agent_down',
    evidence: { failures: 3, skipped: 3, strategies_running: 0, strategies_tried: 1 },
  });
  expect(proposal?.message).toMatch(`'${STRATEGY}' has been tried`);
  expect(proposal?.action).toMatch('what skips it');
});

test.each(['manual', 'self_recovered', 'expired'] as const)(
  'so have those whose incident ended %s',
  (resolution) => {
    const resolved = [6, 7, 8].map((i) => ({
      ...envelope(i),
      type: 'selfhealer.failure.resolved' as const,
      failureId: `f${i - 6}`,
      resolution,
    }));
    const untouched = [9, 10, 11].map((i) => detected(i, `f${i}`));
    const ids = proposals([...failures, ...starts, ...resolved, ...untouched]).map(({ id }) => id);
    expect(ids).toEqual(['proposal:not_tried:agent_down']);
  },
);

test('what goes on is told, also where others of the type have ended', () => {
  const skipped = completed(6, 'f0', { outcome: 'skipped', reason: 'circuit_open' });
  const [proposal] = proposals([...failures, ...starts, skipped]);
  expect(proposal).toMatchObject({
    id: 'proposal:not_ended:agent_down',
    evidence: { failures: 3, skipped: 1, strategies_running: 1 },
  });
  expect(proposal?.message).toMatch(/were started .* and have not ended/);
});
