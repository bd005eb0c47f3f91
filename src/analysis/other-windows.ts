/**
 * What of a report does not go by its range: verdicts that need every attempt in order are those of now, and sums that
 * are kept since the beginning only are of all times. The answers say so.
 */
import type { Filters } from '../core/ports.js';
import type { OtherWindowsJson } from './report-json.js';

/** Key of the report and field, to what it is of. What recommendations rest on is in their evidence. */
export const OTHER_WINDOWS: OtherWindowsJson = {
  'strategy_effectiveness.trend': 'now',
  'strategy_effectiveness.trend_missing': 'now',
  'strategy_effectiveness.trend_score': 'now',
  'strategy_effectiveness.trend_changed_at': 'now',
  'strategy_effectiveness.trend_evidence_nats': 'now',
  'strategy_effectiveness.rate_before': 'now',
  'strategy_effectiveness.rate_after': 'now',
  'strategy_effectiveness.success_delta': 'now',
  'strategy_effectiveness.trend_phases': 'now',
  'strategy_effectiveness.trend_cause': 'now',
  'strategy_effectiveness.trend_cause_missing': 'now',
  'strategy_effectiveness.by_failure_type': 'now',
  'strategy_effectiveness.duration_trend': 'now',
  'strategy_effectiveness.recommendation': 'now',
  'strategy_effectiveness.present': 'since_last_change',
  false_alarms: 'now',
  'mttr.by_failure_type.trend': 'now',
  'failure_patterns.anomalies': 'now',
  'failure_patterns.anomaly_types_left_out': 'now',
  predictions: 'all',
  'recommendation_details.evidence.trend': 'now',
};

const LIVE_BY_STRATEGY = Object.keys(OTHER_WINDOWS).filter((field) =>
  field.startsWith('strategy_effectiveness.'),
);

/** Fields of the report that go by fewer filters than were asked for: they are of the whole, or of the whole type. */
export function notFilteredBy({ failureType, strategy, agentId, source }: Filters): string[] {
  const isByOthers = strategy !== undefined || agentId !== undefined || source !== undefined;
  if (failureType === undefined && !isByOthers) return [];
  const isNarrower = failureType !== undefined || agentId !== undefined || source !== undefined;
  return [
    ...(isNarrower ? LIVE_BY_STRATEGY : []),
    ...(isByOthers ? ['mttr.by_failure_type.trend', 'failure_patterns.anomalies'] : []),
    'failure_patterns.anomaly_types_left_out',
    'predictions',
    // Advice on strategies, parameters and predictions rests on the above.
    'recommendation_details.evidence',
  ];
}

/** Those of some keys of the report. */
export function otherWindowsOf(keys: readonly string[]): OtherWindowsJson {
  return Object.fromEntries(
    Object.entries(OTHER_WINDOWS).filter(([field]) => keys.includes(keyOf(field))),
  );
}

export function keyOf(field: string): string {
  return field.split('.')[0] ?? '';
}
