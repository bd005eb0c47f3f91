// With a context, the best strategy was named by results since the beginning: a worn-out one stayed the best.
import { expect, test } from 'vitest';
import { bestStrategyAlike } from '../../src/app/answers.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { ask, postLines, startExporter } from '../app/exporter-rig.js';
import { completed, fold, logged } from '../support/events.js';
import { uniform } from '../support/random.js';

const CONTEXT = { severity: 'high', attempt: 1 } as const;
const COUNT = 450;
const WORN_FROM = 300;

/** 'Worn' heals nearly always, and then rarely; 'Steady' three times in four. */
function outcomes(): { strategy: string; succeeded: boolean }[] {
  const random = uniform(7);
  return Array.from({ length: COUNT }, (_, i) => [
    { strategy: 'Worn', succeeded: random() < (i < WORN_FROM ? 0.95 : 0.3) },
    { strategy: 'Steady', succeeded: random() < 0.75 },
  ]).flat();
}

const events = outcomes().map(({ strategy, succeeded }, i) =>
  completed(60 * i, `f${i}`, { strategy, outcome: succeeded ? 'succeeded' : 'failed' }),
);

test('the worn-out strategy is not the best by what it did before', () => {
  const { state } = fold(events);
  for (const context of [CONTEXT, { severity: 'high' }, { attempt: 1 }]) {
    const best = bestStrategyAlike(state, 'agent_down', context);
    expect(best).toMatchObject({ strategy: 'Steady', verdict: 'best' });
    const worn = best.candidates.find(({ strategy }) => strategy === 'Worn');
    expect(worn?.attempts).toBeLessThanOrEqual(COUNT - WORN_FROM);
  }
  // Retries go by all that was ever seen.
  const attempts = state.retries.of('Worn').map((one) => one.attempts);
  expect(attempts).toEqual([COUNT]);
});

test('it is the same folded together, one by one, and with a restart in between', () => {
  const { state } = fold(events);
  const together = new LiveState();
  together.applyAll(events.map((event, i) => logged(event, i + 1)));
  expect(together.snapshot()).toBe(state.snapshot());
  const half = fold(events.slice(0, 700)).state;
  const restored = LiveState.restore(half.snapshot());
  expect(fold(events.slice(700), restored).state.snapshot()).toBe(state.snapshot());
});

test('nor is it for one agent', async () => {
  const nowMs = Date.now() - 60_000;
  const { exporter, url } = await startExporter();
  try {
    const all = outcomes();
    await postLines(
      url,
      all.map(({ strategy, succeeded }, i) =>
        JSON.stringify({
          specversion: '1.0',
          id: `e${i}`,
          source: '/swarms/test',
          type: 'selfhealer.healing.completed',
          time: new Date(nowMs - (all.length - i) * 60_000).toISOString(),
          data: {
            failure_id: `f${i}`,
            failure_type: 'agent_down',
            agent_id: 'agent-1',
            severity: 'high',
            strategy_used: strategy,
            success: succeeded,
            duration_ms: 10,
          },
        }),
      ),
    );
    const question = 'failure_type=agent_down&agent_id=agent-1';
    const answer = await ask(`${url}/api/v1/strategies/best?${question}`);
    expect(answer.json).toMatchObject({ strategy: 'Steady', based_on: 'agent' });
  } finally {
    await exporter.close();
  }
});
