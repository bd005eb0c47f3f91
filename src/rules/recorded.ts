/** Names of what the rules record, as `level:metric:operations`. Dashboards take them from here. */
import type { MetricName } from '../metrics/table.js';
import { formatDuration } from './duration.js';
import type { RuleOptions } from './options.js';

export type Level = 'job' | 'job_strategy' | 'job_failure_type';
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Windows over which attempts are recorded whatever is chosen. */
const RATIO_WINDOWS_MS: readonly number[] = [
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  3 * DAY_MS,
];
export const MTTR_WINDOWS_MS: readonly number[] = [HOUR_MS, DAY_MS, 7 * DAY_MS];

/** All windows that some rule reads attempts over, ascending. */
export function attemptWindowsMs(options: RuleOptions): readonly number[] {
  const { burnRates, trendWindowsMs, trendBaselineMs, neverSucceedsWindowMs } = options;
  const chosen = burnRates.flatMap(({ longMs, shortMs }) => [longMs, shortMs]);
  const all = [...chosen, ...trendWindowsMs, trendBaselineMs, neverSucceedsWindowMs];
  return [...new Set([...RATIO_WINDOWS_MS, ...all])].sort((a, b) => a - b);
}

/** A counter loses its `_total`, as is the custom. */
export function recorded<N extends MetricName>(level: string, name: N, operation: string): string {
  return `${level}:${name.replace(/_total$/, '')}:${operation}`;
}

/** Attempts that ended within the window. */
export function attempts(level: Level, windowMs: number): string {
  return recorded(
    level,
    'selfhealer_healing_attempts_total',
    `increase${formatDuration(windowMs)}`,
  );
}

/** Attempts that failed within the window. */
export function failed(level: Level, windowMs: number): string {
  return recorded(
    level,
    'selfhealer_healing_failures_total',
    `increase${formatDuration(windowMs)}`,
  );
}

/** What was chosen for the rules, recorded so that dashboards show what alerts look at. */
export const OBJECTIVE = 'selfhealer:objective:ratio';
/** By `long` and `short`: the burn rate from which on an alert fires. */
export const BURN_LIMIT = 'selfhealer:burn_rate:limit';

/** Share of attempts that failed; absent where none ran. */
export function failureRatio(level: Level, windowMs: number): string {
  return recorded(
    level,
    'selfhealer_healing_failures_total',
    `ratio_rate${formatDuration(windowMs)}`,
  );
}

/** The same as a gauge of the exporter, computed from the summed counters of all. */
export function fleet(level: Level, gauge: MetricName): string {
  return recorded(level, gauge, 'fleet');
}
