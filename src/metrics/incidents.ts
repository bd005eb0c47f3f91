/** Incidents: from the detection of a failure until it is over. */
import { RESOLUTIONS } from '../core/event.js';
import {
  ATTEMPT_COUNT_BUCKETS,
  DURATION_BUCKETS,
  RECOVERY_BUCKETS,
} from '../core/state/histogram.js';
import { apart, counter, gauge, histogram, OPEN_SET, type MetricRows } from './define.js';
import { SEVERITY_LABELS } from './failures-and-healing.js';

export const INCIDENTS = {
  selfhealer_incidents_open: gauge({
    otel: 'selfhealer.incidents.open',
    unit: '{incident}',
    help: 'Detected and not resolved.',
    additive: true,
    labels: { failure_type: OPEN_SET, severity: SEVERITY_LABELS },
    family: ({ state }) => state.counts.openIncidents,
  }),
  selfhealer_incident_oldest_open_timestamp_seconds: gauge({
    otel: 'selfhealer.incident.oldest_open.timestamp',
    unit: 's',
    help: 'Detection time of the oldest open incident; absent when none.',
    absent: 'Absent while no incident of the failure type is open.',
    labels: { failure_type: OPEN_SET },
    capOf: 'selfhealer_incidents_open',
    bound: ({ state }) => state.counts.openIncidents,
    read: ({ state }, add) => {
      const shown = new Set<string>();
      for (const { labels } of apart(state.counts.openIncidents)) shown.add(labels[0] ?? '');
      const oldestMs = new Map<string, number>();
      for (const { failureType, openedMs } of state.incidents.open.values()) {
        const known = oldestMs.get(failureType) ?? Number.POSITIVE_INFINITY;
        if (openedMs < known && shown.has(failureType)) oldestMs.set(failureType, openedMs);
      }
      for (const [failureType, openedMs] of oldestMs) {
        add({ failure_type: failureType }, openedMs / 1000);
      }
    },
  }),
  selfhealer_incidents_resolved_total: counter({
    otel: 'selfhealer.incidents.resolved',
    unit: '{incident}',
    help: 'Incidents closed.',
    labels: { failure_type: OPEN_SET, resolution: RESOLUTIONS },
    family: ({ state }) => state.counts.resolved,
  }),
  selfhealer_incident_recovery_duration_seconds: histogram({
    otel: 'selfhealer.incident.recovery.duration',
    unit: 's',
    help: 'Time to recovery: first detection to recovery, across all attempts.',
    labels: { failure_type: OPEN_SET },
    buckets: RECOVERY_BUCKETS,
    native: true,
    family: ({ state }) => state.counts.recoverySeconds,
  }),
  selfhealer_incident_first_attempt_delay_seconds: histogram({
    otel: 'selfhealer.incident.first_attempt.delay',
    unit: 's',
    help: 'Detection to the start of the first attempt.',
    labels: { failure_type: OPEN_SET },
    buckets: DURATION_BUCKETS,
    family: ({ state }) => state.counts.firstAttemptDelaySeconds,
  }),
  selfhealer_incident_attempts: histogram({
    otel: 'selfhealer.incident.attempts',
    unit: '{attempt}',
    help: 'Attempts that a resolved incident took.',
    labels: { failure_type: OPEN_SET },
    buckets: ATTEMPT_COUNT_BUCKETS,
    family: ({ state }) => state.counts.incidentAttempts,
  }),
} satisfies MetricRows;
