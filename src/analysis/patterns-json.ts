/** Patterns that need weeks, as they go out: what was looked at, what was found, what was left out. */
import { formatTime } from '../core/decode/time.js';
import type { TimeRange } from '../core/ports.js';
import type { Anomaly } from './anomalies.js';
import type { CoursePatterns, Seasons } from './course-patterns.js';
import { DAILY, WEEKLY } from './seasonality.js';

interface WindowJson {
  readonly from: string;
  readonly to: string;
}

interface SeasonsJson {
  readonly found: readonly {
    readonly strategy: string;
    /** Hour of the day in UTC, or day of the week from Monday, 0. */
    readonly worst_phase: number;
    readonly failure_rate_then: number;
    readonly failure_rate_overall: number;
    readonly p_value: number;
    readonly q_value: number;
  }[];
  readonly strategies_tested: number;
  readonly strategies_left_out: number;
  /** What a strategy needs to be tested. */
  readonly needs: { readonly cycles: number; readonly failures: number };
}

export interface CoursePatternsJson {
  readonly seasonality: {
    readonly window: WindowJson;
    readonly hour_of_day: SeasonsJson;
    readonly day_of_week: SeasonsJson;
  };
  readonly agent_correlations: {
    readonly window: WindowJson;
    readonly pairs: readonly {
      readonly agents: readonly [string, string];
      readonly lift: number;
      readonly minutes_together: number;
      readonly minutes_expected: number;
      readonly q_value: number;
    }[];
    readonly agents_compared: number;
    readonly agents_left_out: number;
  };
  readonly cascades: {
    readonly window: WindowJson;
    readonly pairs: readonly {
      readonly cause: string;
      readonly effect: string;
      readonly lift: number;
      /** Share of cause minutes; the true one is rather higher. */
      readonly strength: number;
      readonly followed: number;
      readonly expected: number;
      readonly q_value: number;
    }[];
    readonly types_left_out: number;
  };
}

export interface AnomalyJson {
  readonly failure_type: string;
  readonly score: number;
  readonly is_anomalous: boolean;
  readonly failures: number;
  readonly expected: number;
  readonly probability: number;
  readonly q_value: number;
  /** The five minutes looked at begin here. */
  readonly from: string;
}

export function coursePatternsJson(patterns: CoursePatterns): CoursePatternsJson {
  const { agents } = patterns;
  return {
    seasonality: {
      window: windowJson(patterns.seasonRange),
      hour_of_day: seasonsJson(patterns.hourOfDay, DAILY),
      day_of_week: seasonsJson(patterns.dayOfWeek, WEEKLY),
    },
    agent_correlations: {
      window: windowJson(patterns.agentsRange),
      pairs: agents.pairs.map(({ agents: pair, lift, together, expected, qValue }) => ({
        agents: pair,
        lift,
        minutes_together: together,
        minutes_expected: expected,
        q_value: qValue,
      })),
      agents_compared: agents.compared,
      agents_left_out: agents.leftOut,
    },
    cascades: {
      window: windowJson(patterns.typesRange),
      pairs: patterns.cascades.map(({ qValue, ...pair }) => ({ ...pair, q_value: qValue })),
      types_left_out: patterns.typesLeftOut,
    },
  };
}

export function anomalyJson(anomaly: Anomaly): AnomalyJson {
  return {
    failure_type: anomaly.failureType,
    score: anomaly.score,
    is_anomalous: anomaly.isAnomalous,
    failures: anomaly.failures,
    expected: anomaly.expected,
    probability: anomaly.probability,
    q_value: anomaly.qValue,
    from: formatTime(anomaly.stepMs),
  };
}

function seasonsJson({ found, tested, leftOut }: Seasons, needs: typeof DAILY): SeasonsJson {
  return {
    found: found.map((season) => ({
      strategy: season.name,
      worst_phase: season.worstPhase,
      failure_rate_then: season.worstRate,
      failure_rate_overall: season.overallRate,
      p_value: season.pValue,
      q_value: season.qValue,
    })),
    strategies_tested: tested,
    strategies_left_out: leftOut,
    needs: { cycles: needs.cyclesMin, failures: needs.failuresMin },
  };
}

function windowJson({ fromMs, toMs }: TimeRange): WindowJson {
  return { from: formatTime(fromMs), to: formatTime(toMs) };
}
