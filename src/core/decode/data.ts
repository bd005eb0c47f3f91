/**
 * From the fields of `data`, in the names of the wire, to the events that the rest of the product
 * knows.
 */
import {
  CIRCUIT_STATES,
  DEGRADATION_LEVELS,
  OUTCOMES,
  PREDICTION_OUTCOMES,
  PREDICTORS,
  SEVERITIES,
  SKIP_REASONS,
  STATED_RESOLUTIONS,
  TRIGGERS,
  type CircuitChanged,
  type DegradationChanged,
  type FailureDetected,
  type FailurePredicted,
  type FailureResolved,
  type HealingCompleted,
  type HealingEvent,
  type HealingStarted,
  type Outcome,
  type PredictionResolved,
  type StrategyRegistered,
} from '../event.js';
import type { FieldReader } from './fields.js';
import { DURATION_MS_MAX } from './limits.js';
import { isJsonObject, type JsonObject } from './nesting.js';

/** What every event carries, already checked. */
export interface Envelope {
  readonly source: string;
  readonly id: string;
  readonly timeMs: number;
}

/**
 * The event of this type; undefined when the contract has no such type. Whether its fields are what
 * they must be, `fields` knows afterwards.
 */
export function readEvent(
  type: string,
  envelope: Envelope,
  data: JsonObject,
  fields: FieldReader,
): HealingEvent | undefined {
  switch (type) {
    case 'selfhealer.healing.completed':
      return healingCompleted(envelope, data, fields);
    case 'selfhealer.failure.detected':
      return failureDetected(envelope, data, fields);
    case 'selfhealer.healing.started':
      return healingStarted(envelope, data, fields);
    case 'selfhealer.heartbeat': {
      const { source, id, timeMs } = envelope;
      return { type: 'selfhealer.heartbeat', source, id, timeMs };
    }
    case 'selfhealer.failure.resolved':
      return failureResolved(envelope, data, fields);
    case 'selfhealer.strategy.registered':
      return strategyRegistered(envelope, data, fields);
    case 'selfhealer.failure.predicted':
      return failurePredicted(envelope, data, fields);
    case 'selfhealer.prediction.resolved':
      return predictionResolved(envelope, data, fields);
    case 'selfhealer.circuit.changed':
      return circuitChanged(envelope, data, fields);
    case 'selfhealer.degradation.changed':
      return degradationChanged(envelope, data, fields);
    default:
      return undefined;
  }
}

function failureDetected(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): FailureDetected {
  return {
    type: 'selfhealer.failure.detected',
    source,
    id,
    timeMs,
    failureId: fields.identifier('failure_id', data.failure_id),
    failureType: fields.name('failure_type', data.failure_type),
    agentId:
      fields.optionalName('agent_id', data.agent_id) ?? agentOfMetadata(data.metadata, fields),
    severity: fields.optionalWord('severity', data.severity, SEVERITIES),
  };
}

function healingStarted(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): HealingStarted {
  return {
    type: 'selfhealer.healing.started',
    source,
    id,
    timeMs,
    failureId: fields.identifier('failure_id', data.failure_id),
    strategy: fields.name('strategy_used', data.strategy_used),
    failureType: fields.optionalName('failure_type', data.failure_type),
    agentId: fields.optionalName('agent_id', data.agent_id),
  };
}

function healingCompleted(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): HealingCompleted {
  const failureId = fields.identifier('failure_id', data.failure_id);
  const strategy = fields.name('strategy_used', data.strategy_used);
  const outcome = outcomeOf(data, fields);
  const durationMs = fields.number('duration_ms', data.duration_ms, DURATION_MS_MAX);
  const actions = fields.texts('actions_taken', data.actions_taken);
  const failureType = fields.optionalName('failure_type', data.failure_type);
  const ownAgentId = fields.optionalName('agent_id', data.agent_id);
  const severity = fields.optionalWord('severity', data.severity, SEVERITIES);
  const reason = fields.optionalWord('reason', data.reason, SKIP_REASONS);
  const trigger = fields.optionalWord('trigger', data.trigger, TRIGGERS) ?? 'reactive';
  const agentId = ownAgentId ?? agentOfMetadata(data.metadata, fields);
  return {
    type: 'selfhealer.healing.completed',
    source,
    id,
    timeMs,
    failureId,
    strategy,
    outcome,
    durationMs,
    actions,
    failureType,
    agentId,
    agentFromMetadata: ownAgentId === undefined && agentId !== undefined,
    severity,
    reason: outcome === 'skipped' ? reason : undefined,
    trigger,
  };
}

function failureResolved(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): FailureResolved {
  return {
    type: 'selfhealer.failure.resolved',
    source,
    id,
    timeMs,
    failureId: fields.identifier('failure_id', data.failure_id),
    resolution: fields.word('resolution', data.resolution, STATED_RESOLUTIONS),
  };
}

function strategyRegistered(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): StrategyRegistered {
  return {
    type: 'selfhealer.strategy.registered',
    source,
    id,
    timeMs,
    strategy: fields.name('strategy', data.strategy),
    failureTypes: fields.identifiers('failure_types', data.failure_types),
  };
}

function failurePredicted(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): FailurePredicted {
  return {
    type: 'selfhealer.failure.predicted',
    source,
    id,
    timeMs,
    predictionId: fields.identifier('prediction_id', data.prediction_id),
    failureType: fields.name('failure_type', data.failure_type),
    confidence: fields.number('confidence', data.confidence, 1),
    agentId: fields.optionalName('agent_id', data.agent_id),
    expectedInMs: fields.optionalDurationMs('expected_time_ms', data.expected_time_ms),
    // On the wire the predictor is called source, as in the original; ours is the CloudEvents
    // source.
    predictor: fields.optionalWord('source', data.source, PREDICTORS),
  };
}

function predictionResolved(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): PredictionResolved {
  return {
    type: 'selfhealer.prediction.resolved',
    source,
    id,
    timeMs,
    predictionId: fields.identifier('prediction_id', data.prediction_id),
    outcome: fields.word('outcome', data.outcome, PREDICTION_OUTCOMES),
  };
}

function circuitChanged(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): CircuitChanged {
  return {
    type: 'selfhealer.circuit.changed',
    source,
    id,
    timeMs,
    circuit: fields.name('circuit', data.circuit),
    state: fields.word('state', data.state, CIRCUIT_STATES),
    strategy: fields.optionalName('strategy', data.strategy),
  };
}

function degradationChanged(
  { source, id, timeMs }: Envelope,
  data: JsonObject,
  fields: FieldReader,
): DegradationChanged {
  return {
    type: 'selfhealer.degradation.changed',
    source,
    id,
    timeMs,
    resource: fields.name('resource', data.resource),
    level: fields.integer('level', data.level, DEGRADATION_LEVELS),
  };
}

/**
 * `outcome` where there is one, else `success`. A healer that sends both says with `outcome` which
 * failure.
 */
function outcomeOf(data: JsonObject, fields: FieldReader): Outcome {
  const outcome = fields.optionalWord('outcome', data.outcome, OUTCOMES);
  const success = fields.optionalBoolean('success', data.success);
  if (outcome !== undefined) return outcome;
  if (success === undefined && (data.outcome === undefined || data.outcome === null)) {
    fields.reject('missing_field', 'success', 'true or false, or outcome beside it', undefined);
  }
  return success === true ? 'succeeded' : 'failed';
}

/**
 * `metadata` is free: an agent_id in it that is no text names no agent, but one that is must be
 * well-formed.
 */
function agentOfMetadata(metadata: unknown, fields: FieldReader): string | undefined {
  if (!isJsonObject(metadata)) return undefined;
  const { agent_id: agentId } = metadata;
  return typeof agentId === 'string'
    ? fields.optionalName('metadata.agent_id', agentId)
    : undefined;
}
