/**
 * Finds the fields of a plain event in its bytes, in one pass and without making anything. Nearly
 * all events are plain: printable ASCII without escapes, no field twice, no number with an exponent.
 * What is not, JSON.parse reads, and says what is wrong with it where something is.
 */
import { ATTRIBUTE, ATTRIBUTE_NAMES, FIELD, FIELD_NAMES } from './field-names.js';
import { EVENT_BYTES_MAX, NESTING_MAX } from './limits.js';

/** What stands in a field. Null is `absent`, too, but may not come twice either. */
export const KIND = {
  absent: 0,
  null: 1,
  /** A string without any character that identifiers must not have; empty, perhaps, or too long. */
  name: 2,
  /** Any other string. */
  text: 3,
  number: 4,
  true: 5,
  false: 6,
  array: 7,
  object: 8,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Places: those of the attributes, then those of the fields of `data`, then one in its `metadata`. */
export const FIELD_PLACES = ATTRIBUTE_NAMES.length;
export const AGENT_OF_METADATA = FIELD_PLACES + FIELD_NAMES.length;
const PLACES = AGENT_OF_METADATA + 1;
const NOWHERE = -1;
/** Where the end of something that is not plain would be. */
const NOT_PLAIN = -1;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const SPACE = 0x20;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** More digits than this may be more than a number holds. */
const NUMBER_LENGTH_MAX = 300;

const NOT_IN_NAMES = 1;
const ENDS_TEXT = 2;
const UNUSUAL = 4;
/** By byte: what it means inside a string. */
const IN_TEXT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (character === '"') return ENDS_TEXT;
  if (byte < SPACE || byte > 0x7f || character === '\\') return UNUSUAL;
  return byte === 0x7f || ',{}<>'.includes(character) ? NOT_IN_NAMES : 0;
});

const NO_BYTES = new Uint8Array();

export class PlainItem {
  /** The body that was read last, and by place what stands there: `[start, end)`, of a string without its quotes. */
  body: Uint8Array = NO_BYTES;
  readonly kinds = new Uint8Array(PLACES);
  readonly starts = new Uint32Array(PLACES);
  readonly ends = new Uint32Array(PLACES);
  /** Of the value that was passed last. */
  #kind: Kind = KIND.absent;

  /** Looks for the fields of the event in `body[start, end)`. False when it is not plain: then nothing is known of it. */
  find(body: Uint8Array, start: number, end: number): boolean {
    if (end - start > EVENT_BYTES_MAX || body[start] !== OPENING_BRACE) return false;
    this.body = body;
    this.kinds.fill(KIND.absent);
    return this.#members(start, ATTRIBUTES, NESTING_MAX) === end;
  }

  /** Passes the object at `at`, noting where its fields are that `names` knows. Returns its end. */
  #members(at: number, names: NameTable, levels: number): number {
    const { body } = this;
    let next = skipSpace(body, at + 1);
    if (body[next] === CLOSING_BRACE) return this.#end(KIND.object, next + 1);
    while (body[next] === QUOTE) {
      const nameEnd = this.#text(next + 1);
      if (nameEnd === NOT_PLAIN) return NOT_PLAIN;
      const place = names.placeOf(body, next + 1, nameEnd);
      next = skipSpace(body, nameEnd + 1);
      if (body[next] !== COLON) return NOT_PLAIN;
      const value = skipSpace(body, next + 1);
      const inner = body[value] === OPENING_BRACE ? tableOf(place) : undefined;
      const end =
        inner === undefined
          ? this.#value(value, levels - 1)
          : this.#members(value, inner, levels - 1);
      if (end === NOT_PLAIN || !this.#note(place, value, end)) return NOT_PLAIN;
      next = skipSpace(body, end);
      if (body[next] === CLOSING_BRACE) return this.#end(KIND.object, next + 1);
      if (body[next] !== COMMA) return NOT_PLAIN;
      next = skipSpace(body, next + 1);
    }
    return NOT_PLAIN;
  }

  /** False when something stands there already. */
  #note(place: number, start: number, end: number): boolean {
    if (place === NOWHERE) return true;
    if (this.kinds[place] !== KIND.absent) return false;
    const kind = this.#kind;
    const quote = kind === KIND.name || kind === KIND.text ? 1 : 0;
    this.kinds[place] = kind;
    this.starts[place] = start + quote;
    this.ends[place] = end - quote;
    return true;
  }

  /** Passes any value at `at`; returns its end. `levels`: how many levels of nesting are left. */
  #value(at: number, levels: number): number {
    const byte = this.body[at] ?? 0;
    if (byte === QUOTE) {
      const end = this.#text(at + 1);
      return end === NOT_PLAIN ? NOT_PLAIN : end + 1;
    }
    if (byte === OPENING_BRACE) {
      return levels === 0 ? NOT_PLAIN : this.#members(at, NO_NAMES, levels);
    }
    if (byte === OPENING_BRACKET) return levels === 0 ? NOT_PLAIN : this.#items(at, levels);
    if (isDigit(byte) || byte === MINUS) {
      return this.#end(KIND.number, skipNumber(this.body, at));
    }
    return this.#word(at);
  }

  #items(at: number, levels: number): number {
    const { body } = this;
    let next = skipSpace(body, at + 1);
    if (body[next] === CLOSING_BRACKET) return this.#end(KIND.array, next + 1);
    for (;;) {
      const end = this.#value(next, levels - 1);
      if (end === NOT_PLAIN) return NOT_PLAIN;
      next = skipSpace(body, end);
      if (body[next] === CLOSING_BRACKET) return this.#end(KIND.array, next + 1);
      if (body[next] !== COMMA) return NOT_PLAIN;
      next = skipSpace(body, next + 1);
    }
  }

  /** From behind the opening quote to the closing one. */
  #text(start: number): number {
    const { body } = this;
    let seen = 0;
    let at = start;
    for (;;) {
      // Behind the body stands nothing, which is as unusual as byte 0.
      const meaning = IN_TEXT[body[at] ?? 0] ?? UNUSUAL;
      seen |= meaning;
      if (meaning >= ENDS_TEXT) break;
      at += 1;
    }
    this.#kind = (seen & NOT_IN_NAMES) === 0 ? KIND.name : KIND.text;
    return (seen & UNUSUAL) === 0 ? at : NOT_PLAIN;
  }

  #word(at: number): number {
    if (TRUE.isAt(this.body, at)) return this.#end(KIND.true, at + TRUE.length);
    if (FALSE.isAt(this.body, at)) return this.#end(KIND.false, at + FALSE.length);
    return NULL.isAt(this.body, at) ? this.#end(KIND.null, at + NULL.length) : NOT_PLAIN;
  }

  #end(kind: Kind, end: number): number {
    this.#kind = kind;
    return end;
  }
}

/** ASCII to be found in bytes. */
class Word {
  readonly #bytes: Uint8Array;

  constructor(text: string) {
    this.#bytes = Buffer.from(text, 'latin1');
  }

  get length(): number {
    return this.#bytes.length;
  }

  isAt(body: Uint8Array, at: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < bytes.length; i += 1) if (body[at + i] !== bytes[i]) return false;
    return true;
  }
}

/** Names of fields, and the place of each. */
class NameTable {
  /** Open addressing. */
  readonly #words: (Word | undefined)[] = [];
  readonly #places: number[] = [];
  readonly #mask: number;

  constructor(names: readonly string[], firstPlace: number) {
    const size = 4 * 2 ** Math.ceil(Math.log2(names.length + 1));
    this.#mask = size - 1;
    this.#words = Array.from({ length: size }, () => undefined);
    this.#places = Array.from({ length: size }, () => NOWHERE);
    for (const [i, name] of names.entries()) {
      const word = new Word(name);
      let at = this.#hash(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1));
      while (this.#words[at] !== undefined) at = (at + 1) & this.#mask;
      this.#words[at] = word;
      this.#places[at] = firstPlace + i;
    }
  }

  placeOf(body: Uint8Array, start: number, end: number): number {
    const length = end - start;
    let at = this.#hash(length, body[start] ?? 0, body[end - 1] ?? 0);
    for (let word = this.#words[at]; word !== undefined; word = this.#words[at]) {
      if (word.length === length && word.isAt(body, start)) return this.#places[at] ?? NOWHERE;
      at = (at + 1) & this.#mask;
    }
    return NOWHERE;
  }

  #hash(length: number, first: number, last: number): number {
    return (length + 5 * first + 11 * last) & this.#mask;
  }
}

const TRUE = new Word('true');
const FALSE = new Word('false');
const NULL = new Word('null');

const ATTRIBUTES = new NameTable(ATTRIBUTE_NAMES, 0);
const FIELDS = new NameTable(FIELD_NAMES, FIELD_PLACES);
const METADATA = new NameTable(['agent_id'], AGENT_OF_METADATA);
const NO_NAMES = new NameTable([], 0);

/** What is looked for inside of the object that stands at a place. */
function tableOf(place: number): NameTable | undefined {
  if (place === ATTRIBUTE.data) return FIELDS;
  return place === FIELD_PLACES + FIELD.metadata ? METADATA : undefined;
}

function skipSpace(body: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const byte = body[at] ?? QUOTE;
    if (byte > SPACE || !(byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09)) {
      return at;
    }
    at += 1;
  }
}

/** Behind the number, as far as it is one without an exponent; what follows tells whether that was all. */
function skipNumber(body: Uint8Array, start: number): number {
  const first = body[start] === MINUS ? start + 1 : start;
  let at = skipDigits(body, first);
  if (at === first || (body[first] === ZERO && at > first + 1)) return NOT_PLAIN;
  if (body[at] === DOT) {
    const fraction = at + 1;
    at = skipDigits(body, fraction);
    if (at === fraction) return NOT_PLAIN;
  }
  return at - start > NUMBER_LENGTH_MAX ? NOT_PLAIN : at;
}

function skipDigits(body: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(body[at] ?? 0)) at += 1;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
