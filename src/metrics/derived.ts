/**
 * What the analyses found, as of their last run. Ratios have no sum, so strategies and failure types beyond the
 * cap are left out; reports have them all.
 */
import type { StrategyGauge, StrategyWindowGauge } from '../analysis/derived.js';
import { BEST_PROBABILITY_MIN } from '../analysis/best-strategy.js';
import { RECOMMENDATION_KINDS, RECOMMENDATION_SEVERITIES } from '../analysis/recommendation.js';
import { RECOVERIES_MIN } from '../analysis/restricted-mean.js';
import { DURATION_TRENDS } from '../core/state/duration-trend.js';
import { TYPES_KEPT_MAX } from '../core/state/failure-minutes.js';
import { RECOMMENDATION_WORDS } from '../core/state/recommendation-word.js';
import { TREND_ATTEMPTS_MIN, TRENDS } from '../core/state/success-trend.js';
import { WINDOWS } from '../core/state/windows.js';
import {
  firstCome,
  gauge,
  OPEN_SET,
  stateSet,
  type Bound,
  type FirstCome,
  type MetricRows,
} from './define.js';
import { LabelObjects } from './label-objects.js';
import type { MetricsView } from './view.js';

const WINDOW_NAMES = WINDOWS.map(({ name }) => name);
const NO_ATTEMPT = 'Absent while the window holds no attempt.';
/** Every ordered pair of the failure types that are looked at. */
const CASCADES_MAX = TYPES_KEPT_MAX * (TYPES_KEPT_MAX - 1);
const STRATEGY_WINDOW = { strategy: OPEN_SET, window: WINDOW_NAMES } as const;

export const DERIVED_OVERALL = {
  selfhealer_success_ratio: gauge({
    otel: 'selfhealer.success.ratio',
    unit: '1',
    help: 'Derived: share of attempts that succeeded.',
    absent: NO_ATTEMPT,
    labels: { window: WINDOW_NAMES },
    read: ({ report }, add) => {
      for (const { window, ratio } of report?.successRatio ?? []) add({ window }, ratio);
    },
  }),
  selfhealer_mttr_seconds: gauge({
    otel: 'selfhealer.mttr',
    unit: 's',
    help: 'Derived: mean time to recovery, all types, open incidents accounted for.',
    absent: `Absent below ${RECOVERIES_MIN} recoveries in the window.`,
    labels: { window: WINDOW_NAMES },
    read: ({ report }, add) => {
      for (const { window, seconds } of report?.mttr ?? []) add({ window }, seconds);
    },
  }),
  selfhealer_failure_type_mttr_seconds: gauge({
    otel: 'selfhealer.failure_type.mttr',
    unit: 's',
    help: 'Derived: mean time to recovery per failure type, open incidents accounted for.',
    absent: `Absent below ${RECOVERIES_MIN} recoveries of the failure type in the window.`,
    labels: { failure_type: OPEN_SET, window: WINDOW_NAMES },
    bound: (view) => firstFailureTypes(view).bound,
    read: (view, add) => {
      const shown = firstFailureTypes(view);
      for (const { failureType, window, seconds } of view.report?.failureTypeMttr ?? []) {
        if (shown.has(failureType)) add({ failure_type: failureType, window }, seconds);
      }
    },
  }),
  selfhealer_mttr_trend: stateSet({
    otel: 'selfhealer.mttr.trend',
    unit: '1',
    help: 'Derived: direction of recovery times; exactly one 1.',
    labels: { failure_type: OPEN_SET },
    stateLabel: 'trend',
    states: DURATION_TRENDS,
    bound: ({ state, labelSetsMax }) =>
      firstCome(state.registry.failureTypes, DURATION_TRENDS.length, labelSetsMax).bound,
    read: ({ state, report, labelSetsMax }, add) => {
      const shown = firstCome(state.registry.failureTypes, DURATION_TRENDS.length, labelSetsMax);
      for (const { failureType, trend } of report?.mttrTrends ?? []) {
        if (shown.has(failureType)) add({ failure_type: failureType }, trend);
      }
    },
  }),
  selfhealer_failure_anomaly_score: gauge({
    otel: 'selfhealer.failure.anomaly.score',
    unit: '',
    help: 'Derived: how unusual the present failure rate is; 0 usual, 1 or more anomalous.',
    absent: 'Absent until the failure type has been known for a week.',
    labels: { failure_type: OPEN_SET },
    bound: ({ state, labelSetsMax }) =>
      firstCome(state.registry.failureTypes, 1, labelSetsMax).bound,
    read: ({ state, report, labelSetsMax }, add) => {
      const shown = firstCome(state.registry.failureTypes, 1, labelSetsMax);
      for (const { failureType, score } of report?.anomalies ?? []) {
        if (shown.has(failureType)) add({ failure_type: failureType }, score);
      }
    },
  }),
  selfhealer_failure_cascades: gauge({
    otel: 'selfhealer.failure.cascades',
    unit: '',
    help: 'Derived: lift of failures of type effect following cause; only significant pairs.',
    absent: 'Absent for pairs that do not follow each other more often than by chance.',
    labels: { cause: OPEN_SET, effect: OPEN_SET },
    bound: ({ report }) => ({
      size: report?.cascades.length ?? 0,
      labelSetsMax: CASCADES_MAX,
      overflows: 0,
    }),
    read: ({ report }, add) => {
      for (const { cause, effect, lift } of report?.cascades ?? []) add({ cause, effect }, lift);
    },
  }),
  selfhealer_strategy_best: gauge({
    otel: 'selfhealer.strategy.best',
    unit: '', // with '1' its name would end in _ratio
    help: 'Derived: probability that this strategy is the best for the type.',
    absent: `Absent while no strategy is the best with a probability of ${BEST_PROBABILITY_MIN}; an association, no cause.`,
    labels: { failure_type: OPEN_SET, strategy: OPEN_SET },
    bound: ({ state, labelSetsMax }) =>
      firstCome(state.registry.failureTypes, 1, labelSetsMax).bound,
    read: ({ state, report, labelSetsMax }, add) => {
      const shown = firstCome(state.registry.failureTypes, 1, labelSetsMax);
      for (const { failureType, strategy, probability } of report?.best ?? []) {
        if (shown.has(failureType)) add({ failure_type: failureType, strategy }, probability);
      }
    },
  }),
  selfhealer_recommendations: gauge({
    otel: 'selfhealer.recommendations',
    unit: '{recommendation}',
    help: 'Recommendations standing now.',
    additive: true,
    labels: { kind: RECOMMENDATION_KINDS, severity: RECOMMENDATION_SEVERITIES },
    read: ({ report }, add) => {
      for (const { kind, severity, count } of report?.recommendations ?? []) {
        add({ kind, severity }, count);
      }
    },
  }),
} satisfies MetricRows;

export const DERIVED_STRATEGIES = {
  selfhealer_strategy_success_ratio: perWindow({
    otel: 'selfhealer.strategy.success.ratio',
    unit: '1',
    help: 'Derived, per strategy: share of attempts that succeeded.',
    absent: NO_ATTEMPT,
    value: ({ ratio }) => ratio,
  }),
  selfhealer_strategy_success_ratio_lower: perWindow({
    otel: 'selfhealer.strategy.success_ratio.lower',
    unit: '',
    help: 'Derived: lower end of the 95 % interval of the success ratio.',
    absent: NO_ATTEMPT,
    value: ({ lower }) => lower,
  }),
  selfhealer_strategy_success_ratio_upper: perWindow({
    otel: 'selfhealer.strategy.success_ratio.upper',
    unit: '',
    help: 'Derived: upper end of the 95 % interval of the success ratio.',
    absent: NO_ATTEMPT,
    value: ({ upper }) => upper,
  }),
  selfhealer_strategy_samples: perWindow({
    otel: 'selfhealer.strategy.samples',
    unit: '{attempt}',
    help: 'Attempts behind the ratio.',
    value: ({ samples }) => samples,
  }),
  selfhealer_strategy_duration_seconds: perWindow({
    otel: 'selfhealer.strategy.duration',
    unit: 's',
    help: 'Derived: mean attempt duration.',
    absent: NO_ATTEMPT,
    value: ({ meanDurationSeconds }) => meanDurationSeconds,
  }),
  selfhealer_strategy_trend: stateSet({
    otel: 'selfhealer.strategy.trend',
    unit: '1',
    help: 'Derived: direction of the success rate; exactly one 1.',
    labels: { strategy: OPEN_SET },
    stateLabel: 'trend',
    states: TRENDS,
    bound: strategyBound(TRENDS.length),
    read: (view, add) => {
      for (const { strategy, trend } of shownOf(view, TRENDS.length))
        add(STRATEGY_LABELS.of(strategy), trend);
    },
  }),
  selfhealer_strategy_trend_score: perStrategy({
    otel: 'selfhealer.strategy.trend.score',
    unit: '',
    help: 'Derived: −1 (surely degrading) to 1 (surely improving).',
    absent: `Absent below ${TREND_ATTEMPTS_MIN} attempts.`,
    value: ({ trendScore }) => trendScore,
  }),
  selfhealer_strategy_trend_changed_timestamp_seconds: perStrategy({
    otel: 'selfhealer.strategy.trend_changed.timestamp',
    unit: 's',
    help: 'Derived: when the present trend began; absent while stable since the start.',
    absent: 'Absent while the trend has been stable since the start.',
    value: ({ trendChangedMs }) =>
      trendChangedMs === undefined ? undefined : trendChangedMs / 1000,
  }),
  selfhealer_strategy_success_delta_ratio: perStrategy({
    otel: 'selfhealer.strategy.success_delta.ratio',
    unit: '1',
    help: 'Derived: recent minus baseline success ratio.',
    absent: 'Absent until a change of the success rate has been found.',
    value: ({ successDelta }) => successDelta,
  }),
  selfhealer_strategy_duration_trend: stateSet({
    otel: 'selfhealer.strategy.duration.trend',
    unit: '1',
    help: 'Derived: direction of attempt durations; exactly one 1.',
    labels: { strategy: OPEN_SET },
    stateLabel: 'trend',
    states: DURATION_TRENDS,
    bound: strategyBound(DURATION_TRENDS.length),
    read: (view, add) => {
      for (const { strategy, durationTrend } of shownOf(view, DURATION_TRENDS.length)) {
        add(STRATEGY_LABELS.of(strategy), durationTrend);
      }
    },
  }),
  selfhealer_strategy_recommendation: stateSet({
    otel: 'selfhealer.strategy.recommendation',
    unit: '1',
    help: 'Derived: what to do with the strategy; exactly one 1.',
    labels: { strategy: OPEN_SET },
    stateLabel: 'recommendation',
    states: RECOMMENDATION_WORDS,
    bound: strategyBound(RECOMMENDATION_WORDS.length),
    read: (view, add) => {
      for (const { strategy, recommendation } of shownOf(view, RECOMMENDATION_WORDS.length)) {
        add(STRATEGY_LABELS.of(strategy), recommendation);
      }
    },
  }),
} satisfies MetricRows;

const STRATEGY_LABELS = new LabelObjects((strategy) => ({ strategy }));
const WINDOW_LABELS = new LabelObjects((strategy) => ({
  '1h': { strategy, window: '1h' as const },
  '1d': { strategy, window: '1d' as const },
}));

interface DerivedRow<From> {
  readonly otel: string;
  readonly unit: string;
  readonly help: string;
  readonly absent?: string;
  readonly value: (from: From) => number | undefined;
}

function perWindow({ value, ...about }: DerivedRow<StrategyWindowGauge>) {
  return gauge({
    ...about,
    labels: STRATEGY_WINDOW,
    bound: strategyBound(WINDOWS.length),
    read: (view, add) => {
      for (const { strategy, windows } of shownOf(view, WINDOWS.length)) {
        const labels = WINDOW_LABELS.of(strategy);
        for (const one of windows) add(labels[one.window], value(one));
      }
    },
  });
}

function perStrategy({ value, ...about }: DerivedRow<StrategyGauge>) {
  return gauge({
    ...about,
    labels: { strategy: OPEN_SET },
    bound: strategyBound(1),
    read: (view, add) => {
      for (const one of shownOf(view, 1)) add(STRATEGY_LABELS.of(one.strategy), value(one));
    },
  });
}

function strategyBound(seriesEach: number): (view: MetricsView) => Bound {
  return ({ state, labelSetsMax }) =>
    firstCome(state.registry.strategies, seriesEach, labelSetsMax).bound;
}

function* shownOf(view: MetricsView, seriesEach: number): Generator<StrategyGauge> {
  const { state, report, labelSetsMax } = view;
  const shown = firstCome(state.registry.strategies, seriesEach, labelSetsMax);
  for (const one of report?.strategies ?? []) if (shown.has(one.strategy)) yield one;
}

function firstFailureTypes({ state, labelSetsMax }: MetricsView): FirstCome {
  return firstCome(state.registry.failureTypes, WINDOWS.length, labelSetsMax);
}
