/**
 * How often each of a few whole numbers came: a short ascending list, which is searched faster than a map, takes a
 * fraction of its memory and lies together in it.
 */
export class SparseCounts {
  /** [number, count, …] */
  readonly #counts: number[] = [];

  add(number: number): void {
    const counts = this.#counts;
    let low = 0;
    let high = counts.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((counts[2 * middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    if (counts[2 * low] === number) counts[2 * low + 1] = (counts[2 * low + 1] ?? 0) + 1;
    else counts.splice(2 * low, 0, number, 1);
  }

  /** Different numbers. */
  get size(): number {
    return this.#counts.length / 2;
  }

  /** Numbers and their counts, ascending. */
  *[Symbol.iterator](): Generator<readonly [number: number, count: number]> {
    const counts = this.#counts;
    for (let i = 0; i < counts.length; i += 2) yield [counts[i] ?? 0, counts[i + 1] ?? 0];
  }
}
