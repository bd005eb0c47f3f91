/** Times to recovery, durations of attempts, failures and predictions of all exporters of a job. */
import { formatDuration } from '../duration.js';
import { metric, part, range, sumBy, type DurationName } from '../promql.js';
import type { RuleOptions } from '../options.js';
import { DAY_MS, fleet, HOUR_MS, MINUTE_MS, MTTR_WINDOWS_MS, recorded } from '../recorded.js';
import type { RecordingRule, RuleGroup } from '../rule.js';
import { seenSeconds, summed } from './sums.js';

const ATTEMPT_SECONDS = 'selfhealer_healing_duration_seconds';
const RECOVERY_SECONDS = 'selfhealer_incident_recovery_duration_seconds';
const HEALED = 'selfhealer_healing_recoveries_total';
const HEALED_SECONDS = 'selfhealer_healing_recovery_seconds_total';
const SETTLED = 'selfhealer_prediction_outcomes_total';
const FAILURES = 'selfhealer_failures_total';

/** Recoveries within the window, per job. */
export function recoveries(windowMs: number): string {
  return recorded('job', RECOVERY_SECONDS, `count${formatDuration(windowMs)}`);
}

/** Mean time to recovery within the window, seconds. */
export function meanRecovery(windowMs: number): string {
  return recorded('job', RECOVERY_SECONDS, `mean${formatDuration(windowMs)}`);
}

/** Incidents that the strategy healed within the window, per job. */
function healed(windowMs: number): string {
  return recorded('job_strategy', HEALED, `increase${formatDuration(windowMs)}`);
}

/** Mean time to recovery of these, seconds. */
function meanHealing(windowMs: number): string {
  return recorded('job_strategy', HEALED_SECONDS, `mean${formatDuration(windowMs)}`);
}

/** p95 or p50 of recoveries of the last hour, seconds. */
export function recoveryQuantile(percent: 50 | 95): string {
  return recorded('job', RECOVERY_SECONDS, `p${percent}_1h`);
}

/** Failures per second and type. */
export function failureRate(windowMs: number): string {
  return recorded('job_failure_type', FAILURES, `rate${formatDuration(windowMs)}`);
}

/** A prediction was right when the failure came, and when it was kept from coming. */
const RIGHT = ['occurred', 'prevented'] as const;
const JUDGED = [...RIGHT, 'false_positive'] as const;
export const PRECISION = recorded('job', SETTLED, 'precision1d');
export const SETTLED_1D = recorded('job', SETTLED, 'settled1d');

export function recoveryGroups(options: RuleOptions): readonly RuleGroup[] {
  return [
    ...meanGroups(options),
    {
      name: 'selfhealer-quantiles',
      comment: 'Quantiles, from classic buckets or from native histograms, whichever is stored.',
      intervalMs: 60_000,
      rules: [
        buckets(options, RECOVERY_SECONDS, 'failure_type', HOUR_MS),
        quantile(options, 50),
        quantile(options, 95),
      ],
    },
    {
      name: 'selfhealer-quantiles-strategies',
      comment: 'The same of attempts, apart: buckets are what most is read of.',
      intervalMs: 60_000,
      rules: [buckets(options, ATTEMPT_SECONDS, 'strategy', 5 * MINUTE_MS)],
    },
    {
      name: 'selfhealer-failures',
      comment: 'Failures and predictions of all exporters of a job.',
      intervalMs: 60_000,
      rules: [...failureRates(options), ...precision(options)],
    },
  ];
}

/**
 * A week is read off sums of every second minute, so no more often than these are made, and apart: otherwise one
 * evaluation would read it for types and strategies at once.
 */
function meanGroups(options: RuleOptions): RuleGroup[] {
  const short = MTTR_WINDOWS_MS.filter((windowMs) => windowMs <= DAY_MS);
  const long = MTTR_WINDOWS_MS.filter((windowMs) => windowMs > DAY_MS);
  const types = (windowMs: number): RecordingRule[] => meanRules(options, windowMs);
  const strategies = (windowMs: number): RecordingRule[] => meanHealingRules(options, windowMs);
  return [
    {
      name: 'selfhealer-means',
      comment: 'Means of recovery times of all exporters of a job: sums over counts.',
      intervalMs: MINUTE_MS,
      rules: short.flatMap(types),
    },
    {
      name: 'selfhealer-means-strategies',
      comment:
        'The same by the strategy whose success ended the incident, and durations of attempts.',
      intervalMs: MINUTE_MS,
      rules: [
        ...short.flatMap(strategies),
        ...short.map((windowMs) => meanDuration(options, windowMs)),
      ],
    },
    {
      name: 'selfhealer-means-long',
      comment: 'Over longer windows, less often.',
      intervalMs: 2 * MINUTE_MS,
      rules: long.flatMap(types),
    },
    {
      name: 'selfhealer-means-strategies-long',
      comment: 'Over longer windows, by strategy.',
      intervalMs: 2 * MINUTE_MS,
      rules: long.flatMap(strategies),
    },
  ];
}

/** Range vectors are read once, per type; the job's are sums of these. */
function meanRules(options: RuleOptions, windowMs: number): RecordingRule[] {
  const { jobLabel } = options;
  const window = formatDuration(windowMs);
  const increase = (sum: 'recoverySeconds' | 'recoveryCount'): string =>
    sumBy(
      [jobLabel, 'failure_type'],
      `increase(${summed(sum, windowMs)}[${range(options, windowMs)}])`,
    );
  const count = recorded('job_failure_type', RECOVERY_SECONDS, `count${window}`);
  const spent = recorded('job_failure_type', RECOVERY_SECONDS, `seconds${window}`);
  return [
    { kind: 'record', comment: window, record: count, expr: increase('recoveryCount') },
    { kind: 'record', record: spent, expr: increase('recoverySeconds') },
    { kind: 'record', record: recoveries(windowMs), expr: sumBy([jobLabel], count) },
    {
      kind: 'record',
      record: meanRecovery(windowMs),
      expr: `${sumBy([jobLabel], spent)}\n  /\n(${recoveries(windowMs)} > 0)`,
    },
    {
      kind: 'record',
      record: fleet('job', 'selfhealer_mttr_seconds'),
      expr: meanRecovery(windowMs),
      labels: { window },
    },
    {
      kind: 'record',
      record: fleet('job_failure_type', 'selfhealer_failure_type_mttr_seconds'),
      expr: `${spent}\n  /\n(${count} > 0)`,
      labels: { window },
    },
  ];
}

/** Of what a strategy healed: what recovered by itself or was ended by people is of none. */
function meanHealingRules(options: RuleOptions, windowMs: number): RecordingRule[] {
  const by = [options.jobLabel, 'strategy'];
  const increase = (sum: 'healed' | 'healedSeconds'): string =>
    sumBy(by, `increase(${summed(sum, windowMs)}[${range(options, windowMs)}])`);
  return [
    {
      kind: 'record',
      comment: formatDuration(windowMs),
      record: healed(windowMs),
      expr: increase('healed'),
    },
    {
      kind: 'record',
      record: meanHealing(windowMs),
      expr: `${increase('healedSeconds')}\n  /\n(${healed(windowMs)} > 0)`,
    },
  ];
}

function meanDuration(options: RuleOptions, windowMs: number): RecordingRule {
  const by = [options.jobLabel, 'strategy'];
  const over = range(options, windowMs);
  const spent = sumBy(by, `increase(${summed('attemptSeconds', windowMs)}[${over}])`);
  return {
    kind: 'record',
    record: fleet('job_strategy', 'selfhealer_strategy_duration_seconds'),
    expr: `${spent}\n  /\n(${sumBy(by, `increase(${summed('attemptSecondsCount', windowMs)}[${over}])`)} > 0)`,
    labels: { window: formatDuration(windowMs) },
  };
}

/**
 * Classic buckets only: Prometheus 2.42 discards some rates of native histograms when it records them, over a
 * rounding error in their count. Queries read those directly.
 */
function buckets(
  options: RuleOptions,
  name: DurationName,
  label: string,
  windowMs: number,
): RecordingRule {
  const by = [options.jobLabel, label, 'le'];
  return {
    kind: 'record',
    record: bucketRate(name, label, windowMs),
    expr: sumBy(by, `rate(${part(name, 'bucket')}[${range(options, windowMs)}])`),
  };
}

function bucketRate(name: DurationName, label: string, windowMs: number): string {
  return `job_${label}_le:${part(name, 'bucket')}:rate${formatDuration(windowMs)}`;
}

function quantile(options: RuleOptions, percent: 50 | 95): RecordingRule {
  const { jobLabel } = options;
  const classic = sumBy([jobLabel, 'le'], bucketRate(RECOVERY_SECONDS, 'failure_type', HOUR_MS));
  const native = sumBy([jobLabel], `rate(${metric(RECOVERY_SECONDS)}[${range(options, HOUR_MS)}])`);
  const of = (expression: string): string => `histogram_quantile(${percent / 100}, ${expression})`;
  return {
    kind: 'record',
    record: recoveryQuantile(percent),
    expr: `${of(classic)}\n  or\n${of(native)}`,
  };
}

function failureRates(options: RuleOptions): RecordingRule[] {
  const { jobLabel } = options;
  const by = [jobLabel, 'failure_type'];
  const over = (windowMs: number): string =>
    `(${summed('failures', windowMs)}[${range(options, windowMs)}])`;
  const [short, day] = [5 * MINUTE_MS, DAY_MS];
  return [
    { kind: 'record', record: failureRate(short), expr: sumBy(by, `rate${over(short)}`) },
    {
      kind: 'record',
      comment:
        'Of the time that the job was seen: by a whole day, what is usual would be a storm on the first one.',
      record: failureRate(day),
      expr:
        `${sumBy(by, `increase${over(day)}`)}\n  / on (${jobLabel}) group_left ()\n` +
        `(${seenSeconds(options)})\n  or\n${sumBy(by, `rate${over(day)}`)}`,
    },
  ];
}

function precision(options: RuleOptions): RecordingRule[] {
  const by = [options.jobLabel];
  const over = range(options, DAY_MS);
  const hits = sumBy(by, `increase(${metric(SETTLED, { outcome: RIGHT })}[${over}])`);
  return [
    {
      kind: 'record',
      record: SETTLED_1D,
      expr: sumBy(by, `increase(${metric(SETTLED, { outcome: JUDGED })}[${over}])`),
    },
    { kind: 'record', record: PRECISION, expr: `${hits}\n  /\n(${SETTLED_1D} > 0)` },
  ];
}
