/**
 * Times in their bytes. Events come one soon after the other, so nearly all times are of the day of the one before, and
 * only their clock has to be read.
 */
import type { BodyBytes } from './body-bytes.js';
import { KnownText } from './known-text.js';
import { asciiText } from './recurring-names.js';
import { parseTime } from './time.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const SPACE = 0x20;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;
/** `"2026-11-23`, and so where the `T` stands. */
const DATE_LENGTH = 11;
/** `T18:00:00`. */
const CLOCK_LENGTH = 9;
/** `+01:00`. */
const OFFSET_LENGTH = 6;
const FIRST_DIGIT_MICROS = 100_000;
const NO_DIGITS = -1;

export class PlainTimes {
  /** Of the time that was read last, with the quote before it; and its midnight in UTC. A day that there is, from the start. */
  #date = new KnownText('"1970-01-01');
  #dateMs = 0;

  /** The time that stands in quotes in `body[start, end)`: what `parseTime` says of it. */
  read(body: BodyBytes, start: number, end: number): number | undefined {
    const isOfTheDay = this.#date.isAt(body, start);
    const timeMs = isOfTheDay
      ? readClock(this.#dateMs, body.bytes, start + DATE_LENGTH, end - 1)
      : undefined;
    return timeMs ?? this.#readWhole(body, start, end);
  }

  #readWhole({ bytes }: BodyBytes, start: number, end: number): number | undefined {
    const timeMs = parseTime(asciiText(bytes, start + 1, end - 1));
    if (timeMs === undefined) return undefined;
    const date = asciiText(bytes, start, start + DATE_LENGTH);
    this.#date = new KnownText(date);
    this.#dateMs = parseTime(`${date.slice(1)}T00:00:00Z`) ?? 0;
    return timeMs;
  }
}

/**
 * From `T` to the end of a time; undefined where it is none, or one that is seldom written, as a leap second is.
 * `dateMs`: the midnight before it, in UTC.
 */
function readClock(
  dateMs: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const letter = bytes[start];
  if (letter !== UPPER_T && letter !== SPACE) return undefined;
  const second = twoDigits(bytes, start + 7);
  const minutes = minutesAt(bytes, start + 1);
  if (minutes < 0 || bytes[start + 6] !== COLON || second < 0 || second > 59) return undefined;
  let at = start + CLOCK_LENGTH;
  let micros = 0;
  if (bytes[at] === DOT) {
    at += 1;
    const first = at;
    for (let unit = FIRST_DIGIT_MICROS; ; unit = Math.trunc(unit / 10), at += 1) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      micros += digit * unit;
    }
    if (at === first) return undefined;
  }
  const offset = offsetMinutes(bytes, at, end);
  if (offset === undefined) return undefined;
  return dateMs + ((minutes - offset) * 60 + second) * 1000 + micros / 1000;
}

function offsetMinutes(bytes: Uint8Array, at: number, end: number): number | undefined {
  const sign = bytes[at];
  if (at === end || (sign === UPPER_Z && at + 1 === end)) return 0;
  if ((sign !== PLUS && sign !== MINUS) || at + OFFSET_LENGTH !== end) return undefined;
  const minutes = minutesAt(bytes, at + 1);
  if (minutes < 0) return undefined;
  return sign === MINUS ? -minutes : minutes;
}

/** Of `18:00`: negative where no such thing stands. */
function minutesAt(bytes: Uint8Array, at: number): number {
  const hour = twoDigits(bytes, at);
  const minute = twoDigits(bytes, at + 3);
  const isOne = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && bytes[at + 2] === COLON;
  return isOne ? hour * 60 + minute : NO_DIGITS;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - ZERO;
  const ones = (bytes[at + 1] ?? 0) - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? NO_DIGITS : tens * 10 + ones;
}
