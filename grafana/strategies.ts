/** Which strategy works, and which is wearing out? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DEFAULT_OPTIONS } from '../src/rules/options.js';
import { failureRatio, fleet, HOUR_MS } from '../src/rules/recorded.js';
import { labelVariable, newDashboard } from './dashboard.js';
import {
  cellLink,
  cellSteps,
  cellUnit,
  cellWords,
  COLORED_CELL,
  matrixPanel,
  tablePanel,
  timeSeriesPanel,
  wordsPanel,
  type Steps,
} from './panels.js';
import { max, ofJob, quantile, rate, series, shown, sum, wordNumber } from './queries.js';
import { byNumber, byWord, RECOMMENDATION, TREND, wordsOf } from './words.js';

const DURATION = 'selfhealer_healing_duration_seconds';
const CHOSEN = { strategy: '$strategy' };
const { objective, burnRates } = DEFAULT_OPTIONS;
const RATIO_STEPS: Steps = [
  [null, 'red'],
  [objective - 0.15, 'orange'],
  [objective, 'green'],
];
/** The two that somebody is called for. */
const BURNS = burnRates.slice(0, 2);
/** A ratio of fewer attempts would be chance. */
const ATTEMPTS_MIN = 5;

export function strategies(): Dashboard {
  return newDashboard('strategies', 'strategies', 'Which strategy works, and which is wearing out?')
    .withVariable(
      labelVariable('strategy', 'Strategy', series('selfhealer_healing_attempts_total')),
    )
    .withPanel(table())
    .withPanel(
      wordsPanel(
        {
          title: 'Trend',
          description:
            'What the sequential test says of each strategy: has its success ratio changed?',
          unit: 'short',
          width: 12,
        },
        {
          expr: wordNumber(
            'selfhealer_strategy_trend',
            'trend',
            wordsOf(TREND),
            ['strategy'],
            CHOSEN,
          ),
          legend: '{{strategy}}',
        },
        byNumber(TREND),
      ),
    )
    .withPanel(
      wordsPanel(
        {
          title: 'Recommendation',
          description: 'What to do with each strategy.',
          unit: 'short',
          width: 12,
        },
        {
          expr: wordNumber(
            'selfhealer_strategy_recommendation',
            'recommendation',
            wordsOf(RECOMMENDATION),
            ['strategy'],
            CHOSEN,
          ),
          legend: '{{strategy}}',
        },
        byNumber(RECOMMENDATION),
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Success ratio, 1 h, with its interval',
          description:
            'Share of attempts that succeeded, and between which bounds the true share lies with 95 %.',
          unit: 'percentunit',
          width: 12,
        },
        [
          {
            expr: max(series('selfhealer_strategy_success_ratio', { ...CHOSEN, window: '1h' }), [
              'strategy',
            ]),
            legend: '{{strategy}}',
          },
          {
            expr: max(
              series('selfhealer_strategy_success_ratio_lower', { ...CHOSEN, window: '1h' }),
              ['strategy'],
            ),
            legend: '{{strategy}}, at least',
          },
          {
            expr: max(
              series('selfhealer_strategy_success_ratio_upper', { ...CHOSEN, window: '1h' }),
              ['strategy'],
            ),
            legend: '{{strategy}}, at most',
          },
        ],
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Burn rate, 1 h and 6 h',
          description: `How many times faster attempts fail than an objective of ${objective * 100} % allows. The lines are where somebody is called: ${BURNS.map(({ factor, longMs }) => `${factor} over ${longMs / HOUR_MS} h`).join(', ')}.`,
          unit: 'short',
          width: 12,
        },
        BURNS.map(({ longMs }) => ({
          expr: `${ofJob(failureRatio('job_strategy', longMs), CHOSEN)} / (1 - ${objective})`,
          legend: `{{strategy}}, ${longMs / HOUR_MS} h`,
        })),
        [[null, 'green'], ...BURNS.map(({ factor }): Steps[number] => [factor, 'red']).reverse()],
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Duration of attempts, median and 95th percentile',
          description: 'How long attempts took, by strategy.',
          unit: 's',
          width: 12,
        },
        [
          {
            expr: quantile(0.5, DURATION, ['strategy'], CHOSEN),
            legend: '{{strategy}}, median',
          },
          {
            expr: quantile(0.95, DURATION, ['strategy'], CHOSEN),
            legend: '{{strategy}}, 95th percentile',
          },
        ],
      ),
    )
    .withPanel(
      timeSeriesPanel(
        {
          title: 'Attempts by strategy',
          description: 'Healing attempts that ended.',
          unit: 'ops',
          width: 12,
        },
        [
          {
            expr: sum(rate('selfhealer_healing_attempts_total', CHOSEN), ['strategy']),
            legend: '{{strategy}}',
          },
        ],
      ),
    )
    .withPanel(
      matrixPanel(
        {
          title: 'Success ratio by failure type and strategy',
          description: `Over the time shown, where at least ${ATTEMPTS_MIN} attempts ended.`,
          unit: 'percentunit',
          width: 12,
        },
        successRatio(['failure_type', 'strategy']),
        { row: 'failure_type', column: 'strategy' },
        RATIO_STEPS,
      ),
    )
    .withPanel(
      tablePanel(
        {
          title: 'Highest success ratio of each failure type',
          description: `Over the time shown, where at least ${ATTEMPTS_MIN} attempts ended. An association: what is tried on hard cases looks worse than it is.`,
          unit: 'percentunit',
          width: 12,
        },
        [`topk by (failure_type) (1, ${successRatio(['failure_type', 'strategy'])})`],
        [
          { from: 'failure_type', title: 'Failure type' },
          { from: 'strategy', title: 'Strategy' },
          {
            from: 'Value',
            title: 'Success ratio',
            properties: [COLORED_CELL, cellSteps(RATIO_STEPS)],
          },
        ],
      ),
    )
    .build();
}

function table(): ReturnType<typeof tablePanel> {
  return tablePanel(
    {
      title: 'Strategies',
      description:
        'Attempts over the time shown; ratio and durations of the last hour; trend and recommendation of now.',
      unit: 'short',
      width: 24,
      height: 9,
    },
    [
      sum(shown('selfhealer_healing_attempts_total'), ['strategy']),
      max(series('selfhealer_strategy_success_ratio', { window: '1h' }), ['strategy']),
      max(series('selfhealer_strategy_success_ratio_lower', { window: '1h' }), ['strategy']),
      max(series('selfhealer_strategy_success_ratio_upper', { window: '1h' }), ['strategy']),
      max(ofJob(fleet('job_strategy', 'selfhealer_strategy_success_delta_ratio')), ['strategy']),
      quantile(0.5, DURATION, ['strategy']),
      quantile(0.95, DURATION, ['strategy']),
      max(`${series('selfhealer_strategy_trend')} == 1`, ['strategy', 'trend']),
      max(`${series('selfhealer_strategy_recommendation')} == 1`, ['strategy', 'recommendation']),
    ],
    [
      {
        from: 'strategy',
        title: 'Strategy',
        properties: [
          cellLink(
            'Only this one',
            '/d/selfhealer-strategies?var-strategy=${__value.raw}&${job:queryparam}&${instance:queryparam}&${__url_time_range}',
          ),
        ],
      },
      { from: 'Value #A', title: 'Attempts' },
      {
        from: 'Value #B',
        title: 'Success ratio',
        properties: [cellUnit('percentunit'), COLORED_CELL, cellSteps(RATIO_STEPS)],
      },
      { from: 'Value #C', title: 'At least', properties: [cellUnit('percentunit')] },
      { from: 'Value #D', title: 'At most', properties: [cellUnit('percentunit')] },
      { from: 'Value #E', title: 'Change', properties: [cellUnit('percentunit')] },
      { from: 'Value #F', title: 'Median duration', properties: [cellUnit('s')] },
      { from: 'Value #G', title: '95th percentile', properties: [cellUnit('s')] },
      { from: 'trend', title: 'Trend', properties: [COLORED_CELL, cellWords(byWord(TREND))] },
      {
        from: 'recommendation',
        title: 'Recommendation',
        properties: [COLORED_CELL, cellWords(byWord(RECOMMENDATION))],
      },
    ],
  );
}

/** Counters exist only once they have counted: no failures are 0 failures where there were attempts. */
function successRatio(by: readonly ('failure_type' | 'strategy')[]): string {
  const attempts = sum(shown('selfhealer_healing_attempts_total'), by);
  const failures = sum(shown('selfhealer_healing_failures_total'), by);
  return `1 - (${failures} or 0 * ${attempts}) / (${attempts} >= ${ATTEMPTS_MIN})`;
}
