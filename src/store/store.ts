/** The store on one thread: what the worker carries out, call by call. */
import type { Database, Statement } from 'better-sqlite3';
import type { ExporterError } from '../core/errors.js';
import type {
  Checkpoint,
  Courses,
  History,
  HistoryQuery,
  NewSnapshot,
  Opened,
  RetentionLimits,
  StoreCheck,
  StoreStats,
  TimelineQuery,
  TimelineRow,
  TimeRange,
} from '../core/ports.js';
import { AgentMinutes } from './agent-minutes.js';
import { BLOCK_BYTES_MAX, BLOCK_EVENTS_MAX, type Entries } from './block.js';
import { Blocks, type BlockSummary } from './blocks.js';
import { checkStore } from './check.js';
import { MEMORY_PATH, errorCodeOf, storeError } from './connection.js';
import { joinEntries, keepFresh, sliceEntries } from './entries.js';
import { EventKeys } from './event-keys.js';
import { HighWaterMark } from './high-water-mark.js';
import { failingOf, readCourses } from './courses.js';
import type { Failing } from './asked.js';
import { readHistory } from './history.js';
import { LooseBlocks } from './loose-blocks.js';
import { Meta } from './meta.js';
import { Names } from './names.js';
import type { PackedDerived } from './pack-derived.js';
import type { PackedAppend } from './pack.js';
import { retainStep, type RetainStep } from './retention.js';
import { Rollups } from './rollups.js';
import { Snapshots } from './snapshots.js';
import { StoredLabels } from './stored-labels.js';
import { readTimeline } from './timeline.js';

export interface AppendedAll {
  readonly firstSeq: number;
  /** Over the events of all groups. */
  readonly fresh: Uint8Array;
}

/**
 * Entries with consecutive sequences from `firstSeq`; `nextSeq` is where to go on, past damaged
 * blocks too.
 */
export interface Batch {
  readonly firstSeq: number;
  readonly nextSeq: number;
  readonly entries: Entries;
}

/** The write-ahead log is measured by who asks. */
export type LogStats = Omit<StoreStats, 'walBytes'>;

interface Parts {
  readonly db: Database;
  readonly meta: Meta;
  readonly names: Names;
  readonly sources: Names;
  readonly blocks: Blocks;
  readonly keys: EventKeys;
  readonly agentMinutes: AgentMinutes;
  readonly failing: Failing;
  readonly labels: StoredLabels;
  readonly rollups: Rollups;
  readonly snapshots: Snapshots;
}

export class Store {
  readonly #path: string;
  readonly #parts: Parts;
  readonly #saveCheckpoint: Statement<[Checkpoint]>;
  readonly #pages: Statement<[], number>;
  readonly #pageBytes: number;
  readonly #mark: HighWaterMark | undefined;
  readonly #loose: LooseBlocks;
  #lastSeq: number;
  #events: number;
  /**
   * Set by an I/O error: what the disk holds is then not known for sure, and a second fsync may
   * lie.
   */
  #broken: ExporterError | undefined;

  constructor(db: Database, path: string) {
    this.#path = path;
    this.#parts = partsOf(db);
    this.#saveCheckpoint = db.prepare<[Checkpoint]>(
      'INSERT OR REPLACE INTO checkpoints VALUES (@name, @value)',
    );
    this.#pages = db.prepare<[], number>('PRAGMA page_count').pluck();
    this.#pageBytes = Number(db.pragma('page_size', { simple: true }));
    this.#lastSeq = this.#parts.meta.get('last_seq');
    this.#events = this.#parts.blocks.extent().events;
    this.#loose = new LooseBlocks(this.#parts.blocks, this.#lastSeq);
    this.#mark = path === MEMORY_PATH ? undefined : new HighWaterMark(path);
    this.#countLost(this.#mark?.read() ?? 0);
  }

  opened(): Opened {
    const rows = this.#parts.db
      .prepare<[], Checkpoint>('SELECT name, value FROM checkpoints')
      .all();
    return {
      snapshot: this.#parts.snapshots.load(),
      lastSeq: this.#lastSeq,
      rolledSeq: this.#parts.meta.get('rolled_seq'),
      forgottenMs: this.#parts.meta.find('forgotten_ms'),
      checkpoints: new Map(rows.map(({ name, value }) => [name, value])),
    };
  }

  append(packed: PackedAppend, derived: PackedDerived | undefined): AppendedAll {
    // Old keys among new ones are rare. Then the transaction, which has done nothing else yet,
    // begins again.
    return (
      this.#transaction(() =>
        this.#appendClaimed(packed, this.#parts.keys.claimAll(packed), derived),
      ) ??
      this.#transaction(() =>
        this.#appendClaimed(packed, this.#parts.keys.claimEach(packed), derived),
      ) ?? { firstSeq: this.#lastSeq + 1, fresh: new Uint8Array(packed.count) }
    );
  }

  saveSnapshot(snapshot: NewSnapshot, derived: PackedDerived): void {
    this.#transaction(() => {
      this.#parts.snapshots.save(snapshot);
      this.#parts.rollups.apply(derived);
      return true;
    });
  }

  /**
   * What follows `afterSeq`, up to about one block; undefined at the end. Damaged blocks are passed
   * over.
   */
  read(afterSeq: number): Batch | undefined {
    let from = Math.max(afterSeq + 1, this.#parts.meta.get('first_seq'));
    while (from <= this.#lastSeq) {
      const summaries = this.#parts.blocks.from(from, BLOCK_EVENTS_MAX);
      const [first] = summaries;
      if (first === undefined) return undefined;
      const start = Math.max(from, first.first_seq);
      const parts = this.#readRun(summaries, start);
      if (parts.length > 0) {
        const entries = joinEntries(parts);
        return { firstSeq: start, nextSeq: start + entries.count, entries };
      }
      from = first.first_seq + first.events;
    }
    return undefined;
  }

  history(query: HistoryQuery): History {
    return readHistory(this.#parts, query);
  }

  courses(query: HistoryQuery & { readonly range: TimeRange }): Courses {
    return readCourses(this.#parts, query, query.range);
  }

  timeline(query: TimelineQuery): TimelineRow[] {
    return readTimeline(this.#parts, query);
  }

  retainStep(limits: RetentionLimits, nowMs: number): RetainStep {
    const step = this.#transaction(() => retainStep(this.#parts, limits, nowMs));
    this.#events -= step?.deletedEvents ?? 0;
    return step ?? { deletedEvents: 0, forgottenMs: undefined, done: true };
  }

  check(): StoreCheck {
    return checkStore(this.#parts);
  }

  stats(): LogStats {
    const expected = this.#lastSeq - this.#parts.meta.get('first_seq') + 1;
    return {
      events: this.#events,
      bytes: (this.#pages.get() ?? 0) * this.#pageBytes,
      corruptEvents: this.#parts.blocks.corruptEvents,
      missingEvents: Math.max(0, expected - this.#events) + this.#parts.meta.get('lost_events'),
    };
  }

  close(): void {
    this.#parts.db.close();
    this.#mark?.close();
  }

  /** Events that stood in the log when it was last written to, and that it no longer knows of. */
  #countLost(markedSeq: number): void {
    const lost = markedSeq - this.#lastSeq;
    if (lost <= 0) return;
    this.#transaction(() => {
      this.#parts.meta.set('lost_events', this.#parts.meta.get('lost_events') + lost);
      return true;
    });
    this.#mark?.write(this.#lastSeq);
  }

  #appendClaimed(
    packed: PackedAppend,
    fresh: Uint8Array | undefined,
    derived: PackedDerived | undefined,
  ): AppendedAll | undefined {
    if (fresh === undefined) return undefined;
    const entries = keepFresh(packed, fresh);
    const firstSeq = this.#lastSeq + 1;
    if (entries.count > 0) {
      this.#loose.append(firstSeq, entries);
      this.#parts.meta.set('last_seq', this.#lastSeq + entries.count);
    }
    for (const checkpoint of packed.checkpoints) this.#saveCheckpoint.run(checkpoint);
    if (derived !== undefined) this.#parts.rollups.apply(derived);
    return { firstSeq, fresh };
  }

  /** Commits what `work` did; rolls back when it throws or returns undefined. */
  #transaction<T>(work: () => T | undefined): T | undefined {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      this.#parts.db.exec('BEGIN IMMEDIATE');
      const result = work();
      if (result === undefined) {
        this.#rollback();
        return undefined;
      }
      // Read before the commit: nothing that comes after it may fail, or what is on disk would be
      // called lost.
      const lastSeq = this.#parts.meta.get('last_seq');
      this.#parts.db.exec('COMMIT');
      this.#events += lastSeq - this.#lastSeq;
      if (lastSeq !== this.#lastSeq) this.#mark?.write(lastSeq);
      this.#lastSeq = lastSeq;
      return result;
    } catch (error) {
      this.#rollback();
      const code = errorCodeOf(error);
      if (code.startsWith('SQLITE_IOERR')) this.#broken = storeError(error, this.#path);
      throw error;
    }
  }

  #rollback(): void {
    this.#parts.meta.forget();
    this.#parts.names.forget();
    this.#parts.sources.forget();
    if (this.#parts.db.inTransaction) this.#parts.db.exec('ROLLBACK');
    this.#loose.recount(this.#lastSeq);
  }

  /** Neighbouring whole blocks, from `start` on. */
  #readRun(summaries: readonly BlockSummary[], start: number): Entries[] {
    const parts: Entries[] = [];
    let next = start;
    let events = 0;
    let bytes = 0;
    for (const block of summaries) {
      const skipped = next - block.first_seq;
      if (skipped < 0 || (events > 0 && events + block.events > BLOCK_EVENTS_MAX)) break;
      const entries = this.#parts.blocks.read(block);
      if (entries === undefined) break;
      if (events > 0 && bytes + entries.text.length > BLOCK_BYTES_MAX) break;
      parts.push(skipped === 0 ? entries : sliceEntries(entries, skipped));
      events += block.events;
      bytes += entries.text.length;
      next = block.first_seq + block.events;
    }
    return parts;
  }
}

function partsOf(db: Database): Parts {
  const meta = new Meta(db);
  const names = new Names(db, 'names');
  const sources = new Names(db, 'sources');
  const agentMinutes = new AgentMinutes(db);
  const failing = failingOf(db, agentMinutes);
  const labels = new StoredLabels(db);
  return {
    db,
    meta,
    names,
    sources,
    agentMinutes,
    failing,
    labels,
    blocks: new Blocks(db),
    keys: new EventKeys(db, sources),
    rollups: new Rollups(db, { names, sources, meta, agentMinutes, failing, labels }),
    snapshots: new Snapshots(db),
  };
}
