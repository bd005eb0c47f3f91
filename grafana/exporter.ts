/** Is the exporter itself well? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { finished, newDashboard } from './dashboard.js';
import { timeSeriesPanel, type Query } from './panels.js';
import { EXPORTER } from './queries/exporter.js';

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
    queries: [{ expr: EXPORTER.events, legend: '{{input}}' }],
  },
  {
    title: 'Rejected and repeated events',
    description: 'Events that were refused, by reason, and events that had come before.',
    unit: 'ops',
    queries: [
      {
        expr: EXPORTER.rejected,
        legend: 'rejected {{reason}}',
      },
      { expr: EXPORTER.repeated, legend: 'repeated' },
    ],
  },
  {
    title: 'Lag of events, 95th percentile',
    description: 'From when an event happened until it counted.',
    unit: 's',
    queries: [
      {
        expr: EXPORTER.lag,
        legend: '{{input}}',
      },
    ],
  },
  {
    title: 'Sources',
    description: '1 while a source is heard of, 0 when it fell silent.',
    unit: 'short',
    queries: [{ expr: EXPORTER.sources, legend: '{{source}} {{instance}}' }],
  },
  {
    title: 'Queue',
    description: 'Bytes that wait for the log, and how many may.',
    unit: 'bytes',
    queries: [
      { expr: EXPORTER.queued, legend: 'waiting' },
      { expr: EXPORTER.queueRoom, legend: 'room' },
    ],
  },
  {
    title: 'Series against their limits',
    description: 'The metrics that are nearest to the number of label sets they may have.',
    unit: 'percentunit',
    queries: [
      {
        expr: EXPORTER.seriesOfLimit,
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
        expr: EXPORTER.overflows,
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
        expr: EXPORTER.analysisDuration,
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
        expr: EXPORTER.analysisAge,
        legend: '{{analysis}}',
      },
    ],
  },
  {
    title: 'Store',
    description: 'Bytes on disk, and of these in the write-ahead log.',
    unit: 'bytes',
    queries: [
      { expr: EXPORTER.stored, legend: 'store' },
      { expr: EXPORTER.wal, legend: 'write-ahead log' },
    ],
  },
  {
    title: 'Duration of commits, 95th percentile',
    description: 'How long it took until a group of events was on disk.',
    unit: 's',
    queries: [
      {
        expr: EXPORTER.commits,
        legend: 'commit',
      },
    ],
  },
  {
    title: 'Errors',
    description: 'Errors of the store, of analyses and of pushes over OTLP.',
    unit: 'ops',
    queries: [
      { expr: EXPORTER.storeErrors, legend: 'store' },
      { expr: EXPORTER.analysisErrors, legend: 'analyses' },
      { expr: EXPORTER.otlpErrors, legend: 'OTLP' },
    ],
  },
  {
    title: 'Event loop, 99th percentile',
    description: 'How long the event loop was kept waiting.',
    unit: 's',
    queries: [{ expr: EXPORTER.eventLoop, legend: '{{instance}}' }],
  },
  {
    title: 'Duration of scrapes',
    description: 'How long Prometheus waited for /metrics.',
    unit: 's',
    queries: [{ expr: EXPORTER.scrapes, legend: '{{instance}}' }],
  },
];

export function exporter(): Dashboard {
  const dashboard = newDashboard('exporter', 'exporter', 'Is the exporter itself well?');
  for (const { queries, ...said } of ROWS) {
    dashboard.withPanel(timeSeriesPanel({ ...said, width: 12 }, queries));
  }
  return finished(dashboard);
}
