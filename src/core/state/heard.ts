/** Which sources were heard, and when last: silence is a fact too. */
import type { Heard } from '../facts.js';
import type { Fold } from './fold.js';

const SOURCES_MAX = 1_000;

export class HeardSources implements Fold<HeardSnapshot, Heard> {
  #lastReceivedMs = new Map<string, number>();

  /** Source to the receipt of its newest event or heartbeat, Unix milliseconds. */
  get lastReceivedMs(): ReadonlyMap<string, number> {
    return this.#lastReceivedMs;
  }

  apply(fact: Heard): void {
    // What the exporter appends itself says nothing about the source; an import is no sign of life.
    if (fact.input === 'internal' || fact.input === 'import') return;
    if (!this.#lastReceivedMs.has(fact.source) && this.#lastReceivedMs.size >= SOURCES_MAX) return;
    this.#lastReceivedMs.set(fact.source, fact.receivedMs);
  }

  snapshot(): HeardSnapshot {
    return [...this.#lastReceivedMs];
  }

  restore(snapshot: HeardSnapshot): void {
    this.#lastReceivedMs = new Map(snapshot);
  }
}

export type HeardSnapshot = readonly (readonly [string, number])[];
