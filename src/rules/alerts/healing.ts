/** Alerts about whether healing works. */
import { formatDuration } from '../duration.js';
import { errorBudget, type RuleOptions } from '../options.js';
import { metric, range, sumBy } from '../promql.js';
import { attempts, failed, failureRatio, MINUTE_MS } from '../recorded.js';
import { RECOMMENDATION, TREND } from '../recording/fleet.js';
import type { AlertSpec } from '../rule.js';

export function healingAlerts(options: RuleOptions): readonly AlertSpec[] {
  return [
    ...burn(options),
    degrading(options),
    neverSucceeds(options),
    replaceRecommended(options),
    withoutStrategy(options),
  ];
}

function burn(options: RuleOptions): AlertSpec[] {
  const { burnRates, burnLongAttemptsMin, burnShortAttemptsMin } = options;
  const budget = errorBudget(options);
  return burnRates.map(({ factor, longMs, shortMs }, i) => {
    const [long, short] = [formatDuration(longMs), formatDuration(shortMs)];
    const above = (windowMs: number): string =>
      `${failureRatio('job', windowMs)} > ${factor} * ${budget}`;
    const enough = (windowMs: number, min: number): string =>
      `${attempts('job', windowMs)} >= ${min}`;
    return {
      alert: 'SelfHealerHealingErrorBudgetBurn',
      severity: i < 2 ? 'critical' : 'warning',
      expr: [above(longMs), above(shortMs), enough(longMs, burnLongAttemptsMin)]
        .concat(enough(shortMs, burnShortAttemptsMin))
        .join('\n  and\n'),
      pendingMs: (i < 2 ? 2 : 15) * MINUTE_MS,
      labels: { long, short },
      summary: `Healing in {{ $labels.job }} fails ${factor === 1 ? '' : `${factor} times `}more often than it may.`,
      description:
        `{{ $value | humanizePercentage }} of the attempts of the last ${long} failed, and it goes on in the last ` +
        `${short}; ${Number((budget * 100).toPrecision(6))} % may.`,
      action:
        'Repair or switch off the strategy that fails most; if all fail alike, look for what they share.',
      dashboard: 'overview',
    };
  });
}

function degrading({ jobLabel }: RuleOptions): AlertSpec {
  const gauge = metric('selfhealer_strategy_trend', { trend: 'degrading' });
  const by = `max by (${jobLabel}, strategy)`;
  return {
    alert: 'SelfHealerStrategyDegrading',
    comment:
      'The sequential test of an exporter, or the two proportions of all exporters together.',
    severity: 'warning',
    expr: `${by} (${gauge} == 1)\n  or\n${by} (${TREND}{trend="degrading"} == 1)`,
    pendingMs: 10 * MINUTE_MS,
    summary: '{{ $labels.strategy }} heals less often than it used to.',
    description:
      'The success rate of {{ $labels.strategy }} in {{ $labels.job }} has fallen. ' +
      `{{ with printf "${failureRatio('job_strategy', 3_600_000)}{${jobLabel}=%q,strategy=%q}" ` +
      '$labels.job $labels.strategy | query }}In the last hour {{ . | first | value | humanizePercentage }} of its ' +
      'attempts failed.{{ else }}In the last hour it was not tried.{{ end }}',
    action: 'Undo what changed when the trend did; until then let another strategy go first.',
    dashboard: 'strategies',
    dashboardVariable: 'strategy',
  };
}

function neverSucceeds(options: RuleOptions): AlertSpec {
  const { neverSucceedsWindowMs: windowMs, neverSucceedsAttemptsMin: min } = options;
  const tried = attempts('job_strategy', windowMs);
  const over = formatDuration(windowMs);
  return {
    alert: 'SelfHealerStrategyNeverSucceeds',
    severity: 'critical',
    expr: `${tried} >= ${min}\n  unless\n${tried} - ${failed('job_strategy', windowMs)} >= 0.5`,
    pendingMs: 5 * MINUTE_MS,
    summary: '{{ $labels.strategy }} has not healed anything.',
    description:
      `None of {{ $value | printf "%.0f" }} attempts of {{ $labels.strategy }} in {{ $labels.job }} within ` +
      `${over} succeeded.`,
    action:
      'Switch it off or put another one before it, and look whether permissions, address or name are wrong.',
    dashboard: 'strategies',
    dashboardVariable: 'strategy',
  };
}

function replaceRecommended({ jobLabel }: RuleOptions): AlertSpec {
  const gauge = metric('selfhealer_strategy_recommendation', { recommendation: 'replace' });
  const by = `max by (${jobLabel}, strategy)`;
  return {
    alert: 'SelfHealerStrategyReplaceRecommended',
    severity: 'warning',
    expr: `${by} (${gauge} == 1)\n  or\n${by} (${RECOMMENDATION}{recommendation="replace"} == 1)`,
    pendingMs: 30 * MINUTE_MS,
    summary: '{{ $labels.strategy }} should be replaced.',
    description:
      '{{ $labels.strategy }} in {{ $labels.job }} most likely heals fewer than half of what it is tried on.',
    action: 'Choose another strategy for these failure types, or repair this one.',
    dashboard: 'strategies',
    dashboardVariable: 'strategy',
  };
}

function withoutStrategy(options: RuleOptions): AlertSpec {
  const { jobLabel, instanceLabel } = options;
  const skipped = metric('selfhealer_healing_skipped_total', { reason: 'no_strategy' });
  const ago = `offset ${range(options, 15 * MINUTE_MS)}`;
  const known = `${metric('selfhealer_exporter_build_info')} ${ago}`;
  const born = `(${skipped} unless ${skipped} ${ago})\n    and on (${jobLabel}, ${instanceLabel})\n  ${known}`;
  return {
    alert: 'SelfHealerFailureWithoutStrategy',
    comment:
      'Rare, so the first one counts: a counter that appears with 1 has no increase(). These never fall, and the ' +
      'difference is exact.',
    severity: 'warning',
    expr: `${sumBy([jobLabel], `\n  ${skipped} - ${skipped} ${ago}\n    or\n  ${born}\n`)} > 0`,
    pendingMs: 0,
    summary: 'Failures in {{ $labels.job }} have no strategy.',
    description:
      '{{ $value | printf "%.0f" }} times within 15m a failure was left alone because no strategy is registered for it.',
    action: 'Register a strategy for the type, or stop detecting what nobody wants healed.',
    dashboard: 'incidents',
  };
}
