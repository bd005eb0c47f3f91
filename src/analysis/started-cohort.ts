/** The incidents that STARTED in a range, as far as they are kept: recovered, expired, and open ones at their age. */
import { mergeBins } from '../core/bins.js';
import type { TimeRange } from '../core/ports.js';
import { HOUR_MS } from '../core/rollup.js';
import type { LiveState } from '../core/state/live-state.js';
import type { StartedCohort } from '../core/state/recovery-hours.js';
import { firstBucket, WINDOWS, type Window } from '../core/state/windows.js';
import { binsOf } from './open-incidents.js';
import type { Durations } from './survival.js';

/** A range is rounded outwards to what is kept by at most this share of it. */
const ROUNDED_MAX = 0.25;

export interface StartedQuestion {
  readonly state: LiveState;
  readonly range: TimeRange;
  /** Undefined: all types together. */
  readonly failureType: string | undefined;
  /** When the open incidents of that type were detected, before the range too. */
  readonly openedMs: readonly number[];
  readonly nowMs: number;
}

/** Undefined where the range begins before what is kept, or not near where a minute, quarter or hour of it does. */
export function startedIn(question: StartedQuestion): Durations | undefined {
  const { range, nowMs } = question;
  for (const window of WINDOWS) {
    const { bucketMs } = window;
    if (Math.floor(range.fromMs / bucketMs) < firstBucket(window, nowMs)) continue;
    return cohortIn(question, bucketMs, window);
  }
  if (range.fromMs < question.state.recoveryHours.knownFromMs) return undefined;
  return cohortIn(question, HOUR_MS, undefined);
}

/** `window` undefined: kept by the hour. */
function cohortIn(
  { state, range, failureType, openedMs, nowMs }: StartedQuestion,
  bucketMs: number,
  window: Window | undefined,
): Durations | undefined {
  const isUntilNow = range.toMs > nowMs;
  const from = Math.floor(range.fromMs / bucketMs);
  const to = isUntilNow ? Number.POSITIVE_INFINITY : Math.ceil(range.toMs / bucketMs);
  const asked = Math.min(range.toMs, nowMs) - range.fromMs;
  const before = range.fromMs - from * bucketMs;
  const after = isUntilNow ? 0 : to * bucketMs - range.toMs;
  if (before + after > ROUNDED_MAX * asked) return undefined;
  const { recovered, censored }: StartedCohort =
    window === undefined
      ? state.recoveryHours.cohort(failureType, from, to)
      : state.cohorts.between(failureType, window, from, to);
  const open = openedMs.filter((ms) => ms >= from * bucketMs && ms < to * bucketMs);
  const watched = binsOf(open.map((ms) => Math.max(0, nowMs - ms)));
  mergeBins(watched, censored);
  return { recovered, censored: watched };
}
