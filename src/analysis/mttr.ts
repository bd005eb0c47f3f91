/** How long failures take to be recovered from. */
import { mergeBins, quantileMs, type Bins } from '../core/bins.js';
import type { Filters, TimeRange } from '../core/ports.js';
import type { Cell } from '../core/rollup.js';
import type { Incident } from '../core/state/incident.js';
import type { LiveState } from '../core/state/live-state.js';
import type { Cohort } from '../core/state/recovery-cohorts.js';
import { firstBucket, WINDOWS, type Window } from '../core/state/windows.js';
import { ages, binsOf, byFailureType, openedByType, openIncidents } from './open-incidents.js';
import type { UsedRange } from './range.js';
import {
  horizonOf,
  RECOVERIES_MIN,
  restrictedMean,
  type Durations,
  type RestrictedMean,
} from './restricted-mean.js';
import { ratio, type Totals } from './totals.js';

/** A bin far above 31 days. */
const BEYOND_ANY_HORIZON = 1_000;

export interface Mttr {
  /** Mean over the incidents that recovered; undefined when none did. */
  readonly meanMs: number | undefined;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly recovered: number;
  readonly expired: number;
  readonly open: number;
  /** The mean with unrecovered incidents counted in; undefined below 10 recoveries. */
  readonly restricted: RestrictedMean | undefined;
}

export interface MttrQuestion {
  readonly state: LiveState;
  readonly totals: Totals;
  readonly used: UsedRange;
  readonly filters: Filters;
  readonly nowMs: number;
}

/**
 * Time to recovery, overall and per failure type (of the types that failed).
 *
 * Units: milliseconds from detection to recovery; quantiles within 4 %.
 * Left out of the plain mean: incidents that have not recovered. That makes it too short whenever the slow ones
 *   are still open; the restricted mean counts them in.
 * The restricted mean of the live windows (`1h`, `1d`) is over incidents that STARTED in them. Any other range, and
 *   filters besides the failure type, take the recoveries that ended in the range and the incidents opened in it.
 * No data: undefined means, counts of 0.
 * Errors: none.
 */
export function mttr(question: MttrQuestion): {
  readonly overall: Mttr;
  readonly byFailureType: ReadonlyMap<string, Mttr>;
} {
  const { state, totals, used, filters } = question;
  const open = openIncidents(state.incidents.open.values(), used.range, filters);
  const openByType = byFailureType(open);
  const window = liveWindow(used, filters);
  const openedMs = openedByType(window === undefined ? [] : state.incidents.open.values());
  const overall = { state, window, failureType: filters.failureType, nowMs: question.nowMs };
  return {
    overall: mttrOf(question, totals.overall, open, overall),
    byFailureType: new Map(
      [...totals.byFailureType].map(([failureType, cell]) => [
        failureType,
        mttrOf(question, cell, openByType.get(failureType) ?? [], {
          ...overall,
          failureType,
          openedMs: openedMs.get(failureType) ?? [],
        }),
      ]),
    ),
  };
}

export interface WindowQuestion {
  readonly state: LiveState;
  readonly window: Window;
  /** Undefined: all types together. */
  readonly failureType?: string | undefined;
  readonly nowMs: number;
  /** When the open incidents of that type were detected, before the window too; by default looked for. */
  readonly openedMs?: readonly number[];
}

/** The restricted mean of a live window, as the gauges show it: over incidents that started in it. */
export function windowMttr(question: WindowQuestion): RestrictedMean | undefined {
  const { state, window, failureType, nowMs } = question;
  return cohortMttr(state.cohorts.cohort(failureType, window, nowMs), question);
}

/** The same, of a cohort that was asked for before. */
export function cohortMttr(
  { recovered, recoveries, censored }: Cohort,
  { state, window, failureType, nowMs, openedMs = openedOf(state, failureType) }: WindowQuestion,
): RestrictedMean | undefined {
  if (recoveries < RECOVERIES_MIN) return undefined;
  const fromMs = firstBucket(window, nowMs) * window.bucketMs;
  const inWindow = openedMs.filter((timeMs) => timeMs >= fromMs);
  const watched = binsOf(inWindow.map((timeMs) => Math.max(0, nowMs - timeMs)));
  mergeBins(watched, censored);
  return restrictedMean({ recovered, censored: watched }, horizonOf(window.spanMs));
}

function openedOf({ incidents }: LiveState, failureType: string | undefined): number[] {
  const filters = failureType === undefined ? {} : { failureType };
  const open = openIncidents(incidents.open.values(), undefined, filters);
  return open.map(({ course }) => course.openedMs);
}

/**
 * The restricted mean of one step of a range, with the horizon of the range, so that steps can be compared: over the
 * recoveries that ended in the step, and the incidents that opened in it and are open at `nowMs`.
 */
export function stepMttr(
  cell: Cell,
  step: TimeRange,
  { state, used, filters, nowMs }: Omit<MttrQuestion, 'totals'>,
): RestrictedMean | undefined {
  const open = openIncidents(state.incidents.open.values(), step, filters);
  return restrictedMean(endedIn(cell, ages(open, nowMs)), horizonIn(used.range));
}

function mttrOf(
  { used, nowMs }: MttrQuestion,
  cell: Cell,
  open: readonly Incident[],
  { window, ...asked }: Omit<WindowQuestion, 'window'> & { readonly window: Window | undefined },
): Mttr {
  const restricted =
    window === undefined
      ? restrictedMean(endedIn(cell, ages(open, endOf(used.range, nowMs))), horizonIn(used.range))
      : windowMttr({ ...asked, window });
  return {
    meanMs: ratio(cell.recoveredMs, cell.recovered),
    medianMs: quantileMs(cell.recoveredBins, 0.5),
    p95Ms: quantileMs(cell.recoveredBins, 0.95),
    recovered: cell.recovered,
    expired: cell.expired,
    open: open.length,
    restricted,
  };
}

/** Incidents expire after hours without recovery: they are taken to outlast the horizon. */
function endedIn({ recoveredBins, expired }: Cell, watched: Bins): Durations {
  if (expired > 0) watched.set(BEYOND_ANY_HORIZON, expired);
  return { recovered: recoveredBins, censored: watched };
}

function liveWindow({ requested, range }: UsedRange, filters: Filters): Window | undefined {
  const onlyType =
    filters.strategy === undefined && filters.agentId === undefined && filters.source === undefined;
  if (range === undefined || !onlyType) return undefined;
  return WINDOWS.find(({ name }) => name === requested);
}

function endOf(range: TimeRange | undefined, nowMs: number): number {
  return range === undefined ? nowMs : Math.min(nowMs, range.toMs);
}

function horizonIn(range: TimeRange | undefined): number {
  return horizonOf(range === undefined ? Number.POSITIVE_INFINITY : range.toMs - range.fromMs);
}
