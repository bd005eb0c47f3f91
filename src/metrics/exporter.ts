/** The exporter about itself: what it was given, what it keeps, and whether it keeps up. */
import { ANALYSIS_NAMES } from '../analysis/derived.js';
import { ERROR_CODES } from '../core/errors.js';
import { EVENT_TYPES, INPUTS } from '../core/event.js';
import { PROBLEM_CODES, REFUSAL_CODES } from '../core/problem.js';
import { DURATION_BUCKETS } from '../core/state/histogram.js';
import { counter, firstCome, gauge, histogram, OPEN_SET, type MetricRows } from './define.js';

/** A source that says nothing for longer than this counts as down. */
const HEARD_WITHIN_MS = 300_000;
const UNTIL_ANALYSED = 'Absent until the analyses have run once.';

export const SOURCES = {
  selfhealer_up: gauge({
    otel: 'selfhealer.up',
    unit: '',
    help: '1 while the source is attached and heard from, within the last 5 minutes.',
    labels: { source: OPEN_SET },
    bound: ({ state, labelSetsMax }) =>
      firstCome(state.heard.lastReceivedMs, 1, labelSetsMax).bound,
    read: ({ state, nowMs, labelSetsMax }, add) => {
      const shown = firstCome(state.heard.lastReceivedMs, 1, labelSetsMax);
      for (const [source, receivedMs] of state.heard.lastReceivedMs) {
        if (!shown.has(source)) continue;
        add({ source }, nowMs - receivedMs <= HEARD_WITHIN_MS ? 1 : 0);
      }
    },
  }),
} satisfies MetricRows;

export const INTAKE = {
  selfhealer_exporter_build_info: gauge({
    otel: 'selfhealer.exporter.build_info',
    unit: '',
    help: 'Always 1; the labels tell what runs.',
    labels: { version: OPEN_SET, revision: OPEN_SET, node_version: OPEN_SET },
    read: ({ build: { version, revision, nodeVersion } }, add) => {
      add({ version, revision, node_version: nodeVersion }, 1);
    },
  }),
  selfhealer_exporter_events_total: counter({
    otel: 'selfhealer.exporter.events',
    unit: '{event}',
    help: 'Events accepted.',
    labels: { input: INPUTS, type: EVENT_TYPES },
    family: ({ state }) => state.counts.events,
  }),
  selfhealer_exporter_events_duplicate_total: counter({
    otel: 'selfhealer.exporter.events.duplicate',
    unit: '{event}',
    help: 'Events that the log had already.',
    labels: { input: INPUTS },
    family: ({ self }) => self.duplicated,
  }),
  selfhealer_exporter_events_rejected_total: counter({
    otel: 'selfhealer.exporter.events.rejected',
    unit: '{event}',
    help: 'Events rejected, by code.',
    labels: { input: INPUTS, reason: PROBLEM_CODES },
    family: ({ self }) => self.rejections,
  }),
  selfhealer_exporter_deliveries_refused_total: counter({
    otel: 'selfhealer.exporter.deliveries.refused',
    unit: '{delivery}',
    help: 'Deliveries turned away unread.',
    labels: { input: INPUTS, reason: REFUSAL_CODES },
    family: ({ self }) => self.refusals,
  }),
  selfhealer_exporter_last_event_timestamp_seconds: gauge({
    otel: 'selfhealer.exporter.last_event.timestamp',
    unit: 's',
    help: 'When the newest accepted event of the input was received.',
    absent: 'Absent until the input has brought an event since the process started.',
    labels: { input: INPUTS },
    read: ({ self }, add) => {
      for (const [input, receivedMs] of self.lastEventMs) add({ input }, receivedMs / 1000);
    },
  }),
  selfhealer_exporter_event_lag_seconds: histogram({
    otel: 'selfhealer.exporter.event.lag',
    unit: 's',
    help: 'Event time to applied.',
    labels: { input: INPUTS },
    buckets: DURATION_BUCKETS,
    family: ({ self }) => self.lagSeconds,
  }),
  selfhealer_exporter_queue_events: gauge({
    otel: 'selfhealer.exporter.queue.events',
    unit: '{event}',
    help: 'Events waiting to be made durable.',
    labels: {},
    read: ({ self }, add) => {
      add({}, self.queueLevel?.events);
    },
  }),
  selfhealer_exporter_queue_bytes: gauge({
    otel: 'selfhealer.exporter.queue',
    unit: 'By',
    help: 'Bytes waiting to be made durable.',
    labels: {},
    read: ({ self }, add) => {
      add({}, self.queueLevel?.bytes);
    },
  }),
  selfhealer_exporter_queue_capacity_bytes: gauge({
    otel: 'selfhealer.exporter.queue.capacity',
    unit: 'By',
    help: 'Bytes that may wait before deliveries are refused.',
    labels: {},
    read: ({ self }, add) => {
      add({}, self.queueLevel?.capacityBytes);
    },
  }),
} satisfies MetricRows;

export const ANALYSES = {
  selfhealer_exporter_analysis_duration_seconds: gauge({
    otel: 'selfhealer.exporter.analysis.duration',
    unit: 's',
    help: 'How long the last run of the analysis took.',
    absent: UNTIL_ANALYSED,
    labels: { analysis: ANALYSIS_NAMES },
    read: ({ report }, add) => {
      for (const one of report?.analyses ?? [])
        add({ analysis: one.analysis }, one.durationSeconds);
    },
  }),
  selfhealer_exporter_analysis_last_success_timestamp_seconds: gauge({
    otel: 'selfhealer.exporter.analysis.last_success.timestamp',
    unit: 's',
    help: 'Unix time of the last run that succeeded.',
    absent: 'Absent until the analysis has succeeded once.',
    labels: { analysis: ANALYSIS_NAMES },
    read: ({ report }, add) => {
      for (const { analysis, lastSuccessMs } of report?.analyses ?? []) {
        add({ analysis }, lastSuccessMs === undefined ? undefined : lastSuccessMs / 1000);
      }
    },
  }),
  selfhealer_exporter_analysis_errors_total: counter({
    otel: 'selfhealer.exporter.analysis.errors',
    unit: '{error}',
    help: 'Runs that failed.',
    absent: UNTIL_ANALYSED,
    labels: { analysis: ANALYSIS_NAMES },
    read: ({ report, startedMs }, add) => {
      for (const { analysis, errors } of report?.analyses ?? []) {
        add({ analysis }, errors, startedMs);
      }
    },
  }),
  selfhealer_exporter_failure_types_left_out: gauge({
    otel: 'selfhealer.exporter.failure_types_left_out',
    unit: '{type}',
    help: 'Failure types of the last four weeks beyond the 64 that the analysis follows.',
    labels: { analysis: ['cascades'] },
    read: ({ state, nowMs }, add) => {
      add({ analysis: 'cascades' }, state.failureMinutes.typesLeftOut(nowMs));
    },
  }),
} satisfies MetricRows;

export const STORE = {
  selfhealer_exporter_store_events: gauge({
    otel: 'selfhealer.exporter.store.events',
    unit: '{event}',
    help: 'Events in the log.',
    labels: {},
    read: ({ store }, add) => {
      add({}, store.events);
    },
  }),
  selfhealer_exporter_store_bytes: gauge({
    otel: 'selfhealer.exporter.store',
    unit: 'By',
    help: 'Bytes that the log takes on disk.',
    labels: {},
    read: ({ store }, add) => {
      add({}, store.bytes);
    },
  }),
  selfhealer_exporter_store_wal_bytes: gauge({
    otel: 'selfhealer.exporter.store.wal',
    unit: 'By',
    help: 'Bytes of the write-ahead log.',
    labels: {},
    read: ({ store }, add) => {
      add({}, store.walBytes);
    },
  }),
  selfhealer_exporter_store_corrupt_events: gauge({
    otel: 'selfhealer.exporter.store.corrupt_events',
    unit: '{event}',
    help: 'Events that the log holds and whose checksum is wrong.',
    labels: {},
    read: ({ store }, add) => {
      add({}, store.corruptEvents);
    },
  }),
  selfhealer_exporter_store_missing_events: gauge({
    otel: 'selfhealer.exporter.store.missing_events',
    unit: '{event}',
    help: 'Events that the log once held and that are gone, retention apart.',
    labels: {},
    read: ({ store }, add) => {
      add({}, store.missingEvents);
    },
  }),
  selfhealer_exporter_store_commit_duration_seconds: histogram({
    otel: 'selfhealer.exporter.store.commit.duration',
    unit: 's',
    help: 'One group commit.',
    labels: {},
    buckets: DURATION_BUCKETS,
    family: ({ self }) => self.commitSeconds,
  }),
  selfhealer_exporter_store_errors_total: counter({
    otel: 'selfhealer.exporter.store.errors',
    unit: '{error}',
    help: 'Failed store operations.',
    labels: { code: ERROR_CODES },
    family: ({ self }) => self.storeErrors,
  }),
} satisfies MetricRows;
