/** Which strategy works, and which is wearing out? */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { HOUR_MS } from '../src/rules/recorded.js';
import { cellUnit, cellWords, COLORED_CELL, coloredCell, STRATEGY_LINK } from './cells.js';
import { finished, labelVariable, newDashboard } from './dashboard.js';
import { matrixPanel, tablePanel, timeSeriesPanel, wordsPanel } from './panels.js';
import { ATTEMPTS_MIN, BURN_WINDOWS_MS, STRATEGIES } from './queries/strategies.js';
import { byNumber, RATIO_STEPS, RECOMMENDATION, TREND } from './words.js';

export function strategies(): Dashboard {
  return finished(
    newDashboard('strategies', 'strategies', 'Which strategy works, and which is wearing out?')
      .withVariable(labelVariable('strategy', 'Strategy', STRATEGIES.variable))
      .withPanel(table())
      .withPanel(trend())
      .withPanel(recommendation())
      .withPanel(ratio())
      .withPanel(burn())
      .withPanel(duration())
      .withPanel(attempts())
      .withPanel(matrix())
      .withPanel(bestOfType()),
  );
}

type Panel = ReturnType<typeof tablePanel>;

function trend(): Panel {
  return wordsPanel(
    {
      title: 'Trend',
      description: 'What the sequential test says of each strategy: has its success ratio changed?',
      unit: 'short',
      width: 12,
    },
    { expr: STRATEGIES.chosenTrend, legend: '{{strategy}}' },
    byNumber(TREND),
  );
}

function recommendation(): Panel {
  return wordsPanel(
    {
      title: 'Recommendation',
      description: 'What to do with each strategy.',
      unit: 'short',
      width: 12,
    },
    { expr: STRATEGIES.chosenRecommendation, legend: '{{strategy}}' },
    byNumber(RECOMMENDATION),
  );
}

function ratio(): Panel {
  return timeSeriesPanel(
    {
      title: 'Success ratio, 1 h, with its interval',
      description:
        'Share of attempts that succeeded, and between which bounds the true share lies with 95 %. ' +
        'Of several exporters: all attempts together, and the outermost bounds.',
      unit: 'percentunit',
      width: 12,
    },
    [
      { expr: STRATEGIES.chosenRatio, legend: '{{strategy}}' },
      { expr: STRATEGIES.chosenAtLeast, legend: '{{strategy}}, at least' },
      { expr: STRATEGIES.chosenAtMost, legend: '{{strategy}}, at most' },
    ],
  );
}

function burn(): Panel {
  const windows = BURN_WINDOWS_MS.map((windowMs) => ({
    windowMs,
    said: `${windowMs / HOUR_MS} h`,
  }));
  return timeSeriesPanel(
    {
      title: 'Burn rate, 1 h and 6 h',
      description:
        'How many times faster attempts fail than the objective allows: of each strategy, and of all of them ' +
        'together, which is what the alerts look at. Dashed: from where on they do, by their window.',
      unit: 'short',
      width: 12,
    },
    [
      ...windows.map(({ windowMs, said }) => ({
        expr: STRATEGIES.burn(windowMs),
        legend: `{{job}}: {{strategy}}, ${said}`,
      })),
      ...windows.map(({ windowMs, said }) => ({
        expr: STRATEGIES.burnOfJob(windowMs),
        legend: `{{job}}: all, ${said}`,
      })),
      { expr: STRATEGIES.burnLimits, legend: 'limit over {{long}}' },
    ],
    '/^limit /',
  );
}

function duration(): Panel {
  return timeSeriesPanel(
    {
      title: 'Duration of attempts, median and 95th percentile',
      description: 'How long attempts took, by strategy.',
      unit: 's',
      width: 12,
    },
    [
      { expr: STRATEGIES.chosenMedian, legend: '{{strategy}}, median' },
      { expr: STRATEGIES.chosenP95, legend: '{{strategy}}, 95th percentile' },
    ],
  );
}

function attempts(): Panel {
  return timeSeriesPanel(
    {
      title: 'Attempts by strategy',
      description: 'Healing attempts that ended.',
      unit: 'ops',
      width: 12,
    },
    [{ expr: STRATEGIES.chosenAttempts, legend: '{{strategy}}' }],
  );
}

function matrix(): Panel {
  return matrixPanel(
    {
      title: 'Success ratio by failure type and strategy',
      description: `Over the time shown, where at least ${ATTEMPTS_MIN} attempts ended.`,
      unit: 'percentunit',
      width: 12,
      nothing: 'too few attempts yet',
    },
    STRATEGIES.byType,
    { row: 'failure_type', column: 'strategy' },
    RATIO_STEPS,
  );
}

function bestOfType(): Panel {
  return tablePanel(
    {
      title: 'Highest success ratio of each failure type',
      description: `Over the time shown, where at least ${ATTEMPTS_MIN} attempts ended. An association: what is tried on hard cases looks worse than it is.`,
      unit: 'percentunit',
      width: 12,
      nothing: 'too few attempts yet',
    },
    [STRATEGIES.bestOfType],
    [
      { from: 'failure_type', title: 'Failure type' },
      { from: 'strategy', title: 'Strategy' },
      {
        from: 'Value',
        title: 'Success ratio',
        properties: coloredCell('percentunit', RATIO_STEPS),
      },
    ],
  );
}

function table(): Panel {
  return tablePanel(
    {
      title: 'Strategies',
      description:
        'Attempts, their duration and mean time to recovery of what it healed, over the time shown; success ratio of the last hour; ' +
        'trend and recommendation of now. Of several exporters: all attempts together, the outermost bounds, the worst word.',
      unit: 'short',
      width: 24,
      height: 9,
    },
    [
      STRATEGIES.attempts,
      STRATEGIES.ratio,
      STRATEGIES.atLeast,
      STRATEGIES.atMost,
      STRATEGIES.change,
      STRATEGIES.recovery,
      STRATEGIES.median,
      STRATEGIES.p95,
      STRATEGIES.trend,
      STRATEGIES.recommendation,
    ],
    [
      {
        from: 'strategy',
        title: 'Strategy',
        properties: [STRATEGY_LINK],
      },
      { from: 'Value #A', title: 'Attempts' },
      {
        from: 'Value #B',
        title: 'Success ratio',
        properties: coloredCell('percentunit', RATIO_STEPS),
      },
      { from: 'Value #C', title: 'At least', properties: cellUnit('percentunit') },
      { from: 'Value #D', title: 'At most', properties: cellUnit('percentunit') },
      { from: 'Value #E', title: 'Change', properties: cellUnit('percentunit') },
      { from: 'Value #F', title: 'Time to recovery', properties: cellUnit('s') },
      { from: 'Value #G', title: 'Median duration', properties: cellUnit('s') },
      { from: 'Value #H', title: '95th percentile', properties: cellUnit('s') },
      {
        from: 'Value #I',
        title: 'Trend',
        properties: [COLORED_CELL, cellWords(byNumber(TREND))],
      },
      {
        from: 'Value #J',
        title: 'Recommendation',
        properties: [COLORED_CELL, cellWords(byNumber(RECOMMENDATION))],
      },
    ],
  );
}
