/**
 * What is read of an event, by number: each reader finds a field in its own way, under its name in a
 * parsed object or at its place in the bytes.
 */

/** Of the event itself. */
export const ATTRIBUTE = {
  specversion: 0,
  id: 1,
  source: 2,
  type: 3,
  time: 4,
  data: 5,
  datacontenttype: 6,
  data_base64: 7,
  traceparent: 8,
} as const;

/** Of its `data`. */
export const FIELD = {
  failure_id: 0,
  failure_type: 1,
  agent_id: 2,
  severity: 3,
  strategy_used: 4,
  success: 5,
  outcome: 6,
  duration_ms: 7,
  actions_taken: 8,
  reason: 9,
  trigger: 10,
  resolution: 11,
  strategy: 12,
  failure_types: 13,
  prediction_id: 14,
  confidence: 15,
  expected_time_ms: 16,
  source: 17,
  circuit: 18,
  state: 19,
  resource: 20,
  level: 21,
  timestamp: 22,
  detected_at: 23,
  metadata: 24,
} as const;
export type Field = (typeof FIELD)[keyof typeof FIELD];

/** By number. */
export const ATTRIBUTE_NAMES: readonly string[] = Object.keys(ATTRIBUTE);
export const FIELD_NAMES: readonly string[] = Object.keys(FIELD);
