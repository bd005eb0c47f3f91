/** Long work in short pieces, so that a scrape or a request never waits long for the event loop. */
import type { Clock } from '../core/ports.js';

const SLICE_MS = 5;

/** A piece of work on the event loop. Asked every few items whether it is time to let others in. */
export class Slice {
  #endMs = 0;

  constructor(private readonly clock: Clock) {}

  begin(): void {
    this.#endMs = this.clock.monotonicMs() + SLICE_MS;
  }

  isOver(): boolean {
    return this.clock.monotonicMs() >= this.#endMs;
  }

  /** Lets everything else have its turn, and begins anew. */
  async pause(): Promise<void> {
    await nextTurn();
    this.begin();
  }
}

/** Resolves after whatever input and output is ready has been attended to. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // A microtask or nextTick would go before input and output, and starve them.
    setImmediate(resolve);
  });
}
