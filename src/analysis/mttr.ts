/** How long failures take to be recovered from. */
import { mergeBins, quantileMs } from '../core/bins.js';
import type { Filters, TimeRange } from '../core/ports.js';
import type { Cell } from '../core/rollup.js';
import type { LiveState } from '../core/state/live-state.js';
import type { Cohort } from '../core/state/recovery-cohorts.js';
import { DAY_WINDOW, firstBucket, type Window } from '../core/state/windows.js';
import { binsOf, byFailureType, openedByType, openIncidents } from './open-incidents.js';
import { parseDuration, type UsedRange } from './range.js';
import { restrictedIn, type Restricted, type RestrictedQuestion } from './restricted-in.js';
import {
  horizonOf,
  RECOVERIES_MIN,
  restrictedMean,
  type RestrictedMean,
} from './restricted-mean.js';
import { startedIn } from './started-cohort.js';
import { ratio, type Totals } from './totals.js';

export interface Mttr {
  /** Mean over the incidents that recovered; undefined when none did. */
  readonly meanMs: number | undefined;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly recovered: number;
  readonly expired: number;
  readonly open: number;
  /** The mean with unrecovered incidents counted in; undefined where it is not known. */
  readonly restricted: RestrictedMean | undefined;
  /** Why it is not known. */
  readonly restrictedMissing: string | undefined;
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
 * The restricted mean is over incidents that STARTED in the range, as restrictedIn has it.
 * No data: undefined means, counts of 0.
 * Errors: none.
 */
export function mttr(question: MttrQuestion): {
  readonly overall: Mttr;
  readonly byFailureType: ReadonlyMap<string, Mttr>;
} {
  const { state, totals, used, filters, nowMs } = question;
  const open = openIncidents(state.incidents.open.values(), used.range, filters);
  const openByType = byFailureType(open);
  const openedMs = openedByType(state.incidents.open.values());
  const asked = { state, filters, nowMs, range: used.range, horizonMs: horizonIn(used) };
  return {
    overall: mttrOf({
      ...asked,
      cell: totals.overall,
      failureType: filters.failureType,
      open,
      openedMs: openedOf(openedMs, filters.failureType),
    }),
    byFailureType: new Map(
      [...totals.byFailureType].map(([failureType, cell]) => [
        failureType,
        mttrOf({
          ...asked,
          cell,
          failureType,
          open: openByType.get(failureType) ?? [],
          openedMs: openedOf(openedMs, failureType),
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
  { state, window, failureType, nowMs, openedMs = openedIn(state, failureType) }: WindowQuestion,
): RestrictedMean | undefined {
  if (recoveries < RECOVERIES_MIN) return undefined;
  const fromMs = firstBucket(window, nowMs) * window.bucketMs;
  const inWindow = openedMs.filter((timeMs) => timeMs >= fromMs);
  const watched = binsOf(inWindow.map((timeMs) => Math.max(0, nowMs - timeMs)));
  mergeBins(watched, censored);
  return restrictedMean({ recovered, censored: watched }, horizonOf(window.spanMs));
}

function openedIn({ incidents }: LiveState, failureType: string | undefined): readonly number[] {
  return openedOf(openedByType(incidents.open.values()), failureType);
}

function openedOf(
  byType: ReadonlyMap<string, readonly number[]>,
  failureType: string | undefined,
): readonly number[] {
  return failureType === undefined ? [...byType.values()].flat() : (byType.get(failureType) ?? []);
}

/**
 * The restricted means of the steps of a range, with the horizon of the range, so that steps can be compared. Incidents
 * of the last hours have not been watched up to the horizon: beyond the age that half of them have reached, those of
 * the last day stand in for them.
 */
export function stepMttr({
  state,
  used,
  filters,
  nowMs,
}: Omit<MttrQuestion, 'totals'>): (cell: Cell, step: TimeRange) => Restricted {
  const { failureType } = filters;
  const horizonMs = horizonIn(used);
  const openedMs = openedIn(state, failureType);
  const asked = { state, filters, nowMs, horizonMs, failureType, openedMs };
  const lastDay = { fromMs: nowMs - DAY_WINDOW.spanMs, toMs: Number.POSITIVE_INFINITY };
  const like = startedIn({ ...asked, range: lastDay });
  return (cell, step) => {
    const open = openIncidents(state.incidents.open.values(), step, filters);
    const ofStep = { ...asked, range: step, cell, open };
    const ageMs = nowMs - (step.fromMs + Math.min(step.toMs, nowMs)) / 2;
    if (like === undefined || ageMs >= horizonMs) return restrictedIn(ofStep);
    return restrictedIn(ofStep, { ageMs, like });
  };
}

function mttrOf(asked: RestrictedQuestion): Mttr {
  const { cell, open } = asked;
  const { mean, missing } = restrictedIn(asked);
  return {
    meanMs: ratio(cell.recoveredMs, cell.recovered),
    medianMs: quantileMs(cell.recoveredBins, 0.5),
    p95Ms: quantileMs(cell.recoveredBins, 0.95),
    recovered: cell.recovered,
    expired: cell.expired,
    open: open.length,
    restricted: mean,
    restrictedMissing: missing,
  };
}

function horizonIn({ requested, range }: UsedRange): number {
  if (range === undefined) return horizonOf(Number.POSITIVE_INFINITY);
  const askedMs = requested === undefined ? undefined : parseDuration(requested);
  return horizonOf(askedMs ?? range.toMs - range.fromMs);
}
