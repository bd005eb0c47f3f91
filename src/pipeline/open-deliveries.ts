/**
 * Every delivery that was taken and not answered yet: the bound of the queue, and what each came
 * to, counted.
 */
import { LinkedList, type Link } from '../core/linked-list.js';
import type { Delivery, QueueLevel, Refusal, SelfMetrics, Settled } from '../core/ports.js';

/** A delivery that was taken. */
export interface Taken {
  readonly delivery: Delivery;
  readonly receivedMs: number;
  /** Its well-formed events, once they are known. */
  events: number;
  /** Where it stands among those that wait for an answer. Undefined once it has been answered. */
  link: Link<Taken> | undefined;
}

export class OpenDeliveries implements QueueLevel {
  /**
   * No map: one that forgets and learns all the time makes itself anew again and again, and what it was before keeps
   * deliveries that were answered long since until the collector goes through everything.
   */
  readonly #open = new LinkedList<Taken>();
  #bytes = 0;
  #events = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(
    private readonly metrics: SelfMetrics,
    readonly capacityBytes: number,
  ) {
    metrics.queue(this);
  }

  /** Well-formed ones, as far as they are known. */
  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One that is larger than the whole queue has room when it is alone. */
  hasRoomFor({ body }: Delivery): boolean {
    return this.#bytes === 0 || this.#bytes + body.length <= this.capacityBytes;
  }

  add(delivery: Delivery, receivedMs: number): Taken {
    const taken: Taken = { delivery, receivedMs, events: 0, link: undefined };
    taken.link = this.#open.add(taken);
    this.#bytes += delivery.body.length;
    return taken;
  }

  /** `events`: how many of its items are well-formed, now that it is decoded. */
  decoded(taken: Taken, events: number): void {
    this.#events += events - taken.events;
    taken.events = events;
  }

  /** Nothing when it was answered already: a failure of the log answers everything at once. */
  settle(taken: Taken, settled: Settled): void {
    if (!this.#close(taken)) return;
    const { input } = taken.delivery;
    if (settled.duplicates > 0) this.metrics.duplicates(input, settled.duplicates);
    for (const { code } of settled.rejected) this.metrics.rejected(input, code, 1);
    taken.delivery.settle(settled);
  }

  /** As `settle`. */
  refuse(taken: Taken, refusal: Refusal): void {
    if (this.#close(taken)) this.turnAway(taken.delivery, refusal);
  }

  /** Refuses one that was never added. */
  turnAway(delivery: Delivery, refusal: Refusal): void {
    this.metrics.refused(delivery.input, refusal.code);
    delivery.refuse(refusal);
  }

  refuseAll(refusal: Refusal): void {
    for (const taken of [...this.#open]) this.refuse(taken, refusal);
  }

  /** Resolves when everything is answered. */
  async untilEmpty(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  #close(taken: Taken): boolean {
    const { link } = taken;
    if (link === undefined) return false;
    taken.link = undefined;
    this.#open.remove(link);
    this.#bytes -= taken.delivery.body.length;
    this.#events -= taken.events;
    if (this.#open.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
    return true;
  }
}
