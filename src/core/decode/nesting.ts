/**
 * What a whole event must keep to, its unknown fields included: bounded nesting and finite numbers.
 */
import { describeValue } from './describe.js';
import { NESTING_MAX } from './limits.js';
import { rejection, type Rejection } from './rejection.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{` differ in this one bit, and so do `]` and `}`. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
/** A path of ordinary names is shown as it is, any other is quoted and cut. */
const PLAIN_PATH = /^[\w.-]{1,100}$/;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * True when brackets of the JSON text stand more than `NESTING_MAX` deep. A look at the bytes
 * alone, so that a long text of brackets never reaches JSON.parse, which would be busy with it for
 * milliseconds.
 */
export function textNestsTooDeep(body: Uint8Array, start: number, end: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = start; i < end; i++) {
    const byte = body[i] ?? 0;
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === BACKSLASH) i++;
    } else if ((byte | BRACE_BIT) === OPENING) {
      if (++depth > NESTING_MAX) return true;
    } else if ((byte | BRACE_BIT) === CLOSING) depth--;
  }
  return false;
}

export function tooDeep(): Rejection {
  return rejection(
    'too_deep',
    `event: expected at most ${NESTING_MAX} levels of nesting, got more`,
  );
}

/** Refuses a parsed event for what no event may hold anywhere; undefined when it is sound. */
export function findFlaw(event: JsonObject): Rejection | undefined {
  return isSoundObject(event, NESTING_MAX) ? undefined : locateFlaw(event, '', NESTING_MAX);
}

/** `levels`: how many levels of nesting are left, this one included. */
function isSoundObject(object: JsonObject, levels: number): boolean {
  if (levels === 0) return false;
  // Own keys only: what stands on a prototype is not enumerable, and JSON text cannot set one.
  for (const key in object) if (!isSound(object[key], levels)) return false;
  return true;
}

function isSoundArray(array: readonly unknown[], levels: number): boolean {
  if (levels === 0) return false;
  for (let i = 0; i < array.length; i++) if (!isSound(array[i], levels)) return false;
  return true;
}

function isSound(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return isSoundArray(value, levels - 1);
  return !isJsonObject(value) || isSoundObject(value, levels - 1);
}

/** Once more, for the message: down the way that leads to the flaw. */
function locateFlaw(value: unknown, path: string, levels: number): Rejection {
  if (typeof value === 'number') {
    const where = PLAIN_PATH.test(path) ? path : describeValue(path);
    return rejection('invalid_number', `${where}: expected a finite number, got ${value}`);
  }
  if (levels === 0) return tooDeep();
  const at = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const index = items.findIndex((item) => !isSound(item, levels));
    return locateFlaw(items[index], at(index), levels - 1);
  }
  if (!isJsonObject(value)) return tooDeep();
  const key = Object.keys(value).find((name) => !isSound(value[name], levels)) ?? '';
  return locateFlaw(value[key], at(key), levels - 1);
}
