/** Which rollup buckets add up to a time range: the coarsest that fit, finer ones at its edges. */
import type { TimeRange } from '../core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/rollup.js';

/** As they stand in the store. */
export const RESOLUTION = { minute: 0, hour: 1, day: 2, total: 3 } as const;
export type Resolution = (typeof RESOLUTION)[keyof typeof RESOLUTION];

/**
 * Buckets from (inclusive) to (exclusive) of one resolution; a bucket's number is its start divided
 * by its length.
 */
export interface Segment {
  readonly resolution: Resolution;
  readonly from: number;
  readonly to: number;
}

/** What retention has left: older minutes stand only as hours, older hours only as days. */
export interface Detail {
  readonly minutesFromMs: number | undefined;
  readonly hoursFromMs: number | undefined;
}

const ALL: Segment = { resolution: RESOLUTION.total, from: 0, to: 1 };
const LADDER = [
  { resolution: RESOLUTION.day, lengthMs: DAY_MS },
  { resolution: RESOLUTION.hour, lengthMs: HOUR_MS },
  { resolution: RESOLUTION.minute, lengthMs: MINUTE_MS },
] as const;

export function bucketMs(resolution: Resolution): number {
  return LADDER.find((step) => step.resolution === resolution)?.lengthMs ?? Infinity;
}

/**
 * The range that can be answered: `range` widened to whole minutes, and where those are gone to
 * hours or days.
 */
export function answerable(range: TimeRange, detail: Detail): TimeRange {
  return {
    fromMs: floorTo(range.fromMs, edgeMs(range.fromMs, detail)),
    // The last millisecond inside decides which bucket the end lies in.
    toMs: ceilTo(range.toMs, edgeMs(range.toMs - 1, detail)),
  };
}

/** Whether the rollups of a resolution hold anything in [fromMs, toMs). */
export type Holds = (resolution: Resolution, fromMs: number, toMs: number) => boolean;

/**
 * In no particular order; they do not overlap. `range` is answerable. Undefined: everything.
 *
 * Where nothing lies beyond an end the coarser buckets there say the same as the finer ones inside of
 * the range, in fewer rows: most questions end now, and many begin before the first event.
 */
export function segmentsOf(
  range: TimeRange | undefined,
  holds: Holds = () => true,
  { minutesFromMs = -Infinity }: Detail = { minutesFromMs: undefined, hoursFromMs: undefined },
): Segment[] {
  if (range === undefined) return [ALL];
  let { fromMs, toMs } = range;
  for (const lengthMs of [HOUR_MS, DAY_MS]) {
    const earlierMs = floorTo(fromMs, lengthMs);
    const laterMs = ceilTo(toMs, lengthMs);
    const isEmpty = (emptyFromMs: number, emptyToMs: number): boolean =>
      emptyFromMs >= minutesFromMs && !holds(RESOLUTION.minute, emptyFromMs, emptyToMs);
    if (isEmpty(earlierMs, fromMs)) fromMs = earlierMs;
    if (isEmpty(toMs, laterMs)) toMs = laterMs;
  }
  const isWhole = fromMs % DAY_MS === 0 && toMs % DAY_MS === 0;
  const hasMore = (): boolean =>
    holds(RESOLUTION.day, -Infinity, fromMs) || holds(RESOLUTION.day, toMs, Infinity);
  return isWhole && !hasMore() ? [ALL] : split(fromMs, toMs, 0);
}

function split(fromMs: number, toMs: number, step: number): Segment[] {
  const rung = LADDER[step];
  if (rung === undefined || fromMs >= toMs) return [];
  const { lengthMs, resolution } = rung;
  const from = Math.ceil(fromMs / lengthMs);
  const to = Math.floor(toMs / lengthMs);
  if (from >= to) return split(fromMs, toMs, step + 1);
  return [
    ...split(fromMs, from * lengthMs, step + 1),
    { resolution, from, to },
    ...split(to * lengthMs, toMs, step + 1),
  ];
}

function edgeMs(timeMs: number, { minutesFromMs, hoursFromMs }: Detail): number {
  if (hoursFromMs !== undefined && timeMs < hoursFromMs) return DAY_MS;
  return minutesFromMs !== undefined && timeMs < minutesFromMs ? HOUR_MS : MINUTE_MS;
}

function floorTo(valueMs: number, lengthMs: number): number {
  return Math.floor(valueMs / lengthMs) * lengthMs;
}

function ceilTo(valueMs: number, lengthMs: number): number {
  return Math.ceil(valueMs / lengthMs) * lengthMs;
}
