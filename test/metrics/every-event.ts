/** Events of every type, so that every part of the state has something in it. */
import type { HealingEvent } from '../../src/core/event.js';
import { completed, detected, envelope, started } from '../support/events.js';

/** Within the 20 seconds after the fixed moment. Open at the end: an incident, a breaker, an attempt. */
export function oneOfEverything(): HealingEvent[] {
  const strategy = 'AgentRestartStrategy';
  return [
    {
      ...envelope(0),
      type: 'selfhealer.strategy.registered',
      strategy,
      failureTypes: ['agent_down'],
    },
    {
      ...envelope(1),
      type: 'selfhealer.failure.predicted',
      predictionId: 'p1',
      failureType: 'agent_down',
      confidence: 0.9,
      agentId: undefined,
      expectedInMs: 10_000,
      predictor: 'pattern',
    },
    {
      ...envelope(1),
      type: 'selfhealer.failure.predicted',
      predictionId: 'p2',
      failureType: 'queue_full',
      confidence: 0.5,
      agentId: 'a2',
      expectedInMs: undefined,
      predictor: undefined,
    },
    detected(2, 'f1', { agentId: 'a1' }),
    started(3, 'f1'),
    completed(4, 'f1', { outcome: 'failed', agentId: 'a1' }),
    completed(5, 'f1', { outcome: 'skipped', reason: 'circuit_open' }),
    completed(6, 'f1', { outcome: 'skipped' }),
    completed(7, 'f1', { agentId: 'a1' }),
    {
      ...envelope(8),
      type: 'selfhealer.prediction.resolved',
      predictionId: 'p2',
      outcome: 'prevented',
    },
    detected(9, 'f2', { severity: undefined, failureType: 'queue_full' }),
    { ...envelope(10), type: 'selfhealer.failure.resolved', failureId: 'f2', resolution: 'manual' },
    {
      ...envelope(11),
      type: 'selfhealer.circuit.changed',
      circuit: 'c1',
      state: 'open',
      strategy: undefined,
    },
    { ...envelope(12), type: 'selfhealer.degradation.changed', resource: 'r1', level: 2 },
    { ...envelope(13), type: 'selfhealer.degradation.changed', resource: 'r1', level: 1 },
    { ...envelope(14), type: 'selfhealer.heartbeat' },
    detected(15, 'f3', { agentId: 'a3', failureType: 'memory_leak', severity: 'low' }),
    started(16, 'f3', { strategy: 'TaskRetryStrategy' }),
    completed(17, 'g1', { trigger: 'preventive' }),
  ];
}
