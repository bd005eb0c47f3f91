// What an operator may say about the metrics: which, how fine, how many, which buckets.
import { describe, expect, test } from 'vitest';
import { LiveState } from '../../src/core/state/live-state.js';
import type { HealingEvent } from '../../src/core/event.js';
import { TextWriter } from '../../src/exposition/prometheus/text-writer.js';
import { RowWalker } from '../../src/exposition/row-walker.js';
import { NO_CONTROL, prepareCounts, type MetricControl } from '../../src/metrics/control.js';
import { metricFaults } from '../../src/app/config/metric-faults.js';
import type { MetricRow } from '../../src/metrics/define.js';
import { oneOfEverything } from './every-event.js';
import { METRICS, metricRows } from '../../src/metrics/table.js';
import { written } from '../exposition/written.js';
import { completed, detected, fold, started } from '../support/events.js';
import { samplesOf, viewOf } from './scrape.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';
const DURATIONS = 'selfhealer_healing_duration_seconds';
const OPEN = 'selfhealer_incidents_open';

/** Series and values of one family, as text. */
function shown(
  name: string,
  events: readonly HealingEvent[] | LiveState,
  control: Partial<MetricControl>,
): Record<string, number> {
  const whole = { ...NO_CONTROL, ...control };
  const state =
    events instanceof LiveState
      ? events
      : fold(events, new LiveState(prepareCounts(METRICS, whole))).state;
  const walker = new RowWalker(metricRows(['agents', 'circuits'], whole));
  const samples = samplesOf(written(new TextWriter(), walker.read(viewOf(state))));
  return Object.fromEntries(
    samples.filter(({ family }) => family === name).map(({ series, value }) => [series, value]),
  );
}

const attempt = (n: number, strategy: string, durationMs = 100): HealingEvent =>
  completed(n, `f${n}`, { strategy, durationMs, failureType: `type_${n}` });

test('a family that is switched off is gone, and so is what is told of its limits', () => {
  const control = { disabled: [ATTEMPTS] };
  expect(shown(ATTEMPTS, [attempt(0, 'A')], control)).toEqual({});
  const series = shown('selfhealer_exporter_series', [attempt(0, 'A')], control);
  expect(Object.keys(series).join()).not.toContain(ATTEMPTS);
});

describe('a dropped label', () => {
  const events = [attempt(0, 'A'), attempt(1, 'A'), attempt(2, 'B')];

  test('is summed over, and the sums are those of all parts', () => {
    expect(shown(ATTEMPTS, events, { droppedLabels: { [ATTEMPTS]: ['failure_type'] } })).toEqual({
      [`${ATTEMPTS}{strategy="A",trigger="reactive"}`]: 2,
      [`${ATTEMPTS}{strategy="B",trigger="reactive"}`]: 1,
    });
    const none = { droppedLabels: { [ATTEMPTS]: ['strategy', 'failure_type', 'trigger'] } };
    expect(shown(ATTEMPTS, events, none)).toEqual({ [ATTEMPTS]: 3 });
  });

  test('of a histogram adds up buckets, sum, count and native buckets', () => {
    const durations = [attempt(0, 'A', 3), attempt(1, 'B', 70_000), attempt(2, 'C', 0)];
    const control = { droppedLabels: { [DURATIONS]: ['strategy'] } };
    const sums = shown(DURATIONS, durations, control);
    const labels = 'outcome="succeeded"';
    expect(sums[`${DURATIONS}_bucket{le="0.005",${labels}}`]).toBe(2);
    expect(sums[`${DURATIONS}_bucket{le="120",${labels}}`]).toBe(3);
    expect(sums[`${DURATIONS}_count{${labels}}`]).toBe(3);
    expect(sums[`${DURATIONS}_sum{${labels}}`]).toBeCloseTo(70.003, 6);
    const walker = new RowWalker(metricRows([], { ...NO_CONTROL, ...control }));
    const family = walker
      .read(viewOf(fold(durations).state))
      .find(({ name }) => name === DURATIONS);
    if (family?.kind !== 'histogram') expect.fail('no histogram');
    const point = family.points.find((one) => one.labels['outcome'] === 'succeeded');
    const { counts, zeros } = point?.value.exponential ?? { counts: [], zeros: 0 };
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(zeros).toBe(1);
  });
});

test.each(Object.entries(METRICS))(
  '%s: whatever may be dropped leaves each series once, and the same sum',
  (name, row: MetricRow) => {
    const optIns = ['agents', 'circuits'] as const;
    const view = viewOf(fold(oneOfEverything()).state);
    const sumOf = (droppedLabels: Record<string, string[]>): number => {
      const walker = new RowWalker(metricRows(optIns, { ...NO_CONTROL, droppedLabels }));
      const family = walker.read(view).find((one) => one.name === name);
      const points = family?.kind === 'summary' ? [] : (family?.points ?? []);
      const left = Object.keys(row.labels).filter((label) => !droppedLabels[name]?.includes(label));
      const series = points.map(({ labels }) => JSON.stringify(labels));
      expect(new Set(series).size).toBe(series.length);
      for (const { labels } of points) expect(Object.keys(labels)).toEqual(left);
      return points.reduce(
        (sum, { value }) => sum + (typeof value === 'number' ? value : value.count),
        0,
      );
    };
    const whole = sumOf({});
    for (const dropped of subsetsOf(Object.keys(row.labels))) {
      const input = { opt_in: optIns, disable: [], label_sets_max: {}, buckets: {} };
      const isRefused = metricFaults({ ...input, drop_labels: { [name]: dropped } }).length > 0;
      if (!isRefused) expect(sumOf({ [name]: dropped })).toBeCloseTo(whole, 9);
    }
  },
);

function subsetsOf(labels: readonly string[]): string[][] {
  return Array.from({ length: 2 ** labels.length - 1 }, (_, bits) =>
    labels.filter((_label, i) => ((bits + 1) >> i) % 2 === 1),
  );
}

describe('a cap', () => {
  test('that is lowered later takes nothing back that was shown', () => {
    const events = [0, 1, 2].map((n) => attempt(n, `S${n}`));
    const text = fold(events).state.snapshot();
    const low = { labelSetsMax: { [ATTEMPTS]: 1, [DURATIONS]: 1, [OPEN]: 1 } };
    const prepare = prepareCounts(METRICS, { ...NO_CONTROL, ...low });
    const state = LiveState.restore(text, prepare);
    if (state === undefined) expect.fail('no state');
    fold([attempt(3, 'S0'), attempt(4, 'S9')], state);
    const series = shown(ATTEMPTS, state, low);
    expect(Object.values(series).reduce((sum, value) => sum + value, 0)).toBe(5);
    expect(Object.keys(series).length).toBeGreaterThanOrEqual(3);
  });

  test('keeps that many label sets apart, and the sum is exact', () => {
    const events = [0, 1, 2, 3].map((n) => attempt(n, `S${n}`));
    const series = shown(ATTEMPTS, events, { labelSetsMax: { [ATTEMPTS]: 2 } });
    const label = 'strategy="__overflow__",failure_type="__overflow__",trigger="reactive"';
    expect(series[`${ATTEMPTS}{${label}}`]).toBe(2);
    expect(Object.values(series).reduce((sum, value) => sum + value, 0)).toBe(4);
  });

  test('that is raised leaves the past together, and no gauge falls below zero', () => {
    const open = [0, 1, 2].map((n) => detected(n, `f${n}`, { failureType: `type_${n}` }));
    const low = prepareCounts(METRICS, { ...NO_CONTROL, labelSetsMax: { [OPEN]: 1 } });
    const text = fold(open, new LiveState(low)).state.snapshot();
    const high = { labelSetsMax: { [OPEN]: 100 } };
    const state = LiveState.restore(text, prepareCounts(METRICS, { ...NO_CONTROL, ...high }));
    if (state === undefined) expect.fail('no state');
    const ends = [3, 4, 5].map((n) => completed(n, `f${n - 3}`, { failureType: `type_${n - 3}` }));
    const series = shown(OPEN, fold(ends, state).state, high);
    expect(Object.values(series)).toEqual([0, 0]);
  });

  test('holds for what is no family, too', () => {
    const events = ['A', 'B', 'C'].map((strategy, n) => started(n, `f${n}`, { strategy }));
    const control = { labelSetsMax: { selfhealer_up: 0 } };
    expect(shown('selfhealer_up', events, control)).toEqual({});
    expect(Object.values(shown('selfhealer_up', events, {}))).toEqual([1]);
  });
});

describe('buckets', () => {
  const control = { ...NO_CONTROL, buckets: { [DURATIONS]: [0.2, 2] } };

  test('of an operator take the place of the usual ones', () => {
    expect(shown(DURATIONS, [attempt(0, 'A', 1000)], control)).toMatchObject({
      [`${DURATIONS}_bucket{le="0.2",strategy="A",outcome="succeeded"}`]: 0,
      [`${DURATIONS}_bucket{le="2",strategy="A",outcome="succeeded"}`]: 1,
      [`${DURATIONS}_bucket{le="+Inf",strategy="A",outcome="succeeded"}`]: 1,
    });
  });

  test('that a snapshot was not counted into make it unusable', () => {
    const text = fold([attempt(0, 'A')]).state.snapshot();
    const prepare = prepareCounts(METRICS, control);
    expect(LiveState.restore(text, prepare)).toBeUndefined();
    expect(LiveState.hasOtherBuckets(text, prepare)).toBe(true);
    const other = fold([attempt(0, 'A')], new LiveState(prepare)).state.snapshot();
    expect(LiveState.restore(other)).toBeUndefined();
    expect(LiveState.restore(other, prepare)?.snapshot()).toBe(other);
  });
});
