/** What of an event is noted where it stands, and as what. */
import { ATTRIBUTE_NAMES, FIELD_NAMES } from './field-names.js';

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
  /** An array of strings, or an empty one. */
  texts: 8,
  object: 9,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Places: those of the attributes, then those of the fields of `data`, then one in its `metadata`. */
export const FIELD_PLACES = ATTRIBUTE_NAMES.length;
export const AGENT_OF_METADATA = FIELD_PLACES + FIELD_NAMES.length;
export const PLACES = AGENT_OF_METADATA + 1;

export function isString(kind: number | undefined): boolean {
  return kind === KIND.name || kind === KIND.text;
}
