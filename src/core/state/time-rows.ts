/**
 * Sums by an ascending key, mostly of a time: three numbers to a key, in one flat list. Keys without anything
 * take no room; new ones nearly always come at the end.
 */

const WIDTH = 3;
const STRIDE = WIDTH + 1;

export interface Sums {
  a: number;
  b: number;
  c: number;
}

/** Sums from any key between two keys: what lies in between has no rows. */
interface KnownSums extends Sums {
  /** The first key that is summed up, and the last one that is not. */
  readonly from: number;
  readonly after: number;
}

export class TimeRows {
  #rows: number[];
  /** What was asked for last, until something is added or forgotten: most rows rest meanwhile. */
  #known: KnownSums | undefined;

  constructor(rows: readonly number[] = []) {
    this.#rows = [...rows];
  }

  /** Keys with anything. */
  get size(): number {
    return this.#rows.length / STRIDE;
  }

  /** Adds to the sums at `key`. */
  add(key: number, a: number, b: number, c: number): void {
    const rows = this.#rows;
    this.#known = undefined;
    const at = this.#firstFrom(key);
    if (at === rows.length) {
      rows.push(key, a, b, c);
    } else if (rows[at] === key) {
      rows[at + 1] = (rows[at + 1] ?? 0) + a;
      rows[at + 2] = (rows[at + 2] ?? 0) + b;
      rows[at + 3] = (rows[at + 3] ?? 0) + c;
    } else {
      rows.splice(at, 0, key, a, b, c);
    }
  }

  /** Forgets the keys below `key`. */
  dropBefore(key: number): void {
    if ((this.#rows[0] ?? key) >= key) return;
    this.#known = undefined;
    this.#rows.splice(0, this.#firstFrom(key));
  }

  /** The sums from `key` on. */
  sumsFrom(key: number): Readonly<Sums> {
    const known = this.#known;
    if (known !== undefined && key > known.after && key <= known.from) return known;
    const rows = this.#rows;
    const first = this.#firstFrom(key);
    const from = rows[first] ?? Number.POSITIVE_INFINITY;
    const after = rows[first - STRIDE] ?? Number.NEGATIVE_INFINITY;
    let a = 0;
    let b = 0;
    let c = 0;
    for (let i = first; i < rows.length; i += STRIDE) {
      a += rows[i + 1] ?? 0;
      b += rows[i + 2] ?? 0;
      c += rows[i + 3] ?? 0;
    }
    this.#known = { a, b, c, from, after };
    return this.#known;
  }

  /** Goes through the rows from `key` on, in order. */
  forEachFrom(key: number, visit: (key: number, a: number, b: number, c: number) => void): void {
    const rows = this.#rows;
    for (let i = this.#firstFrom(key); i < rows.length; i += STRIDE) {
      visit(rows[i] ?? 0, rows[i + 1] ?? 0, rows[i + 2] ?? 0, rows[i + 3] ?? 0);
    }
  }

  /** Flat `[key, a, b, c, …]`, as the constructor takes it. Shared: to be written out at once. */
  snapshot(): readonly number[] {
    return this.#rows;
  }

  /** Position of the first row whose key is not below `key`. */
  #firstFrom(key: number): number {
    const rows = this.#rows;
    const last = rows.length - STRIDE;
    const newest = last < 0 ? Number.NEGATIVE_INFINITY : (rows[last] ?? 0);
    if (newest <= key) return newest === key ? last : rows.length;
    let low = 0;
    let high = last / STRIDE;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle * STRIDE] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low * STRIDE;
  }
}
