/**
 * Values under a path of numbers, one step a number: cheaper than making a key of them for every
 * cell.
 */

interface Node<V> {
  readonly next: Map<number, Node<V>>;
  value: V | undefined;
}

export class NumberTree<V> {
  readonly #root: Node<V> = { next: new Map(), value: undefined };
  readonly #make: (path: readonly number[]) => V;

  /** `make` gives the value of a path that is asked for the first time. */
  constructor(make: (path: readonly number[]) => V) {
    this.#make = make;
  }

  get(path: readonly number[]): V {
    let node = this.#root;
    for (const step of path) {
      let next = node.next.get(step);
      if (next === undefined) {
        next = { next: new Map(), value: undefined };
        node.next.set(step, next);
      }
      node = next;
    }
    node.value ??= this.#make(path);
    return node.value;
  }
}
