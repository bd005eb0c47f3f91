/** The whole report: every answer about one range, together. */
import { formatTime } from '../core/decode/time.js';
import type { Filters, History, TimelineRow } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { anomalies } from './anomalies.js';
import type { CoursePatterns } from './course-patterns.js';
import { effectiveness } from './effectiveness.js';
import type { MixFinding } from './mix-shift.js';
import { mttr, type Mttr } from './mttr.js';
import { notFilteredBy, OTHER_WINDOWS } from './other-windows.js';
import { overallStats } from './overall.js';
import { agesMs, byFailureType as openByType } from './open-incidents.js';
import { anomalyJson, coursePatternsJson } from './patterns-json.js';
import { failurePatterns } from './patterns.js';
import { predictionsJson } from './predictions-json.js';
import { windowName, type UsedRange } from './range.js';
import { recommendations } from './recommendations.js';
import type { FailureTypeMttrJson, Report } from './report-json.js';
import { series, type SeriesPart } from './series.js';
import { situationOfHistory } from './situation.js';
import { timeline } from './timeline.js';
import {
  durationTrendJson,
  falseAlarmsJson,
  filtersJson,
  mttrJson,
  overallJson,
  patternsJson,
  rangeJson,
  recommendationJson,
  seriesPointJson,
  strategyJson,
  timelineJson,
} from './to-json.js';
import { totalsOf } from './totals.js';
import { unfollowedDurations, unfollowedStrategies } from './unfollowed.js';

/** Attempts that a report lists. */
export const REPORT_TIMELINE_LENGTH = 20;

export interface ReportInput {
  readonly state: LiveState;
  /** Of the range and the filters. */
  readonly history: History;
  /** Of the range and the filters, newest first. */
  readonly timeline: readonly TimelineRow[];
  readonly range: UsedRange;
  readonly filters: Filters;
  readonly nowMs: number;
  /** Histories of the steps of `splitRange`, where the course over time is asked for. */
  readonly series?: readonly SeriesPart[];
  /** Where patterns that need weeks are asked for. */
  readonly patterns?: CoursePatterns;
  /** What the last changes of strategies come from, as far as it is known. */
  readonly mixShifts?: ReadonlyMap<string, MixFinding>;
}

/**
 * Counts, rates, patterns and timeline are those of the range; `trend` and `recommendation` of a strategy are the
 * live verdict. Unknown values are null, never 0.
 *
 * Errors: ExporterError STORE_CORRUPT when a row of the timeline is no event.
 */
export function buildReport(input: ReportInput): Report {
  const { state, history, filters, nowMs } = input;
  // Retention may have left only hours or days: the history says what it summed.
  const range = history.range ?? input.range.range;
  const used = { ...input.range, range };
  const ofStrategy = filters.strategy !== undefined;
  const totals = totalsOf(history);
  const stats = overallStats(totals, ofStrategy);
  const strategies = effectiveness(totals, state.trends, nowMs);
  const recovery = mttr({ state, totals, used, filters, nowMs });
  const situation = situationOfHistory({
    window: windowName(used),
    stats,
    totals,
    strategies,
    restricted: recovery.overall.restricted,
    state,
    history,
    mixShifts: input.mixShifts,
    failureType: filters.failureType,
    nowMs,
  });
  const advice = recommendations(situation, { state, nowMs });
  const known = anomalies(state, nowMs);
  const unusual = known.filter(({ failureType }) => isAsked(filters, failureType));
  const running = state.incidents.runningMs(nowMs);
  const unfollowed = unfollowedStrategies(state, history);
  return {
    generated_at: formatTime(nowMs),
    range: rangeJson(used.requested, range),
    filters: filtersJson(filters),
    other_windows: OTHER_WINDOWS,
    not_filtered: notFilteredBy(filters),
    overall_stats: overallJson(stats, recovery.overall),
    strategy_effectiveness: strategies.map((one) =>
      strategyJson(one, {
        pairs: state.pairTrends.read(one.strategy, nowMs),
        durations: state.attemptDurations.read(one.strategy, nowMs, running.get(one.strategy)),
        mix: input.mixShifts?.get(one.strategy),
        unfollowed: unfollowed(one.strategy),
      }),
    ),
    false_alarms: falseAlarmsJson(state.falseAlarms),
    mttr: {
      ...mttrJson(recovery.overall),
      by_failure_type: mttrByType(recovery.byFailureType, state, nowMs),
      ...(input.series === undefined
        ? {}
        : {
            over_time: series(input.series, { state, used, filters, nowMs }).map(seriesPointJson),
          }),
    },
    failure_patterns: {
      ...patternsJson(failurePatterns(history, totals, stats, ofStrategy)),
      anomalies: unusual.map(anomalyJson),
      anomaly_types_left_out: Math.max(0, state.registry.failureTypes.size - known.length),
      patterns_missing:
        input.patterns === undefined ? 'the range is shorter than the day that they need' : null,
      ...(input.patterns === undefined ? {} : coursePatternsJson(input.patterns)),
    },
    predictions: predictionsJson(state, nowMs),
    recommendations: advice.map(({ message }) => message),
    recommendation_details: advice.map(recommendationJson),
    recent_timeline: timeline(input.timeline).map(timelineJson),
  };
}

/** With the live verdict on the recoveries of each type. */
function mttrByType(
  byFailureType: ReadonlyMap<string, Mttr>,
  state: LiveState,
  nowMs: number,
): Readonly<Record<string, FailureTypeMttrJson>> {
  const open = openByType(state.incidents.open.values());
  const { recoveryDurations } = state;
  return Object.fromEntries(
    [...byFailureType].map(([failureType, one]) => {
      const goingOn = agesMs(open.get(failureType) ?? [], nowMs);
      const reading = recoveryDurations.read(failureType, nowMs, goingOn);
      const missing =
        one.recovered === 0
          ? undefined
          : unfollowedDurations(recoveryDurations, failureType, 'failure types');
      return [failureType, { ...mttrJson(one), trend: durationTrendJson(reading, missing) }];
    }),
  );
}

function isAsked({ failureType: asked }: Filters, failureType: string): boolean {
  return asked === undefined || asked === failureType;
}
