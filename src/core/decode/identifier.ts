/**
 * What may name something: it becomes a label value, a database key and a word on a page, so it is
 * checked once, here, and is plain everywhere else.
 */
import { describeValue } from './describe.js';
import { IDENTIFIER_LENGTH_MAX, RESERVED_IDENTIFIER } from './limits.js';

/**
 * Control characters (C0, DEL, C1), line separators, halves of surrogate pairs, and what would have
 * to be escaped in an exposition, a key or a page. The engine's search takes half the time of a
 * loop in JavaScript.
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029"\\,{}<>]/u;

/** 1 to `lengthMax` code points, well-formed, nothing forbidden in it, not the reserved word. */
export function isIdentifier(text: string, lengthMax = IDENTIFIER_LENGTH_MAX): boolean {
  if (text.length === 0 || text === RESERVED_IDENTIFIER || FORBIDDEN.test(text)) return false;
  return text.length <= lengthMax || hasLengthAtMost(text, lengthMax);
}

/** Says what is wrong with a text that `isIdentifier` refused, as "expected …, got …". */
export function identifierFault(text: string, lengthMax = IDENTIFIER_LENGTH_MAX): string {
  if (text === RESERVED_IDENTIFIER) {
    return `expected an identifier, got the reserved word ${RESERVED_IDENTIFIER}`;
  }
  const at = text.search(FORBIDDEN);
  if (at === -1) {
    const got = text.length === 0 ? 'an empty string' : `more: ${describeValue(text)}`;
    return `expected 1 to ${lengthMax} characters, got ${got}`;
  }
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return (
    'expected well-formed text without control characters and without any of " \\ , { } < >, ' +
    `got U+${code} at position ${at} of ${describeValue(text)}`
  );
}

/** In code points; `text` is well-formed, so that each takes one or two code units. */
function hasLengthAtMost(text: string, lengthMax: number): boolean {
  return text.length <= 2 * lengthMax && Array.from(text).length <= lengthMax;
}
