/**
 * The fields of a plain event, read from its bytes; names that recur become no new strings. Whatever
 * is not as it must be is a doubt and no more: the event is then read once more as any other JSON,
 * and that says what is wrong.
 */
import type { Field } from './field-names.js';
import type { Fields } from './fields.js';
import { DURATION_MS_MAX, IDENTIFIER_LENGTH_MAX, RESERVED_IDENTIFIER } from './limits.js';
import { QuotedName, type QuotedWords } from './known-text.js';
import { AGENT_OF_METADATA, FIELD_PLACES, KIND } from './places.js';
import type { PlainItem } from './plain-item.js';
import { asciiText, quotedNameIn } from './recurring-names.js';

const NO_TEXTS: readonly string[] = [];
const ZERO = 0x30;
/** A whole number of so many digits is exact, however it is added up. */
const EXACT_DIGITS_MAX = 15;
/** How much longer a string is in JSON. */
const QUOTES = 2;
const RESERVED = new QuotedName(RESERVED_IDENTIFIER);

export class PlainFields implements Fields {
  #isDoubtful = false;

  constructor(private readonly item: PlainItem) {}

  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** Before each event. */
  begin(): void {
    this.#isDoubtful = false;
  }

  has(field: Field): boolean {
    return (this.item.kinds[FIELD_PLACES + field] ?? KIND.absent) > KIND.null;
  }

  identifier(field: Field): string {
    const place = FIELD_PLACES + field;
    return this.isIdentifier(place, IDENTIFIER_LENGTH_MAX) ? this.textAt(place) : '';
  }

  /** Where the identifier begins, without its quotes; and where it ends. */
  identifierStart(field: Field): number {
    const place = FIELD_PLACES + field;
    this.isIdentifier(place, IDENTIFIER_LENGTH_MAX);
    return (this.item.starts[place] ?? 0) + 1;
  }

  identifierEnd(field: Field): number {
    return (this.item.ends[FIELD_PLACES + field] ?? 0) - 1;
  }

  /** Of any place, so of the event's attributes, too. A doubt when it is none. */
  isIdentifier(place: number, lengthMax: number): boolean {
    const { body, kinds, starts, ends } = this.item;
    const start = starts[place] ?? 0;
    const length = (ends[place] ?? 0) - start - QUOTES;
    const isOne =
      kinds[place] === KIND.name &&
      length > 0 &&
      length <= lengthMax &&
      !(length === RESERVED_IDENTIFIER.length && RESERVED.isAt(body, start));
    return isOne || this.#doubt(false);
  }

  name(field: Field): string {
    return this.nameAt(FIELD_PLACES + field);
  }

  nameAt(place: number): string {
    const { body, kinds, starts, ends } = this.item;
    if (kinds[place] !== KIND.name) return this.#doubt('');
    return quotedNameIn(body, starts[place] ?? 0, ends[place] ?? 0) ?? this.#doubt('');
  }

  /** Of a place where a string stands. */
  textAt(place: number): string {
    const { body, starts, ends } = this.item;
    return asciiText(body.bytes, (starts[place] ?? 0) + 1, (ends[place] ?? 0) - 1);
  }

  optionalName(field: Field): string | undefined {
    return this.has(field) ? this.name(field) : undefined;
  }

  /** A registration is rare: its identifiers are left to the other reader. */
  identifiers(): readonly string[] {
    return this.#doubt(NO_TEXTS);
  }

  checkTexts(field: Field): void {
    if (this.has(field) && this.item.kinds[FIELD_PLACES + field] !== KIND.texts) {
      this.#doubt(undefined);
    }
  }

  word<Word extends string>(field: Field, words: readonly [Word, ...Word[]]): Word {
    return this.optionalWord(field, words) ?? this.#doubt(words[0]);
  }

  optionalWord<Word extends string>(field: Field, words: readonly Word[]): Word | undefined {
    if (!this.has(field)) return undefined;
    const name = this.name(field);
    for (const word of words) if (word === name) return word;
    return this.#doubt(undefined);
  }

  /** The place of a word among those that it may be, counted from 1; 0 where nothing stands. */
  wordNumber(field: Field, words: QuotedWords<string>): number {
    if (!this.has(field)) return 0;
    const { body, kinds, starts } = this.item;
    // Of anything else it is not said where it begins.
    if (kinds[FIELD_PLACES + field] !== KIND.name) return this.#doubt(0);
    const index = words.indexAt(body, starts[FIELD_PLACES + field] ?? 0);
    return index < 0 ? this.#doubt(0) : index + 1;
  }

  optionalBoolean(field: Field): boolean | undefined {
    const kind = this.item.kinds[FIELD_PLACES + field];
    if (kind === KIND.true) return true;
    if (kind === KIND.false) return false;
    return this.has(field) ? this.#doubt(undefined) : undefined;
  }

  number(field: Field, max: number): number {
    const place = FIELD_PLACES + field;
    if (this.item.kinds[place] !== KIND.number) return this.#doubt(0);
    const number = this.#numberAt(place);
    return number >= 0 && number <= max ? number + 0 : this.#doubt(0);
  }

  optionalDurationMs(field: Field): number | undefined {
    return this.has(field) ? this.number(field, DURATION_MS_MAX) : undefined;
  }

  integer<Integer extends number>(
    field: Field,
    numbers: readonly [Integer, ...Integer[]],
  ): Integer {
    const number = this.number(field, numbers.length);
    for (const one of numbers) if (one === number) return one;
    return this.#doubt(numbers[0]);
  }

  agentOfMetadata(): string | undefined {
    const { kinds } = this.item;
    const kind = kinds[AGENT_OF_METADATA];
    if (kind === KIND.name) return this.nameAt(AGENT_OF_METADATA);
    return kind === KIND.text ? this.#doubt(undefined) : undefined;
  }

  missing(): void {
    this.#doubt(undefined);
  }

  #numberAt(place: number): number {
    const { body, starts, ends } = this.item;
    const start = starts[place] ?? 0;
    const end = ends[place] ?? 0;
    if (end - start > EXACT_DIGITS_MAX) return Number(asciiText(body.bytes, start, end));
    let number = 0;
    for (let at = start; at < end; at += 1) {
      const digit = (body.bytes[at] ?? 0) - ZERO;
      if (digit < 0) return Number(asciiText(body.bytes, start, end)); // a sign or a point
      number = number * 10 + digit;
    }
    return number;
  }

  #doubt<Value>(instead: Value): Value {
    this.#isDoubtful = true;
    return instead;
  }
}
