/** Time to recovery with those counted in that have not recovered. */
import { countIn } from '../core/bins.js';
import { Z_95 } from '../core/normal.js';
import { FOLLOWED_MS_MAX } from '../core/state/recovery-hours.js';
import { survivalSteps, type Durations, type SurvivalStep } from './survival.js';

/** Recoveries below which a mean is not shown, and below which its interval is not. */
export const RECOVERIES_MIN = 10;
const INTERVAL_RECOVERIES_MIN = 30;

/** How recovery goes on beyond the age that the incidents asked about have reached. */
export interface Beyond {
  readonly ageMs: number;
  readonly like: Durations;
}

export interface RestrictedMean {
  readonly meanMs: number;
  /** 95 % interval; undefined below 30 recoveries. */
  readonly lowerMs: number | undefined;
  readonly upperMs: number | undefined;
  /** Half of the incidents have recovered by then; undefined when fewer do within the horizon. */
  readonly medianMs: number | undefined;
  readonly horizonMs: number;
  readonly recovered: number;
  readonly unrecovered: number;
}

/** Up to where recoveries are followed in a window of this length. */
export function horizonOf(windowMs: number): number {
  return Math.min(windowMs, FOLLOWED_MS_MAX);
}

/**
 * The mean time to recovery within a horizon: what an incident costs on average when everything beyond the
 * horizon counts as the horizon. Incidents without recovery stay in the sum for as long as they were watched.
 * `beyond` is for incidents that have not been watched up to the horizon: from that age on others stand in for them.
 *
 * Units: milliseconds; durations in bins 8 % wide, so within 4 %.
 * Left out: nothing; that is the point.
 * No data: undefined, and so below 10 recoveries.
 * Errors: none.
 * Source: Kaplan, Meier (1958) for the share unrecovered; Irwin (1949) for its mean up to a limit; the variance
 *   is Greenwood's.
 */
export function restrictedMean(
  durations: Durations,
  horizonMs: number,
  beyond?: Beyond,
): RestrictedMean | undefined {
  const { recovered, censored } = durations;
  const recoveries = countIn(recovered);
  if (recoveries < RECOVERIES_MIN) return undefined;
  const unrecovered = countIn(censored);
  const drops: { readonly areaBefore: number; readonly weight: number }[] = [];
  let share = 1;
  let area = 0;
  let reachedMs = 0;
  let medianMs: number | undefined;
  for (const { timeMs, ended, atRisk } of stepsOf(durations, beyond)) {
    if (timeMs >= horizonMs) break;
    area += share * (timeMs - reachedMs);
    reachedMs = timeMs;
    const left = atRisk - ended;
    share *= left / atRisk;
    if (left > 0) drops.push({ areaBefore: area, weight: ended / (atRisk * left) });
    if (share <= 0.5) medianMs ??= timeMs;
  }
  area += share * (horizonMs - reachedMs);

  let variance = 0;
  for (const { areaBefore, weight } of drops) variance += (area - areaBefore) ** 2 * weight;
  const half = Z_95 * Math.sqrt(variance);
  const shown = recoveries >= INTERVAL_RECOVERIES_MIN;
  return {
    meanMs: area,
    lowerMs: shown ? Math.max(0, area - half) : undefined,
    upperMs: shown ? Math.min(horizonMs, area + half) : undefined,
    medianMs,
    horizonMs,
    recovered: recoveries,
    unrecovered,
  };
}

/** How many of those at risk recover, at every duration at which any do. */
function stepsOf(durations: Durations, beyond: Beyond | undefined): SurvivalStep[] {
  const own = survivalSteps(durations);
  if (beyond === undefined) return own;
  const { ageMs, like } = beyond;
  return [
    ...own.filter(({ timeMs }) => timeMs < ageMs),
    ...survivalSteps(like).filter(({ timeMs }) => timeMs >= ageMs),
  ];
}
