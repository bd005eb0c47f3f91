/**
 * Times on the wire: RFC 3339, and what Python's `str(datetime)` and `isoformat()` print. Read by
 * character code, because every event has one and `Date.parse` takes many things that the contract
 * does not.
 */

/** Added up with anything that a date holds, it stays negative. */
const NOT_DIGITS = -1_000_000;
const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const SPACE = 0x20;
const UPPER_T = 0x54;
const LOWER_T = 0x74;
const UPPER_Z = 0x5a;
const LOWER_Z = 0x7a;
/** `2026-11-23T18:00:00`. */
const LENGTH_TO_SECONDS = 19;
const DAY_MS = 86_400_000;
/** From 1 March of the year 0 to 1 January 1970. */
const DAYS_TO_EPOCH = 719_468;
const DAYS_BEFORE_LEAP_DAY = 28;
const DAYS_OF_MONTH = [31, DAYS_BEFORE_LEAP_DAY, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Unix milliseconds, with microseconds as their fraction (finer digits are dropped); undefined when
 * `text` is no time. Without an offset it is UTC. A leap second, where one can be, is the first
 * second after it.
 */
export function parseTime(text: string): number | undefined {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!hasSeparators(text) || !isDay(year, month, day)) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return undefined;
  }

  let at = LENGTH_TO_SECONDS;
  let micros = 0;
  if (text.charCodeAt(at) === DOT) {
    const first = ++at;
    for (let unit = 100_000; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      micros += digit * unit;
      unit = Math.trunc(unit / 10);
    }
    if (at === first) return undefined;
  }
  const offsetMs = parseOffset(text, at);
  if (offsetMs === undefined) return undefined;

  const days = daysSinceEpoch(year, month, day);
  const wholeMs = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 - offsetMs;
  if (second === 60 && !isMonthStart(wholeMs, year, month)) return undefined;
  return wholeMs + micros / 1000;
}

/**
 * RFC 3339 in UTC with milliseconds, with microseconds where there are any:
 * `2026-11-23T18:00:00.123Z`. `timeMs` lies in the years 1 to 9999. `parseTime` reads back the same
 * number.
 */
export function formatTime(timeMs: number): string {
  const micros = Math.round(timeMs * 1000);
  const wholeMs = Math.floor(micros / 1000);
  const text = new Date(wholeMs).toISOString();
  const rest = micros - wholeMs * 1000;
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** The offset from `at` to the end of the text, in milliseconds; none is 0. */
function parseOffset(text: string, at: number): number | undefined {
  if (at === text.length) return 0;
  const sign = text.charCodeAt(at);
  if (sign === UPPER_Z || sign === LOWER_Z) return at + 1 === text.length ? 0 : undefined;
  if ((sign !== PLUS && sign !== MINUS) || text.charCodeAt(at + 3) !== COLON) return undefined;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  let seconds = 0;
  let end = at + 6;
  // Python prints the seconds of an offset, where a historical time zone has any.
  if (text.charCodeAt(end) === COLON) {
    seconds = twoDigits(text, at + 7);
    end = at + 9;
  }
  if (end !== text.length) return undefined;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) {
    return undefined;
  }
  const offsetMs = (hours * 3600 + minutes * 60 + seconds) * 1000;
  return sign === MINUS ? -offsetMs : offsetMs;
}

function hasSeparators(text: string): boolean {
  const middle = text.charCodeAt(10);
  return (
    text.charCodeAt(4) === MINUS &&
    text.charCodeAt(7) === MINUS &&
    (middle === UPPER_T || middle === SPACE || middle === LOWER_T) &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON
  );
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  if (day <= DAYS_BEFORE_LEAP_DAY) return true;
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  return day <= (DAYS_OF_MONTH[month - 1] ?? 0) + leapDay;
}

/** Leap seconds are inserted before midnight UTC at the end of a month, and nowhere else. */
function isMonthStart(timeMs: number, year: number, month: number): boolean {
  const days = timeMs / DAY_MS;
  return days === daysSinceEpoch(year, month, 1) || days === daysSinceEpoch(year, month + 1, 1);
}

/**
 * Days from 1970-01-01 in the Gregorian calendar. Date.UTC costs as much as the whole rest of
 * reading a time. Years begin in March here, so that the leap day is the last of its year; month 13
 * is the next January.
 */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const yearFromMarch = month <= 2 ? year - 1 : year;
  const monthFromMarch = month <= 2 ? month + 9 : month - 3;
  // Month lengths from March on repeat 31, 30, 31, 30, 31: 153 days in five months.
  const dayOfYear = Math.trunc((153 * monthFromMarch + 2) / 5) + day - 1;
  const leapDays =
    Math.floor(yearFromMarch / 4) -
    Math.floor(yearFromMarch / 100) +
    Math.floor(yearFromMarch / 400);
  return yearFromMarch * 365 + leapDays + dayOfYear - DAYS_TO_EPOCH;
}

/** The number at `at`, or something negative where two digits are not there. */
function twoDigits(text: string, at: number): number {
  if (at + 1 >= text.length) return NOT_DIGITS;
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return NOT_DIGITS;
  return tens * 10 + ones;
}
