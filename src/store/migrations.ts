/**
 * The schema, step by step. A released step is never changed: a change of the schema is a new step
 * at the end. Each runs in a transaction of its own together with its number, so an interrupted one
 * leaves nothing behind.
 */
import type { Database } from 'better-sqlite3';
import { StoredLabels } from './stored-labels.js';

/** "heal" in ASCII: tells this store from any other SQLite database. */
export const APPLICATION_ID = 0x6865616c;

/** `cell` holds all numbers of a rollup cell; those that SQL compares stand beside it once more. */
const CELL_COLUMNS = `
  source_no INTEGER NOT NULL, type_no INTEGER NOT NULL, strategy_no INTEGER NOT NULL,
  failures INTEGER NOT NULL, succeeded INTEGER NOT NULL, failed INTEGER NOT NULL, skipped INTEGER NOT NULL,
  cell BLOB NOT NULL,`;

type Migration = string | ((db: Database) => void);

const MIGRATIONS: readonly Migration[] = [
  `
  PRAGMA application_id = ${String(APPLICATION_ID)};
  CREATE TABLE meta (key TEXT PRIMARY KEY, value REAL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('last_seq', 0), ('first_seq', 1), ('rolled_seq', 0), ('agents_rolled_seq', 0), ('forgotten_ms', NULL),
    ('lost_events', 0), ('orphan_keys', 0), ('minutes_from_ms', NULL), ('hours_from_ms', NULL);

  CREATE TABLE blocks (
    first_seq INTEGER PRIMARY KEY, events INTEGER NOT NULL, min_ms REAL NOT NULL, max_ms REAL NOT NULL,
    crc INTEGER NOT NULL, encoding INTEGER NOT NULL, body BLOB NOT NULL
  );
  CREATE INDEX blocks_by_time ON blocks (max_ms, min_ms, events);

  CREATE TABLE sources (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE event_keys (source_no INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (source_no, id)) WITHOUT ROWID;
  CREATE TABLE checkpoints (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE snapshots (seq INTEGER PRIMARY KEY, crc INTEGER NOT NULL, state BLOB NOT NULL);

  CREATE TABLE names (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE attempt_labels (seq INTEGER PRIMARY KEY, type_no INTEGER NOT NULL, agent_no INTEGER);
  CREATE TABLE cells (
    resolution INTEGER NOT NULL, bucket INTEGER NOT NULL, ${CELL_COLUMNS}
    PRIMARY KEY (resolution, bucket, source_no, type_no, strategy_no)
  ) WITHOUT ROWID;
  CREATE TABLE agent_cells (
    resolution INTEGER NOT NULL, bucket INTEGER NOT NULL, agent_no INTEGER NOT NULL, ${CELL_COLUMNS}
    PRIMARY KEY (resolution, bucket, agent_no, source_no, type_no, strategy_no)
  ) WITHOUT ROWID;
  CREATE TABLE agent_minutes (
    hour INTEGER NOT NULL, through_seq INTEGER NOT NULL, cells INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (hour, through_seq)
  );
  CREATE INDEX agent_minutes_by_seq ON agent_minutes (through_seq, cells);
  `,
  packLabels,
];

const PACKED_AT_ONCE = 10_000;

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the schema up to SCHEMA_VERSION; tests stop at the version of an older release. */
export function migrate(db: Database, to = SCHEMA_VERSION): void {
  for (let version = schemaVersionOf(db); version < to; version += 1) {
    db.exec('BEGIN IMMEDIATE');
    try {
      const step = MIGRATIONS[version] ?? '';
      if (typeof step === 'string') db.exec(step);
      else step(db);
      db.exec(`PRAGMA user_version = ${String(version + 1)}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** A row for each label cost more than anything else that the store writes. */
function packLabels(db: Database): void {
  db.exec('CREATE TABLE label_chunks (first_seq INTEGER PRIMARY KEY, body BLOB NOT NULL)');
  const next = db
    .prepare<[number, number], number[]>(
      'SELECT seq, type_no, coalesce(agent_no, 0) FROM attempt_labels WHERE seq > ? ORDER BY seq LIMIT ?',
    )
    .raw();
  const labels = new StoredLabels(db);
  // There may be millions of them.
  for (let rows = next.all(-1, PACKED_AT_ONCE); rows.length > 0;) {
    labels.add(rows.flat());
    rows = next.all(rows.at(-1)?.[0] ?? Infinity, PACKED_AT_ONCE);
  }
  db.exec('DROP TABLE attempt_labels');
}

export function schemaVersionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
