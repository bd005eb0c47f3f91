/** The tasks of the swarm: queued, given to agents, taken back when an agent fails. */
import { EventEmitter } from 'node:events';
import type { FromWorker } from './messages.js';
import { Runs, type Run } from './runs.js';
import type { Supervisor } from './supervisor.js';
import type { Task, TaskEnd } from './task.js';

const RUN_MS_MAX = 1000;
/** A longer queue is too much for the swarm. */
export const QUEUE_LENGTH_MAX = 80;

export class TaskQueue extends EventEmitter<{ ended: [Task, TaskEnd] }> {
  readonly #supervisor: Supervisor;
  #waiting: Task[] = [];
  readonly #runs = new Runs();
  /** Who waits for the end of a retry. */
  readonly #retries = new Map<number, (end: TaskEnd) => void>();
  /** Agents that get no tasks just now. */
  readonly #held = new Set<string>();

  constructor(supervisor: Supervisor) {
    super();
    this.#supervisor = supervisor;
    supervisor.on('up', () => this.#dispatch());
    supervisor.on('died', (agentId) => this.#bury(agentId));
    supervisor.on('message', (agentId, message) => this.#hear(agentId, message));
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(task: Task): void {
    this.#waiting.push(task);
    this.#dispatch();
  }

  /** Runs it once more, ahead of all others, as soon as an agent is free. */
  retry(task: Task): Promise<TaskEnd> {
    task.attempt += 1;
    this.#waiting.unshift(task);
    return new Promise((resolve) => {
      this.#retries.set(task.id, resolve);
      this.#dispatch();
    });
  }

  /** Throws the tasks of low priority out of the queue, and says how many they were. */
  shed(belowPriority: number): number {
    const before = this.length;
    this.#waiting = this.#waiting.filter(
      ({ priority, attempt }) => priority >= belowPriority || attempt > 0,
    );
    return before - this.length;
  }

  /** How long the queue would be without the tasks of low priority. */
  lengthFrom(priority: number): number {
    return this.#waiting.filter((task) => task.priority >= priority).length;
  }

  hold(agentId: string): void {
    this.#held.add(agentId);
  }

  free(agentId: string): void {
    this.#held.delete(agentId);
    this.#dispatch();
  }

  /** Stops the agent's running tasks, gives them to others, and says how many they were. */
  evacuate(agentId: string): number {
    const runs = this.#runs.of(agentId);
    for (const run of runs) {
      this.#take(run);
      this.#waiting.unshift(run.task);
    }
    this.#dispatch();
    return runs.length;
  }

  /** The agent is dead. What may not run twice is lost with it, for it may have run. */
  #bury(agentId: string): void {
    const why = 'its agent ended';
    for (const { task } of this.#runs.of(agentId)) {
      if (!task.isIdempotent)
        this.#end(task.id, { ok: false, failure: 'task_error', agentId, why });
    }
    this.evacuate(agentId);
  }

  close(): void {
    for (const run of this.#runs.all()) this.#take(run);
    this.#waiting = [];
  }

  #take({ task, agentId, timer }: Run): void {
    clearTimeout(timer);
    this.#runs.delete(task.id);
    this.#supervisor.roster.tell(agentId, { kind: 'cancel', task: task.id });
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const candidates = this.#supervisor.upAgents().filter((id) => !this.#held.has(id));
      const agentId = this.#runs.idlest(candidates);
      if (agentId === undefined) return;
      const task = this.#waiting.shift();
      if (task) this.#run(task, agentId);
    }
  }

  #run(task: Task, agentId: string): void {
    const timer = setTimeout(() => {
      const why = `no answer in ${RUN_MS_MAX} ms`;
      this.#end(task.id, { ok: false, failure: 'task_timeout', agentId, why });
    }, RUN_MS_MAX);
    this.#runs.add({ task, agentId, timer });
    this.#supervisor.roster.tell(agentId, { kind: 'task', task: task.id, attempt: task.attempt });
  }

  #hear(agentId: string, message: FromWorker): void {
    if (message.kind === 'done') this.#end(message.task, { ok: true, agentId });
    if (message.kind !== 'error') return;
    const why = message.message;
    this.#end(message.task, { ok: false, failure: 'task_error', agentId, why });
  }

  /** An answer to a run that was taken back, or given to another agent meanwhile, comes too late. */
  #end(taskId: number, end: TaskEnd): void {
    const run = this.#runs.get(taskId);
    if (run?.agentId !== end.agentId) return;
    this.#take(run);
    this.#retries.get(taskId)?.(end);
    this.#retries.delete(taskId);
    this.emit('ended', run.task, end);
    this.#dispatch();
  }
}
