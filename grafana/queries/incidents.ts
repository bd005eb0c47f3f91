/** What the dashboard of incidents asks. */
import { PRECISION } from '../../src/rules/recording/recovery.js';
import { byHourOfDay, max, ofJob, orNone, quantile, rate, series, sum } from '../promql.js';

const P95 = 0.95;

export const INCIDENTS = {
  open: sum(series('selfhealer_incidents_open'), ['severity']),
  oldest: max(`time() - ${series('selfhealer_incident_oldest_open_timestamp_seconds')}`, [
    'failure_type',
  ]),
  delay: quantile(P95, 'selfhealer_incident_first_attempt_delay_seconds', ['failure_type']),
  attempts: quantile(P95, 'selfhealer_incident_attempts', ['failure_type']),
  resolutions: sum(rate('selfhealer_incidents_resolved_total'), ['resolution']),
  byHour: byHourOfDay('selfhealer_failures_total'),
  breakers: sum(series('selfhealer_circuit_breakers'), ['state']),
  degradation: max(series('selfhealer_degradation_level'), ['resource']),
  predictions: sum(rate('selfhealer_prediction_outcomes_total'), ['outcome']),
  precision: ofJob(PRECISION),
  cascades: orNone(`count(${series('selfhealer_failure_cascades')})`),
} as const;
