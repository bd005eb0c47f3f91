/**
 * Names that come again with every event: sources, types, strategies, agents. The one that was checked first is
 * handed out instead of each copy that a parser makes: nothing is checked twice, maps find it at once, and a
 * hundred thousand remembered incidents share it.
 */
import { isIdentifier } from './identifier.js';

const YOUNG_MAX = 5_000;
/** A power of two. */
const RECENT_SIZE = 4_096;

/** By a hash of its bytes the name that was found there last. */
const recent: (string | undefined)[] = Array.from({ length: RECENT_SIZE }, () => undefined);
let young = new Map<string, string>();
let old = new Map<string, string>();

/** The valid name that equals this text, if it has been seen lately. */
export function knownName(text: string): string | undefined {
  const known = young.get(text);
  if (known !== undefined) return known;
  const aged = old.get(text);
  return aged === undefined ? undefined : rememberName(aged);
}

/** `name` has been checked. What has not been asked for during the last thousands of new names is dropped. */
export function rememberName(name: string): string {
  if (young.size >= YOUNG_MAX) {
    old = young;
    young = new Map();
  }
  young.set(name, name);
  return name;
}

/**
 * The name whose ASCII stands in `body[start, end)`, mostly found without making a string of it;
 * undefined when it is no identifier.
 */
export function nameInBytes(body: Uint8Array, start: number, end: number): string | undefined {
  let hash = 0;
  for (let i = start; i < end; i += 1) hash = (Math.imul(hash, 31) + (body[i] ?? 0)) | 0;
  const place = hash & (RECENT_SIZE - 1);
  const before = recent[place];
  if (before !== undefined && isInBytes(before, body, start, end)) return before;
  const text = asciiText(body, start, end);
  const name = knownName(text) ?? (isIdentifier(text) ? rememberName(text) : undefined);
  if (name !== undefined) recent[place] = name;
  return name;
}

export function asciiText(body: Uint8Array, start: number, end: number): string {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.toString('latin1', start, end);
}

function isInBytes(text: string, body: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) !== body[start + i]) return false;
  }
  return true;
}
