/**
 * Every delivery that was taken and not answered yet: the bound of the queue, and what each came
 * to, counted.
 */
import type { Delivery, Refusal, SelfMetrics, Settled } from '../core/ports.js';

export class OpenDeliveries {
  /** Delivery to its well-formed events, once they are known. */
  #open = new Map<Delivery, number>();
  #bytes = 0;
  #events = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(
    private readonly metrics: SelfMetrics,
    private readonly capacityBytes: number,
  ) {
    this.#tellLevel();
  }

  /** One that is larger than the whole queue has room when it is alone. */
  hasRoomFor({ body }: Delivery): boolean {
    return this.#bytes === 0 || this.#bytes + body.length <= this.capacityBytes;
  }

  add(delivery: Delivery): void {
    this.#open.set(delivery, 0);
    this.#bytes += delivery.body.length;
    this.#tellLevel();
  }

  /** `events`: how many of its items are well-formed, now that it is decoded. */
  decoded(delivery: Delivery, events: number): void {
    this.#events += events - (this.#open.get(delivery) ?? 0);
    this.#open.set(delivery, events);
    this.#tellLevel();
  }

  /** Nothing when it was answered already: a failure of the log answers everything at once. */
  settle(delivery: Delivery, settled: Settled): void {
    if (!this.#close(delivery)) return;
    const { input } = delivery;
    if (settled.duplicates > 0) this.metrics.duplicates(input, settled.duplicates);
    for (const { code } of settled.rejected) this.metrics.rejected(input, code, 1);
    delivery.settle(settled);
  }

  /** As `settle`. */
  refuse(delivery: Delivery, refusal: Refusal): void {
    if (this.#close(delivery)) this.turnAway(delivery, refusal);
  }

  /** Refuses one that was never added. */
  turnAway(delivery: Delivery, refusal: Refusal): void {
    this.metrics.refused(delivery.input, refusal.code);
    delivery.refuse(refusal);
  }

  refuseAll(refusal: Refusal): void {
    for (const delivery of [...this.#open.keys()]) this.refuse(delivery, refusal);
  }

  /** Resolves when everything is answered. */
  async untilEmpty(): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  #close(delivery: Delivery): boolean {
    const events = this.#open.get(delivery);
    if (events === undefined) return false;
    this.#open.delete(delivery);
    this.#bytes -= delivery.body.length;
    this.#events -= events;
    this.#tellLevel();
    if (this.#open.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve();
    return true;
  }

  #tellLevel(): void {
    this.metrics.queue({
      events: this.#events,
      bytes: this.#bytes,
      capacityBytes: this.capacityBytes,
    });
  }
}
