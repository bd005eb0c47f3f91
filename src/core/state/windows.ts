/** The windows that derived gauges look back over, and the buckets that make them slide. */

export interface Window {
  /** The label value of `window`. */
  readonly name: '1h' | '1d';
  readonly spanMs: number;
  /** The window is answered to the nearest whole bucket outwards. */
  readonly bucketMs: number;
}

export const HOUR_WINDOW: Window = { name: '1h', spanMs: 3_600_000, bucketMs: 60_000 };
export const DAY_WINDOW: Window = { name: '1d', spanMs: 86_400_000, bucketMs: 900_000 };
export const WINDOWS = [HOUR_WINDOW, DAY_WINDOW] as const;

/** Events may be dated this far ahead of the clock, so that much more is kept than a window shows. */
const AHEAD_MS_MAX = 300_000;

export function bucketOf({ bucketMs }: Window, timeMs: number): number {
  return Math.floor(timeMs / bucketMs);
}

/** The oldest bucket that a window ending at `nowMs` takes in. */
export function firstBucket(window: Window, nowMs: number): number {
  return bucketOf(window, nowMs - window.spanMs);
}

/** The oldest bucket worth keeping when `newestMs` is the newest event time known. */
export function oldestKept(window: Window, newestMs: number): number {
  return firstBucket(window, newestMs - AHEAD_MS_MAX);
}
