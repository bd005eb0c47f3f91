/**
 * First step: the counters of one exporter, summed. All of them are folds over one log, so they fall together or
 * not at all, and `increase` over the sum is as right as over each; but it reads 20 series where there were 800. And
 * what appears at an exporter that was there before begins at 0, so that `increase` sees what came with it.
 */
import { labels, metric, part, range, sumBy, type DurationName } from '../promql.js';
import { formatDuration } from '../duration.js';
import type { RuleOptions } from '../options.js';
import { DAY_MS, MINUTE_MS, recorded } from '../recorded.js';
import { scaledIntervalMs, type RecordingRule, type RuleGroup } from '../rule.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';
const FAILED = 'selfhealer_healing_failures_total';
const ATTEMPT_SECONDS = 'selfhealer_healing_duration_seconds';
const RECOVERY_SECONDS = 'selfhealer_incident_recovery_duration_seconds';
const HEALED = 'selfhealer_healing_recoveries_total';
const HEALED_SECONDS = 'selfhealer_healing_recovery_seconds_total';
const FAILURES = 'selfhealer_failures_total';

export const SUMS = {
  attempts: recorded('instance_strategy', ATTEMPTS, 'sum'),
  failed: recorded('instance_strategy', FAILED, 'sum'),
  attemptSeconds: recorded('instance_strategy', ATTEMPT_SECONDS, 'sum_seconds'),
  attemptSecondsCount: recorded('instance_strategy', ATTEMPT_SECONDS, 'sum_count'),
  healed: recorded('instance_strategy', HEALED, 'sum'),
  healedSeconds: recorded('instance_strategy', HEALED_SECONDS, 'sum'),
  failures: recorded('instance_failure_type', FAILURES, 'sum'),
  recoverySeconds: recorded('instance_failure_type', RECOVERY_SECONDS, 'sum_seconds'),
  recoveryCount: recorded('instance_failure_type', RECOVERY_SECONDS, 'sum_count'),
} as const;

/**
 * As they were scraped, hundreds of series in one sum for each strategy. Each sum is read twice where it is decided
 * whether it begins at 0; these are read twice as twenty series.
 */
const SCRAPED = {
  attempts: recorded('instance_strategy', ATTEMPTS, 'scraped'),
  failed: recorded('instance_strategy', FAILED, 'scraped'),
} as const;

/** What `increase` over the window reads: over a day and more the sums of every second minute are enough. */
export function summed(sum: keyof typeof SUMS, windowMs: number): string {
  return windowMs >= DAY_MS ? `${SUMS[sum]}_2m` : SUMS[sum];
}

const SUMS_MS = MINUTE_MS / 2;
const SLOW_MS = 2 * MINUTE_MS;
/**
 * Recorded with the sums of a group, and after them, so that both begin and end at the same times: whether the exporter
 * answered. Where this is known, the sums are there.
 */
const KNOWN = {
  attempts: recorded('instance', 'selfhealer_exporter_build_info', 'known'),
  durations: recorded('instance', 'selfhealer_exporter_build_info', 'known_durations'),
} as const;
type Known = keyof typeof KNOWN;

function knownWith(record: string): Known {
  return record === SUMS.attempts || record === SUMS.failed ? 'attempts' : 'durations';
}

/** Exporters that answered; how often it was recorded says for how long the job is known. */
const ANSWERED = recorded('job', 'selfhealer_exporter_build_info', 'count_2m');

/** Seconds of the last day that the job was seen. */
export function seenSeconds(options: RuleOptions): string {
  const everySeconds = scaledIntervalMs(SLOW_MS, options.timeScale) / 1000;
  return `${everySeconds} * count_over_time(${ANSWERED}[${range(options, DAY_MS)}])`;
}

export function slowSums(options: RuleOptions): RuleGroup {
  const { jobLabel } = options;
  const exporters = metric('selfhealer_exporter_build_info');
  const known = (group: Known): string => `${KNOWN[group]}_2m`;
  return {
    name: 'selfhealer-sums-2m',
    comment:
      'The same every 2 minutes: what windows of a day and more read, a quarter of the samples.',
    intervalMs: SLOW_MS,
    rules: [
      { kind: 'record', record: known('attempts'), expr: KNOWN.attempts },
      { kind: 'record', record: known('durations'), expr: KNOWN.durations },
      ...Object.values(SUMS).map((sum) => {
        const rule: RecordingRule = { kind: 'record', record: `${sum}_2m`, expr: sum };
        return fromNought(rule, known(knownWith(sum)), SLOW_MS, options);
      }),
      {
        kind: 'record',
        comment: 'Exporters that answered.',
        record: ANSWERED,
        expr: `count by (${jobLabel}) (${exporters})`,
      },
    ],
  };
}

/** Two groups, so that neither takes long. */
export function sums(options: RuleOptions): readonly RuleGroup[] {
  const { jobLabel, instanceLabel } = options;
  const own = [jobLabel, instanceLabel];
  const byStrategy = [...own, ...labels(ATTEMPTS, 'strategy')];
  const byType = [...own, ...labels(FAILURES, 'failure_type')];
  const group = (known: Known, rules: readonly RecordingRule[]): RecordingRule[] => [
    ...rules.map((rule) => fromNought(rule, KNOWN[known], SUMS_MS, options)),
    {
      kind: 'record',
      comment: 'Exporters that answered, and have these sums.',
      record: KNOWN[known],
      expr: `count by (${own.join(', ')}) (${metric('selfhealer_exporter_build_info')})`,
    },
  ];
  return [
    {
      name: 'selfhealer-sums',
      comment:
        'Sums per exporter. Its counters are folds over one log: they fall together or not at all, so that increase() ' +
        'over their sum is right, and cheaper than over each. What appears at an exporter that is known begins at 0.',
      intervalMs: SUMS_MS,
      rules: [...scraped(byStrategy), ...group('attempts', attemptTotals())],
    },
    {
      name: 'selfhealer-sums-durations',
      comment: 'The same of how long attempts and recoveries took, and of failures.',
      intervalMs: SUMS_MS,
      rules: group('durations', durationTotals(byStrategy, byType)),
    },
  ];
}

function scraped(byStrategy: readonly string[]): RecordingRule[] {
  return [
    {
      kind: 'record',
      comment: 'As scraped: many series once, because the sums below read them twice.',
      record: SCRAPED.attempts,
      expr: sumBy(byStrategy, metric(ATTEMPTS)),
    },
    { kind: 'record', record: SCRAPED.failed, expr: sumBy(byStrategy, metric(FAILED)) },
  ];
}

function attemptTotals(): RecordingRule[] {
  // A strategy that never failed may have no failures yet: that is 0, not unknown.
  const none = `${SCRAPED.attempts} * 0`;
  return [
    { kind: 'record', record: SUMS.attempts, expr: SCRAPED.attempts },
    { kind: 'record', record: SUMS.failed, expr: `${SCRAPED.failed}\n  or\n${none}` },
  ];
}

function durationTotals(byStrategy: readonly string[], byType: readonly string[]): RecordingRule[] {
  return [
    {
      kind: 'record',
      comment:
        'Durations, from classic buckets or from native histograms: from here on plain numbers.',
      record: SUMS.attemptSeconds,
      expr: seconds(byStrategy, ATTEMPT_SECONDS),
    },
    {
      kind: 'record',
      record: SUMS.attemptSecondsCount,
      expr: counts(byStrategy, ATTEMPT_SECONDS),
    },
    {
      kind: 'record',
      comment: 'Recoveries by the strategy whose success ended the incident.',
      record: SUMS.healed,
      expr: sumBy(byStrategy, metric(HEALED)),
    },
    {
      kind: 'record',
      record: SUMS.healedSeconds,
      expr: sumBy(byStrategy, metric(HEALED_SECONDS)),
    },
    { kind: 'record', record: SUMS.failures, expr: sumBy(byType, metric(FAILURES)) },
    { kind: 'record', record: SUMS.recoverySeconds, expr: seconds(byType, RECOVERY_SECONDS) },
    { kind: 'record', record: SUMS.recoveryCount, expr: counts(byType, RECOVERY_SECONDS) },
  ];
}

/**
 * A series has no increase before its second sample. At the first evaluation that finds it, it is recorded as 0, if the
 * exporter was known at the one before: then all of it came in between. An exporter that was not known may have counted
 * for weeks. The two begin and end at the same evaluations, so a gap of scrapes or of Prometheus takes both away.
 */
function fromNought(
  rule: RecordingRule,
  known: string,
  intervalMs: number,
  { jobLabel, instanceLabel, timeScale }: RuleOptions,
): RecordingRule {
  const ago = `offset ${formatDuration(scaledIntervalMs(intervalMs, timeScale))}`;
  const { expr, record } = rule;
  const all = /\bor\b/.test(expr) ? `(\n  ${expr.replaceAll('\n', '\n  ')}\n)` : expr;
  return {
    ...rule,
    expr:
      `${all} * 0\n  unless ${record} ${ago}\n` +
      `  and on (${jobLabel}, ${instanceLabel}) ${known} ${ago}\nor\n${expr}`,
  };
}

function seconds(by: readonly string[], name: DurationName): string {
  return `${sumBy(by, part(name, 'sum'))}\n  or\n${sumBy(by, `histogram_sum(${metric(name)})`)}`;
}

function counts(by: readonly string[], name: DurationName): string {
  return `${sumBy(by, part(name, 'count'))}\n  or\n${sumBy(by, `histogram_count(${metric(name)})`)}`;
}
