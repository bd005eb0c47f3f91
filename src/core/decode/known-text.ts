/**
 * Texts that are known, found in bytes four at a time. Nearly all that an event says was said by others before it, so
 * most of what reading it comes to is finding out which of the known texts stands there.
 */
import type { BodyBytes } from './body-bytes.js';

const BYTES_AT_A_TIME = 4;
const NO_BYTES = new Uint8Array();
const NO_FOURS = new Int32Array();

/** Of ASCII. */
export class KnownText {
  readonly length: number;
  /** Where it is shorter than four. */
  readonly #bytes: Uint8Array;
  /** The last four bytes may overlap those before them, so that none are left over. */
  readonly #fours: Int32Array;

  constructor(text: string) {
    const { length } = text;
    const isShort = length < BYTES_AT_A_TIME;
    const fours = isShort ? NO_FOURS : new Int32Array(Math.ceil(length / BYTES_AT_A_TIME));
    for (let i = 0; i < fours.length; i += 1) {
      fours[i] = fourOf(text, Math.min(i * BYTES_AT_A_TIME, length - BYTES_AT_A_TIME));
    }
    this.length = length;
    this.#bytes = isShort ? new Uint8Array(Buffer.from(text, 'latin1')) : NO_BYTES;
    this.#fours = fours;
  }

  /** Its first four bytes. */
  get beginning(): number {
    return this.#fours[0] ?? 0;
  }

  /** Whether its first byte is the one at `at`. */
  isAt(body: BodyBytes, at: number): boolean {
    if (this.length < BYTES_AT_A_TIME) return this.#isShortAt(body, at);
    const { view } = body;
    const fours = this.#fours;
    const last = at + this.length - BYTES_AT_A_TIME;
    if (last + BYTES_AT_A_TIME > body.length) return false;
    // What begins alike ends differently, so the end is asked for first.
    if (view.getInt32(last, true) !== fours[fours.length - 1]) return false;
    for (let i = 0, from = at; from < last; i += 1, from += BYTES_AT_A_TIME) {
      if (view.getInt32(from, true) !== fours[i]) return false;
    }
    return true;
  }

  #isShortAt({ bytes }: BodyBytes, at: number): boolean {
    const known = this.#bytes;
    for (let i = 0; i < known.length; i += 1) if (bytes[at + i] !== known[i]) return false;
    return true;
  }
}

/** A string as it stands in JSON: of two characters or more, of ASCII, and none of them has to be escaped. */
export class QuotedName<Name extends string = string> extends KnownText {
  constructor(readonly name: Name) {
    super(`"${name}"`);
  }
}

/** Those of a closed set of words, in their order. */
export class QuotedWords<Word extends string> {
  readonly #words: readonly QuotedName<Word>[];

  constructor(words: readonly Word[]) {
    this.#words = words.map((word) => new QuotedName(word));
  }

  /** The place in the set of the word whose opening quote is the byte at `at`; -1 when it is none of them. */
  indexAt(body: BodyBytes, at: number): number {
    const words = this.#words;
    for (let i = 0; i < words.length; i += 1) if (words[i]?.isAt(body, at) === true) return i;
    return -1;
  }
}

/** Four characters as the bytes that they are: new names come by the thousand, so no buffer is made of each. */
function fourOf(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}
