/** Is the exporter itself well? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { newDashboard } from './dashboard.js';
import { timeSeriesPanel, type Query } from './panels.js';
import { max, ofProcess, orNone, quantile, rate, series, sum } from './queries.js';

interface Row {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
}

const ROWS: readonly Row[] = [
  {
    title: 'Events',
    description: 'Events taken, by the way they came in.',
    unit: 'ops',
    queries: [
      { expr: sum(rate('selfhealer_exporter_events_total'), ['input']), legend: '{{input}}' },
    ],
  },
  {
    title: 'Rejected and repeated events',
    description: 'Events that were refused, by reason, and events that had come before.',
    unit: 'ops',
    queries: [
      {
        expr: orNone(sum(rate('selfhealer_exporter_events_rejected_total'), ['reason'])),
        legend: 'rejected {{reason}}',
      },
      { expr: orNone(sum(rate('selfhealer_exporter_events_duplicate_total'))), legend: 'repeated' },
    ],
  },
  {
    title: 'Lag of events, 95th percentile',
    description: 'From when an event happened until it counted.',
    unit: 's',
    queries: [
      {
        expr: quantile(0.95, 'selfhealer_exporter_event_lag_seconds', ['input']),
        legend: '{{input}}',
      },
    ],
  },
  {
    title: 'Sources',
    description: '1 while a source is heard of, 0 when it fell silent.',
    unit: 'short',
    queries: [{ expr: series('selfhealer_up'), legend: '{{source}} {{instance}}' }],
  },
  {
    title: 'Queue',
    description: 'Bytes that wait for the log, and how many may.',
    unit: 'bytes',
    queries: [
      { expr: sum(series('selfhealer_exporter_queue_bytes')), legend: 'waiting' },
      { expr: sum(series('selfhealer_exporter_queue_capacity_bytes')), legend: 'room' },
    ],
  },
  {
    title: 'Series against their limits',
    description: 'The metrics that are nearest to the number of label sets they may have.',
    unit: 'percentunit',
    queries: [
      {
        expr: `topk(5, ${series('selfhealer_exporter_series')} / ${series('selfhealer_exporter_series_limit')})`,
        legend: '{{metric}} {{instance}}',
      },
    ],
  },
  {
    title: 'Label sets over the limit',
    description: 'New label sets that were counted under __overflow__ instead.',
    unit: 'ops',
    queries: [
      {
        expr: orNone(sum(rate('selfhealer_exporter_label_overflows_total'), ['metric'])),
        legend: '{{metric}}',
      },
    ],
  },
  {
    title: 'Duration of analyses',
    description: 'How long each analysis took the last time.',
    unit: 's',
    queries: [
      {
        expr: max(series('selfhealer_exporter_analysis_duration_seconds'), ['analysis']),
        legend: '{{analysis}}',
      },
    ],
  },
  {
    title: 'Age of analyses',
    description: 'How long ago each analysis succeeded last.',
    unit: 's',
    queries: [
      {
        expr: max(
          `time() - ${series('selfhealer_exporter_analysis_last_success_timestamp_seconds')}`,
          ['analysis'],
        ),
        legend: '{{analysis}}',
      },
    ],
  },
  {
    title: 'Store',
    description: 'Bytes on disk, and of these in the write-ahead log.',
    unit: 'bytes',
    queries: [
      { expr: sum(series('selfhealer_exporter_store_bytes')), legend: 'store' },
      { expr: sum(series('selfhealer_exporter_store_wal_bytes')), legend: 'write-ahead log' },
    ],
  },
  {
    title: 'Duration of commits, 95th percentile',
    description: 'How long it took until a group of events was on disk.',
    unit: 's',
    queries: [
      {
        expr: quantile(0.95, 'selfhealer_exporter_store_commit_duration_seconds'),
        legend: 'commit',
      },
    ],
  },
  {
    title: 'Errors',
    description: 'Errors of the store, of analyses and of pushes over OTLP.',
    unit: 'ops',
    queries: [
      { expr: orNone(sum(rate('selfhealer_exporter_store_errors_total'))), legend: 'store' },
      { expr: orNone(sum(rate('selfhealer_exporter_analysis_errors_total'))), legend: 'analyses' },
      { expr: orNone(sum(rate('selfhealer_exporter_otlp_failures_total'))), legend: 'OTLP' },
    ],
  },
  {
    title: 'Event loop, 99th percentile',
    description: 'How long the event loop was kept waiting.',
    unit: 's',
    queries: [{ expr: ofProcess('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
  },
  {
    title: 'Duration of scrapes',
    description: 'How long Prometheus waited for /metrics.',
    unit: 's',
    queries: [{ expr: ofProcess('scrape_duration_seconds'), legend: '{{instance}}' }],
  },
];

export function exporter(): Dashboard {
  const dashboard = newDashboard('exporter', 'exporter', 'Is the exporter itself well?');
  for (const { queries, ...said } of ROWS) {
    dashboard.withPanel(timeSeriesPanel({ ...said, width: 12 }, queries));
  }
  return dashboard.build();
}
