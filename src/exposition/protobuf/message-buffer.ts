/**
 * Protocol Buffers wire format, forwards into one growing buffer. A message inside another gets one byte for its
 * length; when it turns out longer, it is moved on. Our own, because the encoders there are make an object of
 * every message first, and a scrape has thousands.
 */

const WIRE_VARINT = 0;
const WIRE_DOUBLE = 1;
const WIRE_BYTES = 2;
const LARGEST_INT32 = 0x7fff_ffff;
const TWO_TO_16 = 0x1_0000;
const TWO_TO_32 = 0x1_0000_0000;
const NANOS_PER_MS = 1e6;

export class MessageBuffer {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  /** Of the same memory: the fast way to numbers of several bytes. */
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  /** The time that was written last for a field: mostly the next one is the same. */
  readonly #times: { ms: number; low: number; high: number }[] = [];

  /** A copy of what was written; then empty again. */
  take(): Uint8Array {
    const taken = Uint8Array.prototype.slice.call(this.#bytes, 0, this.#end);
    this.#end = 0;
    return taken;
  }

  /** What was written, without a copy of it: it holds until something is written again. Then empty. */
  lend(): Uint8Array {
    const lent = this.#bytes.subarray(0, this.#end);
    this.#end = 0;
    return lent;
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
    this.#view.setFloat64(this.#end, value, true);
    this.#end += 8;
  }

  /** `fixed64` of an unsigned whole number, up to 2^53. */
  fixed64(field: number, value: number): void {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_DOUBLE);
    this.#words(value % TWO_TO_32, Math.floor(value / TWO_TO_32));
  }

  /** `fixed64` of a time, Unix milliseconds, in nanoseconds: those are more than 2^53. */
  nanos(field: number, timeMs: number): void {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_DOUBLE);
    const known = this.#times[field];
    const time = known?.ms === timeMs ? known : nanosOf(timeMs);
    this.#times[field] = time;
    this.#words(time.low, time.high);
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

  /** Several unsigned varints of one repeated field. */
  packedUints(field: number, values: readonly number[]): void {
    const start = this.open(field);
    for (const value of values) {
      this.#reserve(16);
      this.#varint(value);
    }
    this.close(start);
  }

  packedFixed64s(field: number, values: readonly number[]): void {
    this.#packedHead(field, values.length);
    for (const value of values) this.#words(value % TWO_TO_32, Math.floor(value / TWO_TO_32));
  }

  packedDoubles(field: number, values: readonly number[]): void {
    this.#packedHead(field, values.length);
    for (const value of values) {
      this.#view.setFloat64(this.#end, value, true);
      this.#end += 8;
    }
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

  /** Begins a message inside the present one whose length is known: nothing closes it. */
  head(field: number, length: number): void {
    this.#reserve(16);
    this.#varint(field * 8 + WIRE_BYTES);
    this.#varint(length);
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

  /** Of `length` values of eight bytes each. */
  #packedHead(field: number, length: number): void {
    this.#reserve(length * 8 + 16);
    this.#varint(field * 8 + WIRE_BYTES);
    this.#varint(length * 8);
  }

  #words(low: number, high: number): void {
    this.#view.setUint32(this.#end, low, true);
    this.#view.setUint32(this.#end + 4, high, true);
    this.#end += 8;
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
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** In two words of 32 bits, by way of two parts that are exact: of 2^16 ms, and of the rest. */
function nanosOf(timeMs: number): { ms: number; low: number; high: number } {
  const ms = Math.max(0, Math.round(timeMs));
  const upper = Math.floor(ms / TWO_TO_16) * NANOS_PER_MS;
  const lower = (upper % TWO_TO_16) * TWO_TO_16 + (ms % TWO_TO_16) * NANOS_PER_MS;
  return {
    ms: timeMs,
    low: lower % TWO_TO_32,
    high: Math.floor(upper / TWO_TO_16) + Math.floor(lower / TWO_TO_32),
  };
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
