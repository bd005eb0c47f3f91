/** The flags of `rules`: one for each of its options. */
import { describeValue } from '../../core/decode/describe.js';
import { formatDuration, parseDuration } from '../../rules/duration.js';
import { DEFAULT_OPTIONS, type BurnRate, type RuleOptions } from '../../rules/options.js';
import type { CommandOption } from './command.js';

type Read<T> = (text: string) => T | undefined;
type KeysOf<T> = {
  [K in keyof RuleOptions]: RuleOptions[K] extends T ? K : never;
}[keyof RuleOptions];

interface RuleFlag extends CommandOption {
  /** Undefined when the text is not what `wants` says. */
  readonly read: (text: string) => Partial<RuleOptions> | undefined;
  readonly wants: string;
}

const FLAGS: readonly RuleFlag[] = [
  share('--objective', 'objective', 'share of healing attempts that shall succeed'),
  {
    flag: '--burn',
    value: 'FACTOR:LONG:SHORT,…',
    wants: 'FACTOR:LONG:SHORT, comma-separated, as in 14.4:1h:5m',
    help: `error budget burn alerts (default ${DEFAULT_OPTIONS.burnRates.map(showBurn).join()})`,
    read: (text) => wrap('burnRates', list(text, readBurn)),
  },
  count('--burn-long-attempts-min', 'burnLongAttemptsMin', 'attempts in the long window, at least'),
  count(
    '--burn-short-attempts-min',
    'burnShortAttemptsMin',
    'attempts in the short window, at least',
  ),
  {
    flag: '--trend-windows',
    value: 'DURATION,…',
    wants: 'durations as in 1h,6h,1d',
    help: 'recent windows, the first with enough attempts is taken (default 1h,6h,1d)',
    read: (text) => {
      const windows = list(text, positiveDuration);
      return wrap(
        'trendWindowsMs',
        windows?.sort((a, b) => a - b),
      );
    },
  },
  duration('--trend-baseline', 'trendBaselineMs', 'window whose other attempts are compared with'),
  count('--trend-recent-attempts-min', 'trendRecentAttemptsMin', 'recent attempts, at least'),
  count('--trend-baseline-attempts-min', 'trendBaselineAttemptsMin', 'attempts before, at least'),
  positive('--trend-z', 'trendZ', 'standard errors that make a change'),
  positive('--trend-delta', 'trendDelta', 'difference of success ratios that makes a change'),
  duration('--never-succeeds-window', 'neverSucceedsWindowMs', 'window without a success'),
  count('--never-succeeds-attempts-min', 'neverSucceedsAttemptsMin', 'attempts in it, at least'),
  duration('--recovery-slow', 'recoverySlowMs', 'p95 of recoveries above which they are slow'),
  positive(
    '--recovery-regression-factor',
    'recoveryRegressionFactor',
    'mean of 1h over mean of 7d',
  ),
  count('--recoveries-min', 'recoveriesMin', 'recoveries behind a mean or quantile, at least'),
  duration('--stuck-warning', 'stuckWarningMs', 'age of an open incident: warning'),
  duration('--stuck-critical', 'stuckCriticalMs', 'age of an open incident: critical'),
  positive('--storm-factor', 'stormFactor', 'failures of 5m over those of the day'),
  count('--storm-failures-min', 'stormFailuresMin', 'failures in 5m, at least'),
  duration('--circuit-open', 'circuitOpenMs', 'how long a breaker may stay open'),
  count('--circuit-trips-max', 'circuitTripsMax', 'openings of breakers in 15m, at most'),
  count('--degraded-level', 'degradedLevel', 'level of degradation that is alerted on'),
  positive('--precision-min', 'precisionMin', 'share of predictions that are right, at least'),
  count('--precision-settled-min', 'precisionSettledMin', 'settled predictions in 1d, at least'),
  count('--rejected-max', 'rejectedMax', 'rejected events in 15m, at most'),
  duration('--analysis-stalled', 'analysisStalledMs', 'age of an analysis'),
  text('--job-label', 'jobLabel', 'label that names the job'),
  text('--instance-label', 'instanceLabel', 'label that names one exporter'),
  text('--severity-label', 'severityLabel', 'label that alerts are routed by'),
  text('--job-pattern', 'jobPattern', 'regular expression of jobs that are exporters'),
  text('--runbook-url', 'runbookUrl', 'where the page of the runbooks is found'),
  text('--grafana-url', 'grafanaUrl', 'where Grafana is'),
  {
    flag: '--for',
    value: 'ALERT=DURATION,…',
    wants: 'ALERT=DURATION, comma-separated',
    help: 'how long a condition holds before the alert fires, instead of its own',
    read: (given) => {
      const pairs = list(given, readPending);
      return pairs === undefined ? undefined : { pendingMs: new Map(pairs) };
    },
  },
  positive('--time-scale', 'timeScale', 'multiplies every time; for tests'),
];

export const RULE_FLAGS: readonly CommandOption[] = FLAGS;

export type ReadOptions =
  | { readonly ok: true; readonly options: RuleOptions }
  | { readonly ok: false; readonly problems: readonly string[] };

/** `given` by flag; what is not given has its default. */
export function readRuleOptions(given: ReadonlyMap<string, string>): ReadOptions {
  const problems: string[] = [];
  let options = DEFAULT_OPTIONS;
  for (const { flag, read, wants } of FLAGS) {
    const value = given.get(flag);
    if (value === undefined) continue;
    const chosen = read(value);
    if (chosen === undefined)
      problems.push(`${flag}: expected ${wants}, got ${describeValue(value)}`);
    else options = { ...options, ...chosen };
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, options };
}

function share(flag: string, key: KeysOf<number>, help: string): RuleFlag {
  return numeric({
    flag,
    key,
    help,
    value: 'SHARE',
    wants: 'a share between 0 and 1',
    fits: Number.isFinite,
  });
}

function positive(flag: string, key: KeysOf<number>, help: string): RuleFlag {
  const fits = (number: number): boolean => Number.isFinite(number) && number >= 0;
  return numeric({ flag, key, help, value: 'NUMBER', wants: 'a number, 0 or more', fits });
}

function count(flag: string, key: KeysOf<number>, help: string): RuleFlag {
  const fits = (number: number): boolean => Number.isSafeInteger(number) && number >= 1;
  return numeric({ flag, key, help, value: 'COUNT', wants: 'a whole number, 1 or more', fits });
}

function numeric(about: {
  readonly flag: string;
  readonly key: KeysOf<number>;
  readonly value: string;
  readonly wants: string;
  readonly help: string;
  readonly fits: (number: number) => boolean;
}): RuleFlag {
  const { flag, key, value, wants, fits } = about;
  return {
    flag,
    value,
    wants,
    help: `${about.help} (default ${DEFAULT_OPTIONS[key]})`,
    read: (given) => {
      const number = given.trim() === '' ? Number.NaN : Number(given);
      return fits(number) ? { [key]: number } : undefined;
    },
  };
}

function duration(flag: string, key: KeysOf<number>, help: string): RuleFlag {
  return {
    flag,
    value: 'DURATION',
    wants: 'a duration as in 90s, 15m, 6h or 1d',
    help: `${help} (default ${formatDuration(DEFAULT_OPTIONS[key])})`,
    read: (given) => wrap(key, positiveDuration(given)),
  };
}

function text(flag: string, key: KeysOf<string>, help: string): RuleFlag {
  return {
    flag,
    value: 'TEXT',
    wants: 'text',
    help: `${help} (default ${DEFAULT_OPTIONS[key]})`,
    read: (given) => ({ [key]: given }),
  };
}

function wrap<K extends keyof RuleOptions>(
  key: K,
  value: RuleOptions[K] | undefined,
): Partial<RuleOptions> | undefined {
  return value === undefined ? undefined : { [key]: value };
}

function positiveDuration(given: string): number | undefined {
  const durationMs = parseDuration(given);
  return durationMs === undefined || durationMs === 0 ? undefined : durationMs;
}

function list<T>(given: string, read: Read<T>): T[] | undefined {
  const values = given.split(',').map((one) => read(one.trim()));
  const known = values.filter((one) => one !== undefined);
  return known.length === values.length ? known : undefined;
}

function readBurn(given: string): BurnRate | undefined {
  const [factorText = '', long = '', short = '', ...more] = given.split(':');
  const factor = Number(factorText);
  const [longMs, shortMs] = [positiveDuration(long), positiveDuration(short)];
  if (!(factor > 0) || longMs === undefined || shortMs === undefined || more.length > 0)
    return undefined;
  return { factor, longMs, shortMs };
}

function showBurn({ factor, longMs, shortMs }: BurnRate): string {
  return `${factor}:${formatDuration(longMs)}:${formatDuration(shortMs)}`;
}

function readPending(given: string): [string, number] | undefined {
  const [alert = '', value = '', ...more] = given.split('=');
  const pendingMs = parseDuration(value);
  return pendingMs === undefined || alert === '' || more.length > 0
    ? undefined
    : [alert, pendingMs];
}
