/** What recommendations are made from: a report's range, or the last day of the live state. */
import { DAY_WINDOW } from '../core/state/windows.js';
import type { LiveState } from '../core/state/live-state.js';
import type { Trend } from '../core/state/success-trend.js';
import type { StrategyEffectiveness } from './effectiveness.js';
import type { OverallStats } from './overall.js';
import { predictionScores, type PredictorScore } from './prediction-scores.js';
import type { RestrictedMean } from './restricted-mean.js';
import { attemptsOf, ratio, type Totals } from './totals.js';

export interface StrategySituation {
  readonly strategy: string;
  readonly attempts: number;
  readonly succeeded: number;
  readonly trend: Trend;
  readonly changedMs: number | undefined;
  /** Present rate minus the one before the change. */
  readonly delta: number | undefined;
}

export interface FailureSituation {
  readonly failureType: string;
  readonly failures: number;
  /** Attempts that ran, and that were skipped. */
  readonly attempts: number;
  readonly skipped: number;
}

export interface Situation {
  /** What the numbers cover: `1d`, a range, `all`. */
  readonly window: string;
  readonly attempts: number;
  readonly succeeded: number;
  readonly mttrMs: number | undefined;
  readonly restricted: RestrictedMean | undefined;
  readonly recovered: number;
  /** Best first. */
  readonly strategies: readonly StrategySituation[];
  /** Most failures first. */
  readonly failureTypes: readonly FailureSituation[];
  readonly knownStrategies: ReadonlySet<string>;
  /** By what made the predictions; since the beginning, whatever the window. */
  readonly predictors: ReadonlyMap<string, PredictorScore>;
}

export interface HistorySituation {
  readonly window: string;
  readonly stats: OverallStats;
  readonly totals: Totals;
  readonly strategies: readonly StrategyEffectiveness[];
  readonly restricted: RestrictedMean | undefined;
  readonly state: LiveState;
}

/** The situation that a report tells of. */
export function situationOfHistory(told: HistorySituation): Situation {
  const { window, stats, totals, strategies, restricted, state } = told;
  return {
    window,
    attempts: stats.attempts,
    succeeded: stats.succeeded,
    mttrMs: stats.mttrMs,
    restricted,
    recovered: stats.recovered,
    strategies: strategies.map(({ strategy, succeeded, failed, trend, reading }) => ({
      strategy,
      attempts: succeeded + failed,
      succeeded,
      trend,
      changedMs: reading?.changedMs,
      delta: reading?.delta,
    })),
    failureTypes: [...stats.byFailureType].map(([failureType, failures]) => {
      const cell = totals.byFailureType.get(failureType);
      return {
        failureType,
        failures,
        attempts: cell === undefined ? 0 : attemptsOf(cell),
        skipped: cell?.skipped ?? 0,
      };
    }),
    knownStrategies: new Set(state.registry.strategies.keys()),
    predictors: predictionScores(state),
  };
}

/** The situation of the last day, from the state alone. */
export function situationNow(
  state: LiveState,
  restricted: RestrictedMean | undefined,
  nowMs: number,
): Situation {
  const all = state.windows.sums(undefined, DAY_WINDOW, nowMs);
  const { recoveries, recoveredMs } = state.cohorts.cohort(undefined, DAY_WINDOW, nowMs);
  return {
    window: DAY_WINDOW.name,
    attempts: all.succeeded + all.failed,
    succeeded: all.succeeded,
    mttrMs: ratio(recoveredMs, recoveries),
    restricted,
    recovered: recoveries,
    strategies: [...state.registry.strategies.keys()].map((strategy) => {
      const { succeeded, failed } = state.windows.sums(strategy, DAY_WINDOW, nowMs);
      const reading = state.trends.read(strategy, nowMs);
      return {
        strategy,
        attempts: succeeded + failed,
        succeeded,
        trend: reading?.trend ?? 'insufficient_data',
        changedMs: reading?.changedMs,
        delta: reading?.delta,
      };
    }),
    failureTypes: state.failures.lastDay(nowMs).filter(({ failures }) => failures > 0),
    knownStrategies: new Set(state.registry.strategies.keys()),
    predictors: predictionScores(state),
  };
}
