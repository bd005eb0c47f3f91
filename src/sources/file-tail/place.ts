/** Which file was read, and how far: what stands in the log beside the events that were read. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { isJsonObject } from '../../core/decode/nesting.js';

/**
 * The number of a file is used again after it is deleted; its beginning tells whether it is still
 * the same.
 */
export interface FilePlace {
  /** `<device>:<inode>`. */
  readonly file: string;
  /** Bytes that are through. */
  readonly offset: number;
  /** Whether `offset` is inside a line that was too long, and whose rest is to be skipped. */
  readonly isInsideLine: boolean;
  readonly beginning: Beginning;
}

/** SHA-256 of the first bytes, as far as they had been read: at most a kilobyte. */
export interface Beginning {
  readonly length: number;
  readonly sha256: string;
}

const BEGINNING_BYTES_MAX = 1024;
export const NO_BEGINNING: Beginning = { length: 0, sha256: '' };

export function fileOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

export function writePlace(place: FilePlace): string {
  return JSON.stringify(place);
}

/** Undefined when it is none of ours. */
export function readPlace(text: string): FilePlace | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { file, offset, isInsideLine, beginning } = value;
  if (typeof file !== 'string' || typeof offset !== 'number') return undefined;
  if (typeof isInsideLine !== 'boolean' || !isJsonObject(beginning)) return undefined;
  const { length, sha256 } = beginning;
  if (typeof length !== 'number' || typeof sha256 !== 'string') return undefined;
  return { file, offset, isInsideLine, beginning: { length, sha256 } };
}

/**
 * The beginning of a file of which `offset` bytes are through; `known` when that is long enough
 * already.
 */
export async function beginningOf(
  handle: FileHandle,
  offset: number,
  known: Beginning,
): Promise<Beginning> {
  const length = Math.min(offset, BEGINNING_BYTES_MAX);
  // What was emptied and written anew must stay recognisable as such.
  if (length <= known.length || !(await beginsWith(handle, known))) return known;
  return (await hashOf(handle, length)) ?? known;
}

/** Whether the file still begins as it did. */
export async function beginsWith(handle: FileHandle, beginning: Beginning): Promise<boolean> {
  if (beginning.length === 0) return true;
  return (await hashOf(handle, beginning.length))?.sha256 === beginning.sha256;
}

/** Undefined when the file is shorter. */
async function hashOf(handle: FileHandle, length: number): Promise<Beginning | undefined> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, 0);
  if (bytesRead < length) return undefined;
  return { length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
