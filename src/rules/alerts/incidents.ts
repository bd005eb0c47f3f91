/** Alerts about incidents, breakers, degradation and predictions. */
import type { MetricName } from '../../metrics/table.js';
import { formatDuration } from '../duration.js';
import type { RuleOptions } from '../options.js';
import { metric, range, seconds, sumBy } from '../promql.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../recorded.js';
import {
  failureRate,
  meanRecovery,
  PRECISION,
  recoveries,
  recoveryQuantile,
  SETTLED_1D,
} from '../recording/recovery.js';
import { SUMS } from '../recording/sums.js';
import type { AlertSpec, Severity } from '../rule.js';

export function incidentAlerts(options: RuleOptions): readonly AlertSpec[] {
  const { stuckWarningMs, stuckCriticalMs } = options;
  return [
    slower(options),
    regression(options),
    slow(options),
    stuck(options, 'warning', stuckWarningMs),
    stuck(options, 'critical', stuckCriticalMs),
    storm(options),
    unusual(options),
    circuitOpen(options),
    circuitFlapping(options),
    degraded(options),
    precisionLow(options),
  ];
}

function slower({ jobLabel }: RuleOptions): AlertSpec {
  const gauge = metric('selfhealer_mttr_trend', { trend: 'slower' });
  return {
    alert: 'SelfHealerRecoveryTimeRegression',
    comment:
      'By the order of recoveries, as the exporter sees them; and by the means of all exporters together.',
    severity: 'warning',
    expr: `max by (${jobLabel}, failure_type) (${gauge}) == 1`,
    pendingMs: 15 * MINUTE_MS,
    labels: { measure: 'trend' },
    summary: 'Recovery from {{ $labels.failure_type }} takes longer than it used to.',
    description:
      'Times to recovery from {{ $labels.failure_type }} in {{ $labels.job }} have become longer, more than chance explains.',
    action:
      'See which has grown: the delay before the first attempt, attempts per incident, or their duration.',
    dashboard: 'incidents',
  };
}

function regression({ recoveryRegressionFactor: factor, recoveriesMin }: RuleOptions): AlertSpec {
  const [hour, week] = [HOUR_MS, 7 * DAY_MS];
  return {
    alert: 'SelfHealerRecoveryTimeRegression',
    severity: 'warning',
    expr: [
      `${meanRecovery(hour)} > ${factor} * ${meanRecovery(week)}`,
      `${recoveries(hour)} >= ${recoveriesMin}`,
      `${recoveries(week)} - ${recoveries(hour)} >= ${recoveriesMin}`,
    ].join('\n  and\n'),
    pendingMs: 15 * MINUTE_MS,
    labels: { measure: 'mean' },
    summary: 'Recovery in {{ $labels.job }} takes longer than it used to.',
    description: `Recoveries of the last hour took {{ $value | humanizeDuration }} on average, more than ${factor} times the mean of 7 days.`,
    action:
      'See which has grown: the delay before the first attempt, attempts per incident, or their duration.',
    dashboard: 'incidents',
  };
}

function slow(options: RuleOptions): AlertSpec {
  const { recoverySlowMs, recoveriesMin } = options;
  return {
    alert: 'SelfHealerRecoverySlow',
    severity: 'warning',
    expr: `${recoveryQuantile(95)} > ${recoverySlowMs / 1000}\n  and\n${recoveries(HOUR_MS)} >= ${recoveriesMin}`,
    pendingMs: 10 * MINUTE_MS,
    summary: 'Recovery in {{ $labels.job }} is slow.',
    description: `1 of 20 recoveries of the last hour took longer than {{ $value | humanizeDuration }}; ${formatDuration(recoverySlowMs)} is the limit.`,
    action:
      'See by failure type whether all recoveries are slow or a few, and what these wait for.',
    dashboard: 'incidents',
  };
}

/** `time()` minus the oldest of these timestamps. */
function age(by: readonly string[], name: MetricName): string {
  return `time() - min by (${by.join(', ')}) (${name})`;
}

function stuck(options: RuleOptions, severity: Severity, limitMs: number): AlertSpec {
  const by = [options.jobLabel, 'failure_type'];
  const oldest = age(by, 'selfhealer_incident_oldest_open_timestamp_seconds');
  return {
    alert: 'SelfHealerIncidentStuck',
    severity,
    expr: `${oldest} > ${seconds(options, limitMs)}`,
    pendingMs: MINUTE_MS,
    summary: 'An incident of type {{ $labels.failure_type }} is stuck.',
    description: `In {{ $labels.job }} the oldest open incident of type {{ $labels.failure_type }} was detected {{ $value | humanizeDuration }} ago; ${formatDuration(limitMs)} is the limit.`,
    action:
      'Heal it by hand and send selfhealer.failure.resolved, resolution manual; if it is over, repair the detector.',
    dashboard: 'incidents',
  };
}

function storm(options: RuleOptions): AlertSpec {
  const { jobLabel, stormFactor, stormFailuresMin } = options;
  const over = range(options, 5 * MINUTE_MS);
  const counted = sumBy([jobLabel, 'failure_type'], `increase(${SUMS.failures}[${over}])`);
  return {
    alert: 'SelfHealerFailureStorm',
    severity: 'critical',
    expr: `${counted} >= ${stormFailuresMin}\n  and\n${failureRate(5 * MINUTE_MS)} > ${stormFactor} * ${failureRate(DAY_MS)}`,
    pendingMs: 2 * MINUTE_MS,
    summary: 'A storm of {{ $labels.failure_type }} failures.',
    description: `{{ $value | printf "%.0f" }} failures of type {{ $labels.failure_type }} in {{ $labels.job }} within 5m, more than ${stormFactor} times the rate of the day.`,
    action:
      'Stop the cause before healing the effects: healing at full speed may make a storm worse.',
    dashboard: 'incidents',
  };
}

function unusual({ jobLabel }: RuleOptions): AlertSpec {
  const score = metric('selfhealer_failure_anomaly_score');
  return {
    alert: 'SelfHealerFailureStorm',
    comment:
      'Unusual for this hour of the day, by what the exporter has learnt: sees smaller storms.',
    severity: 'warning',
    expr: `max by (${jobLabel}, failure_type) (${score}) >= 1`,
    pendingMs: 2 * MINUTE_MS,
    summary: 'Unusually many {{ $labels.failure_type }} failures.',
    description:
      'Failures of type {{ $labels.failure_type }} in {{ $labels.job }} come unusually fast for the hour: anomaly score {{ $value | printf "%.2f" }}, 1 is the limit.',
    action:
      'Stop the cause before healing the effects: healing at full speed may make a storm worse.',
    dashboard: 'incidents',
  };
}

function circuitOpen(options: RuleOptions): AlertSpec {
  const { circuitOpenMs } = options;
  const opened = age(
    [options.jobLabel],
    'selfhealer_circuit_breaker_oldest_open_timestamp_seconds',
  );
  return {
    alert: 'SelfHealerCircuitOpenTooLong',
    severity: 'warning',
    expr: `${opened} > ${seconds(options, circuitOpenMs)}`,
    pendingMs: MINUTE_MS,
    summary: 'A circuit breaker of {{ $labels.job }} stays open.',
    description: `The longest-open breaker opened {{ $value | humanizeDuration }} ago; ${formatDuration(circuitOpenMs)} is the limit.`,
    action: 'Repair what the breaker protects; if that works again, look why its probes fail.',
    dashboard: 'incidents',
  };
}

function circuitFlapping(options: RuleOptions): AlertSpec {
  const trips = metric('selfhealer_circuit_breaker_transitions_total', { to: 'open' });
  const over = range(options, 15 * MINUTE_MS);
  return {
    alert: 'SelfHealerCircuitFlapping',
    severity: 'warning',
    expr: `${sumBy([options.jobLabel], `increase(${trips}[${over}])`)} > ${options.circuitTripsMax}`,
    pendingMs: 5 * MINUTE_MS,
    summary: 'Circuit breakers of {{ $labels.job }} open again and again.',
    description: '{{ $value | printf "%.0f" }} times within 15m a breaker opened.',
    action:
      'Let breakers stay open longer, or fewer requests through while half open; then repair the dependency.',
    dashboard: 'incidents',
  };
}

function degraded({ jobLabel, degradedLevel }: RuleOptions): AlertSpec {
  return {
    alert: 'SelfHealerDegraded',
    severity: 'warning',
    expr: `max by (${jobLabel}, resource) (${metric('selfhealer_degradation_level')}) >= ${degradedLevel}`,
    pendingMs: 15 * MINUTE_MS,
    summary: '{{ $labels.resource }} runs at reduced service.',
    description:
      '{{ $labels.resource }} in {{ $labels.job }} is at degradation level {{ $value }} of 4 and has not been restored.',
    action: 'If the load is gone, restore the level; if it is not, add capacity.',
    dashboard: 'incidents',
  };
}

function precisionLow({ precisionMin, precisionSettledMin }: RuleOptions): AlertSpec {
  return {
    alert: 'SelfHealerPredictionPrecisionLow',
    severity: 'info',
    expr: `${PRECISION} < ${precisionMin}\n  and\n${SETTLED_1D} >= ${precisionSettledMin}`,
    pendingMs: 30 * MINUTE_MS,
    summary: 'Predictions in {{ $labels.job }} are mostly wrong.',
    description:
      'Of the predictions that were settled within a day {{ $value | humanizePercentage }} were right.',
    action:
      'Raise the confidence from which predictions are acted on, or switch the predictor off.',
    dashboard: 'incidents',
  };
}
