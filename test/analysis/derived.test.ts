import { expect, test } from 'vitest';
import { deriveGauges } from '../../src/analysis/derived.js';
import { RECOMMENDATION_KINDS } from '../../src/analysis/recommendation.js';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold } from '../support/events.js';

test('before the first event nothing is known, and every recommendation has its zero', () => {
  const gauges = deriveGauges(new LiveState(), at(0));
  expect(gauges).toMatchObject({ atMs: at(0), strategies: [], mttr: [], failureTypeMttr: [] });
  expect(gauges.successRatio).toEqual([
    { window: '1h', ratio: undefined, samples: 0 },
    { window: '1d', ratio: undefined, samples: 0 },
  ]);
  expect(gauges.recommendations).toHaveLength(RECOMMENDATION_KINDS.length * 3);
  expect(gauges.recommendations.filter(({ count }) => count > 0)).toEqual([
    { kind: 'overall', severity: 'info', count: 1 }, // all is well
  ]);
});

test('a registered strategy has its series before it ever ran', () => {
  const registered: HealingEvent = {
    ...envelope(0),
    type: 'selfhealer.strategy.registered',
    strategy: 'New',
    failureTypes: ['agent_down'],
  };
  const { state } = fold([registered]);
  expect(deriveGauges(state, at(1)).strategies).toEqual([
    {
      strategy: 'New',
      windows: ['1h', '1d'].map((window) => ({
        window,
        samples: 0,
        ratio: undefined,
        lower: undefined,
        upper: undefined,
        meanDurationSeconds: undefined,
      })),
      trend: 'insufficient_data',
      trendScore: undefined,
      trendChangedMs: undefined,
      successDelta: undefined,
      recommendation: 'insufficient_data',
      durationTrend: 'insufficient_data',
    },
  ]);
});

test('windows slide: after an hour of silence only the day remembers', () => {
  const events = [0, 10, 20, 30].map((s, i) =>
    completed(s, `f${i}`, { outcome: i === 0 ? 'failed' : 'succeeded', durationMs: 500 }),
  );
  const { state } = fold(events);
  const [strategy] = deriveGauges(state, at(2 * 3_600)).strategies;
  expect(strategy?.windows).toMatchObject([
    { window: '1h', samples: 0, ratio: undefined },
    { window: '1d', samples: 4, ratio: 0.75, meanDurationSeconds: 0.5 },
  ]);
  const [, day] = strategy?.windows ?? [];
  expect(day?.lower).toBeLessThan(0.75);
  expect(day?.upper).toBeGreaterThan(0.75);
});

test('the mean time to recovery counts open incidents in, per window and per type', () => {
  const events: HealingEvent[] = [];
  for (let i = 0; i < 12; i += 1) {
    events.push(detected(i * 10, `f${i}`), completed(i * 10 + 60, `f${i}`));
  }
  const closed = fold(events).state;
  const secondsOf = (state: LiveState): number | undefined =>
    deriveGauges(state, at(600)).mttr.find(({ window }) => window === '1h')?.seconds;
  const before = secondsOf(closed) ?? 0;
  expect(Math.abs(before / 60 - 1)).toBeLessThan(0.05);

  const { state } = fold([...events, ...[0, 1, 2].map((i) => detected(130 + i, `open${i}`))]);
  expect(secondsOf(state)).toBeGreaterThan(1.5 * before);
  expect(deriveGauges(state, at(600)).failureTypeMttr).toContainEqual({
    failureType: 'agent_down',
    window: '1d',
    seconds: expect.any(Number) as number,
  });
});

test('recommendations of the last day are counted by kind and severity', () => {
  const events = Array.from({ length: 12 }, (_, i) =>
    completed(i * 10, `f${i}`, { outcome: 'failed', failureType: 'task_timeout' }),
  );
  const { state } = fold(events);
  const standing = (seconds: number) =>
    deriveGauges(state, at(seconds)).recommendations.filter(({ count }) => count > 0);
  expect(standing(200)).toEqual([
    { kind: 'overall', severity: 'critical', count: 1 },
    { kind: 'strategy', severity: 'critical', count: 1 },
    { kind: 'prevention', severity: 'info', count: 1 },
    { kind: 'circuit_breaker', severity: 'warning', count: 1 },
  ]);
  expect(standing(3 * 86_400)).toEqual([{ kind: 'overall', severity: 'info', count: 1 }]);
});
