/**
 * Protocol Buffers wire format, forwards into one growing buffer. A message inside another gets one byte for its
 * length; when it turns out longer, it is moved on. Our own, because the encoders there are make an object of
 * every message first, and a scrape has thousands.
 */

const WIRE_VARINT = 0;
const WIRE_DOUBLE = 1;
const WIRE_BYTES = 2;
const LARGEST_INT32 = 0x7fff_ffff;

export class MessageBuffer {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #end = 0;

  /** A copy of what was written; then empty again. */
  take(): Uint8Array {
    const taken = Uint8Array.prototype.slice.call(this.#bytes, 0, this.#end);
    this.#end = 0;
    return taken;
  }

  /** An unsigned whole number, up to 2^53. */
  uint(field: number, value: number): void {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_VARINT);
    this.#varint(value);
  }

  /** `sint32` and `sint64`: small numbers of either sign are short. */
  sint(field: number, value: number): void {
    this.uint(field, zigzag(value));
  }

  double(field: number, value: number): void {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_DOUBLE);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  string(field: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#reserve(length + 16);
    this.#varint(field * 8 + WIRE_BYTES);
    this.#varint(length);
    this.#end += this.#bytes.write(value, this.#end);
  }

  /** A message that has been written elsewhere. */
  bytes(field: number, message: Uint8Array): void {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_BYTES);
    this.#varint(message.length);
    this.raw(message);
  }

  /** Several `sint`s of one repeated field. */
  packedSints(field: number, values: readonly number[]): void {
    const start = this.open(field);
    for (const value of values) {
      this.#reserve(16);
      this.#varint(zigzag(value));
    }
    this.close(start);
  }

  /** Bytes that have been written elsewhere: tags included. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Begins a message inside the present one. Returns what `close` needs. */
  open(field: number): number {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_BYTES);
    return this.openDelimited();
  }

  /** Begins a message that only its length stands before. */
  openDelimited(): number {
    this.#reserve(16);
    this.#end += 1;
    return this.#end;
  }

  close(start: number): void {
    const length = this.#end - start;
    const more = varintLength(length) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + more, start, this.#end);
    }
    this.#end = start - 1;
    this.#varint(length);
    this.#end += length;
  }

  #varint(value: number): void {
    let rest = value;
    // Bit operations end at 31 bits; beyond, the slow way.
    while (rest > LARGEST_INT32) {
      this.#bytes[this.#end++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.#end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#end++] = rest;
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
