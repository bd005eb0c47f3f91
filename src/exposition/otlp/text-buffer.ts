/** Text as bytes, forwards into one growing buffer: most of it is the same at every writing and is copied as it stands. */

/** Up to here a loop beats the call that it takes the place of. */
const SHORT = 32;

export class TextBuffer {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #end = 0;

  /** What was written, without a copy of it: it holds until something is written again. Then empty. */
  lend(): Uint8Array {
    const lent = this.#bytes.subarray(0, this.#end);
    this.#end = 0;
    return lent;
  }

  /** What has been made into bytes before. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Letters that are one byte each: of numbers, names and brackets. */
  ascii(text: string): void {
    this.#reserve(text.length);
    if (text.length > SHORT) {
      this.#end += this.#bytes.write(text, this.#end, 'latin1');
      return;
    }
    for (let i = 0; i < text.length; i += 1) this.#bytes[this.#end++] = text.charCodeAt(i);
  }

  /** Any text. */
  utf8(text: string): void {
    this.#reserve(text.length * 3);
    this.#end += this.#bytes.write(text, this.#end, 'utf8');
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
