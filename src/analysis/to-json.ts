/** From answers to their JSON: snake_case, null for unknown. */
import { formatTime } from '../core/decode/time.js';
import type { Filters, TimeRange } from '../core/ports.js';
import type { StrategyEffectiveness } from './effectiveness.js';
import type { Regime } from '../core/state/change-detector.js';
import type { FalseAlarmBudget } from '../core/state/false-alarms.js';
import type { DurationReading } from '../core/state/duration-trend.js';
import type { PairReading } from '../core/state/pair-trends.js';
import type { PhasesReading } from '../core/state/phased-detector.js';
import type { IncidentEntry } from './incidents.js';
import type { Mttr } from './mttr.js';
import { missingOf, shiftOf, type MixFinding, type MixShift } from './mix-shift.js';
import type { OverallStats } from './overall.js';
import type { AgentRate, FailurePatterns } from './patterns.js';
import type { Recommendation } from './recommendation.js';
import type {
  AgentRateJson,
  DurationTrendJson,
  FalseAlarmsJson,
  FailurePatternsJson,
  FiltersJson,
  IncidentJson,
  MttrFiguresJson,
  OverallStatsJson,
  PairTrendJson,
  PresentRegimeJson,
  RangeJson,
  RecommendationJson,
  SeriesPointJson,
  StrategyJson,
  TimelineEntryJson,
  TrendCauseJson,
  TrendPhasesJson,
} from './report-json.js';
import type { SeriesPoint } from './series.js';
import { correlationOf, successInterval } from './success-interval.js';
import type { TimelineEntry } from './timeline.js';
import { ratio } from './totals.js';
import { trendWithoutLate, type Unfollowed } from './unfollowed.js';

/** Attempts below which a rate hardly means anything. */
const CONFIDENT_ATTEMPTS_MIN = 5;

export function rangeJson(requested: string | undefined, range: TimeRange | undefined): RangeJson {
  return {
    requested: requested ?? null,
    from: range === undefined ? null : formatTime(range.fromMs),
    to: range === undefined ? null : formatTime(range.toMs),
  };
}

export function filtersJson({ failureType, strategy, agentId, source }: Filters): FiltersJson {
  return {
    ...(failureType === undefined ? {} : { failure_type: failureType }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(agentId === undefined ? {} : { agent_id: agentId }),
    ...(source === undefined ? {} : { source }),
  };
}

export function overallJson(stats: OverallStats, mttr: Mttr): OverallStatsJson {
  return {
    total_failures: stats.failures,
    total_healings: stats.attempts,
    success_count: stats.succeeded,
    failure_count: stats.failed,
    skipped: stats.skipped,
    success_rate: orNull(stats.successRate),
    avg_healing_time_ms: orNull(stats.averageMs),
    mttr_ms: orNull(stats.mttrMs),
    mttr_restricted_ms: orNull(mttr.restricted?.meanMs),
    recovered: stats.recovered,
    expired: stats.expired,
    open_incidents: mttr.open,
    by_strategy: Object.fromEntries(stats.byStrategy),
    by_failure_type: Object.fromEntries(stats.byFailureType),
  };
}

export interface StrategyCourse {
  readonly pairs: ReadonlyMap<string, PairReading>;
  readonly durations: DurationReading | undefined;
  readonly mix: MixFinding | undefined;
  readonly unfollowed: Unfollowed;
}

export function strategyJson(
  strategy: StrategyEffectiveness,
  { pairs, durations, mix, unfollowed }: StrategyCourse,
): StrategyJson {
  const { succeeded, failed, interval, reading } = strategy;
  return {
    name: strategy.strategy,
    success_count: succeeded,
    failure_count: failed,
    skipped: strategy.skipped,
    success_rate: orNull(strategy.successRate),
    success_rate_lower: orNull(interval?.lower),
    success_rate_upper: orNull(interval?.upper),
    low_confidence: succeeded + failed < CONFIDENT_ATTEMPTS_MIN,
    avg_time_ms: orNull(strategy.averageMs),
    p50_time_ms: orNull(strategy.medianMs),
    p95_time_ms: orNull(strategy.p95Ms),
    trend: strategy.trend,
    trend_missing: unfollowed.trend ?? trendWithoutLate(reading) ?? null,
    attempts_late: reading?.attemptsLate ?? 0,
    trend_score: orNull(reading?.score),
    trend_evidence_nats: orNull(reading?.nats),
    trend_changed_at: timeOrNull(reading?.changedMs),
    rate_before: orNull(reading?.before),
    rate_after: orNull(reading?.after),
    success_delta: orNull(reading?.delta),
    trend_phases: phasesJson(reading?.phases),
    trend_cause: trendCauseJson(shiftOf(mix)),
    trend_cause_missing: missingOf(mix) ?? null,
    by_failure_type: Object.fromEntries(
      [...pairs].map(([failureType, pair]) => [failureType, pairJson(pair)]),
    ),
    failure_types_left_out: unfollowed.failureTypes,
    duration_trend: durationTrendJson(durations, unfollowed.durations),
    recommendation: strategy.recommendation,
    present: presentJson(reading),
  };
}

export function patternsJson(
  patterns: FailurePatterns,
): Omit<FailurePatternsJson, 'anomalies' | 'anomaly_types_left_out' | 'patterns_missing'> {
  const hours = [...patterns.hours].map(([hour, count]) => [String(hour), count] as const);
  return {
    most_common_failures: patterns.mostCommon.map(({ failureType, count }) => ({
      type: failureType,
      count,
    })),
    failure_frequency: patterns.perHour,
    time_of_day_patterns: Object.fromEntries(hours),
    agent_patterns: Object.fromEntries(patterns.agents),
    agent_rates: Object.fromEntries(
      [...patterns.agentRates].map(([agentId, one]) => [agentId, agentRateJson(one)]),
    ),
    agents_left_out: patterns.agentsLeftOut,
  };
}

export function mttrJson(mttr: Mttr): MttrFiguresJson {
  return {
    mttr_ms: orNull(mttr.meanMs),
    mttr_p50_ms: orNull(mttr.medianMs),
    mttr_p95_ms: orNull(mttr.p95Ms),
    mttr_restricted_ms: orNull(mttr.restricted?.meanMs),
    mttr_restricted_lower_ms: orNull(mttr.restricted?.lowerMs),
    mttr_restricted_upper_ms: orNull(mttr.restricted?.upperMs),
    mttr_restricted_p50_ms: orNull(mttr.restricted?.medianMs),
    mttr_restricted_missing: mttr.restrictedMissing ?? null,
    horizon_ms: orNull(mttr.restricted?.horizonMs),
    recovered: mttr.recovered,
    expired: mttr.expired,
    open_incidents: mttr.open,
  };
}

export function seriesPointJson({ fromMs, toMs, stats, restricted }: SeriesPoint): SeriesPointJson {
  const { mean, missing } = restricted;
  return {
    from: formatTime(fromMs),
    to: formatTime(toMs),
    total_failures: stats.failures,
    total_healings: stats.attempts,
    success_rate: orNull(stats.successRate),
    recovered: stats.recovered,
    mttr_ms: orNull(stats.mttrMs),
    mttr_restricted_ms: orNull(mean?.meanMs),
    mttr_restricted_lower_ms: orNull(mean?.lowerMs),
    mttr_restricted_upper_ms: orNull(mean?.upperMs),
    mttr_restricted_missing: missing ?? null,
    unrecovered: orNull(mean?.unrecovered),
  };
}

export function recommendationJson({ failureType, ...rest }: Recommendation): RecommendationJson {
  const { id, kind, severity, strategy, message, evidence, action } = rest;
  return {
    id,
    kind,
    severity,
    ...(strategy === undefined ? {} : { strategy }),
    ...(failureType === undefined ? {} : { failure_type: failureType }),
    message,
    evidence,
    action,
  };
}

export function timelineJson(entry: TimelineEntry): TimelineEntryJson {
  return {
    timestamp: formatTime(entry.timeMs),
    failure_id: entry.failureId,
    strategy: entry.strategy,
    success: entry.outcome === 'skipped' ? null : entry.outcome === 'succeeded',
    duration_ms: entry.durationMs,
    actions: entry.actions,
    outcome: entry.outcome,
    reason: entry.reason ?? null,
    trigger: entry.trigger,
    failure_type: entry.failureType,
    agent_id: entry.agentId ?? null,
    source: entry.source,
    traceparent: entry.traceparent ?? null,
  };
}

export function incidentJson(incident: IncidentEntry): IncidentJson {
  return {
    failure_id: incident.failureId,
    failure_type: incident.failureType,
    severity: incident.severity,
    agent_id: incident.agentId ?? null,
    source: incident.source,
    state: 'open',
    detected_at: formatTime(incident.detectedMs),
    age_ms: incident.ageMs,
    attempts: incident.attempts,
  };
}

export function durationTrendJson(
  reading: DurationReading | undefined,
  missing: string | undefined,
): DurationTrendJson {
  return {
    trend: reading?.trend ?? 'insufficient_data',
    score: orNull(reading?.score),
    changed_at: timeOrNull(reading?.changedMs),
    before_ms: orNull(reading?.beforeMs),
    after_ms: orNull(reading?.afterMs),
    samples: reading?.durations ?? 0,
    missing: missing ?? null,
    by_going_on: reading?.byGoingOn ?? false,
  };
}

export function falseAlarmsJson(budget: FalseAlarmBudget): FalseAlarmsJson {
  return { per_strategy_days: budget.perStrategyDays, fleet_days: budget.fleetDays };
}

function agentRateJson({ failuresPerHour, attempts, succeeded }: AgentRate): AgentRateJson {
  const interval = successInterval(attempts, succeeded, 0);
  return {
    failures_per_hour: orNull(failuresPerHour),
    attempts,
    success_rate: orNull(ratio(succeeded, attempts)),
    success_rate_lower: orNull(interval?.lower),
    success_rate_upper: orNull(interval?.upper),
  };
}

function phasesJson(phases: PhasesReading | undefined): TrendPhasesJson | null {
  if (phases === undefined) return null;
  const { fromHour, sinceMs, inForce, changed, worse, better } = phases;
  return {
    worse_from_hour: fromHour,
    better_from_hour: (fromHour + 12) % 24,
    since: formatTime(sinceMs),
    in_force: inForce,
    changed: changed ?? null,
    worse: regimeJson(worse),
    better: regimeJson(better),
  };
}

function trendCauseJson(shift: MixShift | undefined): TrendCauseJson | null {
  if (shift === undefined) return null;
  const { isMix, byMix, byRates } = shift;
  return { mix_changed: isMix, delta_by_mix: byMix, delta_by_rates: byRates };
}

function pairJson({ trend, changedMs, present, attemptsLate }: PairReading): PairTrendJson {
  const at = timeOrNull(changedMs);
  return { trend, trend_changed_at: at, ...regimeJson(present), attempts_late: attemptsLate };
}

function presentJson(reading: StrategyEffectiveness['reading']): PresentRegimeJson | null {
  return reading === undefined ? null : regimeJson(reading.present);
}

function regimeJson(regime: Regime): PresentRegimeJson {
  const { attempts, successes } = regime;
  const interval = successInterval(attempts, successes, correlationOf(regime));
  return {
    attempts,
    success_rate: orNull(ratio(successes, attempts)),
    success_rate_lower: orNull(interval?.lower),
    success_rate_upper: orNull(interval?.upper),
  };
}

function timeOrNull(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : formatTime(timeMs);
}

function orNull(value: number | undefined): number | null {
  return value ?? null;
}
