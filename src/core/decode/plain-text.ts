/**
 * What most strings are made of: such characters of ASCII as may stand in any name. They are looked at four at a time,
 * all four in one number.
 */
import type { BodyBytes } from './body-bytes.js';

const BYTES_AT_A_TIME = 4;
/** In each of four bytes: its lowest bit, its highest one. */
const LOWEST = 0x01010101;
const HIGHEST = 0x80808080;
/** `"`, `,` and `\`; `<` and `>` but for the bit that they differ in; and that bit. */
const QUOTES = 0x22222222;
const COMMAS = 0x2c2c2c2c;
const BACKSLASHES = 0x5c5c5c5c;
const ANGLES = 0x3c3c3c3c;
const NO_ANGLE_BIT = 0xfdfdfdfd;
/** Subtracted from a control character it goes below zero. */
const SPACES = 0x20202020;
/** Added to `{` and what lies behind it in ASCII, it gives the highest bit. */
const FROM_BRACE_ON = 0x05050505;

/** From `start` on, where the first stands that is another, or has to be looked at by itself. */
export function endOfUsual({ view, length }: BodyBytes, start: number): number {
  const last = length - BYTES_AT_A_TIME;
  let at = start;
  while (at <= last) {
    const marks = marksIn(view.getInt32(at, true));
    if (marks !== 0) return at + firstMarked(marks);
    at += BYTES_AT_A_TIME;
  }
  return at;
}

/**
 * The highest bit of the first byte that is not one of most names: `"`, `\`, a control character, none of ASCII, or
 * one that names must not have; of `|` and `~`, too, which they may. Those of the bytes behind it mean nothing. 0 where
 * there is none.
 */
export function marksIn(four: number): number {
  const beyond = (four - SPACES) | (four + FROM_BRACE_ON) | four;
  const special =
    ((four ^ QUOTES) - LOWEST) |
    ((four ^ COMMAS) - LOWEST) |
    ((four ^ BACKSLASHES) - LOWEST) |
    (((four & NO_ANGLE_BIT) ^ ANGLES) - LOWEST);
  return (beyond | special) & HIGHEST;
}

/** Which of the four bytes that is: 0 to 3. */
export function firstMarked(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}
