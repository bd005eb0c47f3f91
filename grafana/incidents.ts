/** What fails, how long it stays, and how it ends. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { finished, newDashboard } from './dashboard.js';
import { barsPanel, statPanel, timeSeriesPanel } from './panels.js';
import { INCIDENTS } from './queries/incidents.js';

export function incidents(): Dashboard {
  return finished(
    newDashboard(
      'incidents',
      'incidents',
      'What fails, how long does it stay, and how does it end?',
    )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Open incidents by severity',
            description: 'Failures detected and not yet recovered.',
            unit: 'short',
            width: 12,
          },
          [{ expr: INCIDENTS.open, legend: '{{severity}}' }],
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Oldest open incident of each failure type',
            description: 'How long it has been open; no line where none is.',
            unit: 's',
            width: 12,
            nothing: 'none is open',
          },
          [
            {
              expr: INCIDENTS.oldest,
              legend: '{{failure_type}}',
            },
          ],
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Delay of the first attempt, 95th percentile',
            description: 'From the detection to the start of the first attempt to heal.',
            unit: 's',
            width: 12,
          },
          [
            {
              expr: INCIDENTS.delay,
              legend: '{{failure_type}}',
            },
          ],
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Attempts per incident, 95th percentile',
            description: 'How many attempts it took until the incident ended.',
            unit: 'short',
            width: 12,
          },
          [
            {
              expr: INCIDENTS.attempts,
              legend: '{{failure_type}}',
            },
          ],
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'How incidents end',
            description:
              'Incidents that ended: healed by a strategy, recovered by themselves, ended by people, or expired.',
            unit: 'ops',
            width: 12,
          },
          [
            {
              expr: INCIDENTS.resolutions,
              legend: '{{resolution}}',
            },
          ],
        ),
      )
      .withPanel(
        barsPanel(
          {
            title: 'Failures by hour of the day',
            description:
              'Failures an hour, by the hour of the day in UTC, averaged over up to 7 days.',
            unit: 'short',
            width: 12,
          },
          INCIDENTS.byHour,
          'hour',
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Circuit breakers',
            description: 'Breakers by state.',
            unit: 'short',
            width: 12,
          },
          [{ expr: INCIDENTS.breakers, legend: '{{state}}' }],
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Degradation',
            description: 'Level of service of each resource: 0 is full service, 4 minimal.',
            unit: 'short',
            width: 12,
            nothing: 'nothing degrades',
          },
          [
            {
              expr: INCIDENTS.degradation,
              legend: '{{resource}}',
            },
          ],
        ),
      )
      .withPanel(
        timeSeriesPanel(
          {
            title: 'Predictions by outcome',
            description:
              'Predicted failures that are settled: they occurred, were prevented, were false, or expired.',
            unit: 'ops',
            width: 12,
          },
          [
            {
              expr: INCIDENTS.predictions,
              legend: '{{outcome}}',
            },
          ],
        ),
      )
      .withPanel(
        statPanel(
          {
            title: 'Precision of predictions, 1 d',
            description: 'Share of the predictions settled within a day that were right.',
            unit: 'percentunit',
            width: 6,
            height: 8,
          },
          { expr: INCIDENTS.precision, legend: '{{job}}' },
          [
            [null, 'red'],
            [0.5, 'orange'],
            [0.8, 'green'],
          ],
        ),
      )
      .withPanel(
        statPanel(
          {
            title: 'Cascades found',
            description:
              'Pairs of failure types where one is followed by the other more often than by chance.',
            unit: 'short',
            width: 6,
            height: 8,
          },
          { expr: INCIDENTS.cascades },
          [
            [null, 'green'],
            [1, 'orange'],
          ],
        ),
      ),
  );
}
