/** Which agent is running which task. */
import type { Task } from './task.js';

export interface Run {
  readonly task: Task;
  readonly agentId: string;
  /** Fires when the run takes too long. */
  readonly timer: NodeJS.Timeout;
}

const RUNS_AT_ONCE = 2;

export class Runs {
  readonly #byTask = new Map<number, Run>();

  add(run: Run): void {
    this.#byTask.set(run.task.id, run);
  }

  get(taskId: number): Run | undefined {
    return this.#byTask.get(taskId);
  }

  delete(taskId: number): void {
    this.#byTask.delete(taskId);
  }

  all(): Run[] {
    return [...this.#byTask.values()];
  }

  of(agentId: string): Run[] {
    return this.all().filter((run) => run.agentId === agentId);
  }

  /** The candidate with the least to do; undefined when all have enough. */
  idlest(candidates: readonly string[]): string | undefined {
    const [idlest] = candidates
      .map((agentId) => ({ agentId, load: this.of(agentId).length }))
      .filter(({ load }) => load < RUNS_AT_ONCE)
      .sort((a, b) => a.load - b.load);
    return idlest?.agentId;
  }
}
