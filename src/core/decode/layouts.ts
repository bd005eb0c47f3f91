/**
 * What stands between the values of events. A sender writes all its events of a kind in one layout, so mostly it is
 * known before it is read: brackets, names and commas are compared as one text. Layouts that begin alike are one until
 * they part, as a tree.
 */
import type { BodyBytes } from './body-bytes.js';
import { KnownText } from './known-text.js';
import { KIND, isString, type Kind } from './places.js';
import { asciiText } from './recurring-names.js';

/** A value of an event that was read: what it is, where it stands, and at which place that is noted, if at any. */
export interface Passed {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly place: number | undefined;
}

/** Those who never write two events alike must not take much time. */
const LEARNED_ONE_IN = 16;
const LEARNED_BYTES_MAX = 4_096;
/** A value costs far more to learn than to read. */
const LEARNED_VALUES_MAX = 128;
/** Roughly, in bytes. Beyond it, all is learned anew. */
const SIZE_MAX = 512 * 1024;
const SIZE_OF_ONE = 256;
const FOLLOWING_MAX = 16;

/** What stands before a value that is neither object nor array; or behind the last one. */
export class Layout extends KnownText {
  /** Longer ones first: one that begins as another is told from it by what follows. */
  #following: Layout[] = [];

  constructor(
    readonly text: string,
    /** Of the value; of a string its opening quote is the last byte of the text. */
    readonly isBeforeString: boolean,
    readonly place: number | undefined,
    /** Behind the last value: the objects and arrays of the event that are noted. */
    readonly ended: readonly Passed[] | undefined,
  ) {
    super(text);
  }

  /** The one that stands at `at`, behind the value of this one. */
  followingAt(body: BodyBytes, at: number): Layout | undefined {
    const following = this.#following;
    for (let i = 0; i < following.length; i += 1) {
      const next = following[i];
      if (next?.isAt(body, at) === true) return next;
    }
    return undefined;
  }

  find(text: string): Layout | undefined {
    return this.#following.find((next) => next.text === text);
  }

  follow(next: Layout): Layout {
    if (this.#following.length === FOLLOWING_MAX) this.#following = [];
    this.#following.push(next);
    this.#following.sort((a, b) => b.length - a.length);
    return next;
  }
}

export class Layouts {
  /** Nothing stands there: what follows it is how events begin. */
  #beginning = beginning();
  #size = 0;
  #unknown = 0;

  get beginning(): Layout {
    return this.#beginning;
  }

  /** Of one more event whose layout is not known: whether to learn it. */
  isToLearn(length: number): boolean {
    this.#unknown += 1;
    return this.#unknown % LEARNED_ONE_IN === 1 && length <= LEARNED_BYTES_MAX;
  }

  /** `passed`: all values of the event in `body[start, end)`, in the order of their ends. */
  learn(body: BodyBytes, start: number, end: number, passed: readonly Passed[]): void {
    if (passed.length > LEARNED_VALUES_MAX) return;
    if (this.#size > SIZE_MAX) {
      this.#size = 0;
      this.#beginning = beginning();
    }
    let layout = this.#beginning;
    let at = start;
    for (const { kind, start: from, end: to, place } of passed) {
      if (kind >= KIND.array) continue;
      const quote = isString(kind) ? 1 : 0;
      const text = asciiText(body.bytes, at, from + quote);
      layout =
        layout.find(text) ?? this.#add(layout, new Layout(text, quote > 0, place, undefined));
      at = to - quote;
    }
    const text = asciiText(body.bytes, at, end);
    const ended = passed.filter(({ kind, place }) => kind >= KIND.array && place !== undefined);
    if (layout.find(text) === undefined)
      this.#add(layout, new Layout(text, false, undefined, ended));
  }

  #add(layout: Layout, next: Layout): Layout {
    this.#size += next.length + SIZE_OF_ONE;
    return layout.follow(next);
  }
}

function beginning(): Layout {
  return new Layout('', false, undefined, undefined);
}
