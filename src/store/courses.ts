/** How failures lie in time, name by name: what patterns are looked for in. */
import type { Database } from 'better-sqlite3';
import type { CourseMissing, StrategyHour } from '../core/courses.js';
import type { CourseRange, Courses, Filters, HistoryQuery, TimeRange } from '../core/ports.js';
import { DAY_MS, HOUR_MS } from '../core/rollup.js';
import { markHour, markMinute } from '../core/state/failure-minutes.js';
import { readChunk, type AgentMinutes } from './agent-minutes.js';
import { detailOf, type Failing, type HistoryParts } from './asked.js';
import { noneSkimmed, skimCounts } from './cells.js';
import { FailingMinutes, readHour, type HourReader } from './failing-minutes.js';
import { conditionsOf, numbered, pendingCells, wantsKey, type NumberedFilters } from './filters.js';
import { RESOLUTION } from './segments.js';

/** Eight weeks, so that every day of the week has come eight times. */
const SEASON_MS = 56 * DAY_MS;
const TYPES_MS = 28 * DAY_MS;
const AGENTS_MS = 14 * DAY_MS;
const EVERYTHING: NumberedFilters = {
  sourceNo: undefined,
  typeNo: undefined,
  strategyNo: undefined,
  agentNo: undefined,
};

/** `range` has both ends here: patterns end somewhere. */
export function readCourses(parts: HistoryParts, query: HistoryQuery, range: TimeRange): Courses {
  const { minutesFromMs = 0, hoursFromMs = 0 } = detailOf(parts.meta);
  const missing = missingBy(query.filters);
  const seasons = missing.seasons ?? lastOf(range, SEASON_MS, hoursFromMs);
  const typesRange = missing.types ?? lastOf(range, TYPES_MS, minutesFromMs);
  const agentsRange = missing.agents ?? lastOf(range, AGENTS_MS, minutesFromMs);
  const by = numbered(query.filters, parts);
  const pending = (of: CourseRange) =>
    isKnown(of) ? pendingCells(query.pending, parts.meta.get('rolled_seq'), of, query.filters) : [];
  const hours = by !== undefined && isKnown(seasons) ? strategyHours(parts, by, seasons) : [];
  for (const { minute, strategy, cell } of pending(seasons)) {
    const attempts = cell.succeeded + cell.failed;
    if (attempts === 0) continue;
    hours.push({ strategy, hour: Math.floor(minute / 60), attempts, failures: cell.failed });
  }
  const isFiltered = Object.values(query.filters).some((filter) => filter !== undefined);
  const types =
    by !== undefined && isKnown(typesRange)
      ? markNames(parts, typesRange, isFiltered ? failingTypes(parts.db, by) : parts.failing.types)
      : new Map<string, number[]>();
  const agents =
    by !== undefined && isKnown(agentsRange)
      ? markNames(
          parts,
          agentsRange,
          isFiltered ? failingAgents(parts.agentMinutes, by) : parts.failing.agents,
        )
      : new Map<string, number[]>();
  for (const { minute, failureType, cell } of pending(typesRange)) {
    if (cell.failures > 0) markMinute(rowsOf(types, failureType), minute);
  }
  for (const { minute, agentId, cell } of pending(agentsRange)) {
    if (cell.failures > 0 && agentId !== '') markMinute(rowsOf(agents, agentId), minute);
  }
  return { seasons, hours, typesRange, types, agentsRange, agents };
}

/** What one filter leaves nothing to compare in. Failures are counted apart from the strategies that are tried on them. */
function missingBy({ agentId, strategy, failureType }: Filters): {
  readonly seasons?: CourseMissing;
  readonly types?: CourseMissing;
  readonly agents?: CourseMissing;
} {
  if (agentId !== undefined) {
    const missing: CourseMissing = { missing: 'agent_id' };
    return { seasons: missing, types: missing, agents: missing };
  }
  if (strategy !== undefined) {
    const missing: CourseMissing = { missing: 'strategy' };
    return { types: missing, agents: missing };
  }
  return failureType === undefined ? {} : { types: { missing: 'failure_type' } };
}

/** What of the last `spanMs` of the range is kept in the detail that is needed. */
function lastOf({ fromMs, toMs }: TimeRange, spanMs: number, keptFromMs: number): CourseRange {
  if (keptFromMs >= toMs) return { missing: 'forgotten', keptFromMs };
  return wholeHours({ fromMs: Math.max(fromMs, toMs - spanMs, keptFromMs), toMs });
}

function isKnown(range: CourseRange): range is TimeRange {
  return !('missing' in range);
}

interface HourRow {
  readonly strategy_no: number;
  readonly hour: number;
  readonly attempts: number;
  readonly failures: number;
}

function strategyHours(
  parts: HistoryParts,
  by: NumberedFilters,
  { fromMs, toMs }: TimeRange,
): StrategyHour[] {
  const { sql, values } = conditionsOf(by);
  const rows = parts.db.prepare<number[], HourRow>(
    'SELECT strategy_no, bucket AS hour, sum(succeeded + failed) AS attempts, ' +
      `sum(failed) AS failures FROM cells WHERE resolution = ? AND bucket >= ? AND bucket < ?${sql} ` +
      'AND succeeded + failed > 0 GROUP BY bucket, strategy_no',
  );
  const names = new Map<number, string>();
  return rows
    .all(RESOLUTION.hour, fromMs / HOUR_MS, toMs / HOUR_MS, ...values)
    .map(({ strategy_no: no, hour, attempts, failures }) => {
      const strategy = names.get(no) ?? parts.names.nameOf(no);
      names.set(no, strategy);
      return { strategy, hour, attempts, failures };
    });
}

/** What is kept of everything: nothing of it depends on a filter. */
export function failingOf(db: Database, agentMinutes: AgentMinutes): Failing {
  const types = new FailingMinutes(failingTypes(db, EVERYTHING));
  return { types, agents: new FailingMinutes(failingAgents(agentMinutes, EVERYTHING)) };
}

/** Reads from the rows of the minutes. */
function failingTypes(db: Database, by: NumberedFilters): HourReader {
  const { sql, values } = conditionsOf(by);
  const rows = db.prepare<number[], { readonly type_no: number; readonly bucket: number }>(
    'SELECT DISTINCT bucket, type_no FROM cells WHERE resolution = ? AND bucket >= ? AND bucket < ?' +
      `${sql} AND failures > 0`,
  );
  return (hour, mark) => {
    const range = [60 * hour, 60 * (hour + 1)];
    for (const { type_no: no, bucket } of rows.iterate(RESOLUTION.minute, ...range, ...values)) {
      mark(no, bucket);
    }
  };
}

/** Reads from the chunks of the agents' minutes. */
function failingAgents(agentMinutes: AgentMinutes, by: NumberedFilters): HourReader {
  return (hour, mark) => {
    for (const chunk of agentMinutes.ofHours(hour, hour + 1)) {
      readChunk(chunk, (key, minute, reader) => {
        const counts = noneSkimmed();
        skimCounts(counts, reader);
        if (counts.failures > 0 && wantsKey(by, key)) mark(key[3], minute);
      });
    }
  };
}

/** What is kept is of everything; what a filter leaves is read anew. */
function markNames(
  { names }: HistoryParts,
  range: TimeRange,
  from: FailingMinutes | HourReader,
): Map<string, number[]> {
  const byNumber = new Map<number, number[]>();
  for (let hour = range.fromMs / HOUR_MS; hour < range.toMs / HOUR_MS; hour += 1) {
    const marks = typeof from === 'function' ? readHour(from, hour) : from.ofHour(hour);
    for (let i = 0; i < marks.length; i += 3) {
      const no = marks[i] ?? 0;
      let rows = byNumber.get(no);
      if (rows === undefined) {
        rows = [];
        byNumber.set(no, rows);
      }
      markHour(rows, hour, marks[i + 1] ?? 0, marks[i + 2] ?? 0);
    }
  }
  return new Map([...byNumber].map(([no, rows]) => [names.nameOf(no), rows]));
}

function rowsOf(names: Map<string, number[]>, name: string): number[] {
  const rows = names.get(name) ?? [];
  names.set(name, rows);
  return rows;
}

function wholeHours({ fromMs, toMs }: TimeRange): TimeRange {
  return {
    fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS,
    toMs: Math.ceil(toMs / HOUR_MS) * HOUR_MS,
  };
}
