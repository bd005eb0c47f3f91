/** How healing went over time: a range cut into equal steps. */
import type { History, TimeRange } from '../core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/rollup.js';
import { stepMttr, type MttrQuestion } from './mttr.js';
import { overallStats, type OverallStats } from './overall.js';
import type { Restricted } from './restricted-in.js';
import { totalsOf } from './totals.js';

const STEPS_MAX = 60;
/** A week is told hour by hour. */
const HOURS_MAX = 7 * 24 + 2;
const STEPS = [
  { ms: MINUTE_MS, most: STEPS_MAX },
  { ms: 5 * MINUTE_MS, most: STEPS_MAX },
  { ms: 15 * MINUTE_MS, most: STEPS_MAX },
  { ms: HOUR_MS, most: HOURS_MAX },
  { ms: 6 * HOUR_MS, most: STEPS_MAX },
  { ms: DAY_MS, most: STEPS_MAX },
  { ms: 7 * DAY_MS, most: STEPS_MAX },
  { ms: 30 * DAY_MS, most: STEPS_MAX },
] as const;
/** The range may begin and end within a step. */
const CUT_STEPS = 2;

export interface SeriesPart {
  readonly range: TimeRange;
  readonly history: History;
}

export interface SeriesPoint {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stats: OverallStats;
  /** Over the incidents that began in the step. */
  readonly restricted: Restricted;
}

/**
 * The steps to ask histories for: whole minutes, hours or days, at most sixty of them, but up to a week of hours; the
 * first and the last cut to the range. A range of several years is cut into longer steps of whole days.
 */
export function splitRange({ fromMs, toMs }: TimeRange): TimeRange[] {
  const spanMs = toMs - fromMs;
  const wholeDaysMs = Math.ceil(spanMs / (STEPS_MAX - CUT_STEPS) / DAY_MS) * DAY_MS;
  const stepMs = STEPS.find(({ ms, most }) => spanMs / ms <= most - CUT_STEPS)?.ms ?? wholeDaysMs;
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
  const restrictedOf = stepMttr(question);
  return parts.map(({ range, history }) => {
    const totals = totalsOf(history);
    return {
      fromMs: range.fromMs,
      toMs: range.toMs,
      stats: overallStats(totals, question.filters.strategy !== undefined),
      restricted: restrictedOf(totals.overall, range),
    };
  });
}
