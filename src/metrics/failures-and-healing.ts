/** Failures, and what was done about them. */
import { OUTCOMES, SEVERITIES, SKIP_REASONS, TRIGGERS } from '../core/event.js';
import { DURATION_BUCKETS } from '../core/state/histogram.js';
import { apart, counter, gauge, histogram, OPEN_SET, type MetricRows } from './define.js';

export const SEVERITY_LABELS = [...SEVERITIES, 'unknown'] as const;
const [SUCCEEDED, FAILED] = OUTCOMES;
const ATTEMPT_LABELS = { strategy: OPEN_SET, failure_type: OPEN_SET, trigger: TRIGGERS } as const;

export const FAILURES_AND_HEALING = {
  selfhealer_failures_total: counter({
    otel: 'selfhealer.failures',
    unit: '{failure}',
    help: 'Failures detected, one per incident.',
    labels: { failure_type: OPEN_SET, severity: SEVERITY_LABELS },
    family: ({ state }) => state.counts.failures,
  }),
  selfhealer_failures_predicted_total: counter({
    otel: 'selfhealer.failures.predicted',
    unit: '{failure}',
    help: 'Failures that a still valid prediction had announced.',
    labels: { failure_type: OPEN_SET },
    family: ({ state }) => state.counts.failuresPredicted,
  }),
  selfhealer_healing_attempts_total: counter({
    otel: 'selfhealer.healing.attempts',
    unit: '{attempt}',
    help: 'Healing attempts that ran to a result.',
    labels: ATTEMPT_LABELS,
    family: ({ state }) => state.counts.attempts,
  }),
  selfhealer_healing_failures_total: counter({
    otel: 'selfhealer.healing.failures',
    unit: '{attempt}',
    help: 'Healing attempts that ran and failed.',
    labels: ATTEMPT_LABELS,
    family: ({ state }) => state.counts.attemptFailures,
  }),
  selfhealer_healing_skipped_total: counter({
    otel: 'selfhealer.healing.skipped',
    unit: '{attempt}',
    help: 'Healing not attempted; outside every success ratio.',
    labels: { strategy: OPEN_SET, reason: [...SKIP_REASONS, 'unspecified'] },
    family: ({ state }) => state.counts.skipped,
  }),
  selfhealer_healing_in_progress: gauge({
    otel: 'selfhealer.healing.in_progress',
    unit: '{attempt}',
    help: 'Attempts started and not ended.',
    additive: true,
    labels: { strategy: OPEN_SET },
    family: ({ state }) => state.counts.inProgress,
  }),
  selfhealer_healing_duration_seconds: histogram({
    otel: 'selfhealer.healing.duration',
    unit: 's',
    help: 'One attempt, start to result.',
    labels: { strategy: OPEN_SET, outcome: [SUCCEEDED, FAILED] },
    buckets: DURATION_BUCKETS,
    native: true,
    family: ({ state }) => state.counts.attemptSeconds,
  }),
  selfhealer_healing_recoveries_total: counter({
    otel: 'selfhealer.healing.recoveries',
    unit: '{incident}',
    help: 'Incidents that a success of the strategy ended.',
    labels: { strategy: OPEN_SET },
    family: ({ state }) => state.counts.healedIncidents,
  }),
  selfhealer_healing_recovery_seconds_total: counter({
    otel: 'selfhealer.healing.recovery',
    unit: 's',
    help: 'Time to recovery of the incidents that a success of the strategy ended, added up.',
    labels: { strategy: OPEN_SET },
    family: ({ state }) => state.counts.healedSeconds,
  }),
  selfhealer_healing_last_success_timestamp_seconds: gauge({
    otel: 'selfhealer.healing.last_success.timestamp',
    unit: 's',
    help: 'Unix time of the last success.',
    absent: 'Absent until the strategy has succeeded once.',
    labels: { strategy: OPEN_SET },
    bound: ({ state }) => state.counts.lastSuccess,
    capped: ({ state }) => state.counts.lastSuccess,
    read: ({ state }, add) => {
      for (const { labels, value } of apart(state.counts.lastSuccess)) {
        const [strategy = ''] = labels;
        add({ strategy }, value.n === 0 ? undefined : value.n / 1000);
      }
    },
  }),
} satisfies MetricRows;
