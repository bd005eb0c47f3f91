/**
 * Replaces the agent's process by a new one. This is the strategy that wears out: a new process
 * needs a lease, and those who died keep theirs (../leases.ts).
 */
import type { Failure } from '../failure.js';
import type { Swarm } from '../swarm.js';
import type { Act, Strategy } from './strategy.js';

export class AgentRestartStrategy implements Strategy {
  readonly name = 'AgentRestartStrategy';
  readonly failureTypes = ['agent_crash', 'agent_hang', 'memory_leak'] as const;
  readonly #swarm: Swarm;

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  consider({ subject }: Failure): 'declined' | Act {
    return subject.kind === 'agent' ? () => this.#restart(subject.agentId) : 'declined';
  }

  async #restart(agentId: string): ReturnType<Act> {
    const { supervisor, tasks } = this.#swarm;
    const moved = tasks.evacuate(agentId);
    const start = await supervisor.restart(agentId);
    const { capacity } = supervisor.leases;
    const metadata = { leases_used: supervisor.leases.used(), leases: capacity };
    const actions = [`Unregistered ${agentId}, moved ${moved} tasks`];
    if (!start.ok) {
      return { isHealed: false, actions: [...actions, `Start failed: ${start.why}`], metadata };
    }
    const how = start.lease === undefined ? '' : `, lease ${start.lease} of ${capacity}`;
    actions.push(`Re-registered ${agentId} (pid ${start.pid}${how})`);
    return { isHealed: true, actions, metadata };
  }
}
