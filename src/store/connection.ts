/** The one connection to the database: opened, locked, made durable, and proven to be. */
import Database from 'better-sqlite3';
import { ExporterError } from '../core/errors.js';
import { checkHeader, checkVersion, corrupt, prepareFile, restrictAccess } from './files.js';
import { migrate, schemaVersionOf } from './migrations.js';

export const MEMORY_PATH = ':memory:';

/** How long to wait for a holder that is just closing. */
const LOCK_WAIT_MS = 500;
/** Of a new database. An append writes some dozens of pages, each at a price of its own. */
const PAGE_BYTES = 8192;
/**
 * So much of write-ahead log before it is copied back: the same pages are then copied once, not
 * often.
 */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
const WAL_BYTES_KEPT = 32 * 1024 * 1024;
/** What is written at the end of tables fits many times; pages of random keys come from the system's cache. */
const CACHE_KIB = 8 * 1024;
const SYNCHRONOUS_FULL = 2;

export interface ConnectionOptions {
  readonly path: string;
  /**
   * For tests only: a disk with less room, checkpoints often enough to be hit, a careless setting.
   */
  readonly faults?: {
    readonly pagesMax?: number;
    readonly checkpointPages?: number;
    readonly synchronous?: 'NORMAL';
  };
}

/**
 * Errors: STORE_LOCKED (another process or thread holds it), STORE_CORRUPT (needs a decision; the
 * file is untouched), STORE_FULL, STORE_FAILED.
 */
export function connect(options: ConnectionOptions): Database.Database {
  const { path } = options;
  let db: Database.Database | undefined;
  try {
    if (path !== MEMORY_PATH) {
      prepareFile(path);
      checkHeader(path);
    }
    db = new Database(path, { timeout: LOCK_WAIT_MS });
    checkSqliteVersion(db);
    setUp(db, options);
    if (path !== MEMORY_PATH) restrictAccess(path);
    return db;
  } catch (error) {
    db?.close();
    throw storeError(error, path);
  }
}

/** What an error of SQLite or of the file system means for the caller. */
export function storeError(error: unknown, path: string): ExporterError {
  if (error instanceof ExporterError) return error;
  const code = errorCodeOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new ExporterError('STORE_LOCKED', `${path}: another process holds it`, { cause: error });
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return corrupt(path, `SQLite says: ${said}`, error);
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new ExporterError('STORE_FULL', `${path}: no room left to write`, { cause: error });
  }
  return new ExporterError('STORE_FAILED', `${path}: ${said} (${code})`, { cause: error });
}

/** SQLITE_FULL, SQLITE_IOERR_FSYNC, ENOENT …; UNKNOWN for anything else. */
export function errorCodeOf(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return hasCode ? String(error.code) : 'UNKNOWN';
}

function setUp(db: Database.Database, { path, faults }: ConnectionOptions): void {
  const synchronous = faults?.synchronous ?? 'FULL';
  const inMemory = path === MEMORY_PATH;
  // Before the first access, so that the index of the write-ahead log lives in memory and the lock
  // is ours at once.
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma(`page_size = ${String(PAGE_BYTES)}`);
  db.pragma(`journal_mode = ${inMemory ? 'MEMORY' : 'WAL'}`);
  db.pragma(`synchronous = ${synchronous}`);
  // An older database keeps its own.
  const pageBytes = Number(db.pragma('page_size', { simple: true }));
  const checkpointPages = faults?.checkpointPages ?? Math.ceil(CHECKPOINT_BYTES / pageBytes);
  db.pragma(`wal_autocheckpoint = ${String(checkpointPages)}`);
  db.pragma(`journal_size_limit = ${String(WAL_BYTES_KEPT)}`);
  db.pragma(`cache_size = -${String(CACHE_KIB)}`);
  db.pragma('temp_store = MEMORY');
  checkVersion(path, schemaVersionOf(db));
  migrate(db);
  db.exec("BEGIN IMMEDIATE; UPDATE meta SET value = value WHERE key = 'last_seq'; COMMIT");
  // The library is built with NORMAL as its default for a write-ahead log, and that default may
  // come back with the first access: only what is read after one counts.
  db.prepare('SELECT count(*) FROM meta').get();
  const journal = String(db.pragma('journal_mode', { simple: true }));
  const level = Number(db.pragma('synchronous', { simple: true }));
  if (!inMemory && synchronous === 'FULL' && (journal !== 'wal' || level !== SYNCHRONOUS_FULL)) {
    throw new ExporterError(
      'STORE_FAILED',
      `${path}: journal_mode ${journal} and synchronous ${String(level)} do not survive a power loss; ` +
        `expected wal and ${String(SYNCHRONOUS_FULL)}`,
    );
  }
  if (faults?.pagesMax !== undefined) db.pragma(`max_page_count = ${String(faults.pagesMax)}`);
}

/**
 * Older releases of SQLite can lose committed data of a write-ahead log (sqlite.org/wal.html,
 * "WAL-reset bug").
 */
function checkSqliteVersion(db: Database.Database): void {
  const version = db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '';
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const fixed = major > 3 || minor >= 53 || (minor === 51 && patch >= 3);
  if (fixed) return;
  throw new ExporterError(
    'STORE_FAILED',
    `SQLite ${version} is not safe: expected 3.51.3, or 3.53.0 or newer`,
  );
}
