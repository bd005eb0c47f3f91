// Bounded label sets: sums stay exact, what has no sum is left out, and both are counted.
import { beforeAll, describe, expect, test } from 'vitest';
import { LiveState } from '../../src/core/state/live-state.js';
import { completed, detected, envelope, fold, logged } from '../support/events.js';
import { familyOf, render, samplesOf, viewOf, type Sample } from './scrape.js';

const TYPES = 50_000;

describe('fifty thousand distinct failure types, strategies and agents', () => {
  let samples: Sample[] = [];
  let textLength = 0;

  beforeAll(async () => {
    const state = new LiveState();
    for (let i = 0; i < TYPES; i += 1) {
      const more = { failureType: `type_${i}`, agentId: `agent-${i}`, strategy: `Strategy${i}` };
      state.apply(logged(detected(i / 100, `f${i}`, more), state.seq + 1));
      const outcome = i % 2 === 0 ? 'succeeded' : 'failed';
      state.apply(logged(completed(i / 100, `f${i}`, { ...more, outcome }), state.seq + 1));
    }
    const text = await render(viewOf(state), { optIns: ['agents'] });
    textLength = text.length;
    samples = samplesOf(text);
  });

  const sumOf = (family: string, series: (one: string) => boolean = () => true): number =>
    samples
      .filter((one) => one.family === family && series(one.series))
      .reduce((sum, { value }) => sum + value, 0);

  test('the sums are exact, overflow included', () => {
    expect(sumOf('selfhealer_failures_total')).toBe(TYPES);
    expect(sumOf('selfhealer_healing_attempts_total')).toBe(TYPES);
    expect(sumOf('selfhealer_healing_failures_total')).toBe(TYPES / 2);
    expect(sumOf('selfhealer_incidents_open')).toBe(TYPES / 2);
    expect(sumOf('selfhealer_incidents_resolved_total')).toBe(TYPES / 2);
    expect(sumOf('selfhealer_agent_failures_total')).toBe(TYPES);
    const duration = 'selfhealer_healing_duration_seconds';
    expect(sumOf(duration, (one) => one.startsWith(`${duration}_count`))).toBe(TYPES);
  });

  test('the first ones keep their own series, the rest shares one', () => {
    const seriesOf = (family: string) =>
      samples.filter((one) => one.family === family).map(({ series }) => series);
    const failures = seriesOf('selfhealer_failures_total');
    expect(failures).toContain('selfhealer_failures_total{failure_type="type_0",severity="high"}');
    expect(failures).toContain(
      'selfhealer_failures_total{failure_type="__overflow__",severity="high"}',
    );
    expect(failures).toHaveLength(2001);
    expect(seriesOf('selfhealer_agent_failures_total')).toHaveLength(1001);
  });

  test('times leave the rest out', () => {
    const times = samples.filter(({ family }) => family.endsWith('_timestamp_seconds'));
    expect(times.length).toBeGreaterThan(1000);
    expect(times.filter(({ series }) => series.includes('__overflow__'))).toEqual([]);
  });

  test('the limits say so', () => {
    const valueOf = (name: string, metric: string): number | undefined =>
      samples.find(({ series }) => series === `selfhealer_exporter_${name}{metric="${metric}"}`)
        ?.value;
    expect(valueOf('series', 'selfhealer_failures_total')).toBe(2001);
    expect(valueOf('series_limit', 'selfhealer_failures_total')).toBe(2000);
    expect(valueOf('label_overflows_total', 'selfhealer_failures_total')).toBe(TYPES - 2000);
    expect(valueOf('label_overflows_total', 'selfhealer_strategy_trend')).toBeGreaterThan(0);
    expect(valueOf('label_overflows_total', 'selfhealer_degradation_level')).toBe(0);
  });

  test('the whole stays bounded', () => {
    expect(samples.length).toBeLessThan(80_000);
    expect(textLength).toBeLessThan(10_000_000);
  });
});

test('resources beyond the cap are left out, the first stay', async () => {
  const events = Array.from({ length: 2_500 }, (_, i) => ({
    ...envelope(i),
    type: 'selfhealer.degradation.changed' as const,
    resource: `resource-${i}`,
    level: 1 as const,
  }));
  const text = await render(viewOf(fold(events).state));
  const levels = samplesOf(familyOf(text, 'selfhealer_degradation_level'));
  expect(levels).toHaveLength(2000);
  expect(levels[0]?.series).toBe('selfhealer_degradation_level{resource="resource-0"}');
  expect(familyOf(text, 'selfhealer_exporter_label_overflows_total')).toContain(
    '{metric="selfhealer_degradation_level"} 500',
  );
});
