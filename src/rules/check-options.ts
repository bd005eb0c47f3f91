/** What is wrong with a choice of options: above all, alerts that could never fire. */
import { RECOVERY_BUCKETS } from '../core/state/histogram.js';
import { nameProblems } from './check-names.js';
import { formatDuration } from './duration.js';
import { errorBudget, type RuleOptions } from './options.js';
import { attemptWindowsMs, DAY_MS, MINUTE_MS } from './recorded.js';

/** Four times the interval of the sums: fewer samples are none when one is missing. */
const SAMPLES_MIN = 4;
const WINDOW_MS_MIN = 2 * MINUTE_MS;
/** Rules are not evaluated more often, however times are scaled. */
const INTERVAL_MS_MIN = 1000;
/** Of a year, the longest that can be chosen, it makes a hundred: Prometheus ends at 292. */
const TIME_SCALE_MAX = 100;

/** Sentences, one a problem: what, what was wanted, what is the matter. */
export function problemsOf(options: RuleOptions, alertNames: readonly string[]): readonly string[] {
  return [
    ...outOfRange(options),
    ...nameProblems(options),
    ...windowProblems(options),
    ...burnProblems(options),
    ...burnTwice(options),
    ...neverFires(options),
    ...[...options.pendingMs.keys()]
      .filter((name) => !alertNames.includes(name))
      .map((name) => `for: there is no alert ${JSON.stringify(name)}`),
  ];
}

function outOfRange(options: RuleOptions): string[] {
  const { objective, trendWindowsMs, trendBaselineMs, trendZ, precisionMin } = options;
  const problems: string[] = [];
  if (!(objective > 0 && objective < 1)) {
    problems.push(`objective: expected a share between 0 and 1, got ${objective}`);
  }
  const longest = Math.max(...trendWindowsMs);
  if (trendBaselineMs <= longest) {
    const [baseline, recent] = [formatDuration(trendBaselineMs), formatDuration(longest)];
    problems.push(
      `trend-baseline: expected more than the longest recent window, ${recent}; got ${baseline}`,
    );
  }
  if (options.stuckCriticalMs <= options.stuckWarningMs) {
    problems.push('stuck-critical: expected more than stuck-warning');
  }
  // With 0 one and the same difference would be better and worse.
  if (trendZ === 0) problems.push('trend-z: expected more than 0');
  if (precisionMin > 1) problems.push(`precision-min: expected a share, got ${precisionMin}`);
  return problems;
}

/** An increase over a window that holds a sample or two is none: what reads it never fires. */
function windowProblems(options: RuleOptions): string[] {
  const { burnRates, trendWindowsMs, neverSucceedsWindowMs, timeScale } = options;
  const windows: [flag: string, windowsMs: readonly number[]][] = [
    ['burn', burnRates.map(({ shortMs }) => shortMs)],
    ['trend-windows', trendWindowsMs],
    ['never-succeeds-window', [neverSucceedsWindowMs]],
  ];
  const [least, seconds] = [formatDuration(WINDOW_MS_MIN), WINDOW_MS_MIN / 4000];
  const problems = windows.flatMap(([flag, windowsMs]) =>
    windowsMs
      .filter((windowMs) => windowMs < WINDOW_MS_MIN)
      .map(
        (windowMs) =>
          `${flag}: could never fire with a window of ${formatDuration(windowMs)}: attempts are summed up every ` +
          `${seconds}s, and a window must hold four of these, ${least}`,
      ),
  );
  const shortestMs = Math.min(...attemptWindowsMs(options));
  const shortestScaledMs = SAMPLES_MIN * INTERVAL_MS_MIN;
  if (!(shortestMs * timeScale >= shortestScaledMs)) {
    const [window, scale] = [formatDuration(shortestMs), shortestScaledMs / shortestMs];
    problems.push(
      `time-scale ${timeScale}: nothing could fire: rules are evaluated once a second at most, and ${window} would be ` +
        `shorter than four of these; expected at least ${Math.ceil(scale * 10_000) / 10_000}`,
    );
  }
  if (timeScale > TIME_SCALE_MAX) {
    problems.push(
      `time-scale ${timeScale}: expected at most ${TIME_SCALE_MAX}: longer times Prometheus does not take`,
    );
  }
  return problems;
}

function burnProblems(options: RuleOptions): string[] {
  const { objective, burnRates } = options;
  const budget = errorBudget(options);
  return burnRates.flatMap(({ factor, longMs, shortMs }) => {
    const [long, short] = [formatDuration(longMs), formatDuration(shortMs)];
    const name = `burn ${factor}:${long}:${short}`;
    if (shortMs >= longMs)
      return [`${name}: expected the second window to be shorter than the first`];
    // With a ratio of 1 everything fails; more cannot be.
    if (factor * budget < 1 || objective <= 0) return [];
    const threshold = Number((factor * budget * 100).toPrecision(4));
    const most = Math.floor((10 * 0.999) / budget) / 10;
    return [
      `${name}: could never fire at objective ${objective}: ${threshold} % of the attempts would have to fail; ` +
        `the factor must be at most ${most}`,
    ];
  });
}

/** Alerts and recorded limits are told apart by their windows. */
function burnTwice({ burnRates }: RuleOptions): string[] {
  const windows = burnRates.map(
    ({ longMs, shortMs }) => `${formatDuration(longMs)}:${formatDuration(shortMs)}`,
  );
  const twice = windows.filter((one, i) => windows.indexOf(one) !== i);
  return [...new Set(twice)].map(
    (one) => `burn: expected other windows for each factor, got ${one} more than once`,
  );
}

function neverFires(options: RuleOptions): string[] {
  const { recoverySlowMs, trendDelta, precisionMin, degradedLevel, recoveryRegressionFactor } =
    options;
  const { stormFactor } = options;
  const problems: string[] = [];
  const highest = (RECOVERY_BUCKETS.at(-1) ?? 0) * 1000;
  if (recoverySlowMs >= highest) {
    const [got, most] = [formatDuration(recoverySlowMs), formatDuration(highest)];
    problems.push(
      `recovery-slow ${got}: SelfHealerRecoverySlow could never fire: the highest bucket ends at ${most}`,
    );
  }
  // The failures of these 5 minutes are among those of the day.
  const most = DAY_MS / (5 * MINUTE_MS);
  if (stormFactor >= most) {
    problems.push(
      `storm-factor ${stormFactor}: SelfHealerFailureStorm could never fire: a day has ${most} times 5m, so their ` +
        `rate is at most ${most} times that of the day`,
    );
  }
  if (trendDelta >= 1) {
    problems.push(
      `trend-delta ${trendDelta}: SelfHealerStrategyDegrading could never fire: rates differ by 1 at most`,
    );
  }
  if (precisionMin <= 0) {
    problems.push(
      `precision-min ${precisionMin}: SelfHealerPredictionPrecisionLow could never fire: no share is below 0`,
    );
  }
  if (degradedLevel < 1 || degradedLevel > 4) {
    problems.push(
      `degraded-level ${degradedLevel}: ` +
        (degradedLevel > 4
          ? 'SelfHealerDegraded could never fire: the worst level is 4'
          : 'expected 1 to 4: level 0 is full service'),
    );
  }
  if (recoveryRegressionFactor <= 1) {
    problems.push(
      `recovery-regression-factor: expected more than 1, got ${recoveryRegressionFactor}`,
    );
  }
  return problems;
}
