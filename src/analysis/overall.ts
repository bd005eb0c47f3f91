/** How healing did, over everything together. */
import { attemptsOf, averageMsOf, ratio, successRateOf, type Totals } from './totals.js';

export interface OverallStats {
  readonly failures: number;
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly recovered: number;
  readonly expired: number;
  /** 0–1; undefined when no attempt ran. */
  readonly successRate: number | undefined;
  /** Of the attempts that ran; undefined when none did. */
  readonly averageMs: number | undefined;
  /** Detection to recovery; undefined when nothing recovered. */
  readonly mttrMs: number | undefined;
  /** Attempts that ran, most first. */
  readonly byStrategy: ReadonlyMap<string, number>;
  /** Failures, most first. */
  readonly byFailureType: ReadonlyMap<string, number>;
}

/**
 * Totals and means of a history.
 *
 * Units: counts, shares 0–1, milliseconds.
 * Left out: skipped attempts from rate, mean and `attempts`; they have their own count. Incidents that have not
 *   recovered from the MTTR: restrictedMean counts those in.
 * `ofStrategy`: the history is that of one strategy, so its failures are those it was tried on.
 * No data: counts of 0; means and rates undefined.
 * Errors: none.
 * Source: the report of the original analytics.
 */
export function overallStats(totals: Totals, ofStrategy: boolean): OverallStats {
  const { overall, byStrategy, byFailureType } = totals;
  const attempts = attemptsOf(overall);
  return {
    failures: ofStrategy ? overall.tried : overall.failures,
    attempts,
    succeeded: overall.succeeded,
    failed: overall.failed,
    skipped: overall.skipped,
    recovered: overall.recovered,
    expired: overall.expired,
    successRate: successRateOf(overall),
    averageMs: averageMsOf(overall),
    mttrMs: ratio(overall.recoveredMs, overall.recovered),
    byStrategy: mostFirst([...byStrategy].map(([name, cell]) => [name, attemptsOf(cell)])),
    byFailureType: mostFirst(
      [...byFailureType].map(([name, cell]) => [name, ofStrategy ? cell.tried : cell.failures]),
    ),
  };
}

/** Without zeros; equal counts by name. */
function mostFirst(counts: readonly (readonly [string, number])[]): Map<string, number> {
  return new Map(
    counts.filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
  );
}
