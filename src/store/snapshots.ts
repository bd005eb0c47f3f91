/**
 * Snapshots of the state: the newest two are kept, so that a damaged one costs a longer replay and
 * nothing else.
 */
import type { Database, Statement } from 'better-sqlite3';
import { crc32 } from 'node:zlib';
import type { NewSnapshot, Snapshot } from '../core/ports.js';
import { compress, decompress } from './compression.js';

interface SnapshotRow {
  readonly seq: number;
  readonly crc: number;
  readonly state: Uint8Array;
}

export class Snapshots {
  readonly #insert: Statement<[SnapshotRow]>;
  readonly #deleteOlder: Statement<[]>;
  readonly #newestFirst: Statement<[], SnapshotRow>;

  constructor(db: Database) {
    this.#insert = db.prepare<[SnapshotRow]>(
      'INSERT OR REPLACE INTO snapshots VALUES (@seq, @crc, @state)',
    );
    this.#deleteOlder = db.prepare<[]>(
      'DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)',
    );
    this.#newestFirst = db.prepare<[], SnapshotRow>('SELECT * FROM snapshots ORDER BY seq DESC');
  }

  save({ seq, text }: NewSnapshot): void {
    const packed = compress(text);
    this.#insert.run({ seq, crc: snapshotCrc(seq, packed), state: packed });
    this.#deleteOlder.run();
  }

  /** The newest that is whole. */
  load(): Snapshot | undefined {
    for (const row of this.#newestFirst.all()) {
      if (isWhole(row)) return { seq: row.seq, state: decompress(row.state).toString('utf8') };
    }
    return undefined;
  }

  /** Up to where events may be deleted: what any snapshot that is kept needs after it stays. */
  coveredSeq(): number {
    const rows = this.#newestFirst.all();
    return rows.every(isWhole) ? (rows.at(-1)?.seq ?? 0) : 0;
  }

  damaged(): number[] {
    return this.#newestFirst.all().flatMap((row) => (isWhole(row) ? [] : [row.seq]));
  }
}

function isWhole({ seq, crc, state }: SnapshotRow): boolean {
  return crc === snapshotCrc(seq, state);
}

function snapshotCrc(seq: number, state: Uint8Array): number {
  return crc32(state, crc32(new Uint8Array(new Float64Array([seq]).buffer)));
}
