/**
 * The fields of an event's `data`, read by what they must be. A reader remembers a field that is not
 * so, and returns something of the right type in its place: what makes an event of them reads as one
 * object literal, and asks once, at its end, whether all was well.
 */
import type { ProblemCode } from '../problem.js';
import { describeValue } from './describe.js';
import { FIELD, FIELD_NAMES, type Field } from './field-names.js';
import { identifierFault, isIdentifier } from './identifier.js';
import { DURATION_MS_MAX } from './limits.js';
import { isJsonObject, type JsonObject } from './nesting.js';
import { knownName, rememberName } from './recurring-names.js';
import { rejection, type Rejection } from './rejection.js';

export interface Fields {
  /** False where nothing stands, or null. */
  has(field: Field): boolean;
  identifier(field: Field): string;
  /** An identifier of a kind that recurs: a type, a strategy, an agent. */
  name(field: Field): string;
  optionalName(field: Field): string | undefined;
  identifiers(field: Field): readonly string[];
  /** Free text, in an array; absent is none. Nothing that is folded reads it. */
  checkTexts(field: Field): void;
  word<Word extends string>(field: Field, words: readonly [Word, ...Word[]]): Word;
  optionalWord<Word extends string>(field: Field, words: readonly Word[]): Word | undefined;
  optionalBoolean(field: Field): boolean | undefined;
  /** From 0 to `max`; -0 is 0. */
  number(field: Field, max: number): number;
  optionalDurationMs(field: Field): number | undefined;
  /** One of `numbers`, which run from 0 without a gap. */
  integer<Integer extends number>(field: Field, numbers: readonly [Integer, ...Integer[]]): Integer;
  /**
   * `metadata` is free: an agent_id in it that is no text names no agent, but one that is must be
   * well-formed.
   */
  agentOfMetadata(): string | undefined;
  /** The field should be there. */
  missing(field: Field, wanted: string): void;
}

const NO_TEXTS: readonly string[] = [];

/** Of a parsed object. Only the first rejection counts: an event has one problem. */
export class ParsedFields implements Fields {
  #rejection: Rejection | undefined;

  constructor(private readonly data: JsonObject) {}

  get rejection(): Rejection | undefined {
    return this.#rejection;
  }

  has(field: Field): boolean {
    return this.#value(field) !== undefined;
  }

  identifier(field: Field): string {
    return this.#identifier(FIELD_NAMES[field] ?? '', this.#value(field));
  }

  name(field: Field): string {
    return this.#name(FIELD_NAMES[field] ?? '', this.#value(field));
  }

  optionalName(field: Field): string | undefined {
    return this.has(field) ? this.name(field) : undefined;
  }

  identifiers(field: Field): readonly string[] {
    const value = this.#value(field);
    if (value === undefined) {
      this.missing(field, 'an array of identifiers');
      return NO_TEXTS;
    }
    if (!Array.isArray(value)) {
      this.#wrongType(field, 'an array of identifiers', value);
      return NO_TEXTS;
    }
    return value.map((item: unknown, i) => this.#identifier(`${FIELD_NAMES[field]}[${i}]`, item));
  }

  checkTexts(field: Field): void {
    this.texts(field);
  }

  /** The array is handed on, not copied. */
  texts(field: Field): readonly string[] {
    const value = this.#value(field);
    if (value === undefined) return NO_TEXTS;
    if (!Array.isArray(value)) {
      this.#wrongType(field, 'an array of strings', value);
      return NO_TEXTS;
    }
    const values: readonly unknown[] = value;
    if (areTexts(values)) return values;
    const at = values.findIndex((item) => typeof item !== 'string');
    this.#reject('invalid_field', `${FIELD_NAMES[field]}[${at}]`, 'a string', values[at]);
    return NO_TEXTS;
  }

  word<Word extends string>(field: Field, words: readonly [Word, ...Word[]]): Word {
    if (!this.has(field)) this.missing(field, oneOf(words));
    return this.optionalWord(field, words) ?? words[0];
  }

  optionalWord<Word extends string>(field: Field, words: readonly Word[]): Word | undefined {
    const value = this.#value(field);
    if (value === undefined) return undefined;
    for (const word of words) if (word === value) return word;
    if (typeof value !== 'string') this.#wrongType(field, oneOf(words), value);
    else this.#reject('unknown_word', FIELD_NAMES[field] ?? '', oneOf(words), value);
    return undefined;
  }

  optionalBoolean(field: Field): boolean | undefined {
    const value = this.#value(field);
    if (value === undefined || typeof value === 'boolean') return value;
    this.#wrongType(field, 'true or false', value);
    return undefined;
  }

  number(field: Field, max: number): number {
    const value = this.#value(field);
    if (typeof value === 'number' && value >= 0 && value <= max) return value + 0;
    if (value === undefined) this.missing(field, `a number from 0 to ${max}`);
    else this.#badNumber(field, `a number from 0 to ${max}`, value);
    return 0;
  }

  optionalDurationMs(field: Field): number | undefined {
    return this.has(field) ? this.number(field, DURATION_MS_MAX) : undefined;
  }

  integer<Integer extends number>(
    field: Field,
    numbers: readonly [Integer, ...Integer[]],
  ): Integer {
    const value = this.#value(field);
    for (const number of numbers) if (number === value) return number;
    const wanted = `an integer from 0 to ${numbers.length - 1}`;
    if (value === undefined) this.missing(field, wanted);
    else this.#badNumber(field, wanted, value);
    return numbers[0];
  }

  agentOfMetadata(): string | undefined {
    const metadata = this.#value(FIELD.metadata);
    if (!isJsonObject(metadata)) return undefined;
    const { agent_id: agentId } = metadata;
    return typeof agentId === 'string' ? this.#name('metadata.agent_id', agentId) : undefined;
  }

  missing(field: Field, wanted: string): void {
    this.#reject('missing_field', FIELD_NAMES[field] ?? '', wanted, undefined);
  }

  /** Null equals absent. */
  #value(field: Field): unknown {
    return this.data[FIELD_NAMES[field] ?? ''] ?? undefined;
  }

  #identifier(where: string, value: unknown): string {
    if (typeof value === 'string') {
      if (isIdentifier(value)) return value;
      const message = `data.${where}: ${identifierFault(value)}`;
      this.#rejection ??= rejection('invalid_identifier', message);
    } else if (value === undefined) this.#reject('missing_field', where, 'an identifier', value);
    else this.#reject('invalid_field', where, 'an identifier (a string)', value);
    return '';
  }

  #name(where: string, value: unknown): string {
    const known = typeof value === 'string' ? knownName(value) : undefined;
    if (known !== undefined) return known;
    const name = this.#identifier(where, value);
    return name === '' ? name : rememberName(name);
  }

  #wrongType(field: Field, wanted: string, got: unknown): void {
    this.#reject('invalid_field', FIELD_NAMES[field] ?? '', wanted, got);
  }

  #badNumber(field: Field, wanted: string, got: unknown): void {
    const code = typeof got === 'number' ? 'invalid_number' : 'invalid_field';
    this.#reject(code, FIELD_NAMES[field] ?? '', wanted, got);
  }

  /** Keeps the first rejection of the event. */
  #reject(code: ProblemCode, where: string, wanted: string, got: unknown): void {
    const message = `data.${where}: expected ${wanted}, got ${describeValue(got)}`;
    this.#rejection ??= rejection(code, message);
  }
}

function areTexts(values: readonly unknown[]): values is readonly string[] {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'string') return false;
  return true;
}

function oneOf(words: readonly string[]): string {
  return `one of ${words.join(', ')}`;
}
