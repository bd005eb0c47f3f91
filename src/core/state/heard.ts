/** Which sources were heard, and when last: silence is a fact too. */
import type { LoggedEvent } from '../event.js';

const SOURCES_MAX = 1_000;

export class HeardSources {
  #lastReceivedMs = new Map<string, number>();
  /** What was noted last: events of one delivery mostly say the same. */
  #noted: { readonly source: string; readonly receivedMs: number } | undefined;

  /** Source to the receipt of its newest event or heartbeat, Unix milliseconds. */
  get lastReceivedMs(): ReadonlyMap<string, number> {
    return this.#lastReceivedMs;
  }

  hear({ event, input, receivedMs }: LoggedEvent): void {
    // What the exporter appends itself says nothing about the source; an import is no sign of life.
    if (input === 'internal' || input === 'import') return;
    const { source } = event;
    if (this.#noted?.source === source && this.#noted.receivedMs === receivedMs) return;
    if (!this.#lastReceivedMs.has(source) && this.#lastReceivedMs.size >= SOURCES_MAX) return;
    this.#lastReceivedMs.set(source, receivedMs);
    this.#noted = { source, receivedMs };
  }

  snapshot(): HeardSnapshot {
    return [...this.#lastReceivedMs];
  }

  restore(snapshot: HeardSnapshot): void {
    this.#lastReceivedMs = new Map(snapshot);
    this.#noted = undefined;
  }
}

export type HeardSnapshot = readonly (readonly [string, number])[];
