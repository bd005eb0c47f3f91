/**
 * Values in the order in which they came, each of which can be taken out at once by its link. A Set can do that
 * too, but gives every object that it is asked about a hash, and makes itself anew when it grows.
 */
export interface Link<T> {
  readonly value: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

export class LinkedList<T> implements Iterable<T> {
  #size = 0;
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;

  get size(): number {
    return this.#size;
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first?.value;
  }

  /** Puts the value at the end. The link is what takes it out again. */
  add(value: T): Link<T> {
    const link: Link<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#size += 1;
    return link;
  }

  /** `link` is of this list, and was not removed before. */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // A link that is held on to must not hold others that are gone long since.
    link.before = undefined;
    link.after = undefined;
    this.#size -= 1;
  }

  /** Nothing may be removed meanwhile. */
  *values(): IterableIterator<T> {
    for (let link = this.#first; link !== undefined; link = link.after) yield link.value;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.values();
  }
}
