/**
 * Small numbers in few bytes: base 128, lowest digits first. Reading past the end gives zeros,
 * never an error.
 */

export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written so far, in an array of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** The same without a copy, until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** A whole number from 0 on. */
  whole(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length] = (rest % 128) | 128;
      this.#length += 1;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** Any number: a whole one doubled, another one after a 1 as it stands in memory. */
  number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 52) {
      this.whole(value * 2);
      return;
    }
    this.whole(1);
    this.append(new Uint8Array(new Float64Array([value]).buffer));
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #grow(by: number): void {
    const larger = new Uint8Array(2 * (this.#bytes.length + by));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get position(): number {
    return this.#at;
  }

  whole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  number(): number {
    const value = this.whole();
    if (value % 2 === 0) return value / 2;
    this.#at += 8;
    if (this.#at > this.#bytes.length) return 0;
    const { buffer, byteOffset } = this.#bytes;
    return new DataView(buffer, byteOffset + this.#at - 8, 8).getFloat64(0, true);
  }

  skip(length: number): void {
    this.#at += length;
  }
}
