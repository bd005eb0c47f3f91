/**
 * The few single numbers of a store. They are kept in memory as well: this thread alone writes
 * them, and reads them all the time.
 */
import type { Database, Statement } from 'better-sqlite3';

export type MetaKey =
  | 'last_seq' // of the newest event
  | 'first_seq' // of the oldest event that retention has left
  | 'rolled_seq' // rollups hold every event up to here
  | 'agents_rolled_seq' // agent_cells hold every agent's minutes up to here
  | 'forgotten_ms' // newest event time whose dedup key retention has deleted
  | 'lost_events' // gone without retention having deleted them
  | 'orphan_keys' // dedup keys of deleted blocks that could not be read any more
  | 'minutes_from_ms' // older minutes are only kept as hours
  | 'hours_from_ms'; // older hours are only kept as days

export class Meta {
  readonly #get: Statement<[string], number | null>;
  readonly #set: Statement<[number, string]>;
  readonly #known = new Map<MetaKey, number | undefined>();

  constructor(db: Database) {
    this.#get = db.prepare<[string], number | null>('SELECT value FROM meta WHERE key = ?').pluck();
    this.#set = db.prepare<[number, string]>('UPDATE meta SET value = ? WHERE key = ?');
  }

  /** Undefined where nothing was ever set. */
  find(key: MetaKey): number | undefined {
    if (this.#known.has(key)) return this.#known.get(key);
    const value = this.#get.get(key) ?? undefined;
    this.#known.set(key, value);
    return value;
  }

  get(key: MetaKey): number {
    return this.find(key) ?? 0;
  }

  set(key: MetaKey, value: number): void {
    this.#set.run(value, key);
    this.#known.set(key, value);
  }

  /** After a rollback: what was set in the transaction was not. */
  forget(): void {
    this.#known.clear();
  }
}
