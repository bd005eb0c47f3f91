/**
 * How many results of a stream come a day, by event time: what thresholds rest on. The memory is a week, or a day where
 * that shows more: a stream that has grown is soon taken for what it is, one that rests for a night or two is not
 * taken for a calm one.
 */
import { DAY_MS, HOUR_MS } from '../rollup.js';

const WEEK_MS = 7 * DAY_MS;
/** Results of less than this are taken for those of as long, so that the first seconds do not look like a flood. */
const KNOWN_MS = HOUR_MS;

/** What the memory of a week keeps over so many whole milliseconds: busy streams ask for little else. */
const KEPT_SOON = Float64Array.from({ length: 1_024 }, (_, ms) => Math.exp(-ms / WEEK_MS));

/** Part of what is kept of a stream. */
export interface ResultRate {
  /** Decayed numbers of results, by the memory of a week and by that of a day. */
  weekResults: number;
  dayResults: number;
  /** Decayed number of milliseconds watched, by the memory of a week. */
  watchedMs: number;
  newestMs: number;
}

export function newRate(timeMs: number): ResultRate {
  return { weekResults: 0, dayResults: 0, watchedMs: 0, newestMs: timeMs };
}

/** As it is after results that came evenly; for snapshots of before the memory of a day was kept. */
export function evenRate(known: Omit<ResultRate, 'dayResults'>): ResultRate {
  const { weekResults, watchedMs } = known;
  if (watchedMs === 0) return { ...known, dayResults: weekResults };
  return { ...known, dayResults: (weekResults * dayWatchedMs(watchedMs)) / watchedMs };
}

/** Milliseconds that a stream has been watched for, decayed. */
export function decayedMs(ms: number): number {
  return WEEK_MS * (1 - Math.exp(-ms / WEEK_MS));
}

/** Results come in the order of time. */
export function countResult(rate: ResultRate, timeMs: number): void {
  const kept = keptOver(timeMs - rate.newestMs);
  rate.weekResults = rate.weekResults * kept + 1;
  rate.dayResults = rate.dayResults * ofDay(kept) + 1;
  rate.watchedMs = rate.watchedMs * kept + WEEK_MS * (1 - kept);
  rate.newestMs = timeMs;
}

/** At the newest result. */
export function resultsPerDay({ weekResults, dayResults, watchedMs }: ResultRate): number {
  return Math.max(
    (weekResults * DAY_MS) / Math.max(KNOWN_MS, watchedMs),
    (dayResults * DAY_MS) / Math.max(KNOWN_MS, dayWatchedMs(watchedMs)),
  );
}

/** Of a stream that was first seen d days ago the memory of a week holds 7 (1 − e^(−d/7)), that of a day 1 − e^(−d). */
function dayWatchedMs(weekWatchedMs: number): number {
  return DAY_MS * (1 - ofDay(1 - weekWatchedMs / WEEK_MS));
}

/** What the memory of a week keeps. */
function keptOver(ms: number): number {
  const whole = ms | 0;
  const known = whole === ms && whole >= 0 ? KEPT_SOON[whole] : undefined;
  return known ?? Math.exp(-ms / WEEK_MS);
}

/** What the memory of a day keeps where that of a week keeps `kept`: its seventh power, without the price of a power. */
function ofDay(kept: number): number {
  const second = kept * kept;
  return second * second * second * kept;
}
