/** How healing went over time: a range cut into equal steps. */
import type { History, TimeRange } from '../core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/rollup.js';
import { stepMttr, type MttrQuestion } from './mttr.js';
import { overallStats, type OverallStats } from './overall.js';
import type { RestrictedMean } from './restricted-mean.js';
import { totalsOf } from './totals.js';

const STEPS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  30 * DAY_MS,
] as const;
const STEPS_MAX = 60;

export interface SeriesPart {
  readonly range: TimeRange;
  readonly history: History;
}

export interface SeriesPoint {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stats: OverallStats;
  /** Undefined below 10 recoveries in the step. */
  readonly restricted: RestrictedMean | undefined;
}

/**
 * The steps to ask histories for: whole minutes, hours or days, at most sixty of them, the first and the last
 * cut to the range. A range of several years is cut into longer steps of whole days.
 */
export function splitRange({ fromMs, toMs }: TimeRange): TimeRange[] {
  const spanMs = toMs - fromMs;
  // Two less, because the range may begin and end within a step.
  const whole = STEPS_MAX - 2;
  const wholeDaysMs = Math.ceil(spanMs / whole / DAY_MS) * DAY_MS;
  const stepMs = STEPS_MS.find((step) => spanMs / step <= whole) ?? wholeDaysMs;
  const parts: TimeRange[] = [];
  for (let startMs = fromMs; startMs < toMs;) {
    const nextMs = Math.min(toMs, (Math.floor(startMs / stepMs) + 1) * stepMs);
    parts.push({ fromMs: startMs, toMs: nextMs });
    startMs = nextMs;
  }
  return parts;
}

/**
 * What each step came to.
 *
 * Units, left out and no data: as in overallStats and stepMttr, step by step; steps without anything are points too.
 * Errors: none.
 */
export function series(
  parts: readonly SeriesPart[],
  question: Omit<MttrQuestion, 'totals'>,
): SeriesPoint[] {
  return parts.map(({ range, history }) => {
    const totals = totalsOf(history);
    return {
      fromMs: range.fromMs,
      toMs: range.toMs,
      stats: overallStats(totals, question.filters.strategy !== undefined),
      restricted: stepMttr(totals.overall, range, question),
    };
  });
}
