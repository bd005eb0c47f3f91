/**
 * Labels that incidents gave to attempts, where the event itself does not say them. Half of all
 * events may have some, so they are not rows: up to a thousand are one chunk, appended in the order
 * of the log and read for the block that is looked into.
 *
 * A chunk is, for each label: distance to the sequence before it, number of the failure type,
 * number of the agent (0: none).
 */
import type { Database, Statement } from 'better-sqlite3';
import { ByteReader, ByteWriter } from './bytes.js';

/** What an attempt is labelled with, as numbers of names. */
export interface StoredLabel {
  readonly seq: number;
  readonly typeNo: number;
  readonly agentNo: number;
}

/** Sequences [from, to). */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface ChunkRow {
  readonly first_seq: number;
  readonly body: Uint8Array;
}

const CHUNK_LABELS_MAX = 1000;

export class StoredLabels {
  readonly #insert: Statement<[number, Uint8Array]>;
  readonly #over: Statement<[Span], ChunkRow>;
  readonly #deleteBefore: Statement<[number]>;

  constructor(db: Database) {
    this.#insert = db.prepare<[number, Uint8Array]>(
      'INSERT OR REPLACE INTO label_chunks (first_seq, body) VALUES (?, ?)',
    );
    // The chunk that begins before the range may reach into it.
    this.#over = db.prepare<[Span], ChunkRow>(
      'SELECT first_seq, body FROM label_chunks WHERE first_seq < @to AND first_seq >= ' +
        'coalesce((SELECT max(first_seq) FROM label_chunks WHERE first_seq <= @from), @from)',
    );
    this.#deleteBefore = db.prepare<[number]>(
      'DELETE FROM label_chunks ' +
        'WHERE first_seq < (SELECT max(first_seq) FROM label_chunks WHERE first_seq <= ?)',
    );
  }

  /**
   * `labels`: [sequence, number of the failure type, number of the agent, …], ascending by sequence
   * and newer than what was added before. Inside of a transaction.
   */
  add(labels: ArrayLike<number>): void {
    const body = new ByteWriter();
    for (let from = 0; from < labels.length; from += 3 * CHUNK_LABELS_MAX) {
      const firstSeq = labels[from] ?? 0;
      let lastSeq = firstSeq;
      body.clear();
      const end = Math.min(from + 3 * CHUNK_LABELS_MAX, labels.length);
      for (let i = from; i < end; i += 3) {
        const seq = labels[i] ?? 0;
        body.whole(seq - lastSeq);
        body.whole(labels[i + 1] ?? 0);
        body.whole(labels[i + 2] ?? 0);
        lastSeq = seq;
      }
      this.#insert.run(firstSeq, body.view());
    }
  }

  /** Those of the sequences [from, to). */
  *of(from: number, to: number): Generator<StoredLabel> {
    for (const { first_seq: firstSeq, body } of this.#over.all({ from, to })) {
      const reader = new ByteReader(body);
      for (let seq = firstSeq; !reader.isAtEnd;) {
        seq += reader.whole();
        const label = { seq, typeNo: reader.whole(), agentNo: reader.whole() };
        if (seq >= from && seq < to) yield label;
      }
    }
  }

  /** Deletes chunks that end before a sequence. Inside of a transaction. */
  deleteBefore(seq: number): void {
    this.#deleteBefore.run(seq);
  }
}
