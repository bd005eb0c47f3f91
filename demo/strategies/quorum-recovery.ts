/**
 * Brings the swarm back to a quorum when restarts alone do not. It takes leases from the dead and
 * hands them out, so it works when AgentRestartStrategy is worn out. It is the last resort and no
 * janitor: it leaves the table as full as it may be without the swarm ending for good.
 */
import type { Failure } from '../failure.js';
import type { Swarm } from '../swarm.js';
import type { Act, Strategy } from './strategy.js';

/** At this fill a restart still works four times of ten (../leases.ts). */
const FILL_MAX = 0.94;

export class QuorumRecoveryStrategy implements Strategy {
  readonly name = 'QuorumRecoveryStrategy';
  readonly failureTypes = ['quorum_lost'] as const;
  readonly #swarm: Swarm;

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  consider({ subject }: Failure): 'declined' | Act {
    return subject.kind === 'swarm' ? () => this.#recover() : 'declined';
  }

  async #recover(): ReturnType<Act> {
    const { supervisor, quorum } = this.#swarm;
    const actions: string[] = [];
    await supervisor.settled(); // Restarts under way may be enough.
    if (supervisor.upAgents().length < quorum) {
      const reserved = this.#takeFromTheDead(supervisor.downAgents().length);
      const starts = supervisor.downAgents().map(async (agentId, n) => {
        const start = await supervisor.restart(agentId, reserved[n]);
        actions.push(start.ok ? `Started ${agentId}` : `Start of ${agentId} failed: ${start.why}`);
      });
      actions.push(`Took ${reserved.length} leases from dead processes`);
      await Promise.all(starts);
    }
    const up = supervisor.upAgents().length;
    actions.push(`${up} of ${supervisor.agentIds.length} agents up, ${quorum} needed`);
    return { isHealed: up >= quorum, actions };
  }

  #takeFromTheDead(count: number): number[] {
    const { supervisor } = this.#swarm;
    const { leases } = supervisor;
    const stale = leases.stale(new Set(supervisor.pids()));
    const surplus = Math.max(0, Math.ceil(leases.used() - FILL_MAX * leases.capacity));
    for (const { slot } of stale.slice(count, count + surplus)) leases.release(slot);
    return stale.slice(0, count).map(({ slot }) => slot);
  }
}
