/** Takes the load off an agent and lets it give its memory back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../failure.js';
import { MEMORY_RELIEVED_BYTES } from '../messages.js';
import type { Swarm } from '../swarm.js';
import type { Act, Strategy } from './strategy.js';

const POLL_MS = 100;
/** The agent says its figures four times a second; this is long enough to see the new ones. */
const RELIEF_MS_MAX = 800;
const MIB = 1024 * 1024;

export class ResourceRebalanceStrategy implements Strategy {
  readonly name = 'ResourceRebalanceStrategy';
  readonly failureTypes = ['memory_leak'] as const;
  readonly isGentle = true;
  readonly #swarm: Swarm;

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  consider({ subject }: Failure): 'declined' | Act {
    if (subject.kind !== 'agent') return 'declined';
    return (signal) => this.#rebalance(subject.agentId, signal);
  }

  async #rebalance(agentId: string, signal: AbortSignal): ReturnType<Act> {
    const { supervisor, tasks } = this.#swarm;
    const memory = (): number => supervisor.roster.vitals(agentId)?.memoryBytes ?? Infinity;
    const before = memory();
    tasks.hold(agentId);
    try {
      const moved = tasks.evacuate(agentId);
      supervisor.roster.tell(agentId, { kind: 'trim' });
      const giveUpMs = Date.now() + RELIEF_MS_MAX;
      while (memory() > MEMORY_RELIEVED_BYTES && Date.now() < giveUpMs) {
        await sleep(POLL_MS, undefined, { signal });
      }
      return {
        isHealed: memory() <= MEMORY_RELIEVED_BYTES,
        actions: [
          `Moved ${moved} tasks off ${agentId}`,
          `Trimmed its memory from ${mib(before)} to ${mib(memory())}`,
        ],
      };
    } finally {
      tasks.free(agentId);
    }
  }
}

function mib(bytes: number): string {
  return Number.isFinite(bytes) ? `${Math.round(bytes / MIB)} MiB` : 'unknown (it is gone)';
}
