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
  type Folded,
  type FoldedEvent,
  type HealingCompleted,
  type HealingStarted,
  type Outcome,
  type PredictionResolved,
  type StrategyRegistered,
} from '../event.js';
import { FIELD } from './field-names.js';
import type { Fields } from './fields.js';
import { DURATION_MS_MAX } from './limits.js';

/** What every event carries, already checked. */
export interface Envelope {
  readonly source: string;
  readonly timeMs: number;
}

/**
 * The event of this type; undefined when the contract has no such type. Whether its fields are what
 * they must be, `fields` knows afterwards.
 */
export function readEvent(
  type: string,
  envelope: Envelope,
  fields: Fields,
): FoldedEvent | undefined {
  switch (type) {
    case 'selfhealer.healing.completed':
      return healingCompleted(envelope, fields);
    case 'selfhealer.failure.detected':
      return failureDetected(envelope, fields);
    case 'selfhealer.healing.started':
      return healingStarted(envelope, fields);
    case 'selfhealer.heartbeat': {
      const { source, timeMs } = envelope;
      return { type: 'selfhealer.heartbeat', source, timeMs };
    }
    case 'selfhealer.failure.resolved':
      return failureResolved(envelope, fields);
    case 'selfhealer.strategy.registered':
      return strategyRegistered(envelope, fields);
    case 'selfhealer.failure.predicted':
      return failurePredicted(envelope, fields);
    case 'selfhealer.prediction.resolved':
      return predictionResolved(envelope, fields);
    case 'selfhealer.circuit.changed':
      return circuitChanged(envelope, fields);
    case 'selfhealer.degradation.changed':
      return degradationChanged(envelope, fields);
    default:
      return undefined;
  }
}

function failureDetected({ source, timeMs }: Envelope, fields: Fields): Folded<FailureDetected> {
  return {
    type: 'selfhealer.failure.detected',
    source,
    timeMs,
    failureId: fields.identifier(FIELD.failure_id),
    failureType: fields.name(FIELD.failure_type),
    agentId: fields.optionalName(FIELD.agent_id) ?? fields.agentOfMetadata(),
    severity: fields.optionalWord(FIELD.severity, SEVERITIES),
  };
}

function healingStarted({ source, timeMs }: Envelope, fields: Fields): Folded<HealingStarted> {
  return {
    type: 'selfhealer.healing.started',
    source,
    timeMs,
    failureId: fields.identifier(FIELD.failure_id),
    strategy: fields.name(FIELD.strategy_used),
    failureType: fields.optionalName(FIELD.failure_type),
    agentId: fields.optionalName(FIELD.agent_id),
  };
}

function healingCompleted({ source, timeMs }: Envelope, fields: Fields): Folded<HealingCompleted> {
  const failureId = fields.identifier(FIELD.failure_id);
  const strategy = fields.name(FIELD.strategy_used);
  const outcome = outcomeOf(fields);
  const durationMs = fields.number(FIELD.duration_ms, DURATION_MS_MAX);
  fields.checkTexts(FIELD.actions_taken);
  const failureType = fields.optionalName(FIELD.failure_type);
  const ownAgentId = fields.optionalName(FIELD.agent_id);
  const severity = fields.optionalWord(FIELD.severity, SEVERITIES);
  const reason = fields.optionalWord(FIELD.reason, SKIP_REASONS);
  const trigger = fields.optionalWord(FIELD.trigger, TRIGGERS) ?? 'reactive';
  const agentId = ownAgentId ?? fields.agentOfMetadata();
  return {
    type: 'selfhealer.healing.completed',
    source,
    timeMs,
    failureId,
    strategy,
    outcome,
    durationMs,
    failureType,
    agentId,
    agentFromMetadata: ownAgentId === undefined && agentId !== undefined,
    severity,
    reason: outcome === 'skipped' ? reason : undefined,
    trigger,
  };
}

function failureResolved({ source, timeMs }: Envelope, fields: Fields): Folded<FailureResolved> {
  return {
    type: 'selfhealer.failure.resolved',
    source,
    timeMs,
    failureId: fields.identifier(FIELD.failure_id),
    resolution: fields.word(FIELD.resolution, STATED_RESOLUTIONS),
  };
}

function strategyRegistered(
  { source, timeMs }: Envelope,
  fields: Fields,
): Folded<StrategyRegistered> {
  return {
    type: 'selfhealer.strategy.registered',
    source,
    timeMs,
    strategy: fields.name(FIELD.strategy),
    failureTypes: fields.identifiers(FIELD.failure_types),
  };
}

function failurePredicted({ source, timeMs }: Envelope, fields: Fields): Folded<FailurePredicted> {
  return {
    type: 'selfhealer.failure.predicted',
    source,
    timeMs,
    predictionId: fields.identifier(FIELD.prediction_id),
    failureType: fields.name(FIELD.failure_type),
    confidence: fields.number(FIELD.confidence, 1),
    agentId: fields.optionalName(FIELD.agent_id),
    expectedInMs: fields.optionalDurationMs(FIELD.expected_time_ms),
    // On the wire the predictor is called source, as in the original; ours is the CloudEvents
    // source.
    predictor: fields.optionalWord(FIELD.source, PREDICTORS),
  };
}

function predictionResolved(
  { source, timeMs }: Envelope,
  fields: Fields,
): Folded<PredictionResolved> {
  return {
    type: 'selfhealer.prediction.resolved',
    source,
    timeMs,
    predictionId: fields.identifier(FIELD.prediction_id),
    outcome: fields.word(FIELD.outcome, PREDICTION_OUTCOMES),
  };
}

function circuitChanged({ source, timeMs }: Envelope, fields: Fields): Folded<CircuitChanged> {
  return {
    type: 'selfhealer.circuit.changed',
    source,
    timeMs,
    circuit: fields.name(FIELD.circuit),
    state: fields.word(FIELD.state, CIRCUIT_STATES),
    strategy: fields.optionalName(FIELD.strategy),
  };
}

function degradationChanged(
  { source, timeMs }: Envelope,
  fields: Fields,
): Folded<DegradationChanged> {
  return {
    type: 'selfhealer.degradation.changed',
    source,
    timeMs,
    resource: fields.name(FIELD.resource),
    level: fields.integer(FIELD.level, DEGRADATION_LEVELS),
  };
}

/**
 * `outcome` where there is one, else `success`. A healer that sends both says with `outcome` which
 * failure.
 */
function outcomeOf(fields: Fields): Outcome {
  const outcome = fields.optionalWord(FIELD.outcome, OUTCOMES);
  const success = fields.optionalBoolean(FIELD.success);
  if (outcome !== undefined) return outcome;
  if (success === undefined && !fields.has(FIELD.outcome)) {
    fields.missing(FIELD.success, 'true or false, or outcome beside it');
  }
  return success === true ? 'succeeded' : 'failed';
}
