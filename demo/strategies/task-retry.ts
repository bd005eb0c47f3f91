/** Runs a failed task once more, on the agent that has the least to do. */
import type { Failure } from '../failure.js';
import type { Swarm } from '../swarm.js';
import type { Task } from '../task.js';
import type { Act, Strategy } from './strategy.js';

export class TaskRetryStrategy implements Strategy {
  readonly name = 'TaskRetryStrategy';
  readonly failureTypes = ['task_timeout', 'task_error'] as const;
  readonly #swarm: Swarm;

  constructor(swarm: Swarm) {
    this.#swarm = swarm;
  }

  consider({ subject }: Failure): 'declined' | Act {
    if (subject.kind !== 'task' || !subject.task.isIdempotent) return 'declined';
    return () => this.#retry(subject.task);
  }

  async #retry(task: Task): ReturnType<Act> {
    const end = await this.#swarm.tasks.retry(task);
    const action = `Ran task ${task.id} again on ${end.agentId}`;
    if (end.ok) return { isHealed: true, actions: [action] };
    return { isHealed: false, actions: [`${action}: ${end.why}`] };
  }
}
