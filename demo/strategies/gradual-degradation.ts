/** Takes on less when there is too much: tasks of low priority go, a level at a time if possible. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../failure.js';
import { LEVEL_NAMES, LEVELS, type Level } from '../service-level.js';
import type { Swarm } from '../swarm.js';
import { QUEUE_LENGTH_MAX } from '../tasks.js';
import type { Act, Strategy } from './strategy.js';

/** Enough to see whether the queue comes back at once. */
const OBSERVE_MS = 700;
/** Room to be made: what is only just below the limit is soon above it again. */
const QUEUE_LENGTH_AIM = 0.6 * QUEUE_LENGTH_MAX;

export class GradualDegradationStrategy implements Strategy {
  readonly name = 'GradualDegradationStrategy';
  readonly failureTypes = ['resource_exhaustion'] as const;
  readonly #swarm: Swarm;

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  consider({ subject }: Failure): 'declined' | Act {
    return subject.kind === 'queue' ? (signal) => this.#degrade(signal) : 'declined';
  }

  async #degrade(signal: AbortSignal): ReturnType<Act> {
    const { tasks, level } = this.#swarm;
    const to = this.#levelNeeded();
    level.set(to);
    const shed = tasks.shed(to);
    await sleep(OBSERVE_MS, undefined, { signal });
    return {
      isHealed: tasks.length <= QUEUE_LENGTH_MAX,
      actions: [`Went to ${LEVEL_NAMES[to]}, shed ${shed} tasks`, `Queue is at ${tasks.length}`],
      metadata: { degradation_level: LEVEL_NAMES[to], resource_type: 'task_queue' },
    };
  }

  /** The first level beyond the present one at which the queue is short enough. */
  #levelNeeded(): Level {
    const { tasks, level } = this.#swarm;
    const deeper = LEVELS.filter((candidate) => candidate > level.level);
    return deeper.find((candidate) => tasks.lengthFrom(candidate) <= QUEUE_LENGTH_AIM) ?? 4;
  }
}
