/** What the derived gauges show: answers about the live windows, from the state alone. */
import type { DurationTrend } from '../core/state/duration-trend.js';
import type { LiveState } from '../core/state/live-state.js';
import type { RecommendationWord } from '../core/state/recommendation-word.js';
import type { Trend } from '../core/state/success-trend.js';
import { WINDOWS, type Window } from '../core/state/windows.js';
import { anomalies } from './anomalies.js';
import { bestStrategiesNow } from './best-strategy.js';
import { cascadesNow } from './cascades.js';
import { windowMttr } from './mttr.js';
import { openedByType } from './open-incidents.js';
import {
  RECOMMENDATION_KINDS,
  RECOMMENDATION_SEVERITIES,
  type RecommendationKind,
  type RecommendationSeverity,
} from './recommendation.js';
import { adviceNow } from './standing-advice.js';
import { correlationOf, successInterval } from './success-interval.js';
import { ratio } from './totals.js';

export type WindowName = Window['name'];

export interface SuccessRatioGauge {
  readonly window: WindowName;
  /** 0–1; undefined when no attempt ran. */
  readonly ratio: number | undefined;
  readonly samples: number;
}

export interface StrategyWindowGauge {
  readonly window: WindowName;
  readonly samples: number;
  readonly ratio: number | undefined;
  /** 95 % interval. */
  readonly lower: number | undefined;
  readonly upper: number | undefined;
  readonly meanDurationSeconds: number | undefined;
}

export interface StrategyGauge {
  readonly strategy: string;
  readonly windows: readonly StrategyWindowGauge[];
  readonly trend: Trend;
  readonly trendScore: number | undefined;
  readonly trendChangedMs: number | undefined;
  readonly successDelta: number | undefined;
  readonly recommendation: RecommendationWord;
  readonly durationTrend: DurationTrend;
}

export interface MttrGauge {
  readonly window: WindowName;
  /** The restricted mean. */
  readonly seconds: number;
}

export interface FailureTypeMttrGauge extends MttrGauge {
  readonly failureType: string;
}

export interface MttrTrendGauge {
  readonly failureType: string;
  readonly trend: DurationTrend;
}

export interface AnomalyGauge {
  readonly failureType: string;
  /** 0 usual, 1 and more anomalous. */
  readonly score: number;
}

export interface CascadeGauge {
  readonly cause: string;
  readonly effect: string;
  readonly lift: number;
}

export interface BestStrategyGauge {
  readonly failureType: string;
  readonly strategy: string;
  /** That it is the best for the type, 0.7–1. */
  readonly probability: number;
}

export interface RecommendationGauge {
  readonly kind: RecommendationKind;
  readonly severity: RecommendationSeverity;
  readonly count: number;
}

/** How an analysis itself is doing. */
export interface AnalysisRun {
  readonly analysis: AnalysisName;
  readonly durationSeconds: number;
  /** Unix milliseconds; undefined before its first success. */
  readonly lastSuccessMs: number | undefined;
  readonly errors: number;
}

export interface DerivedGauges {
  readonly atMs: number;
  readonly successRatio: readonly SuccessRatioGauge[];
  readonly strategies: readonly StrategyGauge[];
  readonly mttr: readonly MttrGauge[];
  readonly failureTypeMttr: readonly FailureTypeMttrGauge[];
  readonly mttrTrends: readonly MttrTrendGauge[];
  /** Of types known for a week. */
  readonly anomalies: readonly AnomalyGauge[];
  readonly cascades: readonly CascadeGauge[];
  /** Of the failure types where one is clear enough. */
  readonly best: readonly BestStrategyGauge[];
  /** Every kind with every severity, most of them 0; what stands over the last day. */
  readonly recommendations: readonly RecommendationGauge[];
  readonly analyses: readonly AnalysisRun[];
}

export const ANALYSIS_NAMES = [
  'success_ratio',
  'strategies',
  'mttr',
  'anomalies',
  'cascades',
  'best_strategies',
  'recommendations',
] as const;
export type AnalysisName = (typeof ANALYSIS_NAMES)[number];
/** What one analysis contributes. */
export type DerivedPart = Partial<Omit<DerivedGauges, 'atMs' | 'analyses'>>;

export const NOTHING_DERIVED: Omit<DerivedGauges, 'atMs'> = {
  successRatio: [],
  strategies: [],
  mttr: [],
  failureTypeMttr: [],
  mttrTrends: [],
  anomalies: [],
  cascades: [],
  best: [],
  recommendations: [],
  analyses: [],
};

/** One analysis alone, so that each can be timed and can fail alone. */
export function derivePart(analysis: AnalysisName, state: LiveState, nowMs: number): DerivedPart {
  switch (analysis) {
    case 'success_ratio':
      return { successRatio: WINDOWS.map((window) => successRatio(state, window, nowMs)) };
    case 'strategies':
      return { strategies: strategyGauges(state, nowMs) };
    case 'mttr':
      return mttrGauges(state, nowMs);
    case 'anomalies':
      return {
        anomalies: anomalies(state, nowMs).map(({ failureType, score }) => ({
          failureType,
          score,
        })),
      };
    case 'cascades':
      return {
        cascades: cascadesNow(state, nowMs).map(({ cause, effect, lift }) => ({
          cause,
          effect,
          lift,
        })),
      };
    case 'best_strategies':
      return { best: bestStrategyGauges(state) };
    case 'recommendations':
      return { recommendations: recommendationGauges(state, nowMs) };
  }
}

/** All of them, without the runner's account of each. Windows end at `nowMs`. */
export function deriveGauges(state: LiveState, nowMs: number): DerivedGauges {
  return ANALYSIS_NAMES.reduce<DerivedGauges>(
    (gauges, analysis) => ({ ...gauges, ...derivePart(analysis, state, nowMs) }),
    { ...NOTHING_DERIVED, atMs: nowMs },
  );
}

function successRatio(state: LiveState, window: Window, nowMs: number): SuccessRatioGauge {
  const { succeeded, failed } = state.windows.sums(undefined, window, nowMs);
  const samples = succeeded + failed;
  return { window: window.name, ratio: ratio(succeeded, samples), samples };
}

function strategyGauges(state: LiveState, nowMs: number): StrategyGauge[] {
  const running = state.incidents.runningMs(nowMs);
  // Each is made at once, and not spread into another object: there are thousands.
  return Array.from(state.registry.strategies.keys(), (name) =>
    strategyGauge(state, { name, nowMs, runningMs: running.get(name) }),
  );
}

interface StrategyAsked {
  readonly name: string;
  readonly nowMs: number;
  /** For how long its attempts that go on have run, each. */
  readonly runningMs: readonly number[] | undefined;
}

function strategyGauge(
  state: LiveState,
  { name: strategy, nowMs, runningMs }: StrategyAsked,
): StrategyGauge {
  const reading = state.trends.read(strategy, nowMs);
  const correlation = correlationOf(reading?.present);
  return {
    strategy,
    windows: WINDOWS.map((window): StrategyWindowGauge => {
      const { succeeded, failed, durationMs } = state.windows.sums(strategy, window, nowMs);
      const samples = succeeded + failed;
      const interval = successInterval(samples, succeeded, correlation);
      return {
        window: window.name,
        samples,
        ratio: ratio(succeeded, samples),
        lower: interval?.lower,
        upper: interval?.upper,
        meanDurationSeconds: ratio(durationMs / 1000, samples),
      };
    }),
    trend: reading?.trend ?? 'insufficient_data',
    trendScore: reading?.score,
    trendChangedMs: reading?.changedMs,
    successDelta: reading?.delta,
    recommendation: reading?.word ?? 'insufficient_data',
    durationTrend: state.attemptDurations.trend(strategy, nowMs, runningMs),
  };
}

function mttrGauges(state: LiveState, nowMs: number): DerivedPart {
  const mttr: MttrGauge[] = [];
  const failureTypeMttr: FailureTypeMttrGauge[] = [];
  const opened = openedByType(state.incidents.open.values());
  const allOpened = [...opened.values()].flat();
  const mttrTrends = [...state.registry.failureTypes].map((failureType): MttrTrendGauge => {
    const goingOnMs = (opened.get(failureType) ?? []).map((ms) => Math.max(0, nowMs - ms));
    return { failureType, trend: state.recoveryDurations.trend(failureType, nowMs, goingOnMs) };
  });
  for (const window of WINDOWS) {
    const overall = windowMttr({ state, window, nowMs, openedMs: allOpened });
    if (overall === undefined) continue; // then no single type has enough either
    mttr.push({ window: window.name, seconds: overall.meanMs / 1000 });
    for (const failureType of state.cohorts.failureTypes()) {
      const ofType = windowMttr({
        state,
        window,
        failureType,
        nowMs,
        openedMs: opened.get(failureType) ?? [],
      });
      if (ofType === undefined) continue;
      failureTypeMttr.push({ failureType, window: window.name, seconds: ofType.meanMs / 1000 });
    }
  }
  return { mttr, failureTypeMttr, mttrTrends };
}

function bestStrategyGauges(state: LiveState): BestStrategyGauge[] {
  return [...bestStrategiesNow(state)].map(([failureType, best]) => ({
    failureType,
    strategy: best.strategy ?? '',
    probability: best.probability ?? 0,
  }));
}

function recommendationGauges(state: LiveState, nowMs: number): RecommendationGauge[] {
  const gauges = RECOMMENDATION_KINDS.flatMap((kind) =>
    RECOMMENDATION_SEVERITIES.map((severity) => ({ kind, severity, count: 0 })),
  );
  for (const { kind, severity } of adviceNow(state, nowMs)) {
    const gauge = gauges.find((one) => one.kind === kind && one.severity === severity);
    if (gauge !== undefined) gauge.count += 1;
  }
  return gauges;
}
