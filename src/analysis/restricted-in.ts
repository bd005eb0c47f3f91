/** The restricted mean of any range and filters, or why it is not known. */
import type { Filters, TimeRange } from '../core/ports.js';
import type { Cell } from '../core/rollup.js';
import type { Incident } from '../core/state/incident.js';
import { ages } from './open-incidents.js';
import {
  RECOVERIES_MIN,
  restrictedMean,
  type Beyond,
  type RestrictedMean,
} from './restricted-mean.js';
import { startedIn, type StartedQuestion } from './started-cohort.js';
import { addExpired, type Durations } from './survival.js';

/** Incidents expire after days at most: so long each that expired may have been going on before the range. */
const EXPIRED_MS = 86_400_000;
/** Incidents going on when a range begins may be so many of those that recovered in it: then it hardly matters. */
const UNDER_WAY_MAX = 0.01;

const TOO_FEW = `fewer than ${String(RECOVERIES_MIN)} incidents that began in it have recovered`;
const OF_STRATEGY = 'an incident that one strategy was tried on may recover by another';
const OF_FILTER = 'when incidents began is not kept by agent and source, only when they ended';
const NOT_KEPT =
  'when incidents began is kept by the minute for an hour, by the quarter of an hour for a day, by the hour for days';

export interface Restricted {
  readonly mean: RestrictedMean | undefined;
  /** Undefined where there is a mean. */
  readonly missing: string | undefined;
}

export interface RestrictedQuestion extends Omit<StartedQuestion, 'range'> {
  /** Undefined: everything. */
  readonly range: TimeRange | undefined;
  readonly filters: Filters;
  /** What ended in the range. */
  readonly cell: Cell;
  /** Of the range and the filters. */
  readonly open: readonly Incident[];
  readonly horizonMs: number;
}

/**
 * Over the incidents that STARTED in the range, as they stand now. Where these are not kept, recoveries that ended in
 * the range do instead, if hardly any of them began before: everything, and ranges that are long beside a recovery.
 *
 * Units: as in restrictedMean.
 * No data: what is missing is told.
 * Errors: none.
 */
export function restrictedIn(asked: RestrictedQuestion, beyond?: Beyond): Restricted {
  const { range, filters, cell, open, nowMs, horizonMs } = asked;
  const { strategy, agentId, source } = filters;
  if (strategy !== undefined) return { mean: undefined, missing: OF_STRATEGY };
  const isOfPart = agentId !== undefined || source !== undefined;
  const started = range === undefined || isOfPart ? undefined : startedIn({ ...asked, range });
  if (started !== undefined) return told(started, horizonMs, beyond);
  const spanMs =
    range === undefined ? Number.POSITIVE_INFINITY : Math.min(range.toMs, nowMs) - range.fromMs;
  const underWay = (cell.recoveredMs + cell.expired * EXPIRED_MS) / spanMs;
  if (underWay > UNDER_WAY_MAX * (cell.recovered + cell.expired)) {
    return { mean: undefined, missing: isOfPart ? OF_FILTER : NOT_KEPT };
  }
  const watched = ages(open, nowMs);
  addExpired(watched, cell.expired);
  return told({ recovered: cell.recoveredBins, censored: watched }, horizonMs, beyond);
}

function told(durations: Durations, horizonMs: number, beyond: Beyond | undefined): Restricted {
  const mean = restrictedMean(durations, horizonMs, beyond);
  return { mean, missing: mean === undefined ? TOO_FEW : undefined };
}
