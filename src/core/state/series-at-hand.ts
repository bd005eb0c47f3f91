/**
 * Series found once: an event counts in a dozen families under the same few names, and looking each up by each name
 * would cost more than the counting.
 */
import type { Family } from './family.js';

/** Names that are at hand at a time. */
const NAMES_MAX = 4_096;

/** The entry of a family under one set of labels. */
export class SeriesAtHand<V> {
  #own: V | undefined;

  constructor(
    private readonly family: Family<V>,
    private readonly first: string,
    private readonly second?: string,
  ) {}

  /** As Family.at: what has no entry of its own shares one, and is told as such each time. */
  at(sinceMs: number): V {
    if (this.#own !== undefined) return this.#own;
    const { family, first, second } = this;
    const value = family.at(sinceMs, first, second);
    this.#own = family.find(second === undefined ? [first] : [first, second]);
    return value;
  }
}

/** By name, what is made of it when it is first asked for. */
export class NamesAtHand<T> {
  #byName = new Map<string, T>();
  /** What was asked for last: an event tells several things of the same. */
  #name: string | undefined;
  #last: T | undefined;

  constructor(private readonly make: (name: string) => T) {}

  of(name: string): T {
    if (this.#name === name && this.#last !== undefined) return this.#last;
    let made = this.#byName.get(name);
    if (made === undefined) {
      if (this.#byName.size >= NAMES_MAX) this.#byName.clear();
      made = this.make(name);
      this.#byName.set(name, made);
    }
    this.#name = name;
    this.#last = made;
    return made;
  }

  /** After the families hold other entries. */
  clear(): void {
    this.#byName.clear();
    this.#name = this.#last = undefined;
  }
}
