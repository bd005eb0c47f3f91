/** The files of a store, and what can be told from them before SQLite opens anything. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ExporterError } from '../core/errors.js';
import { APPLICATION_ID, SCHEMA_VERSION } from './migrations.js';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const USER_VERSION_AT = 60;
const APPLICATION_ID_AT = 68;

/**
 * Makes the folder (0700) and an empty file (0600) where they are missing, durably: a file that was
 * created but whose folder never reached the disk is gone after a power loss, and all that was
 * written into it.
 */
export function prepareFile(path: string): void {
  const folder = dirname(path);
  const made = makeFolder(folder);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) {
    // To open a named pipe would wait for its other end, and not even a signal would end that.
    throw new ExporterError('STORE_FAILED', `${path}: expected a file, got a folder or a device`);
  }
  if (found === undefined) {
    rmSync(markPath(path), { force: true }); // It told of a database that is gone.
    closeSync(openSync(path, 'a', 0o600));
    syncFolder(folder);
  }
  if (made === undefined) return;
  for (let inner = folder; inner.length >= made.length; inner = dirname(inner)) {
    syncFolder(dirname(inner));
    if (inner === dirname(inner)) return;
  }
}

/**
 * Returns the first folder that was made; undefined where none was missing. The folders are made one by one,
 * because Node's own way tries for ever where the system denies that the folder above exists, as /proc does.
 */
function makeFolder(folder: string): string | undefined {
  const missing: string[] = [];
  for (let at = folder; !isFolder(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const inner of missing) {
    try {
      mkdirSync(inner, { mode: 0o700 });
    } catch (error) {
      if (!isFolder(inner)) throw error; // Another process may have been faster.
    }
  }
  return missing[0];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // The attempt to make it says why.
  }
}

/**
 * Throws STORE_CORRUPT when the file cannot be a store that this release reads. Touches nothing.
 */
export function checkHeader(path: string): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  let length: number;
  try {
    length = readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (length === 0) return; // new, or the whole of it still stands in the write-ahead log
  if (length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw corrupt(path, 'it is not an SQLite database, or its header is damaged');
  }
  const application = header.readUInt32BE(APPLICATION_ID_AT);
  if (application !== APPLICATION_ID && application !== 0) {
    throw corrupt(path, 'it is the SQLite database of another program');
  }
  checkVersion(path, header.readUInt32BE(USER_VERSION_AT));
}

export function checkVersion(path: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new ExporterError(
    'STORE_CORRUPT',
    `${path}: schema version ${String(version)} is newer than ${String(SCHEMA_VERSION)}, the newest that ` +
      'this release knows. The file was not touched: run the release that wrote it, or one after it.',
  );
}

/** The error for a file that needs a person's decision, with the command that sets it aside. */
export function corrupt(path: string, reason: string, cause?: unknown): ExporterError {
  const aside = quoted(`${path}.aside`);
  const files = [path, `${path}-wal`, markPath(path)]
    .filter((file) => existsSync(file))
    .map(quoted);
  return new ExporterError(
    'STORE_CORRUPT',
    `${path}: ${reason}. It was left as it is. Restore a copy, or set it aside and start empty with: ` +
      `mkdir ${aside} && mv ${files.join(' ')} ${aside}`,
    { cause },
  );
}

/** The pid of the process that holds the store; undefined when none is known to run. */
export function holderOf(path: string, isRunning: (pid: number) => boolean): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidPath(path), 'utf8'), 10);
    return Number.isInteger(pid) && isRunning(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Only names the holder in a message: what keeps others out is SQLite's lock, so a stale file never
 * blocks.
 */
export function writePid(path: string, pid: number): void {
  writeFileSync(pidPath(path), `${String(pid)}\n`, { mode: 0o600 });
}

export function removePid(path: string): void {
  rmSync(pidPath(path), { force: true });
}

/** 0 where there is none, or where it cannot be told: no number is worth an error. */
export function walBytes(path: string): number {
  try {
    return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0;
  }
}

export function restrictAccess(path: string): void {
  for (const file of [path, `${path}-wal`]) if (existsSync(file)) chmodSync(file, 0o600);
}

export function markPath(path: string): string {
  return `${path}.seq`;
}

function pidPath(path: string): string {
  return `${path}.pid`;
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
