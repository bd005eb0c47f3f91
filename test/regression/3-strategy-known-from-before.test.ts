// A new strategy was asked for where one had healed every failure of the type, only not within the range looked at.
import { expect, test } from 'vitest';
import { recommendations } from '../../src/analysis/recommendations.js';
import { situationNow } from '../../src/analysis/situation.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { ask, postLines, startExporter } from '../app/exporter-rig.js';
import { at, completed, detected, fold } from '../support/events.js';

const DAY_S = 86_400;
const STRATEGY = 'AgentRestartStrategy';
const healed = Array.from({ length: 20 }, (_, i) => [
  detected(600 * i, `h${i}`),
  completed(600 * i + 2, `h${i}`),
]).flat();
const open = [0, 1, 2].map((i) => detected(3 * DAY_S + i, `o${i}`));

function proposalsOf(state: LiveState) {
  return recommendations(situationNow(state, at(3 * DAY_S + 60))).filter(
    ({ kind }) => kind === 'proposal',
  );
}

test('a strategy that healed the type days ago is known for it', () => {
  const { state } = fold([...healed, ...open]);
  const [proposal, ...more] = proposalsOf(state);
  expect(more).toEqual([]);
  expect(proposal).toMatchObject({
    id: 'proposal:not_tried:agent_down',
    evidence: { failures: 3, strategies_running: 0, strategies_tried: 1 },
  });
  expect(proposal?.message).toMatch(`'${STRATEGY}' has been tried`);
  const restored = LiveState.restore(state.snapshot()) ?? new LiveState();
  expect(proposalsOf(restored)).toEqual([proposal]);
});

test('one that was only skipped is not', () => {
  const skipped = healed.map((event) =>
    event.type === 'selfhealer.healing.completed'
      ? { ...event, outcome: 'skipped' as const, reason: 'no_strategy' as const }
      : event,
  );
  const ids = proposalsOf(fold([...skipped, ...open]).state).map(({ id }) => id);
  expect(ids).toEqual(['proposal:no_strategy:agent_down']);
});

test('nor is one of another type', () => {
  const others = open.map((event) => ({ ...event, failureType: 'disk_full' }));
  const ids = proposalsOf(fold([...healed, ...others]).state).map(({ id }) => id);
  expect(ids).toEqual(['proposal:no_strategy:disk_full']);
});

test('it is so for a range that is asked for', async () => {
  const nowMs = Date.now();
  const type = { failure_type: 'agent_down' };
  const { exporter, url } = await startExporter();
  try {
    const timeOf = (hoursAgo: number): string =>
      new Date(nowMs - hoursAgo * 3_600_000).toISOString();
    const lineOf = (kind: string, hoursAgo: number, data: Record<string, unknown>): string =>
      JSON.stringify({
        specversion: '1.0',
        id: data.failure_id,
        source: '/swarms/test',
        type: `selfhealer.${kind}`,
        time: timeOf(hoursAgo),
        data,
      });
    const posted = await postLines(url, [
      lineOf('healing.completed', 72, {
        failure_id: 'h1',
        ...type,
        strategy_used: STRATEGY,
        success: true,
        duration_ms: 10,
      }),
      ...[1, 2, 3].map((i) => lineOf('failure.detected', 0.1, { failure_id: `o${i}`, ...type })),
    ]);
    expect(posted.json).toMatchObject({ accepted: 4 });
    const told: { recommendation_details: { id: string }[] } = (
      await ask(`${url}/api/v1/recommendations?range=2d`)
    ).json;
    const ids = told.recommendation_details.map(({ id }) => id);
    expect(ids).toContain('proposal:not_tried:agent_down');
    expect(ids).not.toContain('proposal:no_strategy:agent_down');
  } finally {
    await exporter.close();
  }
});
