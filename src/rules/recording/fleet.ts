/**
 * What the exporter's derived gauges say about one healer, said about a job of many: from summed counters, in the
 * same words. The trend is a two-proportion test of the recent attempts against those before.
 */
import type { RECOMMENDATION_WORDS } from '../../core/state/recommendation-word.js';
import { formatDuration } from '../duration.js';
import type { TRENDS } from '../../core/state/success-trend.js';
import type { RuleOptions } from '../options.js';
import { attempts, DAY_MS, failed, failureRatio, fleet, HOUR_MS, recorded } from '../recorded.js';
import type { RecordingRule, RuleGroup } from '../rule.js';

type Trend = (typeof TRENDS)[number];
type Word = (typeof RECOMMENDATION_WORDS)[number];

export const TREND = fleet('job_strategy', 'selfhealer_strategy_trend');
export const RECOMMENDATION = fleet('job_strategy', 'selfhealer_strategy_recommendation');
const DELTA = fleet('job_strategy', 'selfhealer_strategy_success_delta_ratio');

const RECENT = recorded('job_strategy', 'selfhealer_healing_attempts_total', 'recent');
const RECENT_FAILED = recorded('job_strategy', 'selfhealer_healing_failures_total', 'recent');
const BASELINE = recorded('job_strategy', 'selfhealer_healing_attempts_total', 'baseline');
const BASELINE_FAILED = recorded('job_strategy', 'selfhealer_healing_failures_total', 'baseline');
const POOLED = recorded('job_strategy', 'selfhealer_healing_failures_total', 'pooled_ratio');
const Z = recorded('job_strategy', 'selfhealer_strategy_success_delta_ratio', 'z');
const JUDGED = recorded('job_strategy', 'selfhealer_healing_attempts_total', 'judged');
const JUDGED_FAILED = recorded('job_strategy', 'selfhealer_healing_failures_total', 'judged');
const JUDGED_RATIO = recorded('job_strategy', 'selfhealer_strategy_success_ratio', 'judged');
const JUDGED_ERROR = recorded('job_strategy', 'selfhealer_strategy_success_ratio', 'judged_error');

/** Attempts below which the gauge says nothing, either. */
const WORD_ATTEMPTS_MIN = 10;
/** One-sided normal quantiles of the shares that the gauge asks for. */
const SURE = 1.645; // 95 %
const LIKELY = 0.842; // 80 %

export function fleetGroup(options: RuleOptions): RuleGroup {
  return {
    name: 'selfhealer-fleet',
    comment:
      'The derived gauges for a whole job, from summed counters and in the same words. Trend: the recent attempts ' +
      'against those before, as two proportions. Why it may differ from the gauge: docs/prometheus.md.',
    intervalMs: 30_000,
    rules: [...ratios(), ...compared(options), ...trend(options), ...judged(options), ...words()],
  };
}

function ratios(): RecordingRule[] {
  return [HOUR_MS, DAY_MS].flatMap((windowMs): RecordingRule[] => {
    const labels = { window: formatDuration(windowMs) };
    return [
      {
        kind: 'record',
        record: fleet('job', 'selfhealer_success_ratio'),
        expr: `1 - ${failureRatio('job', windowMs)}`,
        labels,
      },
      {
        kind: 'record',
        record: fleet('job_strategy', 'selfhealer_strategy_success_ratio'),
        expr: `1 - ${failureRatio('job_strategy', windowMs)}`,
        labels,
      },
      {
        kind: 'record',
        record: fleet('job_strategy', 'selfhealer_strategy_samples'),
        expr: attempts('job_strategy', windowMs),
        labels,
      },
    ];
  });
}

/** Counts of the two sides, their difference and how many standard errors it is. */
function compared(options: RuleOptions): RecordingRule[] {
  const { trendWindowsMs, trendBaselineMs, trendRecentAttemptsMin, trendBaselineAttemptsMin } =
    options;
  const first = (count: (windowMs: number) => string): string =>
    trendWindowsMs
      .map((ms) => {
        const enough = `${attempts('job_strategy', ms)} >= ${trendRecentAttemptsMin}`;
        return count(ms) === attempts('job_strategy', ms)
          ? `(${enough})`
          : `(${count(ms)} and (${enough}))`;
      })
      .join('\n  or\n');
  const before = (all: string, recent: string): string => `clamp_min(${all} - ${recent}, 0)`;
  return [
    {
      kind: 'record',
      comment: `The recent attempts: the shortest window that holds at least ${trendRecentAttemptsMin}.`,
      record: RECENT,
      expr: first((ms) => attempts('job_strategy', ms)),
    },
    { kind: 'record', record: RECENT_FAILED, expr: first((ms) => failed('job_strategy', ms)) },
    {
      kind: 'record',
      comment: `The attempts before them, at least ${trendBaselineAttemptsMin}.`,
      record: BASELINE,
      expr: `${before(attempts('job_strategy', trendBaselineMs), RECENT)} >= ${trendBaselineAttemptsMin}`,
    },
    {
      kind: 'record',
      record: BASELINE_FAILED,
      expr: `${before(failed('job_strategy', trendBaselineMs), RECENT_FAILED)}\n  and\n${BASELINE}`,
    },
    {
      kind: 'record',
      comment: 'Recent minus baseline success ratio, and how many standard errors that is.',
      record: DELTA,
      expr: `${BASELINE_FAILED} / ${BASELINE}\n  -\n${RECENT_FAILED} / ${RECENT}`,
    },
    {
      kind: 'record',
      comment:
        'One success and one failure more than were seen keep the error of a ratio of 0 or 1 from being none.',
      record: POOLED,
      expr: `(${RECENT_FAILED} + ${BASELINE_FAILED} + 1)\n  /\n(${RECENT} + ${BASELINE} + 2)`,
    },
    {
      kind: 'record',
      record: Z,
      expr:
        `${DELTA}\n  /\nsqrt(\n  ${POOLED} * (1 - ${POOLED})\n    *\n` +
        `  (1 / ${RECENT} + 1 / ${BASELINE})\n)`,
    },
  ];
}

function trend({ trendZ, trendDelta, trendBaselineMs }: RuleOptions): RecordingRule[] {
  const every = `${attempts('job_strategy', trendBaselineMs)} * 0`;
  const rule = (word: Trend, expr: string, comment?: string): RecordingRule => ({
    kind: 'record',
    record: TREND,
    expr,
    labels: { trend: word },
    ...(comment === undefined ? {} : { comment }),
  });
  const is = (word: Trend): string => `ignoring (trend) ${TREND}{trend="${word}"}`;
  return [
    rule(
      'insufficient_data',
      `(${every} + 1 unless ${Z})\n  or\n${every}`,
      'Exactly one of the four is 1.',
    ),
    rule(
      'degrading',
      `(${Z} <= bool -${trendZ})\n  *\n(${DELTA} <= bool -${trendDelta})\n  or\n${every}`,
    ),
    rule(
      'improving',
      `(${Z} >= bool ${trendZ})\n  *\n(${DELTA} >= bool ${trendDelta})\n  or\n${every}`,
    ),
    rule(
      'stable',
      `1 - ${TREND}{trend="degrading"}\n  - ${is('improving')}\n  - ${is('insufficient_data')}`,
    ),
  ];
}

/** What a word is about: the recent attempts after a change, all of the baseline window without one. */
function judged({ trendBaselineMs }: RuleOptions): RecordingRule[] {
  const changed = `(${TREND}{trend=~"degrading|improving"} == 1)`;
  const of = (recent: string, all: string): string =>
    `${recent}\n  and ignoring (trend)\n${changed}\n  or\n${all}`;
  const all = attempts('job_strategy', trendBaselineMs);
  const allFailed = failed('job_strategy', trendBaselineMs);
  return [
    {
      kind: 'record',
      comment:
        'What a recommendation looks at: after a change the recent attempts, otherwise all of the baseline window; ' +
        'their success ratio and its standard error, half a success and half a failure added.',
      record: JUDGED,
      expr: of(RECENT, all),
    },
    { kind: 'record', record: JUDGED_FAILED, expr: of(RECENT_FAILED, allFailed) },
    {
      kind: 'record',
      record: JUDGED_RATIO,
      expr: `(${JUDGED} - ${JUDGED_FAILED} + 0.5)\n  /\n(${JUDGED} + 1)`,
    },
    {
      kind: 'record',
      record: JUDGED_ERROR,
      expr: `sqrt(\n  ${JUDGED_RATIO} * (1 - ${JUDGED_RATIO})\n    /\n  (${JUDGED} + 2)\n)`,
    },
  ];
}

function words(): RecordingRule[] {
  const rule = (word: Word, expr: string, comment?: string): RecordingRule => ({
    kind: 'record',
    record: RECOMMENDATION,
    expr,
    labels: { recommendation: word },
    ...(comment === undefined ? {} : { comment }),
  });
  const surely = (below: string, quantile: number): string =>
    `(${below} >= bool ${quantile} * ${JUDGED_ERROR})`;
  const said = (word: Word): string => `${RECOMMENDATION}{recommendation="${word}"}`;
  const ordered = (word: Word, own: string, before: Word[]): RecordingRule =>
    rule(
      word,
      before.reduce(
        (expr, one) => `${expr}\n  * ignoring (recommendation) (1 - ${said(one)})`,
        own,
      ),
    );
  const degrading = `sum without (trend) (${TREND}{trend="degrading"})`;
  const fair = surely(`${JUDGED_RATIO} - 0.7`, LIKELY);
  const good = surely(`${JUDGED_RATIO} - 0.9`, LIKELY);
  return [
    rule(
      'insufficient_data',
      `${JUDGED} < bool ${WORD_ATTEMPTS_MIN}`,
      'Exactly one of the six is 1; each rules out those below it.',
    ),
    ordered('replace', surely(`0.5 - ${JUDGED_RATIO}`, SURE), ['insufficient_data']),
    ordered('tune', `${fair}\n  * ${degrading}`, ['insufficient_data', 'replace']),
    ordered('investigate', degrading, ['insufficient_data', 'replace', 'tune']),
    ordered('keep', `${good}\n  * (1 - ${degrading})`, ['insufficient_data', 'replace']),
    ordered('monitor', `(1 - ${degrading})`, ['insufficient_data', 'replace', 'keep']),
  ];
}
