/**
 * Collects the body of a request, bounded: each body, and all bodies that are on their way
 * together.
 */
import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';
import type { Refusal } from '../../core/ports.js';
import { BodyBuffers } from './body-buffers.js';

/** Decoded and undecoded. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Of all requests together: what was received of them and not handed in yet. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** Each may take as much memory as the largest body. */
const UNPACKING_MAX = 2;

const TOO_LARGE: Refusal = {
  code: 'body_too_large',
  message: `body: expected at most ${BODY_BYTES_MAX} bytes (unpacked), got more`,
};
const OVERLOADED: Refusal = {
  code: 'overloaded',
  message: 'too many requests are on their way; send again later',
  retryAfterSeconds: 1,
};
const GONE: Refusal = {
  code: 'request_timeout',
  message: 'the request ended before its body was complete',
};
const NOT_GZIP: Refusal = {
  code: 'invalid_encoding',
  message: 'body: expected gzip, as Content-Encoding says, got bytes that do not unpack',
};

export class BodyCollector {
  readonly #buffers = new BodyBuffers();
  #heldBytes = 0;
  #unpacking = 0;
  #waitingToUnpack: (() => void)[] = [];

  /**
   * The whole body, unpacked; or why it is not taken: `body_too_large`, `invalid_encoding`,
   * `overloaded`, `request_timeout` (the client is gone). `done` is called once. After a refusal
   * the request may not have been read to its end.
   */
  collect(request: IncomingMessage, isGzip: boolean, done: (body: Buffer | Refusal) => void): void {
    if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) {
      done(TOO_LARGE);
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (result: Buffer | Refusal): void => {
      this.#heldBytes -= length;
      done(result);
    };
    const stop = (): void => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onGone);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      this.#heldBytes += chunk.length;
      if (length <= BODY_BYTES_MAX && this.#heldBytes <= HELD_BYTES_MAX) {
        chunks.push(chunk);
        return;
      }
      stop();
      finish(length > BODY_BYTES_MAX ? TOO_LARGE : OVERLOADED);
    };
    const onEnd = (): void => {
      stop();
      const body = this.#buffers.join(chunks, length);
      if (!isGzip) {
        finish(body);
        return;
      }
      this.#unpack(body, (unpacked) => {
        this.#buffers.giveBack(body);
        finish(unpacked);
      });
    };
    const onGone = (): void => {
      stop();
      finish(GONE);
    };
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onGone);
  }

  /** Nobody reads a body any more that `collect` has handed out: its memory is used again. */
  giveBack(body: Buffer): void {
    this.#buffers.giveBack(body);
  }

  /** Stops at the limit, however far the packed bytes would unfold. */
  #unpack(packed: Buffer, done: (body: Buffer | Refusal) => void): void {
    if (this.#unpacking >= UNPACKING_MAX) {
      this.#waitingToUnpack.push(() => this.#unpack(packed, done));
      return;
    }
    this.#unpacking += 1;
    gunzip(packed, { maxOutputLength: BODY_BYTES_MAX }, (error, body) => {
      this.#unpacking -= 1;
      if (error === null) done(body);
      else done('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : NOT_GZIP);
      this.#waitingToUnpack.shift()?.();
    });
  }
}
