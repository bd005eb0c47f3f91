/**
 * First in, first out. A list with a moving head: taking the first entry out of a Map that has shed many costs
 * a walk over the places they left.
 */
export class ForgetQueue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 4 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Those of which it is so, in a list of their own: the queue may change while it is read. */
  filter(isChosen: (item: T) => boolean): T[] {
    const chosen: T[] = [];
    for (let i = this.#head; i < this.#items.length; i += 1) {
      const item = this.#items[i];
      if (item !== undefined && isChosen(item)) chosen.push(item);
    }
    return chosen;
  }
}
