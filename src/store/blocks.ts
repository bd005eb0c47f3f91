/** The table of blocks: the events themselves, in order. */
import type { Database, Statement } from 'better-sqlite3';
import { blockEnds, decodeBlock, encodeBlock, type BlockRow, type Entries } from './block.js';

/** What is known of a block without reading its body. */
export interface BlockSummary {
  readonly first_seq: number;
  readonly events: number;
  readonly min_ms: number;
  readonly max_ms: number;
}

/** Of a block that was looked for by its sequence. */
export interface FoundBlock extends BlockSummary {
  readonly encoding: number;
}

const SUMMARY = 'first_seq, events, min_ms, max_ms';

export class Blocks {
  readonly #insert: Statement<[BlockRow]>;
  readonly #read: Statement<[number], BlockRow>;
  readonly #after: Statement<[number, number, number], FoundBlock>;
  readonly #overlapping: Statement<[number, number], BlockSummary>;
  readonly #delete: Statement<[number]>;
  readonly #extent: Statement<[], { events: number; newest_ms: number | null }>;
  /** Of blocks that were read and found damaged: first sequence to number of events. */
  readonly #corrupt = new Map<number, number>();

  constructor(db: Database) {
    this.#insert = db.prepare<[BlockRow]>(
      'INSERT INTO blocks (first_seq, events, min_ms, max_ms, crc, encoding, body) ' +
        'VALUES (@first_seq, @events, @min_ms, @max_ms, @crc, @encoding, @body)',
    );
    this.#read = db.prepare<[number], BlockRow>('SELECT * FROM blocks WHERE first_seq = ?');
    this.#after = db.prepare<[number, number, number], FoundBlock>(
      `SELECT ${SUMMARY}, encoding FROM blocks WHERE first_seq + events > ? ` +
        // No block is longer than this, so the search begins at the one that may hold the sequence.
        'AND first_seq > ? - 1000 ORDER BY first_seq LIMIT ?',
    );
    this.#overlapping = db.prepare<[number, number], BlockSummary>(
      `SELECT ${SUMMARY} FROM blocks WHERE max_ms >= ? AND min_ms < ? ORDER BY max_ms DESC`,
    );
    this.#delete = db.prepare<[number]>('DELETE FROM blocks WHERE first_seq = ?');
    this.#extent = db.prepare<[], { events: number; newest_ms: number | null }>(
      // Answered from blocks_by_time alone, which holds no bodies.
      'SELECT coalesce(sum(events), 0) AS events, max(max_ms) AS newest_ms FROM blocks',
    );
  }

  get corruptEvents(): number {
    let events = 0;
    for (const count of this.#corrupt.values()) events += count;
    return events;
  }

  /**
   * Appends entries as as many blocks as they need. Those of fewer bytes than `packBytesMin` are not
   * packed.
   */
  append(firstSeq: number, entries: Entries, packBytesMin?: number): void {
    let from = 0;
    for (const to of blockEnds(entries)) {
      this.#insert.run(encodeBlock(firstSeq + from, entries, from, to, packBytesMin));
      from = to;
    }
  }

  /** Undefined when it is damaged (which is counted) or gone. */
  read({ first_seq: firstSeq, events }: BlockSummary): Entries | undefined {
    const row = this.#read.get(firstSeq);
    const entries = row === undefined ? undefined : decodeBlock(row);
    if (entries === undefined) this.#corrupt.set(firstSeq, events);
    return entries;
  }

  /** The blocks that hold `seq` and what comes after it, in order. */
  from(seq: number, limit: number): FoundBlock[] {
    return this.#after.all(seq, seq, limit);
  }

  /** Blocks with any event time in [fromMs, toMs), newest first, one at a time. */
  overlapping(fromMs: number, toMs: number): IterableIterator<BlockSummary> {
    return this.#overlapping.iterate(fromMs, toMs);
  }

  delete({ first_seq: firstSeq }: BlockSummary): void {
    this.#delete.run(firstSeq);
    this.#corrupt.delete(firstSeq);
  }

  extent(): { readonly events: number; readonly newestMs: number | undefined } {
    const { events = 0, newest_ms: newestMs = null } = this.#extent.get() ?? {};
    return { events, newestMs: newestMs ?? undefined };
  }
}
