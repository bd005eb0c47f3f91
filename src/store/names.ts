/**
 * Names as numbers: a row of the store holds a number where the same name would stand a million
 * times.
 */
import type { Database, Statement } from 'better-sqlite3';

const CACHED_MAX = 100_000;

export class Names {
  readonly #find: Statement<[string], number>;
  readonly #insert: Statement<[string]>;
  readonly #nameOf: Statement<[number], string>;
  readonly #numbers = new Map<string, number>();

  constructor(db: Database, table: 'names' | 'sources') {
    this.#find = db.prepare<[string], number>(`SELECT no FROM ${table} WHERE name = ?`).pluck();
    this.#insert = db.prepare<[string]>(`INSERT INTO ${table} (name) VALUES (?)`);
    this.#nameOf = db.prepare<[number], string>(`SELECT name FROM ${table} WHERE no = ?`).pluck();
  }

  /** The number of a name, given to it now when it has none. Inside of a transaction. */
  intern(name: string): number {
    return this.find(name) ?? this.#cache(name, Number(this.#insert.run(name).lastInsertRowid));
  }

  find(name: string): number | undefined {
    const cached = this.#numbers.get(name);
    if (cached !== undefined) return cached;
    const no = this.#find.get(name);
    return no === undefined ? undefined : this.#cache(name, no);
  }

  nameOf(no: number): string {
    return this.#nameOf.get(no) ?? '';
  }

  /** After a rollback: a number that was given in the transaction is given no longer. */
  forget(): void {
    this.#numbers.clear();
  }

  #cache(name: string, no: number): number {
    if (this.#numbers.size >= CACHED_MAX) this.#numbers.clear();
    this.#numbers.set(name, no);
    return no;
  }
}
