/** One valid event of every type, with every field that the contract knows. */
import type { EventType, FoldedEvent, HealingEvent } from '../../../src/core/event.js';

export const RECEIVED_MS = Date.UTC(2026, 10, 23, 18, 1);
export const TIME = '2026-11-23T18:00:00.123Z';
export const TIME_MS = Date.UTC(2026, 10, 23, 18, 0, 0, 123);

export type Json = Record<string, unknown>;

export const FULL_DATA: Record<EventType, Json> = {
  'selfhealer.failure.detected': {
    failure_id: 'agent_down_agent-017_1',
    failure_type: 'agent_down',
    agent_id: 'agent-017',
    severity: 'high',
    detected_at: TIME,
    event: { any: ['thing'] },
    metadata: { attempt: 1 },
  },
  'selfhealer.healing.started': {
    failure_id: 'agent_down_agent-017_1',
    strategy_used: 'AgentRestartStrategy',
    failure_type: 'agent_down',
    agent_id: 'agent-017',
  },
  'selfhealer.healing.completed': {
    success: true,
    outcome: 'succeeded',
    failure_id: 'agent_down_agent-017_1',
    strategy_used: 'AgentRestartStrategy',
    actions_taken: ['Unregistered agent-017', 'Re-registered agent-017'],
    duration_ms: 153,
    timestamp: TIME,
    failure_type: 'agent_down',
    agent_id: 'agent-017',
    severity: 'high',
    reason: 'declined',
    trigger: 'preventive',
    metadata: { agent_id: 'agent-018' },
  },
  'selfhealer.failure.resolved': {
    failure_id: 'agent_down_agent-017_1',
    resolution: 'self_recovered',
  },
  'selfhealer.strategy.registered': {
    strategy: 'AgentRestartStrategy',
    failure_types: ['agent_down', 'agent_failure'],
  },
  'selfhealer.failure.predicted': {
    prediction_id: 'pred-1795456800000',
    failure_type: 'agent_down',
    confidence: 0.75,
    agent_id: 'agent-017',
    expected_time_ms: 60_000,
    source: 'trend',
    reasoning: 'latency rises',
    recommended_action: 'restart it',
    pattern_indicators: ['latency'],
  },
  'selfhealer.prediction.resolved': {
    prediction_id: 'pred-1795456800000',
    outcome: 'prevented',
  },
  'selfhealer.circuit.changed': {
    circuit: 'payments',
    state: 'half_open',
    strategy: 'CircuitBreakerStrategy',
  },
  'selfhealer.degradation.changed': { resource: 'search', level: 2 },
  'selfhealer.heartbeat': {},
};

/** What `data` of each type cannot do without, besides `success` or `outcome` of a completion. */
export const REQUIRED: Record<EventType, readonly string[]> = {
  'selfhealer.failure.detected': ['failure_id', 'failure_type'],
  'selfhealer.healing.started': ['failure_id', 'strategy_used'],
  'selfhealer.healing.completed': ['failure_id', 'strategy_used', 'duration_ms'],
  'selfhealer.failure.resolved': ['failure_id', 'resolution'],
  'selfhealer.strategy.registered': ['strategy', 'failure_types'],
  'selfhealer.failure.predicted': ['prediction_id', 'failure_type', 'confidence'],
  'selfhealer.prediction.resolved': ['prediction_id', 'outcome'],
  'selfhealer.circuit.changed': ['circuit', 'state'],
  'selfhealer.degradation.changed': ['resource', 'level'],
  'selfhealer.heartbeat': [],
};

/** A valid event; `data` goes over the full data of its type, `envelope` over the attributes. */
export function validEvent(type: EventType, data: Json = {}, envelope: Json = {}): Json {
  return {
    specversion: '1.0',
    id: 'e-1',
    source: '/swarms/alpha',
    type,
    time: TIME,
    data: { ...FULL_DATA[type], ...data },
    ...envelope,
  };
}

export function completed(data: Json = {}, envelope: Json = {}): Json {
  return validEvent('selfhealer.healing.completed', data, envelope);
}

/** What folds read of an event. */
export function asFolded(event: HealingEvent | FoldedEvent): object {
  const isRead = ([field]: [string, unknown]): boolean => field !== 'id' && field !== 'actions';
  return Object.fromEntries(Object.entries(event).filter(isRead));
}
