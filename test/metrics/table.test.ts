// What holds for every row of the table, and what the compiler holds of a row.
import { describe, expect, test } from 'vitest';
import { deriveGauges } from '../../src/analysis/derived.js';
import {
  DURATION_BUCKETS,
  newHistogram,
  observe,
  type Histogram,
} from '../../src/core/state/histogram.js';
import {
  counter,
  gauge,
  histogram,
  OPEN_SET,
  stateSet,
  type Labels,
  type MetricRow,
} from '../../src/metrics/define.js';
import { METRICS, metricRows, TOPICS } from '../../src/metrics/table.js';
import type { MetricsView } from '../../src/metrics/view.js';
import { at, fold } from '../support/events.js';
import { oneOfEverything } from './every-event.js';
import { viewOf } from './scrape.js';

const ROWS: readonly (readonly [string, MetricRow])[] = Object.entries(METRICS);

/** Rows whose open labels come from the exporter itself: a handful, not bounded by a cap. */
const OUR_OWN = /^selfhealer_exporter_(build_info|series|series_limit|label_overflows_total)$/;

function everything(): MetricsView {
  const { state } = fold(oneOfEverything());
  return viewOf(state, { report: deriveGauges(state, at(30)) });
}

function read(row: MetricRow, view: MetricsView): [Labels, number | Histogram][] {
  const all: [Labels, number | Histogram][] = [];
  row.read(view, (labels: Labels, value: number | Histogram | undefined) => {
    if (value !== undefined) all.push([labels, value]);
  });
  return all;
}

describe.each(ROWS)('%s', (name, row) => {
  test('is named by the conventions, with a unit that OpenTelemetry knows', () => {
    expect(name).toMatch(/^selfhealer_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(row.kind === 'counter');
    expect(row.unit).toMatch(/^(|1|s|By|\{[a-z]+\})$/);
  });

  test('says what it is in one sentence', () => {
    expect(row.help).toMatch(/^\S.*[^.]\.$/);
    if (row.absent !== undefined) expect(row.absent).toMatch(/^Absent .*[^.]\.$/);
  });

  test('is bounded when events name its labels', () => {
    const isOpen = Object.values(row.labels).includes(OPEN_SET);
    expect(row.bound !== undefined).toBe(isOpen && !OUR_OWN.test(name));
  });

  test('reads exactly the labels that it declares, each set once, and words of its closed lists', () => {
    const series = read(row, everything());
    for (const [labels] of series) {
      expect(Object.keys(labels)).toEqual(Object.keys(row.labels));
      for (const [label, value] of Object.entries(labels)) {
        const words = row.labels[label];
        if (words !== undefined && words !== OPEN_SET) expect(words).toContain(value);
      }
    }
    expect(new Set(series.map(([labels]) => JSON.stringify(labels))).size).toBe(series.length);
  });

  test('keeps as many buckets as it shows', () => {
    if (row.kind !== 'histogram') return;
    for (const [, value] of read(row, everything())) {
      expect(value).toMatchObject({ counts: { length: row.buckets.length + 1 } });
    }
  });
});

test('after one of every event, every row has something to show that needs no more', () => {
  const view = everything();
  const silent = ROWS.filter(([, row]) => read(row, view).length === 0).map(([name]) => name);
  expect(silent).toEqual([
    // Ten recoveries, a hundred attempts and a change among them.
    'selfhealer_mttr_seconds',
    'selfhealer_failure_type_mttr_seconds',
    // A week of failures, fifty of them.
    'selfhealer_failure_anomaly_score',
    'selfhealer_failure_cascades',
    // Two strategies of ten attempts each on one type.
    'selfhealer_strategy_best',
    'selfhealer_strategy_trend_score',
    'selfhealer_strategy_trend_changed_timestamp_seconds',
    'selfhealer_strategy_success_delta_ratio',
    // What the pipeline and the runner of the analyses tell.
    'selfhealer_exporter_last_event_timestamp_seconds',
    'selfhealer_exporter_queue_events',
    'selfhealer_exporter_queue_bytes',
    'selfhealer_exporter_queue_capacity_bytes',
    'selfhealer_exporter_analysis_duration_seconds',
    'selfhealer_exporter_analysis_last_success_timestamp_seconds',
    'selfhealer_exporter_analysis_errors_total',
    // Nothing is pushed.
    'selfhealer_exporter_otlp_exports_total',
    'selfhealer_exporter_otlp_failures_total',
    'selfhealer_exporter_otlp_last_success_timestamp_seconds',
  ]);
});

test('the topics are the table, nothing twice and nothing left out', () => {
  const names = TOPICS.flatMap(({ rows }) => Object.keys(rows));
  expect([...names].sort()).toEqual(Object.keys(METRICS).sort());
});

test('an opt-in takes in its metrics and nothing else', () => {
  const none = Object.keys(metricRows([]));
  const added = (optIn: 'agents' | 'circuits') =>
    Object.keys(metricRows([optIn])).filter((name) => !none.includes(name));
  expect(added('circuits')).toEqual(['selfhealer_circuit_breaker_state']);
  expect(added('agents')).toEqual([
    'selfhealer_agent_failures_total',
    'selfhealer_agent_healing_failures_total',
    'selfhealer_agent_incidents_open',
  ]);
});

test('what does not fit its row does not compile', () => {
  const about = { otel: 'a', unit: '', help: 'A.' };
  const labels = { strategy: OPEN_SET, outcome: ['succeeded', 'failed'] } as const;
  const seen = newHistogram(DURATION_BUCKETS);
  observe(seen, DURATION_BUCKETS, 1);
  const rows = [
    gauge({
      ...about,
      labels,
      read: (_view, add) => {
        add({ strategy: 'S', outcome: 'failed' }, 1);
        // @ts-expect-error -- a word that is not in the list
        add({ strategy: 'S', outcome: 'lost' }, 1);
        // @ts-expect-error -- a label is missing
        add({ strategy: 'S' }, 1);
        // @ts-expect-error -- a label that the row does not have
        add({ strategy: 'S', outcome: 'failed', agent: 'a' }, 1);
        // @ts-expect-error -- a text where a number belongs
        add({ strategy: 'S', outcome: 'failed' }, '1');
        // @ts-expect-error -- an array where a text belongs
        add({ strategy: ['S'], outcome: 'failed' }, 1);
      },
    }),
    // @ts-expect-error -- a histogram's family under a counter
    counter({ ...about, labels, family: ({ state }) => state.counts.attemptSeconds }),
    histogram({
      ...about,
      labels,
      buckets: DURATION_BUCKETS,
      // @ts-expect-error -- a counter's family under a histogram
      family: ({ state }) => state.counts.attempts,
    }),
    stateSet({
      ...about,
      labels: {},
      stateLabel: 'state',
      states: ['on', 'off'],
      read: (_view, add) => {
        add({}, 'on');
        // @ts-expect-error -- a state that the set does not have
        add({}, 'broken');
      },
    }),
  ];
  expect(rows).toHaveLength(4);
});
