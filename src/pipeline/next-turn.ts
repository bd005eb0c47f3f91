/** Decoded deliveries that wait for their turn: what goes into the log in one transaction. */
import type { Decoded } from './decode-queue.js';

/**
 * One group commit takes no more than this, so that no sender waits for the disk much longer than
 * another.
 */
const TURN_BYTES_MAX = 32 * 1024 * 1024;
const TURN_EVENTS_MAX = 50_000;
/**
 * Decoded events take several times the memory of their text: decoding stops here until some are
 * written.
 */
const DECODED_BYTES_MAX = 8 * 1024 * 1024;
/** Fewer than these in one commit are worth a wait for more. */
const SMALL_EVENTS = 1000;

export class NextTurn {
  #decoded: Decoded[] = [];
  #bytes = 0;
  #events = 0;

  /** Deliveries that wait. */
  get size(): number {
    return this.#decoded.length;
  }

  get isSmall(): boolean {
    return this.#events < SMALL_EVENTS;
  }

  get hasRoom(): boolean {
    return this.#bytes < DECODED_BYTES_MAX;
  }

  add(decoded: Decoded): void {
    this.#decoded.push(decoded);
    this.#count(decoded, 1);
  }

  /** In their order, bounded in bytes and events; at least one when there is one. */
  take(): readonly Decoded[] {
    if (this.#bytes <= TURN_BYTES_MAX && this.#events <= TURN_EVENTS_MAX) return this.takeAll();
    let count = 0;
    let bytes = 0;
    let events = 0;
    for (const { taken, body } of this.#decoded) {
      bytes += taken.delivery.body.length;
      events += body.size;
      if (count > 0 && (bytes > TURN_BYTES_MAX || events > TURN_EVENTS_MAX)) break;
      count += 1;
    }
    const turn = this.#decoded.splice(0, count);
    for (const decoded of turn) this.#count(decoded, -1);
    return turn;
  }

  takeAll(): readonly Decoded[] {
    const all = this.#decoded;
    this.#decoded = [];
    this.#bytes = 0;
    this.#events = 0;
    return all;
  }

  #count({ taken, body }: Decoded, sign: 1 | -1): void {
    this.#bytes += sign * taken.delivery.body.length;
    this.#events += sign * body.size;
  }
}
