/**
 * Memory for request bodies, used again and again. A body lives until its events are on disk: long enough to
 * outlive the collector's quick rounds, after which bodies of half a megabyte each would wait in their dozens for
 * the slow one.
 */

/** A batch of a thousand events is somewhat smaller. Larger bodies are rare, and smaller than the first are cheap. */
const BUFFER_BYTES = 512 * 1024;
const WORTH_IT_BYTES = 64 * 1024;
/** As many as wait at a time when a few senders send without a pause: 8 MiB. */
const FREE_MAX = 16;

export class BodyBuffers {
  readonly #free: Buffer[] = [];
  /** What is lent: nothing is taken back that is not ours, and nothing twice. */
  readonly #lent = new Map<ArrayBufferLike, Buffer>();

  /** The chunks as one body. */
  join(chunks: readonly Buffer[], length: number): Buffer {
    const [only] = chunks;
    // A body that came in one piece, as those of single events do, is not copied.
    if (chunks.length === 1 && only !== undefined) return only;
    if (length < WORTH_IT_BYTES || length > BUFFER_BYTES) return Buffer.concat(chunks, length);
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.#lent.set(buffer.buffer, buffer);
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(buffer, at);
    return buffer.subarray(0, length);
  }

  /** Nobody reads the body any more. */
  giveBack(body: Buffer): void {
    if (body.length < WORTH_IT_BYTES) return;
    const buffer = this.#lent.get(body.buffer);
    if (buffer === undefined) return;
    this.#lent.delete(body.buffer);
    if (this.#free.length < FREE_MAX) this.#free.push(buffer);
  }
}
