/**
 * Values under a path of labels, one step a label: cheaper than making a key of them for every event. Whoever asks
 * names the labels one by one, because an array of them would be garbage at once.
 */

interface Node<V> {
  next: Map<string, Node<V>> | undefined;
  value: V | undefined;
  /** The step that was asked for last: severities, triggers and sources mostly are the same again. */
  lastLabel: string | undefined;
  last: Node<V> | undefined;
}

export class LabelTree<V> {
  #root: Node<V> = newNode();

  get(first?: string, second?: string, third?: string, fourth?: string): V | undefined {
    let node: Node<V> | undefined = this.#root;
    if (first !== undefined) node = stepFrom(node, first);
    if (second !== undefined) node = stepFrom(node, second);
    if (third !== undefined) node = stepFrom(node, third);
    if (fourth !== undefined) node = stepFrom(node, fourth);
    return node?.value;
  }

  set(labels: readonly string[], value: V): void {
    let node = this.#root;
    for (const label of labels) {
      node.next ??= new Map();
      let next = node.next.get(label);
      if (next === undefined) {
        next = newNode();
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
      const before = path[depth - 1];
      before?.next?.delete(labels[depth - 1] ?? '');
      if (before?.last === node && before !== undefined) before.lastLabel = before.last = undefined;
    }
  }
}

function newNode<V>(): Node<V> {
  return { next: undefined, value: undefined, lastLabel: undefined, last: undefined };
}

function stepFrom<V>(node: Node<V> | undefined, label: string): Node<V> | undefined {
  if (node === undefined) return undefined;
  if (node.lastLabel === label) return node.last;
  const next = node.next?.get(label);
  if (next !== undefined) {
    node.lastLabel = label;
    node.last = next;
  }
  return next;
}
