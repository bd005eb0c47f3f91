/** What is wrong with a choice of options: above all, alerts that could never fire. */
import { RECOVERY_BUCKETS } from '../core/state/histogram.js';
import { formatDuration } from './duration.js';
import type { RuleOptions } from './options.js';

const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Sentences, one a problem: what, what was wanted, what is the matter. */
export function problemsOf(options: RuleOptions, alertNames: readonly string[]): readonly string[] {
  return [
    ...outOfRange(options),
    ...burnProblems(options),
    ...burnTwice(options),
    ...neverFires(options),
    ...[...options.pendingMs.keys()]
      .filter((name) => !alertNames.includes(name))
      .map((name) => `for: there is no alert ${JSON.stringify(name)}`),
  ];
}

function outOfRange(options: RuleOptions): string[] {
  const { objective, trendWindowsMs, trendBaselineMs, jobLabel, instanceLabel, severityLabel } =
    options;
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
  const names = [jobLabel, instanceLabel, severityLabel];
  for (const name of names) {
    if (!LABEL.test(name)) problems.push(`expected a label name, got ${JSON.stringify(name)}`);
  }
  if (new Set(names).size < names.length) {
    problems.push('job-label, instance-label, severity-label: expected three different names');
  }
  if (options.stuckCriticalMs <= options.stuckWarningMs) {
    problems.push('stuck-critical: expected more than stuck-warning');
  }
  return problems;
}

function burnProblems({ objective, burnRates }: RuleOptions): string[] {
  const budget = 1 - objective;
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
  const problems: string[] = [];
  const highest = (RECOVERY_BUCKETS.at(-1) ?? 0) * 1000;
  if (recoverySlowMs >= highest) {
    const [got, most] = [formatDuration(recoverySlowMs), formatDuration(highest)];
    problems.push(
      `recovery-slow ${got}: SelfHealerRecoverySlow could never fire: the highest bucket ends at ${most}`,
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
