/** How much of the work the swarm still takes on: 0 all of it … 4 nothing but retries. */
import { EventEmitter } from 'node:events';

export type Level = 0 | 1 | 2 | 3 | 4;

export const LEVELS: readonly Level[] = [0, 1, 2, 3, 4];
export const LEVEL_NAMES = ['FULL', 'REDUCED_1', 'REDUCED_2', 'REDUCED_3', 'MINIMAL'] as const;

/** The level goes back one step after so long a calm. */
const CALM_MS = 2000;

export class ServiceLevel extends EventEmitter<{ changed: [Level] }> {
  #level: Level = 0;
  #calmSinceMs: number | undefined;

  get level(): Level {
    return this.#level;
  }

  set(level: Level): void {
    this.#calmSinceMs = undefined;
    if (level === this.#level) return;
    this.#level = level;
    this.emit('changed', level);
  }

  /** To be told again and again whether the load is low. */
  observe(isCalm: boolean): void {
    if (!isCalm || this.#level === 0) {
      this.#calmSinceMs = undefined;
      return;
    }
    this.#calmSinceMs ??= Date.now();
    if (Date.now() - this.#calmSinceMs >= CALM_MS) this.set(LEVELS[this.#level - 1] ?? 0);
  }
}
