/**
 * First in, first out. A list with a moving head: taking the first entry out of a Map that has shed many costs
 * a walk over the places they left.
 */
export class ForgetQueue<T> {
  #items: T[] = [];
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
    this.#head += 1;
    if (this.#head > 4096 && this.#head * 4 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  values(): readonly T[] {
    return this.#items.slice(this.#head);
  }
}
