/** How each strategy does, and what is to be thought of it. */
import { mergeBins, quantileMs, type Bins } from '../core/bins.js';
import type { Cell } from '../core/rollup.js';
import type { RecommendationWord } from '../core/state/recommendation-word.js';
import type { SuccessTrends, Trend, TrendReading } from '../core/state/success-trend.js';
import { correlationOf, successInterval, type Interval } from './success-interval.js';
import { attemptsOf, averageMsOf, successRateOf, type Totals } from './totals.js';

export interface StrategyEffectiveness {
  readonly strategy: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  /** 0–1; undefined when no attempt ran. */
  readonly successRate: number | undefined;
  /** 95 % interval of the rate. */
  readonly interval: Interval | undefined;
  readonly averageMs: number | undefined;
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly trend: Trend;
  readonly recommendation: RecommendationWord;
  /** The live verdict in numbers; undefined when the strategy has never run in order. */
  readonly reading: TrendReading | undefined;
}

/**
 * Every strategy of a history, best first: by success rate, then by attempts, then by name.
 *
 * Units: counts, shares 0–1, milliseconds; quantiles within 4 %.
 * Left out: nothing; a strategy that was only skipped has no rate and comes last.
 * Trend and recommendation are always the live verdict, as of `nowMs`, whatever the range of the history.
 * No data: an empty list.
 * Errors: none.
 * Source: the report of the original analytics; Wilson's interval.
 */
export function effectiveness(
  { byStrategy }: Totals,
  trends: SuccessTrends,
  nowMs: number,
): StrategyEffectiveness[] {
  return [...byStrategy]
    .map(([strategy, cell]) => assess(strategy, cell, trends.read(strategy, nowMs)))
    .sort(bestFirst);
}

function assess(
  strategy: string,
  cell: Cell,
  reading: TrendReading | undefined,
): StrategyEffectiveness {
  const durations: Bins = new Map(cell.succeededBins);
  mergeBins(durations, cell.failedBins);
  return {
    strategy,
    succeeded: cell.succeeded,
    failed: cell.failed,
    skipped: cell.skipped,
    successRate: successRateOf(cell),
    interval: successInterval(attemptsOf(cell), cell.succeeded, correlationOf(reading?.present)),
    averageMs: averageMsOf(cell),
    medianMs: quantileMs(durations, 0.5),
    p95Ms: quantileMs(durations, 0.95),
    trend: reading?.trend ?? 'insufficient_data',
    recommendation: reading?.word ?? 'insufficient_data',
    reading,
  };
}

function bestFirst(a: StrategyEffectiveness, b: StrategyEffectiveness): number {
  return (
    (b.successRate ?? -1) - (a.successRate ?? -1) ||
    b.succeeded + b.failed - (a.succeeded + a.failed) ||
    (a.strategy < b.strategy ? -1 : 1)
  );
}
