/** What can be chosen about the rules, and what stands when nothing is chosen. Times are milliseconds. */

export interface BurnRate {
  /** How many times faster than allowed the error budget is spent. */
  readonly factor: number;
  readonly longMs: number;
  readonly shortMs: number;
}

export interface RuleOptions {
  /** Share of healing attempts that shall succeed, between 0 and 1. */
  readonly objective: number;
  readonly burnRates: readonly BurnRate[];
  /** Attempts in the long window, and in the short one, below which an alert keeps quiet. */
  readonly burnLongAttemptsMin: number;
  readonly burnShortAttemptsMin: number;

  /** The recent window of the trend is the first of these that holds `trendRecentAttemptsMin`. Ascending. */
  readonly trendWindowsMs: readonly number[];
  /** What is compared with: the attempts of this window that are not recent. */
  readonly trendBaselineMs: number;
  readonly trendRecentAttemptsMin: number;
  readonly trendBaselineAttemptsMin: number;
  /** Standard errors, and the difference of the two rates, from which on a change is one. */
  readonly trendZ: number;
  readonly trendDelta: number;

  readonly neverSucceedsWindowMs: number;
  readonly neverSucceedsAttemptsMin: number;
  /** p95 of recoveries above which they are slow. */
  readonly recoverySlowMs: number;
  /** Mean of the last hour over the mean of 7 days, above which recoveries got slower. */
  readonly recoveryRegressionFactor: number;
  readonly recoveriesMin: number;
  readonly stuckWarningMs: number;
  readonly stuckCriticalMs: number;
  /** Failures of 5 minutes over those of an average 5 minutes of the day. */
  readonly stormFactor: number;
  readonly stormFailuresMin: number;
  readonly circuitOpenMs: number;
  readonly circuitTripsMax: number;
  /** From this level of degradation on, 1–4. */
  readonly degradedLevel: number;
  readonly precisionMin: number;
  readonly precisionSettledMin: number;
  readonly rejectedMax: number;
  readonly analysisStalledMs: number;

  readonly jobLabel: string;
  readonly instanceLabel: string;
  readonly severityLabel: string;
  /** Which jobs are exporters, for one that has never answered: a regular expression. */
  readonly jobPattern: string;
  readonly runbookUrl: string;
  readonly grafanaUrl: string;
  /** Instead of an alert's own `for`, by alert name. */
  readonly pendingMs: ReadonlyMap<string, number>;
  /** Multiplies every time in the rules. For tests: names of recorded series stay as they are. */
  readonly timeScale: number;
}

/** Share of attempts that may fail; without the noise of the subtraction, which would hide that 10 × 0.1 is 1. */
export function errorBudget({ objective }: RuleOptions): number {
  return Number((1 - objective).toFixed(12));
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

export const DEFAULT_OPTIONS: RuleOptions = {
  objective: 0.95,
  burnRates: [
    { factor: 14.4, longMs: HOUR, shortMs: 5 * MINUTE },
    { factor: 6, longMs: 6 * HOUR, shortMs: 30 * MINUTE },
    { factor: 3, longMs: DAY, shortMs: 2 * HOUR },
    { factor: 1, longMs: 3 * DAY, shortMs: 6 * HOUR },
  ],
  burnLongAttemptsMin: 20,
  burnShortAttemptsMin: 3,
  trendWindowsMs: [HOUR, 6 * HOUR, DAY],
  trendBaselineMs: 3 * DAY,
  trendRecentAttemptsMin: 20,
  trendBaselineAttemptsMin: 50,
  trendZ: 4,
  trendDelta: 0.05,
  neverSucceedsWindowMs: 6 * HOUR,
  neverSucceedsAttemptsMin: 10,
  recoverySlowMs: 30 * MINUTE,
  recoveryRegressionFactor: 2,
  recoveriesMin: 10,
  stuckWarningMs: 15 * MINUTE,
  stuckCriticalMs: HOUR,
  stormFactor: 5,
  stormFailuresMin: 20,
  circuitOpenMs: 15 * MINUTE,
  circuitTripsMax: 5,
  degradedLevel: 1,
  precisionMin: 0.5,
  precisionSettledMin: 20,
  rejectedMax: 10,
  analysisStalledMs: 5 * MINUTE,
  jobLabel: 'job',
  instanceLabel: 'instance',
  severityLabel: 'severity',
  jobPattern: '.*selfhealer.*',
  runbookUrl: 'docs/runbooks.md',
  grafanaUrl: 'http://localhost:3000',
  pendingMs: new Map(),
  timeScale: 1,
};
