/** Patterns that need weeks, as they go out: what was looked at, what was found, what was left out. */
import type { CourseMissing } from '../core/courses.js';
import { formatTime } from '../core/decode/time.js';
import type { CourseRange } from '../core/ports.js';
import type { Anomaly } from './anomalies.js';
import type { CoursePatterns, Seasons } from './course-patterns.js';
import { DAILY, WEEKLY } from './seasonality.js';

interface WindowJson {
  readonly from: string;
  readonly to: string;
}

interface PartJson {
  /** What was looked at; null where nothing could be. */
  readonly window: WindowJson | null;
  /** Why nothing could be looked at; null where it was. */
  readonly missing: string | null;
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
  /** Null, as every count here, where the part says why it is missing. */
  readonly strategies_tested: number | null;
  readonly strategies_left_out: number | null;
  /** What a strategy needs to be tested. */
  readonly needs: { readonly cycles: number; readonly failures: number };
}

export interface CoursePatternsJson {
  readonly seasonality: PartJson & {
    readonly hour_of_day: SeasonsJson;
    readonly day_of_week: SeasonsJson;
  };
  readonly agent_correlations: PartJson & {
    readonly pairs: readonly {
      readonly agents: readonly [string, string];
      readonly lift: number;
      readonly minutes_together: number;
      readonly minutes_expected: number;
      readonly q_value: number;
    }[];
    readonly agents_compared: number | null;
    readonly agents_left_out: number | null;
  };
  readonly cascades: PartJson & {
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
    readonly types_left_out: number | null;
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
  const seasons = partOf('seasonality', patterns.seasonRange);
  const correlations = partOf('agent_correlations', patterns.agentsRange);
  const cascades = partOf('cascades', patterns.typesRange);
  return {
    seasonality: {
      ...seasons.json,
      hour_of_day: seasonsJson(patterns.hourOfDay, DAILY, seasons.known),
      day_of_week: seasonsJson(patterns.dayOfWeek, WEEKLY, seasons.known),
    },
    agent_correlations: {
      ...correlations.json,
      pairs: agents.pairs.map(({ agents: pair, lift, together, expected, qValue }) => ({
        agents: pair,
        lift,
        minutes_together: together,
        minutes_expected: expected,
        q_value: qValue,
      })),
      agents_compared: correlations.known(agents.compared),
      agents_left_out: correlations.known(agents.leftOut),
    },
    cascades: {
      ...cascades.json,
      pairs: patterns.cascades.map(({ qValue, ...pair }) => ({ ...pair, q_value: qValue })),
      types_left_out: cascades.known(patterns.typesLeftOut),
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

function seasonsJson(
  { found, tested, leftOut }: Seasons,
  needs: typeof DAILY,
  known: (count: number) => number | null,
): SeasonsJson {
  return {
    found: found.map((season) => ({
      strategy: season.name,
      worst_phase: season.worstPhase,
      failure_rate_then: season.worstRate,
      failure_rate_overall: season.overallRate,
      p_value: season.pValue,
      q_value: season.qValue,
    })),
    strategies_tested: known(tested),
    strategies_left_out: known(leftOut),
    needs: { cycles: needs.cyclesMin, failures: needs.failuresMin },
  };
}

type PartName = keyof CoursePatternsJson;

/** The fields that all parts share, and what counts of the part are worth: 0 would say that something was looked at. */
function partOf(
  part: PartName,
  range: CourseRange,
): { readonly json: PartJson; readonly known: (count: number) => number | null } {
  if ('missing' in range) {
    return { json: { window: null, missing: whyMissing(part, range) }, known: () => null };
  }
  const window = { from: formatTime(range.fromMs), to: formatTime(range.toMs) };
  return { json: { window, missing: null }, known: (count) => count };
}

const ONE_AGENT = {
  seasonality: 'hours of one agent have too few attempts for a season: ask without agent_id',
  agent_correlations: 'one agent has none to fail together with: ask without agent_id',
  cascades: 'failures follow each other across agents: ask without agent_id',
} as const satisfies Record<PartName, string>;

function whyMissing(part: PartName, why: CourseMissing): string {
  switch (why.missing) {
    case 'forgotten': {
      const detail = part === 'seasonality' ? 'hours' : 'minutes';
      return `${detail} are kept from ${formatTime(why.keptFromMs)} on, and the range ends before that`;
    }
    case 'agent_id':
      return ONE_AGENT[part];
    case 'strategy':
      return 'failures are counted apart from strategies: ask without strategy';
    case 'failure_type':
      return 'one failure type has none to follow: ask without failure_type';
  }
}
