/**
 * Finds the fields of a plain event in its bytes, in one pass and without making anything. Nearly
 * all events are plain: printable ASCII without escapes, no field twice, no number with an exponent.
 * What is not, JSON.parse reads, and says what is wrong with it where something is.
 */
import { BodyBytes } from './body-bytes.js';
import { EVENT_BYTES_MAX, NESTING_MAX } from './limits.js';
import { Layouts, type Passed } from './layouts.js';
import { ATTRIBUTES, NO_NAMES, type NameTable } from './name-table.js';
import { isString, KIND, PLACES, type Kind } from './places.js';
import { endOfUsual } from './plain-text.js';

/** Where the end of something that is not plain would be. */
const NOT_PLAIN = -1;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const SPACE = 0x20;
const LETTER_E = 0x65;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BYTES_AT_A_TIME = 4;
const TRUE = four('true');
const NULL = four('null');
/** The `e` stands behind it. */
const FALSE = four('fals');
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

const NO_BODY = new BodyBytes(new Uint8Array());

export class PlainItem {
  /** The body that was read last, and by place what stands there: `[start, end)`, of a string with its quotes. */
  body = NO_BODY;
  readonly kinds = new Uint8Array(PLACES);
  readonly starts = new Uint32Array(PLACES);
  readonly ends = new Uint32Array(PLACES);
  readonly #layouts = new Layouts();
  /** All values of the event, while its layout is to be learned. */
  #passed: Passed[] | undefined;
  /** Of the value that was passed last. */
  #kind: Kind = KIND.absent;

  /** Looks for the fields of the event in `body[start, end)`. False when it is not plain: then nothing is known of it. */
  find(body: Uint8Array, start: number, end: number): boolean {
    if (end - start > EVENT_BYTES_MAX || body[start] !== OPENING_BRACE) return false;
    if (body !== this.body.bytes) this.body = new BodyBytes(body);
    if (this.#isOfKnownLayout(start, end)) return true;
    this.kinds.fill(KIND.absent);
    this.#passed = this.#layouts.isToLearn(end - start) ? [] : undefined;
    if (this.#members(start, ATTRIBUTES, NESTING_MAX) !== end) return false;
    if (this.#passed !== undefined) this.#layouts.learn(this.body, start, end, this.#passed);
    return true;
  }

  /** False when it is of another, or not plain: then nothing is known of it. */
  #isOfKnownLayout(start: number, end: number): boolean {
    const { body, kinds, starts, ends } = this;
    kinds.fill(KIND.absent);
    let layout = this.#layouts.beginning;
    let at = start;
    for (;;) {
      const next = layout.followingAt(body, at);
      if (next === undefined) return false;
      layout = next;
      at += layout.length;
      if (layout.ended !== undefined) break;
      const { place, isBeforeString } = layout;
      const value = isBeforeString ? at - 1 : at;
      const valueEnd = isBeforeString ? this.#text(value) : this.#scalar(value);
      if (valueEnd === NOT_PLAIN) return false;
      if (place !== undefined) {
        kinds[place] = this.#kind;
        starts[place] = value;
        ends[place] = valueEnd;
      }
      at = isBeforeString ? valueEnd - 1 : valueEnd;
    }
    for (const { place, kind } of layout.ended) if (place !== undefined) kinds[place] = kind;
    return at === end;
  }

  /** Passes the object at `at`, noting where its fields are that `names` knows. Returns its end. */
  #members(at: number, names: NameTable, levels: number): number {
    const { body } = this;
    const { bytes } = body;
    let next = skipSpace(bytes, at + 1);
    if (bytes[next] === CLOSING_BRACE) return this.#end(KIND.object, next + 1);
    while (bytes[next] === QUOTE) {
      const field = names.fieldAt(body, next);
      const nameEnd = field === undefined ? this.#text(next) : next + field.length;
      if (nameEnd === NOT_PLAIN) return NOT_PLAIN;
      next = skipSpace(bytes, nameEnd);
      if (bytes[next] !== COLON) return NOT_PLAIN;
      const value = skipSpace(bytes, next + 1);
      const end = this.#value(value, levels - 1, field?.inner ?? NO_NAMES);
      if (end === NOT_PLAIN || !this.#note(field?.place, value, end)) return NOT_PLAIN;
      next = skipSpace(bytes, end);
      if (bytes[next] === CLOSING_BRACE) return this.#end(KIND.object, next + 1);
      if (bytes[next] !== COMMA) return NOT_PLAIN;
      next = skipSpace(bytes, next + 1);
    }
    return NOT_PLAIN;
  }

  /** False when something stands there already. */
  #note(place: number | undefined, start: number, end: number): boolean {
    this.#passed?.push({ kind: this.#kind, start, end, place });
    if (place === undefined) return true;
    if (this.kinds[place] !== KIND.absent) return false;
    this.kinds[place] = this.#kind;
    this.starts[place] = start;
    this.ends[place] = end;
    return true;
  }

  /**
   * Passes any value at `at`; returns its end. `levels`: how many levels of nesting are left. `names`: those that are
   * looked for when it is an object.
   */
  #value(at: number, levels: number, names: NameTable): number {
    const byte = this.body.bytes[at] ?? 0;
    if (byte === QUOTE) return this.#text(at);
    if (byte === OPENING_BRACE) return levels === 0 ? NOT_PLAIN : this.#members(at, names, levels);
    if (byte === OPENING_BRACKET) return levels === 0 ? NOT_PLAIN : this.#items(at, levels);
    return this.#scalar(at);
  }

  /** Passes a number, a boolean or null. */
  #scalar(at: number): number {
    const { bytes } = this.body;
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte) && byte !== MINUS) return this.#word(at);
    return this.#end(KIND.number, skipNumber(bytes, at));
  }

  #items(at: number, levels: number): number {
    const { bytes } = this.body;
    let next = skipSpace(bytes, at + 1);
    if (bytes[next] === CLOSING_BRACKET) return this.#end(KIND.texts, next + 1);
    let kind: Kind = KIND.texts;
    for (;;) {
      const end = this.#value(next, levels - 1, NO_NAMES);
      if (end === NOT_PLAIN || !this.#note(undefined, next, end)) return NOT_PLAIN;
      if (!isString(this.#kind)) kind = KIND.array;
      next = skipSpace(bytes, end);
      if (bytes[next] === CLOSING_BRACKET) return this.#end(kind, next + 1);
      if (bytes[next] !== COMMA) return NOT_PLAIN;
      next = skipSpace(bytes, next + 1);
    }
  }

  /** From its opening quote to behind the closing one. */
  #text(start: number): number {
    const { bytes } = this.body;
    const end = endOfUsual(this.body, start + 1);
    return bytes[end] === QUOTE ? this.#end(KIND.name, end + 1) : this.#restOfText(end);
  }

  /** Behind what may stand in any name. */
  #restOfText(start: number): number {
    const { bytes } = this.body;
    let seen = 0;
    let at = start;
    for (;;) {
      // Behind the body stands nothing, which is as unusual as byte 0.
      const meaning = IN_TEXT[bytes[at] ?? 0] ?? UNUSUAL;
      seen |= meaning;
      if (meaning >= ENDS_TEXT) break;
      at += 1;
    }
    if ((seen & UNUSUAL) !== 0) return NOT_PLAIN;
    return this.#end((seen & NOT_IN_NAMES) === 0 ? KIND.name : KIND.text, at + 1);
  }

  #word(at: number): number {
    const { body } = this;
    if (at + BYTES_AT_A_TIME >= body.length) return NOT_PLAIN;
    const four = body.fourAt(at);
    if (four === TRUE) return this.#end(KIND.true, at + 4);
    if (four === NULL) return this.#end(KIND.null, at + 4);
    const isFalse = four === FALSE && body.bytes[at + 4] === LETTER_E;
    return isFalse ? this.#end(KIND.false, at + 5) : NOT_PLAIN;
  }

  #end(kind: Kind, end: number): number {
    this.#kind = kind;
    return end;
  }
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

function four(text: string): number {
  return new BodyBytes(Buffer.from(text, 'latin1')).fourAt(0);
}
