/** What the dashboard of strategies asks. */
import { BURN_LIMIT, failureRatio, fleet, HOUR_MS, OBJECTIVE } from '../../src/rules/recorded.js';
import {
  max,
  min,
  ofJob,
  quantile,
  quantileShown,
  rate,
  series,
  shown,
  sum,
  wordNumber,
  type Matchers,
} from '../promql.js';
import { RECOMMENDATION, TREND, wordsOf } from '../words.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';
const DURATION = 'selfhealer_healing_duration_seconds';
const CHOSEN = { strategy: '$strategy' };
const BUDGET = `(1 - max(${OBJECTIVE}))`;
/** A ratio of fewer attempts would be chance. */
export const ATTEMPTS_MIN = 5;
/** Of the windows of alerts, those that somebody is called for by default. */
export const BURN_WINDOWS_MS = [HOUR_MS, 6 * HOUR_MS] as const;

type Chosen = Matchers<'selfhealer_strategy_success_ratio'>;

export const STRATEGIES = {
  variable: series(ATTEMPTS),
  attempts: sum(shown(ATTEMPTS), ['strategy']),
  ratio: pooledRatio(),
  atLeast: lowest(),
  atMost: highest(),
  change: min(ofJob(fleet('job_strategy', 'selfhealer_strategy_success_delta_ratio')), [
    'strategy',
  ]),
  recovery: recovery(),
  median: quantileShown(0.5, DURATION, ['strategy']),
  p95: quantileShown(0.95, DURATION, ['strategy']),
  trend: trendNumber({}),
  recommendation: recommendationNumber({}),
  chosenTrend: trendNumber(CHOSEN),
  chosenRecommendation: recommendationNumber(CHOSEN),
  chosenRatio: pooledRatio(CHOSEN),
  chosenAtLeast: lowest(CHOSEN),
  chosenAtMost: highest(CHOSEN),
  chosenMedian: quantile(0.5, DURATION, ['strategy'], CHOSEN),
  chosenP95: quantile(0.95, DURATION, ['strategy'], CHOSEN),
  chosenAttempts: sum(rate(ATTEMPTS, CHOSEN), ['strategy']),
  /** Of each strategy, and of the job as a whole: the latter is what alerts look at. */
  burn: (windowMs: number) =>
    `${ofJob(failureRatio('job_strategy', windowMs), CHOSEN)} / on () group_left () ${BUDGET}`,
  burnOfJob: (windowMs: number) =>
    `${ofJob(failureRatio('job', windowMs))} / on () group_left () ${BUDGET}`,
  burnLimits: `max by (long) (${BURN_LIMIT})`,
  byType: ratioShown(['failure_type', 'strategy']),
  bestOfType: `topk by (failure_type) (1, ${ratioShown(['failure_type', 'strategy'])})`,
} as const;

/** Of the attempts of all exporters together: each exporter's ratio by its attempts. */
function pooledRatio(chosen: Chosen = {}): string {
  const of = { ...chosen, window: '1h' };
  const samples = series('selfhealer_strategy_samples', of);
  const succeeded = `${series('selfhealer_strategy_success_ratio', of)} * ${samples}`;
  return `${sum(succeeded, ['strategy'])}\n  /\n(${sum(samples, ['strategy'])} > 0)`;
}

/** The least of the exporters' lower bounds, and the most of their upper ones: no exporter lies outside. */
function lowest(chosen: Chosen = {}): string {
  const of = { ...chosen, window: '1h' };
  return min(series('selfhealer_strategy_success_ratio_lower', of), ['strategy']);
}

function highest(chosen: Chosen = {}): string {
  const of = { ...chosen, window: '1h' };
  return max(series('selfhealer_strategy_success_ratio_upper', of), ['strategy']);
}

/** Of the incidents that each strategy healed. */
function recovery(): string {
  const seconds = sum(shown('selfhealer_healing_recovery_seconds_total'), ['strategy']);
  const healed = sum(shown('selfhealer_healing_recoveries_total'), ['strategy']);
  return `${seconds}\n  /\n(${healed} > 0)`;
}

function trendNumber(chosen: Matchers<'selfhealer_strategy_trend'>): string {
  const words = wordsOf(TREND);
  return wordNumber('selfhealer_strategy_trend', 'trend', words, ['strategy'], chosen);
}

function recommendationNumber(chosen: Matchers<'selfhealer_strategy_recommendation'>): string {
  const words = wordsOf(RECOMMENDATION);
  const name = 'selfhealer_strategy_recommendation';
  return wordNumber(name, 'recommendation', words, ['strategy'], chosen);
}

/** Counters exist only once they have counted: no failures are 0 failures where there were attempts. */
function ratioShown(by: readonly ('failure_type' | 'strategy')[]): string {
  const attempts = sum(shown(ATTEMPTS), by);
  const failures = sum(shown('selfhealer_healing_failures_total'), by);
  return `1 - (${failures} or 0 * ${attempts}) / (${attempts} >= ${ATTEMPTS_MIN})`;
}
