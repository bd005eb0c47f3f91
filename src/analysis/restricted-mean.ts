/** Time to recovery with those counted in that have not recovered. */
import { binMiddleMs } from '../core/bins.js';
import { FOLLOWED_MS_MAX } from '../core/state/recovery-hours.js';

/** Recoveries below which a mean is not shown, and below which its interval is not. */
export const RECOVERIES_MIN = 10;
const INTERVAL_RECOVERIES_MIN = 30;
const Z = 1.959963984540054;

export interface Durations {
  /** Log bins of the times to recovery. */
  readonly recovered: ReadonlyMap<number, number>;
  /** Log bins of how long incidents were watched that did not recover meanwhile: open, or expired. */
  readonly censored: ReadonlyMap<number, number>;
}

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
  const recoveries = total(recovered);
  if (recoveries < RECOVERIES_MIN) return undefined;
  const unrecovered = total(censored);
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
  const half = Z * Math.sqrt(variance);
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

interface Step {
  readonly timeMs: number;
  readonly ended: number;
  readonly atRisk: number;
}

/** How many of those at risk recover, at every duration at which any do. */
function stepsOf(durations: Durations, beyond: Beyond | undefined): Step[] {
  const own = ownSteps(durations);
  if (beyond === undefined) return own;
  const { ageMs, like } = beyond;
  return [
    ...own.filter(({ timeMs }) => timeMs < ageMs),
    ...ownSteps(like).filter(({ timeMs }) => timeMs >= ageMs),
  ];
}

function ownSteps({ recovered, censored }: Durations): Step[] {
  const bins = [...new Set([...recovered.keys(), ...censored.keys()])].sort((a, b) => a - b);
  const steps: Step[] = [];
  let atRisk = total(recovered) + total(censored);
  for (const bin of bins) {
    const ended = recovered.get(bin) ?? 0;
    if (ended > 0) steps.push({ timeMs: binMiddleMs(bin), ended, atRisk });
    // Whoever was watched until this bin was still at risk of recovering in it.
    atRisk -= ended + (censored.get(bin) ?? 0);
  }
  return steps;
}

function total(bins: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const count of bins.values()) sum += count;
  return sum;
}
