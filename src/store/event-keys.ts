/**
 * Which events are new: (source, id) is unique. A thousand ids go to SQLite as one JSON text and
 * one statement, three times cheaper than a statement each; which of them were there already is
 * only asked when some were.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { Names } from './names.js';
import type { PackedAppend } from './pack.js';

export class EventKeys {
  readonly #insert: Statement<[number, string]>;
  readonly #insertAndTell: Statement<[number, string], string>;
  readonly #delete: Statement<[number, string]>;
  readonly #has: Statement<[number, string], number>;
  readonly #count: Statement<[], number>;
  readonly #sources: Names;

  constructor(db: Database, sources: Names) {
    const insert = 'INSERT OR IGNORE INTO event_keys SELECT ?, value FROM json_each(?)';
    this.#insert = db.prepare<[number, string]>(insert);
    this.#insertAndTell = db.prepare<[number, string], string>(`${insert} RETURNING id`).pluck();
    this.#delete = db.prepare<[number, string]>(
      'DELETE FROM event_keys WHERE source_no = ? AND id IN (SELECT value FROM json_each(?))',
    );
    this.#has = db
      .prepare<[number, string], number>('SELECT 1 FROM event_keys WHERE source_no = ? AND id = ?')
      .pluck();
    this.#count = db.prepare<[], number>('SELECT count(*) FROM event_keys').pluck();
    this.#sources = sources;
  }

  /**
   * Takes the keys of an append, all or as far as they are new: 1 per fresh event. Undefined when
   * there were old ones among new ones: the transaction is then to be rolled back and `claimEach`
   * to be asked.
   */
  claimAll({ count, sources, idsJson, sourceIndex }: PackedAppend): Uint8Array | undefined {
    const expected = new Array<number>(sources.length).fill(0);
    if (sources.length === 1) expected[0] = count;
    else for (const source of sourceIndex) expected[source] = (expected[source] ?? 0) + 1;
    const none = new Uint8Array(sources.length);
    for (const [i, source] of sources.entries()) {
      const { changes } = this.#insert.run(this.#sources.intern(source), idsJson[i] ?? '[]');
      if (changes === expected[i]) continue;
      if (changes > 0) return undefined;
      none[i] = 1;
    }
    const fresh = new Uint8Array(count).fill(1);
    for (let i = 0; i < count; i += 1) if (none[sourceIndex[i] ?? 0] === 1) fresh[i] = 0;
    return fresh;
  }

  /** The same, told apart one by one. Of equal keys in the append the first is fresh. */
  claimEach({ count, sources, idsJson, sourceIndex }: PackedAppend): Uint8Array {
    const fresh = new Uint8Array(count);
    const bySource = sources.map((source, i) => {
      const json = idsJson[i] ?? '[]';
      const inserted = new Set(this.#insertAndTell.all(this.#sources.intern(source), json));
      return { ids: idsOf(json), inserted, at: 0 };
    });
    for (let i = 0; i < count; i += 1) {
      const of = bySource[sourceIndex[i] ?? 0];
      const id = of?.ids[of.at];
      if (of === undefined || id === undefined) continue;
      of.at += 1;
      if (of.inserted.delete(id)) fresh[i] = 1;
    }
    return fresh;
  }

  delete(source: string, ids: readonly string[]): void {
    const no = this.#sources.find(source);
    if (no !== undefined) this.#delete.run(no, JSON.stringify(ids));
  }

  has(source: string, id: string): boolean {
    const no = this.#sources.find(source);
    return no !== undefined && this.#has.get(no, id) !== undefined;
  }

  count(): number {
    return this.#count.get() ?? 0;
  }
}

function idsOf(json: string): string[] {
  const ids: unknown = JSON.parse(json);
  return Array.isArray(ids) ? ids.map(String) : [];
}
