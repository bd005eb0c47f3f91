/**
 * Numbers as text of few characters that JSON leaves as they are: six bits a character, the least first. What is
 * written so lies in memory as bytes and goes into a snapshot without being read. Names may stand between them.
 */

/** Digits from here on have one that follows them. */
const MORE = 32;
const FIRST_DIGIT = 48;
/** A backslash, the one character of the 64 from the first digit on that JSON would escape, and what stands for it. */
const BACKSLASH = 92;
const INSTEAD = 112;
/** In place of a number: 0, where times are written as differences. */
const ZERO = 35;
/** In place of a number: the number as JavaScript writes it follows, and an end. */
const SPELT = 33;
const SPELT_END = 32;
/** Behind a text: no name holds a comma. */
const TEXT_END = 44;
const ASCII_MAX = 127;
/** Of a number in digits, in characters; one that is spelt takes fewer than twice as many. */
const DIGITS_MAX = 11;
const ROOM_MIN = 2 * DIGITS_MAX + 4;
/** Doubled, it is still exact. */
const SIGNED_MAX = 2 ** 52;
/** A text may begin with U+FEFF: that is no mark of an order of bytes here. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to here one digit does. */
const SMALL_MAX = MORE / 2 - 1;
/** What six digits hold: more is split, because integers of 32 bits are fast. */
const SIX_DIGITS = 2 ** 30;

export class NumberTextWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(room: number) {
    this.#bytes = new Uint8Array(room + ROOM_MIN);
  }

  get length(): number {
    return this.#length;
  }

  /** Of what was written, from `at` on. */
  reader(at: number): NumberTextReader {
    return new NumberTextReader(this.#bytes, at);
  }

  /** What was written so far; later writing does not change it. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Gives back what room is left over, if it is worth a copy. */
  trim(): void {
    if (this.#length < 0.9 * this.#bytes.length) this.#bytes = this.#bytes.slice(0, this.#length);
  }

  number(value: number): void {
    if (this.#length + ROOM_MIN > this.#bytes.length) this.#grow(ROOM_MIN);
    if ((value & SMALL_MAX) === value) this.#bytes[this.#length++] = FIRST_DIGIT + 2 * value;
    else if (Number.isInteger(value) && Math.abs(value) < SIGNED_MAX) this.#signed(value);
    else this.#spell(value);
  }

  /** One near `baseMs`, or 0: then few characters. */
  time(timeMs: number, baseMs: number): void {
    if (this.#length + ROOM_MIN > this.#bytes.length) this.#grow(ROOM_MIN);
    const difference = timeMs - baseMs;
    if (timeMs === 0) {
      this.#bytes[this.#length++] = ZERO;
    } else if (
      Number.isInteger(difference) &&
      Math.abs(difference) < SIGNED_MAX &&
      baseMs + difference === timeMs
    ) {
      this.#signed(difference);
    } else {
      this.#spell(timeMs);
    }
  }

  /** One without a comma. */
  text(value: string): void {
    // A character takes three bytes at most.
    const room = 3 * value.length + 1;
    if (this.#length + room > this.#bytes.length) this.#grow(room);
    const bytes = this.#bytes;
    const start = this.#length;
    let at = 0;
    for (; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > ASCII_MAX) break;
      bytes[start + at] = code;
    }
    if (at < value.length) {
      at += new TextEncoder().encodeInto(value.slice(at), bytes.subarray(start + at)).written;
    }
    bytes[start + at] = TEXT_END;
    this.#length = start + at + 1;
  }

  /** A whole number. */
  #signed(value: number): void {
    const doubled = value < 0 ? -2 * value - 1 : 2 * value;
    if (doubled < SIX_DIGITS) {
      this.#digits(doubled);
      return;
    }
    const high = Math.floor(doubled / SIX_DIGITS);
    let low = doubled - high * SIX_DIGITS;
    for (let i = 0; i < 6; i += 1, low >>= 5) this.#digit(MORE + (low & (MORE - 1)));
    this.#digits(high);
  }

  /** One that takes 31 bits at most. */
  #digits(value: number): void {
    let rest = value;
    for (; rest >= MORE; rest >>= 5) this.#digit(MORE + (rest & (MORE - 1)));
    this.#digit(rest);
  }

  #digit(digit: number): void {
    const code = FIRST_DIGIT + digit;
    this.#bytes[this.#length++] = code === BACKSLASH ? INSTEAD : code;
  }

  #spell(value: number): void {
    const text = String(value);
    this.#bytes[this.#length++] = SPELT;
    for (let i = 0; i < text.length; i += 1) this.#bytes[this.#length++] = text.charCodeAt(i);
    this.#bytes[this.#length++] = SPELT_END;
  }

  #grow(room: number): void {
    const larger = new Uint8Array(2 * this.#bytes.length + room);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads in the order of the writing. Past the end there are zeros, never an error. */
export class NumberTextReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    return this.#bytes[this.#at] === SPELT ? this.#spelt() : this.#signed();
  }

  time(baseMs: number): number {
    const code = this.#bytes[this.#at];
    if (code === SPELT) return this.#spelt();
    if (code !== ZERO) return baseMs + this.#signed();
    this.#at += 1;
    return 0;
  }

  text(): string {
    const start = this.#at;
    const end = this.#bytes.indexOf(TEXT_END, start);
    if (end < 0) return '';
    this.#at = end + 1;
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  #signed(): number {
    let value = 0;
    let unit = 1;
    let digit = MORE;
    while (digit >= MORE) {
      const code = this.#bytes[this.#at++] ?? FIRST_DIGIT;
      digit = (code === INSTEAD ? BACKSLASH : code) - FIRST_DIGIT;
      value += (digit % MORE) * unit;
      unit *= MORE;
    }
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  #spelt(): number {
    const start = this.#at + 1;
    const end = this.#bytes.indexOf(SPELT_END, start);
    if (end < 0) {
      this.#at = this.#bytes.length;
      return 0;
    }
    this.#at = end + 1;
    return Number(String.fromCharCode(...this.#bytes.subarray(start, end)));
  }
}
