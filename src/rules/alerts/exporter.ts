/** Alerts about the exporter itself: whether it can be believed. */
import type { MetricName } from '../../metrics/table.js';
import { formatDuration } from '../duration.js';
import type { RuleOptions } from '../options.js';
import { metric, range, seconds, sumBy } from '../promql.js';
import { DAY_MS, MINUTE_MS } from '../recorded.js';
import type { AlertSpec } from '../rule.js';

export function exporterAlerts(options: RuleOptions): readonly AlertSpec[] {
  return [
    down(options),
    sourceSilent(options),
    rejected(options),
    labelLimit(options),
    stalled(options),
    storeFailing(options),
    storeCorrupt(options),
    otlpFailing(options),
    WATCHDOG,
  ];
}

function down(options: RuleOptions): AlertSpec {
  const { jobLabel, instanceLabel, jobPattern } = options;
  const seen = `last_over_time(${metric('selfhealer_exporter_build_info')}[${range(options, DAY_MS)}])`;
  return {
    alert: 'SelfHealerExporterDown',
    comment: 'Whatever has answered as an exporter within a day, and what is named like one.',
    severity: 'critical',
    expr:
      `(up == 0 and on (${jobLabel}, ${instanceLabel}) ${seen})\n  or\n` +
      `up{${jobLabel}=~${JSON.stringify(jobPattern)}} == 0`,
    pendingMs: 2 * MINUTE_MS,
    summary: 'The exporter {{ $labels.instance }} does not answer.',
    description:
      'Prometheus cannot scrape {{ $labels.instance }} of {{ $labels.job }}: what happens to its healers is not seen.',
    action: 'Start it again: nothing acknowledged is lost. Its log and exit code say why it ended.',
    dashboard: 'exporter',
  };
}

function sourceSilent({ jobLabel }: RuleOptions): AlertSpec {
  return {
    alert: 'SelfHealerSourceSilent',
    severity: 'warning',
    expr: `max by (${jobLabel}, source) (${metric('selfhealer_up')}) == 0`,
    pendingMs: 5 * MINUTE_MS,
    summary: 'Nothing is heard from {{ $labels.source }}.',
    description:
      '{{ $labels.source }} has sent neither an event nor a heartbeat to {{ $labels.job }} for more than 5m.',
    action: 'Restart the healer, or repair its way to the exporter.',
    dashboard: 'exporter',
  };
}

function rejected(options: RuleOptions): AlertSpec {
  const counter = metric('selfhealer_exporter_events_rejected_total');
  const over = range(options, 15 * MINUTE_MS);
  const by = [options.jobLabel, 'input', 'reason'];
  return {
    alert: 'SelfHealerEventsRejected',
    severity: 'warning',
    expr: `${sumBy(by, `increase(${counter}[${over}])`)} > ${options.rejectedMax}`,
    pendingMs: 0,
    summary: 'Events for {{ $labels.job }} are rejected.',
    description:
      '{{ $value | printf "%.0f" }} events by {{ $labels.input }} were rejected within 15m: {{ $labels.reason }}.',
    action: 'Correct the sender: its answers and the log of the exporter name the field.',
    dashboard: 'exporter',
  };
}

function labelLimit(options: RuleOptions): AlertSpec {
  const overflows = metric('selfhealer_exporter_label_overflows_total');
  const by = [options.jobLabel, 'metric'];
  return {
    alert: 'SelfHealerLabelLimitReached',
    severity: 'warning',
    expr: `${sumBy(by, `increase(${overflows}[${range(options, 60 * MINUTE_MS)}])`)} > 0`,
    pendingMs: 0,
    summary: '{{ $labels.metric }} has more label sets than it keeps apart.',
    description:
      '{{ $value | printf "%.0f" }} label sets of {{ $labels.metric }} in {{ $labels.job }} went beyond the limit within 1h.',
    action: 'Keep times and ids out of the names of strategies and failure types.',
    dashboard: 'exporter',
  };
}

function stalled(options: RuleOptions): AlertSpec {
  const { jobLabel, instanceLabel, analysisStalledMs } = options;
  const last: MetricName = 'selfhealer_exporter_analysis_last_success_timestamp_seconds';
  return {
    alert: 'SelfHealerAnalysisStalled',
    severity: 'warning',
    expr: `time() - max by (${jobLabel}, ${instanceLabel}, analysis) (${last}) > ${seconds(options, analysisStalledMs)}`,
    pendingMs: 2 * MINUTE_MS,
    summary: 'The analysis {{ $labels.analysis }} has stalled.',
    description: `{{ $labels.analysis }} of {{ $labels.instance }} last succeeded {{ $value | humanizeDuration }} ago; ${formatDuration(analysisStalledMs)} is the limit. Its gauges are old.`,
    action: 'With errors in its log, restart the exporter; short of CPU, give it more.',
    dashboard: 'exporter',
  };
}

function storeFailing(options: RuleOptions): AlertSpec {
  const { jobLabel, instanceLabel } = options;
  const errors = metric('selfhealer_exporter_store_errors_total');
  const over = range(options, 5 * MINUTE_MS);
  return {
    alert: 'SelfHealerStoreFailing',
    severity: 'critical',
    expr: `${sumBy([jobLabel, instanceLabel, 'code'], `increase(${errors}[${over}])`)} > 0`,
    pendingMs: 0,
    summary: 'The event log of {{ $labels.instance }} fails.',
    description:
      '{{ $value | printf "%.0f" }} store operations failed within 5m with {{ $labels.code }}: events are not acknowledged.',
    action:
      'Free or add space on the disk; with input/output errors, move the data to another one.',
    dashboard: 'exporter',
  };
}

function storeCorrupt({ jobLabel, instanceLabel }: RuleOptions): AlertSpec {
  const by = [jobLabel, instanceLabel];
  const corrupt = sumBy(by, metric('selfhealer_exporter_store_corrupt_events'));
  const missing = sumBy(by, metric('selfhealer_exporter_store_missing_events'));
  return {
    alert: 'SelfHealerStoreCorrupt',
    severity: 'critical',
    expr: `${corrupt}\n  +\n${missing}\n  > 0`,
    pendingMs: 0,
    summary: 'The event log of {{ $labels.instance }} is damaged.',
    description:
      '{{ $value | printf "%.0f" }} events of the log are corrupt or missing: counts are lower than they should be.',
    action: 'Look after the disk, then restore the folder from a backup, or accept the loss.',
    dashboard: 'exporter',
  };
}

function otlpFailing(options: RuleOptions): AlertSpec {
  const { jobLabel, instanceLabel } = options;
  const failures = metric('selfhealer_exporter_otlp_failures_total');
  const last = metric('selfhealer_exporter_otlp_last_success_timestamp_seconds');
  const by = `${jobLabel}, ${instanceLabel}`;
  const over = range(options, 15 * MINUTE_MS);
  return {
    alert: 'SelfHealerOtlpFailing',
    comment: 'Each try counts: what is taken after a few has not failed.',
    severity: 'warning',
    expr:
      `${sumBy([jobLabel, instanceLabel, 'code'], `increase(${failures}[${over}])`)} >= 2\n` +
      `  unless on (${by}) time() - max by (${by}) (${last}) < ${seconds(options, 5 * MINUTE_MS)}`,
    pendingMs: 5 * MINUTE_MS,
    summary: '{{ $labels.instance }} cannot push its metrics.',
    description:
      '{{ $value | printf "%.0f" }} tries of {{ $labels.instance }} to push over OTLP failed within 15m, and none of the last 5m succeeded: {{ $labels.code }}.',
    action:
      'Check the endpoint and its credentials; the next push that succeeds carries everything.',
    dashboard: 'exporter',
  };
}

const WATCHDOG: AlertSpec = {
  alert: 'SelfHealerWatchdog',
  comment: 'Always fires: when it stops arriving, the way from Prometheus to you is broken.',
  severity: 'info',
  expr: 'vector(1)',
  pendingMs: 0,
  summary: 'Alerts arrive.',
  description: 'This alert always fires, to show that alerts reach the receiver.',
  action: 'Nothing, while it arrives: let a service call you when it stays away.',
  dashboard: 'overview',
};
