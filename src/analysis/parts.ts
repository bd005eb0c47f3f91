/** The parts of a report that have an address of their own. */
import type { Filters } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { formatTime } from '../core/decode/time.js';
import { incidents } from './incidents.js';
import { keyOf, otherWindowsOf } from './other-windows.js';
import type { UsedRange } from './range.js';
import type { FiltersJson, IncidentJson, RangeJson, Report } from './report-json.js';
import { filtersJson, incidentJson, rangeJson } from './to-json.js';

/** Name in the address to the keys of the report that it answers. */
export const REPORT_PARTS = {
  stats: ['overall_stats'],
  strategies: ['strategy_effectiveness', 'false_alarms'],
  mttr: ['mttr'],
  patterns: ['failure_patterns'],
  predictions: ['predictions'],
  recommendations: ['recommendations', 'recommendation_details'],
  timeline: ['recent_timeline'],
} as const satisfies Readonly<Record<string, readonly (keyof Report)[]>>;
export type ReportPart = keyof typeof REPORT_PARTS;

export type PartJson = Pick<
  Report,
  'generated_at' | 'range' | 'filters' | 'other_windows' | 'not_filtered'
> &
  Partial<Report>;

export interface IncidentsJson {
  readonly generated_at: string;
  readonly range: RangeJson;
  readonly filters: FiltersJson;
  /** Open incidents in all, also those beyond the ones listed. */
  readonly total: number;
  readonly incidents: readonly IncidentJson[];
}

/** One part of a report, with what it is about. */
export function partOf(report: Report, part: ReportPart): PartJson {
  const { generated_at, range, filters } = report;
  const keys: readonly (keyof Report)[] = REPORT_PARTS[part];
  const answer = Object.fromEntries(keys.map((key) => [key, report[key]]));
  return {
    generated_at,
    range,
    filters,
    other_windows: otherWindowsOf(keys),
    not_filtered: report.not_filtered.filter((field) => keys.some((key) => key === keyOf(field))),
    ...answer,
  };
}

export interface OpenIncidentsInput {
  readonly state: LiveState;
  readonly range: UsedRange;
  readonly filters: Filters;
  /** 1–1,000. */
  readonly limit: number;
  readonly nowMs: number;
}

/** Open incidents, oldest first. */
export function openIncidentsPart({
  state,
  range: { requested, range },
  filters,
  limit,
  nowMs,
}: OpenIncidentsInput): IncidentsJson {
  const { total, entries } = incidents({ state, range, filters, limit, nowMs });
  return {
    generated_at: formatTime(nowMs),
    range: rangeJson(requested, range),
    filters: filtersJson(filters),
    total,
    incidents: entries.map(incidentJson),
  };
}
