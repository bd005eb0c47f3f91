/** How a worker really does what the plan says: it dies, stops, grows or drifts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIG_VERSION, MEMORY_LIMIT_BYTES, type Vitals } from './messages.js';
import type { Fault } from './plan.js';

const GROWTH_INTERVAL_MS = 200;
/** An unhealed leak stops here, so that a forgotten demo does not eat the machine. */
const HELD_BYTES_MAX = 1.3 * MEMORY_LIMIT_BYTES;
/** A cache that fills after the start ends well below the limit. */
const WARM_UP_BYTES = 0.4 * MEMORY_LIMIT_BYTES;
const WARNINGS = 4;
const WARNING_INTERVAL_MS = 400;

/** The part of a worker that goes wrong. */
export class Body {
  #held: Buffer[] = [];
  #trim: 'all' | 'some' = 'all';
  #growing = new AbortController();
  #ioRetries = 0;
  #configVersion = CONFIG_VERSION;

  vitals(): Vitals {
    // Not rss, nor external: both fall only some time after the memory was given back.
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return {
      memoryBytes: heapUsed + arrayBuffers,
      ioRetries: this.#ioRetries,
      configVersion: this.#configVersion,
    };
  }

  /** Gives back what can be given back. Where the leak cannot be reached, that is a quarter. */
  trim(): void {
    const keep = this.#trim === 'all' ? 0 : Math.ceil(this.#held.length * 0.75);
    this.#held = this.#held.slice(0, keep);
    if (this.#trim === 'all') this.#growing.abort();
    // In a turn of its own: in this one the stack may still hold what was just let go.
    setImmediate(() => globalThis.gc?.());
  }

  /** Comes back when the fault is over, or never. */
  async suffer(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'crash':
        if (fault.warned) await this.#retryIo();
        return crash(fault.how);
      case 'hang':
        return hang(fault.forMs);
      case 'leak':
        this.#trim = fault.trimmable ? 'all' : 'some';
        return this.#grow(fault.stepBytes, HELD_BYTES_MAX);
      case 'warm_up':
        this.#trim = 'all';
        await this.#grow(fault.stepBytes, WARM_UP_BYTES);
        return this.trim();
      case 'false_alarm':
        return this.#retryIo();
      case 'drift':
        // An agent with a wrong configuration goes on, and may fail in other ways meanwhile.
        this.#configVersion = CONFIG_VERSION - 1;
        setTimeout(() => (this.#configVersion = CONFIG_VERSION), fault.forMs);
    }
  }

  async #grow(stepBytes: number, heldBytesMax: number): Promise<void> {
    this.#growing = new AbortController();
    const { signal } = this.#growing;
    for (let held = 0; !signal.aborted && held < heldBytesMax; held += stepBytes) {
      // Filled, because pages that nobody touched are not memory yet.
      this.#held.push(Buffer.alloc(stepBytes, 1));
      await sleep(GROWTH_INTERVAL_MS);
    }
  }

  async #retryIo(): Promise<void> {
    for (let n = 0; n < WARNINGS; n++) {
      this.#ioRetries += 1;
      await sleep(WARNING_INTERVAL_MS);
    }
  }
}

export function crash(how: 'error' | 'kill'): void {
  if (how === 'kill') process.kill(process.pid, 'SIGKILL');
  // Out of any promise, so that it is what it is called: uncaught.
  else
    setImmediate(() => {
      throw new Error('planned: the state of this agent is corrupt');
    });
}

/** Stops the thread itself: no timer, no message, no processor time. */
function hang(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}
