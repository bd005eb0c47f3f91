/**
 * Numbers under hashes, in one typed array that the garbage collector does not look into: half as large as a Map, and
 * one look at memory where a Map takes four. A hash may have several numbers; which one is meant, its owner can tell.
 */

/** Of a place where nothing is, and of a hash that has no number (any more). */
export const NONE = -(2 ** 31);

const PLACES_MIN = 64;
/** The share of places that may be taken: with more, looking for what is not there takes long. */
const TAKEN_MAX = 5 / 8;

export class HashIndex {
  /** Hash and number of each place. A hash stands at the place that its first bits name, or at the next free one. */
  #places = emptyPlaces(PLACES_MIN);
  #mask = PLACES_MIN - 1;
  #shift = shiftOf(PLACES_MIN);
  #size = 0;
  #at = 0;
  #hash = 0;

  get size(): number {
    return this.#size;
  }

  /** A number of the hash, or NONE; `next` gives the others. */
  first(hash: number): number {
    this.#hash = hash;
    this.#at = hash >>> this.#shift;
    return this.#nearest();
  }

  /** Another number of the hash that `first` was asked for, or NONE. Nothing may be changed meanwhile. */
  next(): number {
    this.#at = (this.#at + 1) & this.#mask;
    return this.#nearest();
  }

  /** `number`: 31 bits and a sign, other than NONE, that the hash does not have yet. */
  add(hash: number, number: number): void {
    if (this.#size >= TAKEN_MAX * (this.#mask + 1)) this.#grow();
    this.#put(hash, number);
    this.#size += 1;
  }

  /** Puts `to` in the place of `number`, which the hash has. */
  replace(hash: number, number: number, to: number): void {
    const at = this.#placeOf(hash, number);
    if (at !== NONE) this.#places[2 * at + 1] = to;
  }

  /** Takes out a number that the hash has. */
  remove(hash: number, number: number): void {
    let gap = this.#placeOf(hash, number);
    if (gap === NONE) return;
    const places = this.#places;
    // What stands behind moves up, so that no search ends at the gap; but nothing moves before the place of its hash.
    for (let at = (gap + 1) & this.#mask; places[2 * at + 1] !== NONE; at = (at + 1) & this.#mask) {
      const own = (places[2 * at] ?? 0) >>> this.#shift;
      if (((at - own) & this.#mask) < ((at - gap) & this.#mask)) continue;
      places.copyWithin(2 * gap, 2 * at, 2 * at + 2);
      gap = at;
    }
    places[2 * gap + 1] = NONE;
    this.#size -= 1;
  }

  #nearest(): number {
    for (;;) {
      const number = this.#places[2 * this.#at + 1] ?? NONE;
      if (number === NONE || this.#places[2 * this.#at] === this.#hash) return number;
      this.#at = (this.#at + 1) & this.#mask;
    }
  }

  #placeOf(hash: number, number: number): number {
    for (let found = this.first(hash); found !== NONE; found = this.next()) {
      if (found === number) return this.#at;
    }
    return NONE;
  }

  #put(hash: number, number: number): void {
    let at = hash >>> this.#shift;
    while (this.#places[2 * at + 1] !== NONE) at = (at + 1) & this.#mask;
    this.#places[2 * at] = hash;
    this.#places[2 * at + 1] = number;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = emptyPlaces(before.length);
    this.#mask = before.length - 1;
    this.#shift = shiftOf(before.length);
    for (let i = 0; i < before.length; i += 2) {
      const number = before[i + 1] ?? NONE;
      if (number !== NONE) this.#put(before[i] ?? 0, number);
    }
  }
}

function emptyPlaces(count: number): Int32Array {
  return new Int32Array(2 * count).fill(NONE);
}

/** How far a hash is shifted for as many bits as places take. */
function shiftOf(places: number): number {
  return Math.clz32(places) + 1;
}
