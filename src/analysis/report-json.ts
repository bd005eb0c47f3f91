/** The report as it goes out: the names of the original report, and further ones beside them. docs/analysis.md explains each. */
import type { Outcome, Trigger } from '../core/event.js';
import type { SeverityLabel, SkipReasonLabel } from '../core/facts.js';
import type { DurationTrend } from '../core/state/duration-trend.js';
import type { RecommendationWord } from '../core/state/recommendation-word.js';
import type { Trend } from '../core/state/success-trend.js';
import type { AnomalyJson, CoursePatternsJson } from './patterns-json.js';
import type { PredictionsJson } from './predictions-json.js';
import type { Figures, RecommendationKind, RecommendationSeverity } from './recommendation.js';

/** RFC 3339. */
type Time = string;

export interface RangeJson {
  readonly requested: string | null;
  /** Inclusive; null: since the beginning. */
  readonly from: Time | null;
  /** Exclusive; null: until now. */
  readonly to: Time | null;
}

export interface FiltersJson {
  readonly failure_type?: string;
  readonly strategy?: string;
  readonly agent_id?: string;
  readonly source?: string;
}

export interface OverallStatsJson {
  readonly total_failures: number;
  /** Attempts that ran. */
  readonly total_healings: number;
  readonly success_count: number;
  readonly failure_count: number;
  readonly skipped: number;
  readonly success_rate: number | null;
  readonly avg_healing_time_ms: number | null;
  readonly mttr_ms: number | null;
  readonly mttr_restricted_ms: number | null;
  readonly recovered: number;
  readonly expired: number;
  readonly open_incidents: number;
  readonly by_strategy: Readonly<Record<string, number>>;
  readonly by_failure_type: Readonly<Record<string, number>>;
}

export interface PresentRegimeJson {
  readonly attempts: number;
  readonly success_rate: number | null;
  readonly success_rate_lower: number | null;
  readonly success_rate_upper: number | null;
}

export interface PairTrendJson extends PresentRegimeJson {
  readonly trend: Trend;
  readonly trend_changed_at: Time | null;
  /** Since the last change, dated before one of the strategy that was there already: the trend and its rate leave them out. */
  readonly attempts_late: number;
}

/** A strategy whose success rate goes with the hour of the day. Hours in UTC; each half with its attempts since its last change. */
export interface TrendPhasesJson {
  /** First of the twelve hours in which more attempts fail, and first of the other twelve. */
  readonly worse_from_hour: number;
  readonly better_from_hour: number;
  /** When the pattern was confirmed. */
  readonly since: Time;
  /** False while the halves have seen too little: until then the strategy is judged as a whole. */
  readonly in_force: boolean;
  /** The half that the last change was found in. */
  readonly changed: 'worse' | 'better' | null;
  readonly worse: PresentRegimeJson;
  readonly better: PresentRegimeJson;
}

export interface TrendCauseJson {
  /** Other failures were given to it, and that explains most of the difference. */
  readonly mix_changed: boolean;
  readonly delta_by_mix: number;
  readonly delta_by_rates: number;
}

export interface DurationTrendJson {
  readonly trend: DurationTrend;
  /** −1 (surely faster) … 1 (surely slower). */
  readonly score: number | null;
  readonly changed_at: Time | null;
  /** Medians around the last change. */
  readonly before_ms: number | null;
  readonly after_ms: number | null;
  readonly samples: number;
  /** Why it is not followed; null where it is. */
  readonly missing: string | null;
  /** The verdict rests on what has not ended yet. */
  readonly by_going_on: boolean;
}

export interface StrategyJson {
  readonly name: string;
  readonly success_count: number;
  readonly failure_count: number;
  readonly skipped: number;
  readonly success_rate: number | null;
  /** 95 % interval. */
  readonly success_rate_lower: number | null;
  readonly success_rate_upper: number | null;
  /** Fewer than five attempts stand behind the rate. */
  readonly low_confidence: boolean;
  readonly avg_time_ms: number | null;
  readonly p50_time_ms: number | null;
  readonly p95_time_ms: number | null;
  readonly trend: Trend;
  /** Why it is not followed, or has too few attempts though more came; else null. */
  readonly trend_missing: string | null;
  /** Since the start, dated before one of the strategy that was there already: trends leave them out. */
  readonly attempts_late: number;
  readonly trend_score: number | null;
  /** What a change was found with; while none stands, what speaks for one. */
  readonly trend_evidence_nats: number | null;
  readonly trend_changed_at: Time | null;
  /** Around the last change, as measured when it was found. */
  readonly rate_before: number | null;
  readonly rate_after: number | null;
  readonly success_delta: number | null;
  /** The halves of the day that the trend judges apart; null where no daily pattern is confirmed. */
  readonly trend_phases: TrendPhasesJson | null;
  /** What the last change of the success rate comes from; null while none stands or too little is known. */
  readonly trend_cause: TrendCauseJson | null;
  /** Why it is null while a change stands. */
  readonly trend_cause_missing: string | null;
  /** By failure type: the live verdict and the attempts behind it. */
  readonly by_failure_type: Readonly<Record<string, PairTrendJson>>;
  /** Failure types that it was tried on in the range, beyond the ten thousand pairs that are followed. */
  readonly failure_types_left_out: number;
  /** Of the successful attempts' durations. */
  readonly duration_trend: DurationTrendJson;
  readonly recommendation: RecommendationWord;
  /** Since the last change of the success rate, or since the start; null when it never ran. */
  readonly present: PresentRegimeJson | null;
}

export interface AgentRateJson {
  readonly failures_per_hour: number | null;
  /** Attempts that ran. */
  readonly attempts: number;
  readonly success_rate: number | null;
  /** 95 % interval. */
  readonly success_rate_lower: number | null;
  readonly success_rate_upper: number | null;
}

/** Patterns that need weeks are there where the range is a day or longer. */
export interface FailurePatternsJson extends Partial<CoursePatternsJson> {
  readonly most_common_failures: readonly { readonly type: string; readonly count: number }[];
  /** Failures per hour. */
  readonly failure_frequency: number;
  /** Hour of day in UTC to attempts. */
  readonly time_of_day_patterns: Readonly<Record<string, number>>;
  readonly agent_patterns: Readonly<Record<string, number>>;
  /** Of the same agents; failures per hour over the hours of `failure_frequency`, null where those are not known. */
  readonly agent_rates: Readonly<Record<string, AgentRateJson>>;
  /** Agents beyond the thousand with the most failures, and their failures. */
  readonly agents_left_out: { readonly agents: number; readonly failures: number };
  /** Of now, whatever the range; types known for a week. */
  readonly anomalies: readonly AnomalyJson[];
  /** Failure types without a score: known for less than a week, or beyond the 2,000 that are followed. */
  readonly anomaly_types_left_out: number;
  /** Why patterns that need weeks are missing; null when they are there. */
  readonly patterns_missing: string | null;
}

export interface MttrFiguresJson {
  readonly mttr_ms: number | null;
  readonly mttr_p50_ms: number | null;
  readonly mttr_p95_ms: number | null;
  readonly mttr_restricted_ms: number | null;
  readonly mttr_restricted_lower_ms: number | null;
  readonly mttr_restricted_upper_ms: number | null;
  /** Why the restricted mean is null; null where it is told. */
  readonly mttr_restricted_missing: string | null;
  /** Half of the incidents, those still open counted in, have recovered by then; null when fewer do within the horizon. */
  readonly mttr_restricted_p50_ms: number | null;
  /** Up to where recoveries are followed by the restricted mean. */
  readonly horizon_ms: number | null;
  readonly recovered: number;
  readonly expired: number;
  readonly open_incidents: number;
}

/** With the live verdict on the type's recovery times. */
export interface FailureTypeMttrJson extends MttrFiguresJson {
  readonly trend: DurationTrendJson;
}

export interface MttrJson extends MttrFiguresJson {
  readonly by_failure_type: Readonly<Record<string, FailureTypeMttrJson>>;
  /** Where the answer was asked for steps. */
  readonly over_time?: readonly SeriesPointJson[];
}

export interface SeriesPointJson {
  readonly from: Time;
  readonly to: Time;
  readonly total_failures: number;
  readonly total_healings: number;
  readonly success_rate: number | null;
  readonly recovered: number;
  readonly mttr_ms: number | null;
  /** Over the incidents that began in the step, those that are still open counted in at their age. */
  readonly mttr_restricted_ms: number | null;
  /** 95 % interval; null below 30 recoveries. */
  readonly mttr_restricted_lower_ms: number | null;
  readonly mttr_restricted_upper_ms: number | null;
  /** Why it is null; null where it is told. */
  readonly mttr_restricted_missing: string | null;
  /** Began in the step and expired or are open; null where no restricted mean is told. */
  readonly unrecovered: number | null;
}

export interface RecommendationJson {
  readonly id: string;
  readonly kind: RecommendationKind;
  readonly severity: RecommendationSeverity;
  readonly strategy?: string;
  readonly failure_type?: string;
  readonly message: string;
  readonly evidence: Figures;
  readonly action: string;
}

export interface TimelineEntryJson {
  readonly timestamp: Time;
  readonly failure_id: string;
  readonly strategy: string;
  /** Null when it was skipped. */
  readonly success: boolean | null;
  readonly duration_ms: number;
  readonly actions: readonly string[];
  readonly outcome: Outcome;
  readonly reason: SkipReasonLabel | null;
  readonly trigger: Trigger;
  readonly failure_type: string;
  readonly agent_id: string | null;
  readonly source: string;
  /** Of W3C Trace Context; null where the event brought none. */
  readonly traceparent: string | null;
}

export interface IncidentJson {
  readonly failure_id: string;
  readonly failure_type: string;
  readonly severity: SeverityLabel;
  readonly agent_id: string | null;
  readonly source: string;
  readonly state: 'open';
  readonly detected_at: Time;
  readonly age_ms: number;
  readonly attempts: number;
}

/** Key of the report and field, to `now`, `since_last_change` or `all`. */
export type OtherWindowsJson = Readonly<Record<string, string>>;

/** How often trends may be called where nothing has changed, each kind of trend by itself. */
export interface FalseAlarmsJson {
  /** Days from one to the next, at least and on average: of one strategy alone, and of all together. */
  readonly per_strategy_days: number;
  readonly fleet_days: number;
}

export interface Report {
  readonly generated_at: Time;
  readonly range: RangeJson;
  readonly filters: FiltersJson;
  /** Fields that do not go by the range, and what they are of. */
  readonly other_windows: OtherWindowsJson;
  /** Fields that not all of the filters narrow. */
  readonly not_filtered: readonly string[];
  readonly overall_stats: OverallStatsJson;
  readonly strategy_effectiveness: readonly StrategyJson[];
  /** The budget that trends are called under now. */
  readonly false_alarms: FalseAlarmsJson;
  readonly mttr: MttrJson;
  readonly failure_patterns: FailurePatternsJson;
  readonly predictions: PredictionsJson;
  readonly recommendations: readonly string[];
  readonly recommendation_details: readonly RecommendationJson[];
  readonly recent_timeline: readonly TimelineEntryJson[];
}
