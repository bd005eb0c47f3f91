/** From what a question says about time to the range that is answered. */
import { formatTime, parseTime } from '../core/decode/time.js';
import type { TimeRange } from '../core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/rollup.js';

/** Longer ranges are rounded to hours. */
const MINUTES_SPAN_MAX_MS = 31 * DAY_MS;
/** No event is older. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** Rounded outwards, what is later would end in a year of five digits, which RFC 3339 does not have. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23);

/** Prometheus durations: at least one unit, the greatest first, each at most once. */
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNITS_MS = [365 * DAY_MS, 7 * DAY_MS, DAY_MS, HOUR_MS, MINUTE_MS, 1000, 1];

export interface RangeAsked {
  /** A Prometheus duration, back from now. */
  readonly range?: string | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface UsedRange {
  /** What was asked for, as it was put; undefined for everything or `from`/`to`. */
  readonly requested: string | undefined;
  /** What is answered; undefined: everything. */
  readonly range: TimeRange | undefined;
  readonly roundedTo: 'minute' | 'hour' | undefined;
}

export type ParsedRange =
  | { readonly ok: true; readonly used: UsedRange }
  | { readonly ok: false; readonly message: string };

export const EVERYTHING: UsedRange = {
  requested: undefined,
  range: undefined,
  roundedTo: undefined,
};

/**
 * Reads `range`, or `from` and `to`, of a question.
 *
 * Units: event time, Unix milliseconds; the start is inclusive, the end exclusive. Rounded outwards to whole
 *   minutes, to whole hours where that is longer than 31 days.
 * No data: none of the three means everything; `from` alone ends now, `to` alone begins in 2000.
 * Errors: a message that says what, got and wanted; never an exception.
 */
export function parseRange({ range, from, to }: RangeAsked, nowMs: number): ParsedRange {
  if (range !== undefined && (from !== undefined || to !== undefined)) {
    return wrong('range: expected either range, or from and to, got both');
  }
  if (range !== undefined) {
    const spanMs = parseDuration(range);
    if (spanMs === undefined || spanMs === 0) {
      return wrong(`range: expected a duration such as 15m, 1h or 30d, got ${quoted(range)}`);
    }
    const fromMs = Math.max(EARLIEST_MS, nowMs - spanMs);
    return { ok: true, used: round(range, fromMs, nowMs, true) };
  }
  if (from === undefined && to === undefined) return { ok: true, used: EVERYTHING };
  const fromMs = from === undefined ? EARLIEST_MS : parseTime(from);
  const toMs = to === undefined ? nowMs : parseTime(to);
  if (fromMs === undefined) return wrongTime('from', from);
  if (toMs === undefined) return wrongTime('to', to);
  if (fromMs >= toMs) {
    const got = `${quoted(from ?? iso(fromMs))} to ${quoted(to ?? 'now')}`;
    return wrong(`from: expected a time before to, got ${got}`);
  }
  if (toMs <= EARLIEST_MS) {
    const got = quoted(to ?? 'now');
    return wrong(
      `to: expected a time after ${iso(EARLIEST_MS)}, the earliest of any event, got ${got}`,
    );
  }
  if (toMs > LATEST_MS) {
    return wrong(`to: expected a time until ${iso(LATEST_MS)}, got ${quoted(to ?? 'now')}`);
  }
  const used = round(undefined, Math.max(EARLIEST_MS, fromMs), toMs, to === undefined);
  return { ok: true, used };
}

/** Milliseconds; undefined when the text is no Prometheus duration. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null || text === '') return undefined;
  const sum = UNITS_MS.reduce((ms, unit, i) => ms + Number(match[i + 1] ?? 0) * unit, 0);
  return Number.isSafeInteger(sum) ? sum : undefined;
}

/** `now` itself belongs to a range that ends now, also on the stroke of a minute. */
function round(
  requested: string | undefined,
  fromMs: number,
  toMs: number,
  endsNow: boolean,
): UsedRange {
  const byHours = toMs - fromMs > MINUTES_SPAN_MAX_MS;
  const range = outwards(fromMs, toMs, byHours ? HOUR_MS : MINUTE_MS, endsNow);
  return { requested, range, roundedTo: byHours ? 'hour' : 'minute' };
}

function outwards(fromMs: number, toMs: number, unitMs: number, endsNow: boolean): TimeRange {
  const last = endsNow ? Math.floor(toMs / unitMs) + 1 : Math.ceil(toMs / unitMs);
  return { fromMs: Math.floor(fromMs / unitMs) * unitMs, toMs: last * unitMs };
}

function wrongTime(name: 'from' | 'to', got: string | undefined): ParsedRange {
  const wanted = 'a time in RFC 3339 such as 2026-11-23T18:00:00Z';
  return wrong(`${name}: expected ${wanted}, got ${quoted(got ?? '')}`);
}

function wrong(message: string): ParsedRange {
  return { ok: false, message };
}

/** Whatever was sent, in a message of bounded length. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** What numbers of the range cover, in one word. */
export function windowName({ requested, range }: UsedRange): string {
  if (requested !== undefined) return requested;
  return range === undefined ? 'all' : `${formatTime(range.fromMs)}/${formatTime(range.toMs)}`;
}
