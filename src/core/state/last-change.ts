/** The last change that was found in a strategy's success rate, and how long it is news. */
import { DAY_MS } from '../rollup.js';
import type { Direction } from './change-detector.js';

/** How long a change stays news, at least, from when it was found: that may be long after it came. */
const NEWS_MS = DAY_MS;
/** And until so many attempts have followed it. */
export const NEWS_ATTEMPTS = 50;

export interface LastChange {
  readonly direction: Direction;
  readonly timeMs: number;
  /** When it was found; undefined in snapshots of before it was kept. */
  readonly foundMs?: number | undefined;
  readonly before: number;
  readonly after: number;
  /** Of the alarm; undefined in snapshots of before it was kept. */
  readonly nats?: number | undefined;
  /** When enough attempts had followed; undefined until then. */
  settledMs: number | undefined;
}

/**
 * A change is news for a day from when it was found, and until 50 attempts have followed it. (Of the attempts of that day, were there
 * up to 200; but after a day all of them have followed the change, so that asks no more than 50 does.)
 */
export function newsUntilMs(change: LastChange): number {
  if (change.settledMs === undefined) return Number.POSITIVE_INFINITY;
  return Math.max((change.foundMs ?? change.timeMs) + NEWS_MS, change.settledMs);
}
