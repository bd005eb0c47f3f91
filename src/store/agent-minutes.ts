/**
 * What each agent did, minute by minute. There are about as many such cells as events, so they are
 * not rows: each hour of a `Derived` is one chunk, appended and never sought in. Whoever asks for a
 * minute reads the chunks of its hour.
 *
 * A chunk is records: length of what follows, numbers of source, failure type, strategy and agent,
 * minute of the hour, cell.
 */
import type { Database, Statement } from 'better-sqlite3';
import { emptyCell, type Cell } from '../core/rollup.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { addCell, encodeCell, noneSkimmed, skimCounts, type Skimmed } from './cells.js';
import { compress, decompress } from './compression.js';
import { NumberTree } from './number-tree.js';

/** Numbers of names: source, failure type, strategy, agent. */
export type AgentKey = readonly [number, number, number, number];

export interface ChunkKey {
  readonly hour: number;
  readonly through_seq: number;
}

export interface ChunkRow extends ChunkKey {
  readonly cells: number;
  readonly body: Uint8Array;
}

/** `minute` is a Unix minute. The reader stands before the cell, which may be read or left. */
export type ChunkVisitor = (key: AgentKey, minute: number, reader: ByteReader) => void;

const JOINED_OVER = 16;

export class AgentMinutes {
  readonly #insert: Statement<[ChunkRow]>;
  readonly #delete: Statement<[number, number]>;
  readonly #ofHours: Statement<[number, number], ChunkRow>;
  readonly #after: Statement<[number], ChunkRow>;
  readonly #keysAfter: Statement<[number], ChunkKey>;
  readonly #read: Statement<[ChunkKey], ChunkRow>;
  readonly #sizeAfter: Statement<[number], { cells: number; chunks: number }>;

  /** Sums of chunks after `#sumsAfter`, by hour and sequence. */
  readonly #sums = new Map<string, ReadonlyMap<number, Readonly<Skimmed>>>();
  #sumsAfter = -1;

  constructor(db: Database) {
    this.#insert = db.prepare<[ChunkRow]>(
      'INSERT OR REPLACE INTO agent_minutes VALUES (@hour, @through_seq, @cells, @body)',
    );
    this.#delete = db.prepare<[number, number]>(
      'DELETE FROM agent_minutes WHERE hour = ? AND through_seq <= ?',
    );
    this.#ofHours = db.prepare<[number, number], ChunkRow>(
      'SELECT * FROM agent_minutes WHERE hour >= ? AND hour < ? ORDER BY hour, through_seq',
    );
    this.#after = db.prepare<[number], ChunkRow>(
      'SELECT * FROM agent_minutes WHERE through_seq > ? ORDER BY hour, through_seq',
    );
    this.#keysAfter = db.prepare<[number], ChunkKey>(
      'SELECT hour, through_seq FROM agent_minutes WHERE through_seq > ? ORDER BY hour, through_seq',
    );
    this.#read = db.prepare<[ChunkKey], ChunkRow>(
      'SELECT * FROM agent_minutes WHERE hour = @hour AND through_seq = @through_seq',
    );
    this.#sizeAfter = db.prepare<[number], { cells: number; chunks: number }>(
      'SELECT coalesce(sum(cells), 0) AS cells, count(*) AS chunks FROM agent_minutes ' +
        'WHERE through_seq > ?',
    );
  }

  insert(chunk: ChunkRow): void {
    this.#insert.run(chunk);
  }

  /** Chunks of the hours [from, to). */
  ofHours(from: number, to: number): IterableIterator<ChunkRow> {
    return this.#ofHours.iterate(from, to);
  }

  /** Chunks that came with a `Derived` after `throughSeq`. */
  after(throughSeq: number): ChunkRow[] {
    return this.#after.all(throughSeq);
  }

  keysAfter(throughSeq: number): ChunkKey[] {
    return this.#keysAfter.all(throughSeq);
  }

  read(key: ChunkKey): ChunkRow | undefined {
    return this.#read.get(key);
  }

  /**
   * What each agent comes to in a chunk after `throughSeq`, by its number. Until they are joined chunks
   * stay as they are, and every question asks for all of them: what was added up is kept. There are
   * no more of them than the rollups let wait.
   */
  sumsOf(key: ChunkKey, throughSeq: number): ReadonlyMap<number, Readonly<Skimmed>> {
    if (throughSeq !== this.#sumsAfter) this.#sums.clear();
    this.#sumsAfter = throughSeq;
    const place = `${String(key.hour)},${String(key.through_seq)}`;
    const known = this.#sums.get(place);
    if (known !== undefined) return known;
    const sums = new Map<number, Skimmed>();
    const chunk = this.read(key);
    if (chunk !== undefined) {
      readChunk(chunk, ([, , , agentNo], _minute, reader) => {
        let counts = sums.get(agentNo);
        if (counts === undefined) {
          counts = noneSkimmed();
          sums.set(agentNo, counts);
        }
        skimCounts(counts, reader);
      });
    }
    this.#sums.set(place, sums);
    return sums;
  }

  sizeAfter(throughSeq: number): { readonly cells: number; readonly chunks: number } {
    return this.#sizeAfter.get(throughSeq) ?? { cells: 0, chunks: 0 };
  }

  /** Makes one chunk of an hour's many, up to `throughSeq`. */
  join(hour: number, throughSeq: number): void {
    const chunks = this.#ofHours
      .all(hour, hour + 1)
      .filter((chunk) => chunk.through_seq <= throughSeq);
    if (chunks.length <= JOINED_OVER) return;
    const merged = new Map<Cell, readonly number[]>();
    const cells = new NumberTree<Cell>((path) => {
      const cell = emptyCell();
      merged.set(cell, path);
      return cell;
    });
    for (const chunk of chunks) {
      readChunk(chunk, (key, minute, reader) => {
        addCell(cells.get([...key, minute]), reader, hour % 24);
      });
    }
    const writer = new ChunkWriter(hour);
    for (const [cell, [source = 0, type = 0, strategy = 0, agent = 0, minute = 0]] of merged) {
      writer.add([source, type, strategy, agent], minute, encodeCell(cell, hour % 24));
    }
    this.#delete.run(hour, throughSeq);
    this.#insert.run(writer.finish(throughSeq));
  }
}

/** Gathers the cells of one Unix hour. */
export class ChunkWriter {
  readonly #hour: number;
  readonly #records = new ByteWriter();
  readonly #head = new ByteWriter();
  #cells = 0;

  constructor(hour: number) {
    this.#hour = hour;
  }

  /** `cell` as writeCell wrote it for this hour. */
  add([source, type, strategy, agent]: AgentKey, minute: number, cell: Uint8Array): void {
    const head = this.#head;
    head.clear();
    head.whole(source);
    head.whole(type);
    head.whole(strategy);
    head.whole(agent);
    head.whole(minute - this.#hour * 60);
    this.#records.whole(head.length + cell.length);
    this.#records.append(head.view());
    this.#records.append(cell);
    this.#cells += 1;
  }

  finish(throughSeq: number): ChunkRow {
    const body = compress(this.#records.view());
    return { hour: this.#hour, through_seq: throughSeq, cells: this.#cells, body };
  }
}

/** A damaged chunk is passed over: it takes some counts of an hour with it, and no answer. */
export function readChunk({ hour, body }: ChunkRow, visit: ChunkVisitor): void {
  const reader = new ByteReader(unpacked(body));
  while (!reader.isAtEnd) {
    const length = reader.whole();
    const end = reader.position + length;
    const key = [reader.whole(), reader.whole(), reader.whole(), reader.whole()] as const;
    visit(key, hour * 60 + reader.whole(), reader);
    reader.skip(end - reader.position);
  }
}

function unpacked(body: Uint8Array): Uint8Array {
  try {
    return decompress(body);
  } catch {
    return new Uint8Array();
  }
}
