/** The strategies of the demo, in the order in which they are tried on a failure type of several. */
import type { Swarm } from '../swarm.js';
import { AgentRestartStrategy } from './agent-restart.js';
import { CircuitBreakerStrategy } from './circuit-breaker.js';
import { GradualDegradationStrategy } from './gradual-degradation.js';
import { QuorumRecoveryStrategy } from './quorum-recovery.js';
import { ResourceRebalanceStrategy } from './resource-rebalance.js';
import type { Strategy } from './strategy.js';
import { TaskRetryStrategy } from './task-retry.js';

export function defaultStrategies(swarm: Swarm): Strategy[] {
  return [
    new ResourceRebalanceStrategy(swarm),
    new AgentRestartStrategy(swarm),
    new TaskRetryStrategy(swarm),
    new QuorumRecoveryStrategy(swarm),
    new CircuitBreakerStrategy(swarm),
    new GradualDegradationStrategy(swarm),
  ];
}
