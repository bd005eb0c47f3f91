/**
 * The newest sequence, beside the database: SQLite ends its write-ahead log at the first damaged
 * frame without a word, and only something outside of it can tell that events stood there.
 *
 * It is written after each commit and not synced: after a power loss it may be behind, never ahead.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { markPath } from './files.js';

const { O_CREAT, O_RDWR } = constants;
const BYTES = 12;

export class HighWaterMark {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(BYTES);

  constructor(path: string) {
    this.#file = openSync(markPath(path), O_RDWR | O_CREAT, 0o600);
  }

  /** 0 where there is none, or none that is whole. */
  read(): number {
    const length = readSync(this.#file, this.#bytes, 0, BYTES, 0);
    const whole = length === BYTES && this.#bytes.readUInt32LE(8) === this.#crc();
    return whole ? this.#bytes.readDoubleLE(0) : 0;
  }

  /** Never throws: the events are safe, whatever becomes of the mark. */
  write(seq: number): void {
    this.#bytes.writeDoubleLE(seq, 0);
    this.#bytes.writeUInt32LE(this.#crc(), 8);
    try {
      writeSync(this.#file, this.#bytes, 0, BYTES, 0);
    } catch {
      // A full disk, for one. The next commit tries again.
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #crc(): number {
    return crc32(this.#bytes.subarray(0, 8));
  }
}
