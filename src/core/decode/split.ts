/**
 * Where the items of a body begin and end, found without parsing them: each is then decoded by
 * itself.
 */
import type { BodyShape, Refusal } from '../ports.js';
import { EVENTS_PER_BODY_MAX } from './limits.js';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
/** `[` and `{` differ in this one bit, and so do `]` and `}`. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** By byte: 1 for those that give an array its structure. */
const IS_STRUCTURAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"[]{},'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** Scanned in about a tenth of a millisecond. */
const BYTES_BETWEEN_PAUSES = 65_536;

/**
 * `[start0, end0, start1, end1, …]`, without the white space around items; or why the body cannot
 * be split: `malformed_body` or `too_many_events`. `lines`: blank lines are skipped, CRLF is taken.
 * `array_or_one`: by the first byte that is no white space.
 */
export function splitBody(body: Uint8Array, shape: BodyShape): Uint32Array | Refusal {
  const splitter = new BodySplitter(body, shape);
  splitter.step(() => false);
  return splitter.result;
}

/**
 * Where the only item of a body begins and ends; undefined where there may be several, or none. The
 * body is small.
 */
export function spanOfOne(
  body: Uint8Array,
  shape: BodyShape,
): readonly [number, number] | undefined {
  if (shape === 'lines' || shape === 'array') return undefined;
  const start = skipSpace(body, 0, body.length);
  const isUndecided = start === body.length || body[start] === OPENING_BRACKET;
  if (shape === 'array_or_one' && isUndecided) return undefined;
  let end = body.length;
  while (end > start && isSpace(body[end - 1])) end--;
  return [start, end];
}

/** `splitBody` in steps, for bodies of megabytes. */
export class BodySplitter {
  readonly #body: Uint8Array;
  readonly #spans: number[] = [];
  #shape: BodyShape;
  #at = 0;
  /** Until the first byte that is no white space. */
  #leading = true;
  /**
   * What the scan of an array knows: where the item began, whether inside a string, brackets open.
   */
  #itemStart = 0;
  #inText = false;
  #depth = 0;
  #closed = false;
  /** Whether white space may still stand behind the last item. */
  #isUntrimmed = false;
  #refusal: Refusal | undefined;

  constructor(body: Uint8Array, shape: BodyShape) {
    this.#body = body;
    this.#shape = shape;
  }

  /** Goes on until it is finished (true) or `shouldPause` says so. */
  step(shouldPause: () => boolean): boolean {
    while (this.#refusal === undefined && !this.#isFinished) {
      const until = Math.min(this.#at + BYTES_BETWEEN_PAUSES, this.#body.length);
      if (this.#isUntrimmed) this.#trimLast();
      else if (this.#leading) this.#skipLeading(until);
      else if (this.#shape === 'lines') this.#takeLines(until);
      else if (this.#shape === 'array') this.#takeArray(until);
      else this.#takeWhole();
      if (shouldPause()) break;
    }
    return this.#refusal !== undefined || this.#isFinished;
  }

  get #isFinished(): boolean {
    return this.#at >= this.#body.length && !this.#isUntrimmed;
  }

  /** Once `step` has returned true. */
  get result(): Uint32Array | Refusal {
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#shape === 'array' && !this.#closed) {
      return malformed('a JSON array', this.#leading ? 'nothing' : 'its end before the closing ]');
    }
    if (this.#leading && this.#shape === 'array_or_one') {
      return malformed('a JSON object or array', 'nothing');
    }
    // One event was announced: an empty text is one event that is no JSON.
    if (this.#leading && this.#shape === 'one') return Uint32Array.of(0, 0);
    return new Uint32Array(this.#spans);
  }

  #skipLeading(until: number): void {
    this.#at = skipSpace(this.#body, this.#at, until);
    if (this.#at === until) return;
    this.#leading = false;
    const isArray = this.#body[this.#at] === OPENING_BRACKET;
    if (this.#shape === 'array_or_one') this.#shape = isArray ? 'array' : 'one';
    if (this.#shape !== 'array') return;
    if (!isArray) this.#refusal = malformed('a JSON array', 'something that does not begin with [');
    this.#at += 1;
    this.#itemStart = this.#at;
  }

  #takeWhole(): void {
    this.#addItem(this.#at, this.#body.length);
    this.#at = this.#body.length;
  }

  #takeLines(until: number): void {
    const body = this.#body;
    while (this.#refusal === undefined && !this.#isUntrimmed) {
      this.#at = skipSpace(body, this.#at, until);
      if (this.#at >= until) return;
      const lineFeed = body.indexOf(LINE_FEED, this.#at);
      const end = lineFeed === -1 ? body.length : lineFeed;
      this.#addItem(this.#at, end);
      this.#at = end;
    }
  }

  #takeArray(until: number): void {
    if (!this.#closed) this.#scanArray(until);
    if (!this.#closed) return;
    this.#at = skipSpace(this.#body, this.#at, Math.max(until, this.#at));
    if (this.#at < until) this.#refusal ??= malformed('a JSON array', 'more behind its closing ]');
  }

  #scanArray(until: number): void {
    const body = this.#body;
    let at = this.#at;
    let depth = this.#depth;
    let inText = this.#inText;
    while (at < until) {
      if (inText) {
        at = skipText(body, at, until);
        if (at >= until) break;
        inText = false;
        at++;
      }
      while (at < until && IS_STRUCTURAL[body[at] ?? 0] === 0) at++;
      if (at >= until) break;
      const byte = body[at++] ?? 0;
      if (byte === QUOTE) inText = true;
      else if ((byte | BRACE_BIT) === OPENING) depth++;
      else if (depth > 0) {
        if ((byte | BRACE_BIT) === CLOSING) depth--;
      } else if (byte === COMMA) {
        this.#addItem(this.#itemStart, at - 1);
        this.#itemStart = at;
        if (this.#refusal !== undefined || this.#isUntrimmed) break;
      } else if (byte === CLOSING_BRACKET) {
        this.#closeArray(at - 1);
        break;
      }
    }
    this.#depth = depth;
    this.#inText = inText;
    this.#at = at;
  }

  #closeArray(end: number): void {
    this.#closed = true;
    const isEmpty = this.#spans.length === 0 && skipSpace(this.#body, this.#itemStart, end) === end;
    if (!isEmpty) this.#addItem(this.#itemStart, end);
  }

  /** An item of nothing is an item still: it will be rejected, and the others keep their index. */
  #addItem(start: number, end: number): void {
    if (this.#spans.length === 2 * EVENTS_PER_BODY_MAX) {
      const message = `body: expected at most ${EVENTS_PER_BODY_MAX} events, got more`;
      this.#refusal = { code: 'too_many_events', message };
      return;
    }
    const body = this.#body;
    const from = skipSpace(body, start, end);
    this.#spans.push(from, end);
    this.#trimLast();
  }

  /** Takes white space from the end of the last item, as much as fits between two pauses. */
  #trimLast(): void {
    const spans = this.#spans;
    const from = spans[spans.length - 2] ?? 0;
    const end = spans[spans.length - 1] ?? 0;
    const least = Math.max(from, end - BYTES_BETWEEN_PAUSES);
    let to = end;
    while (to > least && isSpace(this.#body[to - 1])) to--;
    spans[spans.length - 1] = to;
    this.#isUntrimmed = to === least && to > from;
  }
}

/** To the quote that closes the string, or beyond `until`. */
function skipText(body: Uint8Array, start: number, until: number): number {
  let at = start;
  while (at < until) {
    const byte = body[at];
    if (byte === QUOTE) break;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return at;
}

function skipSpace(body: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(body[at])) at++;
  return at;
}

/** What JSON takes as white space. */
function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

function malformed(wanted: string, got: string): Refusal {
  return { code: 'malformed_body', message: `body: expected ${wanted}, got ${got}` };
}
