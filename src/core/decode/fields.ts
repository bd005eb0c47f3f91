/**
 * Reads the fields of an event's `data`. A field that is not as it must be is remembered, and
 * something of the right type returned in its place, so that a decoder reads as one object literal
 * and asks once, at its end, whether all was well. Only the first rejection counts: an event has
 * one problem.
 */
import type { ProblemCode } from '../problem.js';
import { describeValue } from './describe.js';
import { identifierFault, isIdentifier } from './identifier.js';
import { DURATION_MS_MAX } from './limits.js';
import { knownName, rememberName } from './recurring-names.js';
import { rejection, type Rejection } from './rejection.js';

const NO_TEXTS: readonly string[] = [];

export class FieldReader {
  #rejection: Rejection | undefined;

  get rejection(): Rejection | undefined {
    return this.#rejection;
  }

  identifier(field: string, value: unknown): string {
    if (typeof value === 'string' && isIdentifier(value)) return value;
    if (value === undefined || value === null) this.#missing(field, 'an identifier');
    else this.#badIdentifier(field, value);
    return '';
  }

  /** An identifier of a kind that recurs: a type, a strategy, an agent. */
  name(field: string, value: unknown): string {
    const known = typeof value === 'string' ? knownName(value) : undefined;
    if (known !== undefined) return known;
    const name = this.identifier(field, value);
    return name === '' ? name : rememberName(name);
  }

  optionalName(field: string, value: unknown): string | undefined {
    return value === undefined || value === null ? undefined : this.name(field, value);
  }

  identifiers(field: string, value: unknown): readonly string[] {
    if (value === undefined || value === null) {
      this.#missing(field, 'an array of identifiers');
      return [];
    }
    const identifiers: string[] = [];
    if (!Array.isArray(value)) this.#wrongType(field, 'an array of identifiers', value);
    else {
      for (let i = 0; i < value.length; i++) {
        const item: unknown = value[i];
        if (typeof item === 'string' && isIdentifier(item)) identifiers.push(item);
        else this.#badIdentifier(`${field}[${i}]`, item);
      }
    }
    return identifiers;
  }

  /** Free text, in an array; absent is none. The array is handed on, not copied. */
  texts(field: string, value: unknown): readonly string[] {
    if (value === undefined || value === null) return NO_TEXTS;
    if (!Array.isArray(value)) {
      this.#wrongType(field, 'an array of strings', value);
      return NO_TEXTS;
    }
    const values: readonly unknown[] = value;
    if (areTexts(values)) return values;
    const at = values.findIndex((item) => typeof item !== 'string');
    this.#wrongType(`${field}[${at}]`, 'a string', values[at]);
    return NO_TEXTS;
  }

  word<Word extends string>(
    field: string,
    value: unknown,
    words: readonly [Word, ...Word[]],
  ): Word {
    if (value === undefined || value === null) this.#missing(field, oneOf(words));
    return this.optionalWord(field, value, words) ?? words[0];
  }

  optionalWord<Word extends string>(
    field: string,
    value: unknown,
    words: readonly Word[],
  ): Word | undefined {
    if (value === undefined || value === null) return undefined;
    for (const word of words) if (word === value) return word;
    if (typeof value !== 'string') this.#wrongType(field, oneOf(words), value);
    else this.reject('unknown_word', field, oneOf(words), value);
    return undefined;
  }

  optionalBoolean(field: string, value: unknown): boolean | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    this.#wrongType(field, 'true or false', value);
    return undefined;
  }

  /** From 0 to `max`; -0 is 0. */
  number(field: string, value: unknown, max: number): number {
    if (typeof value === 'number' && value >= 0 && value <= max) return value + 0;
    if (value === undefined || value === null) this.#missing(field, `a number from 0 to ${max}`);
    else this.#badNumber(field, `a number from 0 to ${max}`, value);
    return 0;
  }

  optionalDurationMs(field: string, value: unknown): number | undefined {
    return value === undefined || value === null
      ? undefined
      : this.number(field, value, DURATION_MS_MAX);
  }

  /** One of `numbers`, which run from 0 without a gap. */
  integer<Integer extends number>(
    field: string,
    value: unknown,
    numbers: readonly [Integer, ...Integer[]],
  ): Integer {
    for (const number of numbers) if (number === value) return number;
    const wanted = `an integer from 0 to ${numbers.length - 1}`;
    if (value === undefined || value === null) this.#missing(field, wanted);
    else this.#badNumber(field, wanted, value);
    return numbers[0];
  }

  /** Keeps the first rejection of the event. */
  reject(code: ProblemCode, field: string, wanted: string, got: unknown): void {
    const message = `data.${field}: expected ${wanted}, got ${describeValue(got)}`;
    this.#rejection ??= rejection(code, message);
  }

  #missing(field: string, wanted: string): void {
    this.reject('missing_field', field, wanted, undefined);
  }

  #wrongType(field: string, wanted: string, got: unknown): void {
    this.reject('invalid_field', field, wanted, got);
  }

  #badNumber(field: string, wanted: string, got: unknown): void {
    this.reject(typeof got === 'number' ? 'invalid_number' : 'invalid_field', field, wanted, got);
  }

  #badIdentifier(field: string, got: unknown): void {
    if (typeof got !== 'string') this.#wrongType(field, 'an identifier (a string)', got);
    else
      this.#rejection ??= rejection('invalid_identifier', `data.${field}: ${identifierFault(got)}`);
  }
}

function areTexts(values: readonly unknown[]): values is readonly string[] {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'string') return false;
  return true;
}

function oneOf(words: readonly string[]): string {
  return `one of ${words.join(', ')}`;
}
