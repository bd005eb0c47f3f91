/** How many attempts ran and failed, per job and per strategy, over every window that a rule reads. */
import { formatDuration } from '../duration.js';
import { range, sumBy } from '../promql.js';
import type { RuleOptions } from '../options.js';
import {
  attempts,
  attemptWindowsMs,
  failed,
  failureRatio,
  HOUR_MS,
  type Level,
} from '../recorded.js';
import type { RecordingRule, RuleGroup } from '../rule.js';
import { summed } from './sums.js';

export function attemptGroups(options: RuleOptions): readonly RuleGroup[] {
  const windowsMs = attemptWindowsMs(options);
  return [
    {
      name: 'selfhealer-attempts',
      comment:
        'Attempts of all exporters of a job. Ratios by numerator and denominator, never an average of averages; ' +
        'absent where nothing was attempted.',
      intervalMs: 30_000,
      rules: windowsMs.filter((ms) => ms <= HOUR_MS).flatMap((ms) => windowRules(options, ms)),
    },
    {
      name: 'selfhealer-attempts-long',
      comment: 'The same over longer windows, less often.',
      intervalMs: 60_000,
      rules: windowsMs.filter((ms) => ms > HOUR_MS).flatMap((ms) => windowRules(options, ms)),
    },
  ];
}

function windowRules(options: RuleOptions, windowMs: number): RecordingRule[] {
  const { jobLabel } = options;
  const over = range(options, windowMs);
  const total = (name: string): string =>
    sumBy([jobLabel, 'strategy'], `increase(${name}[${over}])`);
  const ratio = (level: Level): RecordingRule => ({
    kind: 'record',
    record: failureRatio(level, windowMs),
    expr: `${failed(level, windowMs)}\n  /\n(${attempts(level, windowMs)} > 0)`,
  });
  const job = (name: (level: Level, windowMs: number) => string): RecordingRule => ({
    kind: 'record',
    record: name('job', windowMs),
    expr: sumBy([jobLabel], name('job_strategy', windowMs)),
  });
  return [
    {
      kind: 'record',
      comment: `${formatDuration(windowMs)}`,
      record: attempts('job_strategy', windowMs),
      expr: total(summed('attempts', windowMs)),
    },
    {
      kind: 'record',
      record: failed('job_strategy', windowMs),
      expr: total(summed('failed', windowMs)),
    },
    ratio('job_strategy'),
    job(attempts),
    job(failed),
    ratio('job'),
  ];
}
