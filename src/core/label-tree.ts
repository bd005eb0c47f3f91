/** Values under a path of labels, one step a label: cheaper than making a key of them for every event. */

interface Node<V> {
  next: Map<string, Node<V>> | undefined;
  value: V | undefined;
}

export class LabelTree<V> {
  #root: Node<V> = { next: undefined, value: undefined };

  get(labels: readonly string[]): V | undefined {
    let node: Node<V> | undefined = this.#root;
    for (const label of labels) {
      node = node.next?.get(label);
      if (node === undefined) return undefined;
    }
    return node.value;
  }

  set(labels: readonly string[], value: V): void {
    let node = this.#root;
    for (const label of labels) {
      node.next ??= new Map();
      let next = node.next.get(label);
      if (next === undefined) {
        next = { next: undefined, value: undefined };
        node.next.set(label, next);
      }
      node = next;
    }
    node.value = value;
  }

  /** Takes the value out, and the steps that lead nowhere else. */
  delete(labels: readonly string[]): void {
    const path: Node<V>[] = [this.#root];
    for (const label of labels) {
      const next = path.at(-1)?.next?.get(label);
      if (next === undefined) return;
      path.push(next);
    }
    const end = path.at(-1);
    if (end !== undefined) end.value = undefined;
    for (let depth = labels.length; depth > 0; depth -= 1) {
      const node = path[depth];
      if (node?.value !== undefined || (node?.next?.size ?? 0) > 0) return;
      path[depth - 1]?.next?.delete(labels[depth - 1] ?? '');
    }
  }
}
