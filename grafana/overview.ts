/** Does the healing still work? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { finished, newDashboard } from './dashboard.js';
import { STRATEGY_LINK } from './cells.js';
import { heatmapPanel, statPanel, tablePanel, timeSeriesPanel } from './panels.js';
import { OVERVIEW } from './queries/overview.js';
import { RATIO_STEPS } from './words.js';

export function overview(): Dashboard {
  return finished(
    newDashboard('overview', 'overview', 'Does the healing still work, and how long does it take?')
      .withPanel(
        statPanel(
          {
            title: 'Success ratio, 1 h',
            description:
              'Share of healing attempts of the last hour that succeeded. Green from 90 %, red below 70 %; whether the objective is kept, the error budget says.',
            unit: 'percentunit',
            width: 4,
          },
          { expr: OVERVIEW.successRatio, legend: '{{job}}' },
          RATIO_STEPS,
        ),
      )
      .withPanel(
        statPanel(
          {
            title: 'Error budget left, 3 d',
            description:
              'Of the failed attempts that the objective of the rules allows: the share not used up in three days. Below 0: more failed than allowed.',
            unit: 'percentunit',
            width: 4,
          },
          {
            expr: OVERVIEW.budgetLeft,
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
          { expr: OVERVIEW.recoveryOfHour, legend: '{{job}}' },
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
          { expr: OVERVIEW.recoveryOfWeek, legend: '{{job}}' },
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
          { expr: OVERVIEW.open },
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
            nothing: 'none is open',
          },
          { expr: OVERVIEW.oldestOpen },
          [
            [null, 'green'],
            [300, 'orange'],
            [3600, 'red'],
          ],
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
            { expr: OVERVIEW.attempts, legend: 'attempts' },
            { expr: OVERVIEW.failedAttempts, legend: 'failed' },
            { expr: OVERVIEW.skipped, legend: 'skipped' },
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
              expr: OVERVIEW.failures,
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
          OVERVIEW.recoverySpread,
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
            { expr: OVERVIEW.recoveryMedian, legend: 'median' },
            { expr: OVERVIEW.recoveryP95, legend: '95th percentile' },
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
          { expr: OVERVIEW.breakersOpen },
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
            nothing: 'nothing degrades',
          },
          { expr: OVERVIEW.degradation },
          [
            [null, 'green'],
            [1, 'yellow'],
            [3, 'red'],
          ],
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
          [OVERVIEW.alerts],
          [
            { from: 'alertname', title: 'Alert' },
            { from: 'severity', title: 'Severity' },
            { from: 'strategy', title: 'Strategy', properties: [STRATEGY_LINK] },
            { from: 'failure_type', title: 'Failure type' },
          ],
        ),
      ),
  );
}
