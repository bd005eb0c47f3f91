/** The other way: what a healer emits in process, in camelCase, becomes an event of the wire. */
import { isJsonObject } from './nesting.js';
import { formatTime } from './time.js';

/** Every field of the contract that is spelled differently in TypeScript. */
const WIRE_NAMES: ReadonlyMap<string, string> = new Map([
  ['failureId', 'failure_id'],
  ['failureType', 'failure_type'],
  ['agentId', 'agent_id'],
  ['detectedAt', 'detected_at'],
  ['strategyUsed', 'strategy_used'],
  ['durationMs', 'duration_ms'],
  ['actionsTaken', 'actions_taken'],
  ['failureTypes', 'failure_types'],
  ['predictionId', 'prediction_id'],
  ['expectedTimeMs', 'expected_time_ms'],
  ['recommendedAction', 'recommended_action'],
  ['patternIndicators', 'pattern_indicators'],
]);

/** Of a payload, but of the event itself. */
const ENVELOPE_KEYS: ReadonlySet<string> = new Set(['eventId', 'traceparent']);

/**
 * A CloudEvent of an event name without its prefix (`healing.completed`) and its payload in
 * camelCase. Fields that are undefined or null are left out; unknown ones, and those already in
 * snake_case, stay as they are. A `Date` becomes RFC 3339. `eventId` and `traceparent` go into the
 * envelope, by the caller, not into `data`. `timeMs`: Unix milliseconds.
 */
export function toCloudEvent(
  name: string,
  data: Readonly<Record<string, unknown>>,
  envelope: { readonly source: string; readonly id: string; readonly timeMs: number },
): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: envelope.id,
    source: envelope.source,
    type: `selfhealer.${name}`,
    time: formatTime(envelope.timeMs),
    data: toWireData(data),
  };
}

function toWireData(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  const renamed: [string, unknown][] = [];
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined || value === null || ENVELOPE_KEYS.has(key)) continue;
    const name = WIRE_NAMES.get(key);
    const wireValue = key === 'metadata' ? toWireMetadata(value) : toWireValue(value);
    if (name === undefined) kept.push([key, wireValue]);
    else renamed.push([name, wireValue]);
  }
  // Later entries win: the camelCase spelling, where a payload has both. fromEntries defines
  // properties, so that a key `__proto__` is one more field and no prototype.
  return Object.fromEntries([...kept, ...renamed]);
}

/** Its content is free, but for the one field that the contract reads. */
function toWireMetadata(metadata: unknown): unknown {
  if (!isJsonObject(metadata) || typeof metadata.agentId !== 'string') return metadata;
  return { agent_id: metadata.agentId, ...metadata };
}

function toWireValue(value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  // JSON would make null of an invalid date, and so hide it.
  return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
}
