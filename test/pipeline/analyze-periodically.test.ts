import { expect, test } from 'vitest';
import { derivePart, type AnalysisName } from '../../src/analysis/derived.js';
import type { LogLevel } from '../../src/core/ports.js';
import { LiveState } from '../../src/core/state/live-state.js';
import {
  analyzePeriodically,
  type PeriodicAnalysisOptions,
} from '../../src/pipeline/analyze-periodically.js';

function harness(more: Partial<PeriodicAnalysisOptions> = {}) {
  const clock = { ms: 1_000_000, elapsedMs: 0 };
  const logged: [LogLevel, string][] = [];
  const timer: { tick: (() => void) | undefined } = { tick: undefined };
  const state = new LiveState();
  const analysis = analyzePeriodically({
    state: () => state,
    clock: { nowMs: () => clock.ms, monotonicMs: () => (clock.elapsedMs += 250) },
    every: (run) => {
      timer.tick = run;
      return () => (timer.tick = undefined);
    },
    log: (level, message) => logged.push([level, message]),
    ...more,
  });
  return { analysis, clock, logged, timer };
}

test('nothing is known before the first run, and every tick is a run', () => {
  const { analysis, clock, timer } = harness();
  expect(analysis.latest).toBeUndefined();
  timer.tick?.();
  expect(analysis.latest?.atMs).toBe(1_000_000);
  clock.ms += 15_000;
  timer.tick?.();
  expect(analysis.latest?.atMs).toBe(1_015_000);
});

test('a run on demand answers what it found and accounts for every analysis', () => {
  const { analysis } = harness();
  const gauges = analysis.run();
  expect(gauges).toBe(analysis.latest);
  expect(gauges?.analyses.map(({ analysis: name }) => name)).toEqual([
    'success_ratio',
    'strategies',
    'mttr',
    'anomalies',
    'cascades',
    'best_strategies',
    'recommendations',
  ]);
  for (const one of gauges?.analyses ?? []) {
    expect(one).toMatchObject({ durationSeconds: 0.25, lastSuccessMs: 1_000_000, errors: 0 });
  }
});

test('without a state there is nothing to run on', () => {
  const { analysis } = harness({ state: () => undefined });
  expect(analysis.run()).toBeUndefined();
});

test('an analysis that fails is counted and keeps its last result; the others go on', () => {
  const failing = new Set<AnalysisName>();
  const { analysis, clock, logged } = harness({
    derive: (name, state, nowMs) => {
      if (failing.has(name)) throw new RangeError('out of bounds');
      return derivePart(name, state, nowMs);
    },
  });
  const before = analysis.run();
  failing.add('recommendations');
  clock.ms += 15_000;
  const after = analysis.run();
  expect(after?.recommendations).toBe(before?.recommendations);
  expect(after?.successRatio).not.toBe(before?.successRatio);
  const runs = new Map(after?.analyses.map((run) => [run.analysis, run]));
  expect(runs.get('recommendations')).toMatchObject({ errors: 1, lastSuccessMs: 1_000_000 });
  expect(runs.get('mttr')).toMatchObject({ errors: 0, lastSuccessMs: 1_015_000 });
  expect(logged).toEqual([['error', 'analysis recommendations failed']]);

  failing.clear();
  clock.ms += 15_000;
  expect(analysis.run()?.analyses.at(-1)).toMatchObject({ errors: 1, lastSuccessMs: 1_030_000 });
});

test('after stop no tick comes, and what was found stays', () => {
  const { analysis, timer } = harness();
  analysis.run();
  analysis.stop();
  expect(timer.tick).toBeUndefined();
  expect(analysis.latest).toBeDefined();
});
