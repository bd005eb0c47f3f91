/** A file that is being followed: open, so that it can be read to its end wherever it is moved. */
import { constants, type BigIntStats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExporterError } from '../../core/errors.js';
import { beginsWith, fileOf, NO_BEGINNING, type Beginning, type FilePlace } from './place.js';

export interface FollowedFile {
  readonly handle: FileHandle;
  readonly file: string;
  offset: number;
  isInsideLine: boolean;
  beginning: Beginning;
}

/**
 * Undefined when there is none. Rejects with ExporterError SOURCE_FAILED when it is no ordinary
 * file.
 */
export async function statFile(path: string): Promise<BigIntStats | undefined> {
  const stats = await ifExists(stat(path, { bigint: true }));
  if (stats !== undefined && !stats.isFile()) throw notAFile(path, stats);
  return stats;
}

/**
 * The file at `path`, or the one that `place` is about where that has been renamed: what it still
 * holds comes first. Undefined when there is neither.
 */
export async function openFollowed(
  path: string,
  place: FilePlace | undefined,
): Promise<FollowedFile | undefined> {
  const current = await openAt(path, place);
  const isContinued = current !== undefined && current.offset > 0;
  if (place === undefined || isContinued || current?.file === place.file) return current;
  const renamed = await findRenamed(path, place);
  if (renamed === undefined) return current;
  await current?.handle.close();
  return renamed;
}

/** At the place where it was left, if it is the same file; else from its beginning. */
async function openAt(
  path: string,
  place: FilePlace | undefined,
): Promise<FollowedFile | undefined> {
  // Opening a pipe must not wait for somebody to write into it.
  const handle = await ifExists(open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw notAFile(path, stats);
    const file = fileOf(stats);
    if (place?.file === file && stats.size >= place.offset) {
      if (await beginsWith(handle, place.beginning)) return { handle, ...place };
    }
    return { handle, file, offset: 0, isInsideLine: false, beginning: NO_BEGINNING };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Renamed to whatever, in the same folder: `events.log.1`, `events.log-20261123`, `events-20261123.log`. Its number
 * and its beginning are enough to know it by.
 */
async function findRenamed(path: string, place: FilePlace): Promise<FollowedFile | undefined> {
  const names = (await ifExists(readdir(dirname(path)))) ?? [];
  for (const name of names) {
    if (name === basename(path)) continue;
    const candidate = join(dirname(path), name);
    const stats = await ifExists(stat(candidate, { bigint: true }));
    if (stats === undefined || !stats.isFile() || fileOf(stats) !== place.file) continue;
    const opened = await openAt(candidate, place);
    if (opened?.offset === place.offset) return opened;
    await opened?.handle.close();
  }
  return undefined;
}

function notAFile(path: string, stats: BigIntStats): ExporterError {
  const got = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'something else';
  return new ExporterError('SOURCE_FAILED', `${path}: expected an ordinary file, got ${got}`);
}

async function ifExists<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
