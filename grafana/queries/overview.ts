/** What the overview asks. */
import { DAY_MS, failureRatio, HOUR_MS, OBJECTIVE } from '../../src/rules/recorded.js';
import { meanRecovery } from '../../src/rules/recording/recovery.js';
import { ofJob, max, orNone, quantile, rate, series, spread, sum } from '../promql.js';

const RECOVERY = 'selfhealer_incident_recovery_duration_seconds';

export const OVERVIEW = {
  successRatio: `1 - ${ofJob(failureRatio('job', HOUR_MS))}`,
  budgetLeft: `1 - ${ofJob(failureRatio('job', 3 * DAY_MS))} / on () group_left () (1 - max(${OBJECTIVE}))`,
  recoveryOfHour: ofJob(meanRecovery(HOUR_MS)),
  recoveryOfWeek: ofJob(meanRecovery(7 * DAY_MS)),
  open: sum(series('selfhealer_incidents_open')),
  oldestOpen: max(`time() - ${series('selfhealer_incident_oldest_open_timestamp_seconds')}`),
  attempts: sum(rate('selfhealer_healing_attempts_total')),
  failedAttempts: sum(rate('selfhealer_healing_failures_total')),
  skipped: orNone(sum(rate('selfhealer_healing_skipped_total'))),
  failures: sum(rate('selfhealer_failures_total'), ['failure_type']),
  recoverySpread: spread(RECOVERY),
  recoveryMedian: quantile(0.5, RECOVERY),
  recoveryP95: quantile(0.95, RECOVERY),
  breakersOpen: sum(series('selfhealer_circuit_breakers', { state: 'open' })),
  degradation: max(series('selfhealer_degradation_level')),
  /** Some are of no job. */
  alerts:
    'count by (alertname, severity, strategy, failure_type) (ALERTS{job=~"|$job",alertstate="firing",alertname=~"SelfHealer.+"})',
} as const;
