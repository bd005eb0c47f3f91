/**
 * Names that come again with every event: sources, types, strategies, agents. The one that was checked first is
 * handed out instead of each copy that a parser makes: nothing is checked twice, maps find it at once, and a
 * hundred thousand remembered incidents share it.
 */
import type { BodyBytes } from './body-bytes.js';
import { isIdentifier } from './identifier.js';
import { QuotedName } from './known-text.js';

const YOUNG_MAX = 5_000;
const RECENT_BITS = 12;
const RECENT_SHIFT = 32 - RECENT_BITS;
/** Of a name in quotes, to be looked for four bytes at a time. */
const SHORTEST = 4;

/** By a hash of its bytes the name that was found there last. */
const recent: (QuotedName | undefined)[] = Array.from({ length: 2 ** RECENT_BITS });
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
 * The name that stands in quotes in `body[start, end)`, in printable ASCII without escapes; mostly found without making
 * a string of it. Undefined when it is no identifier.
 */
export function quotedNameIn(body: BodyBytes, start: number, end: number): string | undefined {
  const length = end - start;
  if (length < SHORTEST) return nameOf(asciiText(body.bytes, start + 1, end - 1));
  const place = placeOf(body, start, length);
  const before = recent[place];
  if (before?.length === length && before.isAt(body, start)) return before.name;
  const name = nameOf(asciiText(body.bytes, start + 1, end - 1));
  if (name !== undefined) recent[place] = new QuotedName(name);
  return name;
}

export function asciiText(body: Uint8Array, start: number, end: number): string {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.toString('latin1', start, end);
}

/** Its length, its beginning, its middle and its end tell one from the others. */
function placeOf(body: BodyBytes, start: number, length: number): number {
  const last = start + length - 4;
  const middle = start + ((length - 4) >> 1);
  const mixed =
    Math.imul(body.fourAt(start), 0x2c1b3c6d) ^
    Math.imul(body.fourAt(middle), 0x297a2d39) ^
    Math.imul(body.fourAt(last) + length, 0x1b56c4e9);
  return mixed >>> RECENT_SHIFT;
}

function nameOf(text: string): string | undefined {
  return knownName(text) ?? (isIdentifier(text) ? rememberName(text) : undefined);
}
