/** Where tasks come from: ten a second, and now and then far more. */
import { bursts, type PlanOptions, type Stretch } from './plan.js';
import { Random } from './prng.js';
import type { ServiceLevel } from './service-level.js';
import type { TaskQueue } from './tasks.js';

const INTERVAL_MS = 100;
/** Five agents do about 66 tasks a second; a burst brings 130. */
const TASKS_PER_INTERVAL = { usual: 1, burst: 13 } as const;
const TASK_LIFE_MS = 8000;
const PRIORITIES = 4;

export class Intake {
  readonly #tasks: TaskQueue;
  readonly #level: ServiceLevel;
  readonly #random: Random;
  readonly #bursts: Generator<Stretch, void>;
  #burst: Stretch | void;
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;

  constructor(tasks: TaskQueue, level: ServiceLevel, plan: PlanOptions) {
    this.#tasks = tasks;
    this.#level = level;
    this.#random = new Random(plan.seed, 'tasks');
    this.#bursts = bursts(plan);
    this.#burst = this.#bursts.next().value;
  }

  start(): void {
    const startMs = Date.now();
    this.#timer = setInterval(() => this.#accept(Date.now() - startMs), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #accept(atMs: number): void {
    while (this.#burst && this.#burst.toMs < atMs) this.#burst = this.#bursts.next().value;
    const isBurst = this.#burst && this.#burst.fromMs <= atMs;
    const count = isBurst ? TASKS_PER_INTERVAL.burst : TASKS_PER_INTERVAL.usual;
    for (let n = 0; n < count; n++) {
      const priority = this.#random.below(PRIORITIES);
      const isIdempotent = this.#random.chance(0.92);
      const id = this.#nextId++;
      if (priority < this.#level.level) continue; // Degraded: not taken at all.
      const deadlineMs = Date.now() + TASK_LIFE_MS;
      this.#tasks.add({ id, priority, isIdempotent, deadlineMs, attempt: 0 });
    }
  }
}
