/**
 * Hashes of names, for tables of our own. Each character is multiplied by a secret number of its place, and all are
 * added up: for whoever does not know the seed, two different texts are hashed alike with a chance of at most one in
 * 2 ** 17, of Latin-1 characters one in 2 ** 25 (multilinear hashing). So nobody can choose names that all meet.
 */

/** More than a name has characters, surrogate pairs counted as two. */
const PLACES = 512;

export class TextHash {
  readonly #factors = new Int32Array(2 * PLACES);
  /** The first text that was asked for last: mostly it is the same again. */
  #lastFirst = '';
  #lastSum = 0;

  /** `seed`: 32 bits that nobody can foresee. */
  constructor(seed: number) {
    for (let i = 0; i < this.#factors.length; i += 1) {
      this.#factors[i] = scatter(scatter(i + 1) ^ seed);
    }
    this.#lastSum = this.#sumOf('', PLACES);
  }

  /** Of two texts that belong together, 32 bits with a sign. */
  of(first: string, second: string): number {
    if (first !== this.#lastFirst) {
      this.#lastFirst = first;
      this.#lastSum = this.#sumOf(first, PLACES);
    }
    return scatter((this.#lastSum + this.#sumOf(second, 0)) | 0);
  }

  /** The places of the factors begin at `base`; the first is for the length. */
  #sumOf(text: string, base: number): number {
    const factors = this.#factors;
    let sum = Math.imul(factors[base] ?? 0, text.length);
    for (let i = 0; i < text.length; i += 1) {
      const place = base + ((i + 1) & (PLACES - 1));
      sum = (sum + Math.imul(factors[place] ?? 0, text.charCodeAt(i))) | 0;
    }
    return sum;
  }
}

/** Any 32 bits to others, one to one, so that near ones lie far apart. */
function scatter(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}
