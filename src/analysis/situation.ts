/** What recommendations are made from: a report's range, or the last day of the live state. */
import type { History } from '../core/ports.js';
import { DAY_MS } from '../core/rollup.js';
import { DAY_WINDOW } from '../core/state/windows.js';
import type { LiveState } from '../core/state/live-state.js';
import type { Trend, TrendReading } from '../core/state/success-trend.js';
import type { StrategyEffectiveness } from './effectiveness.js';
import { anomalies, type Anomaly } from './anomalies.js';
import {
  armsOfHistory,
  bestStrategies,
  bestStrategiesNow,
  type BestStrategy,
} from './best-strategy.js';
import { cascadesNow, type Cascade } from './cascades.js';
import { knownStrategies, type KnownStrategies } from './known-strategies.js';
import { cohortMttr } from './mttr.js';
import type { MixFinding } from './mix-shift.js';
import type { OverallStats } from './overall.js';
import { predictionScores, type PredictorScore } from './prediction-scores.js';
import type { RestrictedMean } from './restricted-mean.js';
import { attemptsOf, ratio, type Totals } from './totals.js';

/** A strategy without an attempt on a type for so long is not proposed for it. */
const FORGOTTEN_AFTER_MS = 28 * DAY_MS;

export interface StrategySituation {
  readonly strategy: string;
  readonly attempts: number;
  readonly succeeded: number;
  /** Of all attempts together. */
  readonly durationMs: number;
  readonly trend: Trend;
  readonly changedMs: number | undefined;
  /** Present rate minus the one before the change. */
  readonly delta: number | undefined;
  /** The evidence of the change and the rates around it. */
  readonly change?: Pick<TrendReading, 'nats' | 'before' | 'after'> | undefined;
  /** What the change comes from, where that was looked into. */
  readonly mix?: MixFinding | undefined;
}

export interface FailureSituation {
  readonly failureType: string;
  readonly failures: number;
  /** Attempts that ran, and that were skipped. */
  readonly attempts: number;
  readonly skipped: number;
  /** Of types without attempts: the strategies that are known for them all the same. */
  readonly known?: KnownStrategies | undefined;
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
  /** Of the failure types where one strategy is clearly the best, and was tried in the last weeks. */
  readonly best: ReadonlyMap<string, BestStrategy>;
  /** What `best` covers: in the live state all attempts since the last change, however old. */
  readonly bestWindow: string;
  /** Now, whatever the window. */
  readonly anomalies: readonly Omit<Anomaly, 'isAnomalous'>[];
  readonly cascades: readonly Cascade[];
}

type PresentPatterns = Pick<Situation, 'anomalies' | 'cascades'>;

export interface HistorySituation {
  readonly window: string;
  readonly stats: OverallStats;
  readonly totals: Totals;
  readonly strategies: readonly StrategyEffectiveness[];
  readonly restricted: RestrictedMean | undefined;
  readonly state: LiveState;
  readonly history: History;
  /** Where the report is of one type only. */
  readonly failureType?: string | undefined;
  /** What the last changes of strategies come from, as far as it is known. */
  readonly mixShifts?: ReadonlyMap<string, MixFinding> | undefined;
  readonly nowMs: number;
}

/** The situation that a report tells of. */
export function situationOfHistory(told: HistorySituation): Situation {
  const { window, stats, totals, strategies, restricted, state, history, nowMs } = told;
  return {
    window,
    attempts: stats.attempts,
    succeeded: stats.succeeded,
    mttrMs: stats.mttrMs,
    restricted,
    recovered: stats.recovered,
    strategies: strategies.map(({ strategy, succeeded, failed, averageMs, trend, reading }) => ({
      strategy,
      attempts: succeeded + failed,
      succeeded,
      durationMs: (averageMs ?? 0) * (succeeded + failed),
      trend,
      changedMs: reading?.changedMs,
      delta: reading?.delta,
      change: reading,
      mix: told.mixShifts?.get(strategy),
    })),
    failureTypes: withKnown(
      state,
      [...stats.byFailureType].map(([failureType, failures]) => {
        const cell = totals.byFailureType.get(failureType);
        return {
          failureType,
          failures,
          attempts: cell === undefined ? 0 : attemptsOf(cell),
          skipped: cell?.skipped ?? 0,
        };
      }),
    ),
    knownStrategies: new Set(state.registry.strategies.keys()),
    predictors: predictionScores(state, nowMs),
    best: stillTried(bestStrategies(armsOfHistory(history)), state, nowMs),
    bestWindow: window,
    ...patternsOf(told.failureType, presentPatterns(state, nowMs)),
  };
}

/** The situation of the last day, from the state alone. */
export function situationNow(state: LiveState, nowMs: number): Situation {
  const all = state.windows.sums(undefined, DAY_WINDOW, nowMs);
  const cohort = state.cohorts.cohort(undefined, DAY_WINDOW, nowMs);
  const { recoveries, recoveredMs } = cohort;
  return {
    window: DAY_WINDOW.name,
    attempts: all.succeeded + all.failed,
    succeeded: all.succeeded,
    mttrMs: ratio(recoveredMs, recoveries),
    restricted: cohortMttr(cohort, { state, window: DAY_WINDOW, nowMs }),
    recovered: recoveries,
    strategies: [...state.registry.strategies.keys()].map((strategy) => {
      const { succeeded, failed, durationMs } = state.windows.sums(strategy, DAY_WINDOW, nowMs);
      const reading = state.trends.read(strategy, nowMs);
      return {
        strategy,
        attempts: succeeded + failed,
        succeeded,
        durationMs,
        trend: reading?.trend ?? 'insufficient_data',
        changedMs: reading?.changedMs,
        delta: reading?.delta,
        change: reading,
      };
    }),
    failureTypes: withKnown(
      state,
      state.failures.lastDay(nowMs).filter(({ failures }) => failures > 0),
    ),
    knownStrategies: new Set(state.registry.strategies.keys()),
    predictors: predictionScores(state, nowMs),
    best: stillTried(bestStrategiesNow(state), state, nowMs),
    bestWindow: 'since_last_change',
    ...presentPatterns(state, nowMs),
  };
}

/** One that was renamed or given up is neither proposed for what it did long ago, nor to be replaced. */
function stillTried(
  best: ReadonlyMap<string, BestStrategy>,
  { pairTrends }: LiveState,
  nowMs: number,
): ReadonlyMap<string, BestStrategy> {
  const isTried = (failureType: string, strategy: string): boolean => {
    const lastMs = pairTrends.newestMs(strategy, failureType);
    return lastMs === undefined || nowMs - lastMs <= FORGOTTEN_AFTER_MS;
  };
  return new Map(
    [...best].flatMap(([failureType, one]) => {
      if (one.strategy === null || !isTried(failureType, one.strategy)) return [];
      const candidates = one.candidates.filter(({ strategy }) => isTried(failureType, strategy));
      return [[failureType, { ...one, candidates }]];
    }),
  );
}

/** Types that nothing ended on, with the strategies that are known for them. */
function withKnown(state: LiveState, types: readonly FailureSituation[]): FailureSituation[] {
  const untried = new Set(
    types.filter(({ attempts }) => attempts === 0).map(({ failureType }) => failureType),
  );
  const known = knownStrategies(state, untried);
  return types.map((one) =>
    untried.has(one.failureType) ? { ...one, known: known.get(one.failureType) } : one,
  );
}

function patternsOf(
  failureType: string | undefined,
  { anomalies: unusual, cascades }: PresentPatterns,
): PresentPatterns {
  if (failureType === undefined) return { anomalies: unusual, cascades };
  return {
    anomalies: unusual.filter((one) => one.failureType === failureType),
    cascades: cascades.filter(({ cause, effect }) => [cause, effect].includes(failureType)),
  };
}

function presentPatterns(state: LiveState, nowMs: number): PresentPatterns {
  return {
    anomalies: anomalies(state, nowMs).filter(({ isAnomalous }) => isAnomalous),
    cascades: cascadesNow(state, nowMs),
  };
}
