/**
 * Lines of text gathered as UTF-8 in one buffer, to be handed to another thread without a copy. The next text is given
 * as much room from the start as the last one took.
 */

const BYTES_TO_BEGIN_WITH = 64 * 1024;
/** A code unit of UTF-16 takes no more in UTF-8. */
const BYTES_A_UNIT_MAX = 3;
const LINE_FEED = 0x0a;

export class GrowingText {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(0);
  #size = 0;
  #lines = 0;
  #sizeBefore = 0;

  /** Between two lines goes a line feed. */
  addLine(line: string | Uint8Array): void {
    const isText = typeof line === 'string';
    this.#makeRoom(1 + (isText ? line.length * BYTES_A_UNIT_MAX : line.length));
    if (this.#lines > 0) this.#bytes[this.#size++] = LINE_FEED;
    this.#size += isText ? this.#write(line) : this.#copy(line);
    this.#lines += 1;
  }

  /** Hands out what has gathered, and begins anew. Its buffer is its own. */
  take(): Uint8Array<ArrayBuffer> {
    const text = this.#bytes.subarray(0, this.#size);
    this.#bytes = new Uint8Array(0);
    this.#sizeBefore = this.#size;
    this.#size = 0;
    this.#lines = 0;
    return text;
  }

  /**
   * The buffer of a text that was handed out, for the next one. Left to the collector of the other thread, which has
   * little else to do, several of them would gather there. One that is much too large is not kept.
   */
  giveBack(buffer: ArrayBuffer): void {
    const isOfUse = buffer.byteLength <= 2 * this.#sizeBefore + BYTES_TO_BEGIN_WITH;
    if (this.#size === 0 && isOfUse) this.#bytes = new Uint8Array(buffer);
  }

  #write(text: string): number {
    return this.#encoder.encodeInto(text, this.#bytes.subarray(this.#size)).written;
  }

  #copy(bytes: Uint8Array): number {
    this.#bytes.set(bytes, this.#size);
    return bytes.length;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#size + bytes;
    if (needed <= this.#bytes.length) return;
    const usual = Math.max(BYTES_TO_BEGIN_WITH, 2 * this.#bytes.length, 1.1 * this.#sizeBefore);
    const larger = new Uint8Array(Math.ceil(Math.max(needed, usual)));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}
