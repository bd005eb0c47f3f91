/** Does the healing still work? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DEFAULT_OPTIONS } from '../src/rules/options.js';
import { DAY_MS, failureRatio, HOUR_MS } from '../src/rules/recorded.js';
import { meanRecovery } from '../src/rules/recording/recovery.js';
import { newDashboard } from './dashboard.js';
import { heatmapPanel, statPanel, tablePanel, timeSeriesPanel } from './panels.js';
import { max, ofJob, quantile, rate, series, spread, sum } from './queries.js';

const RECOVERY = 'selfhealer_incident_recovery_duration_seconds';
const { objective } = DEFAULT_OPTIONS;
const OBJECTIVE_PERCENT = Number((objective * 100).toPrecision(8));
const WEEK_MS = 7 * DAY_MS;

export function overview(): Dashboard {
  return newDashboard(
    'overview',
    'overview',
    'Does the healing still work, and how long does it take?',
  )
    .withPanel(
      statPanel(
        {
          title: 'Success ratio, 1 h',
          description: `Share of healing attempts of the last hour that succeeded. Objective: ${OBJECTIVE_PERCENT} %.`,
          unit: 'percentunit',
          width: 4,
        },
        { expr: `1 - ${ofJob(failureRatio('job', HOUR_MS))}`, legend: '{{job}}' },
        [
          [null, 'red'],
          [objective - 0.05, 'orange'],
          [objective, 'green'],
        ],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Error budget left, 3 d',
          description: `Of the failed attempts that an objective of ${OBJECTIVE_PERCENT} % allows: the share not used up in three days. Below 0: more failed than allowed.`,
          unit: 'percentunit',
          width: 4,
        },
        {
          expr: `1 - ${ofJob(failureRatio('job', 3 * DAY_MS))} / (1 - ${objective})`,
          legend: '{{job}}',
        },
        [
          [null, 'red'],
          [0, 'orange'],
          [0.25, 'green'],
        ],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Mean time to recovery, 1 h',
          description:
            'Mean over the incidents that recovered in the last hour, from detection to recovery.',
          unit: 's',
          width: 4,
        },
        { expr: ofJob(meanRecovery(HOUR_MS)), legend: '{{job}}' },
        [[null, 'blue']],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Mean time to recovery, 7 d',
          description: 'The same over seven days: what an hour is to be compared with.',
          unit: 's',
          width: 4,
        },
        { expr: ofJob(meanRecovery(WEEK_MS)), legend: '{{job}}' },
        [[null, 'blue']],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Open incidents',
          description: 'Failures detected and not yet recovered.',
          unit: 'short',
          width: 4,
        },
        { expr: sum(series('selfhealer_incidents_open')) },
        [
          [null, 'green'],
          [10, 'orange'],
          [50, 'red'],
        ],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Oldest open incident',
          description: 'How long the oldest open incident has been open.',
          unit: 's',
          width: 4,
        },
        { expr: max(`time() - ${series('selfhealer_incident_oldest_open_timestamp_seconds')}`) },
        [
          [null, 'green'],
          [300, 'orange'],
          [3600, 'red'],
        ],
        'none is open',
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Attempts, failures and skips',
          description:
            'Healing attempts that ended, those of them that failed, and those that were not made.',
          unit: 'ops',
          width: 12,
        },
        [
          { expr: sum(rate('selfhealer_healing_attempts_total')), legend: 'attempts' },
          { expr: sum(rate('selfhealer_healing_failures_total')), legend: 'failed' },
          { expr: sum(rate('selfhealer_healing_skipped_total')), legend: 'skipped' },
        ],
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Failures by type',
          description: 'Failures detected, by failure type.',
          unit: 'ops',
          width: 12,
        },
        [
          {
            expr: sum(rate('selfhealer_failures_total'), ['failure_type']),
            legend: '{{failure_type}}',
          },
        ],
      ),
    )
    .withPanel(
      heatmapPanel(
        {
          title: 'Recovery time, all',
          description: 'Incidents that recovered, by how long it took.',
          unit: 's',
          width: 12,
        },
        spread(RECOVERY),
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Recovery time, median and 95th percentile',
          description:
            'From detection to recovery: half, and 95 % of the incidents took no longer.',
          unit: 's',
          width: 12,
        },
        [
          { expr: quantile(0.5, RECOVERY), legend: 'median' },
          { expr: quantile(0.95, RECOVERY), legend: '95th percentile' },
        ],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Circuit breakers open',
          description: 'Breakers that are open now: what they guard is not tried.',
          unit: 'short',
          width: 4,
          height: 7,
        },
        { expr: sum(series('selfhealer_circuit_breakers', { state: 'open' })) },
        [
          [null, 'green'],
          [1, 'orange'],
        ],
      ),
    )
    .withPanel(
      statPanel(
        {
          title: 'Deepest degradation',
          description:
            'The lowest level of service that any resource is reduced to: 0 is full service, 4 minimal.',
          unit: 'short',
          width: 4,
          height: 7,
        },
        { expr: max(series('selfhealer_degradation_level')) },
        [
          [null, 'green'],
          [1, 'yellow'],
          [3, 'red'],
        ],
        'nothing degrades',
      ),
    )
    .withPanel(
      tablePanel(
        {
          title: 'Firing alerts',
          description:
            'Alerts that fire now. SelfHealerWatchdog always does: it shows that alerting works.',
          unit: 'short',
          width: 16,
          height: 7,
        },
        [
          'count by (alertname, severity, strategy, failure_type) (ALERTS{job=~"$job",alertstate="firing",alertname=~"SelfHealer.+"})',
        ],
        [
          { from: 'alertname', title: 'Alert' },
          { from: 'severity', title: 'Severity' },
          { from: 'strategy', title: 'Strategy' },
          { from: 'failure_type', title: 'Failure type' },
        ],
      ),
    )
    .build();
}
