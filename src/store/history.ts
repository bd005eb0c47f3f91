/** Answers what happened in a time range, from the rollups: in time that grows with the labels, not with the events. */
import type { Database } from 'better-sqlite3';
import type {
  AgentCounts,
  Derived,
  Filters,
  History,
  HistoryCell,
  HistoryQuery,
  TimeRange,
} from '../core/ports.js';
import { MINUTE_MS, emptyCell, mergeCell, type MinuteCell } from '../core/rollup.js';
import { COUNT_COLUMNS, addEncodedBins, cellOf, columnName, emptyBins } from './cells.js';
import type { Meta } from './meta.js';
import type { Names } from './names.js';
import { answerable, segmentsOf, type Detail, type Segment } from './segments.js';

export const AGENTS_MAX = 1000;

interface Parts {
  readonly db: Database;
  readonly meta: Meta;
  readonly names: Names;
  readonly sources: Names;
}

/** Rows of the rollups that a filter lets through, as SQL. */
interface Where {
  readonly sql: string;
  readonly values: readonly number[];
}

export function readHistory(parts: Parts, query: HistoryQuery): History {
  const range = query.range && answerable(query.range, detailOf(parts.meta));
  const pending = pendingCells(query.pending, parts.meta.get('rolled_seq'), range, query.filters);
  const where = filterSql(parts, query.filters);
  // A name that the store has never seen has no rows.
  const wheres =
    where === undefined ? [] : segmentsOf(range).map((part) => withBuckets(where, part));
  const table = query.filters.agentId === undefined ? 'cells' : 'agent_cells';
  return {
    cells: readCells(parts, table, wheres, pending),
    ...readAgents(parts, wheres, pending),
    ...(range === undefined ? {} : { range }),
  };
}

export function detailOf(meta: Meta): Detail {
  return {
    minutesFromMs: meta.find('minutes_from_ms'),
    hoursFromMs: meta.find('hours_from_ms'),
  };
}

/** Conditions on the columns that both rollup tables share; undefined when a name is unknown, so that nothing matches. */
export function filterSql({ names, sources }: Parts, filters: Filters): Where | undefined {
  const { failureType, strategy, agentId, source } = filters;
  const conditions: string[] = [];
  const values: number[] = [];
  for (const [column, table, name] of [
    ['type_no', names, failureType],
    ['strategy_no', names, strategy],
    ['agent_no', names, agentId],
    ['source_no', sources, source],
  ] as const) {
    if (name === undefined) continue;
    const no = table.find(name);
    if (no === undefined) return undefined;
    conditions.push(`AND ${column} = ?`);
    values.push(no);
  }
  return { sql: conditions.join(' '), values };
}

export function matches(filters: Filters, cell: Omit<MinuteCell, 'cell' | 'minute'>): boolean {
  return (
    (filters.failureType ?? cell.failureType) === cell.failureType &&
    (filters.strategy ?? cell.strategy) === cell.strategy &&
    (filters.agentId ?? cell.agentId) === cell.agentId &&
    (filters.source ?? cell.source) === cell.source
  );
}

/** The cells that the store does not hold yet, as far as they belong to the question. */
export function pendingCells(
  pending: readonly Derived[],
  rolledSeq: number,
  range: TimeRange | undefined,
  filters: Filters,
): MinuteCell[] {
  const fromMinute = (range?.fromMs ?? -Infinity) / MINUTE_MS;
  const toMinute = (range?.toMs ?? Infinity) / MINUTE_MS;
  return pending
    .filter(({ throughSeq }) => throughSeq > rolledSeq)
    .flatMap(({ cells }) => cells)
    .filter(
      (cell) => cell.minute >= fromMinute && cell.minute < toMinute && matches(filters, cell),
    );
}

function withBuckets({ sql, values }: Where, { resolution, from, to }: Segment): Where {
  return {
    sql: `resolution = ? AND bucket >= ? AND bucket < ? ${sql}`,
    values: [resolution, from, to, ...values],
  };
}

type Sums = Record<string, number | null>;
interface GroupRow {
  readonly type_no: number;
  readonly strategy_no: number;
  readonly first_attempt_ms: number | null;
  readonly last_attempt_ms: number | null;
  readonly bins: Uint8Array | null;
}

function readCells(
  { db, names }: Parts,
  table: string,
  wheres: readonly Where[],
  pending: readonly MinuteCell[],
): HistoryCell[] {
  const byLabels = new Map<string, HistoryCell>();
  const add = (failureType: string, strategy: string, cell: HistoryCell['cell']): void => {
    const key = JSON.stringify([failureType, strategy]);
    let sum = byLabels.get(key);
    if (sum === undefined) {
      sum = { failureType, strategy, cell: emptyCell() };
      byLabels.set(key, sum);
    }
    mergeCell(sum.cell, cell);
  };
  const sums = COUNT_COLUMNS.map((column) => `sum(${columnName(column)}) AS ${column}`).join(', ');
  for (const { sql, values } of wheres) {
    const rows = db
      .prepare<number[], GroupRow & Sums>(
        `SELECT type_no, strategy_no, ${sums}, min(first_attempt_ms) AS first_attempt_ms, ` +
          'max(last_attempt_ms) AS last_attempt_ms, sum_bins(bins) AS bins ' +
          `FROM ${table} WHERE ${sql} GROUP BY type_no, strategy_no`,
      )
      .all(...values);
    for (const row of rows) {
      const bins = emptyBins();
      addEncodedBins(bins, row.bins);
      const counts = COUNT_COLUMNS.map((column) => row[column] ?? 0);
      const firstAttemptMs = row.first_attempt_ms ?? undefined;
      const lastAttemptMs = row.last_attempt_ms ?? undefined;
      const cell = cellOf({ counts, firstAttemptMs, lastAttemptMs, bins });
      add(names.nameOf(row.type_no), names.nameOf(row.strategy_no), cell);
    }
  }
  for (const { failureType, strategy, cell } of pending) add(failureType, strategy, cell);
  return [...byLabels.values()];
}

/**
 * The store gives its own top 1,000; of agents with pending cells it is asked for the counts, whatever their rank.
 * Pending cells only add, so no other agent can rise into the top.
 */
function readAgents(
  { db, names }: Parts,
  wheres: readonly Where[],
  pending: readonly MinuteCell[],
): Pick<History, 'agents' | 'agentsLeftOut'> {
  const fresh = pendingAgents(pending);
  const freshNos = [...fresh.keys()].flatMap((agentId) => names.find(agentId) ?? []);
  const values = wheres.flatMap((where) => where.values);
  const sum =
    'SELECT agent_no, sum(failures) AS failures, sum(succeeded) AS succeeded, sum(failed) AS failed';
  const counts =
    `WITH counts AS (${sum} FROM (` +
    wheres
      .map(
        ({ sql }) => `SELECT agent_no, failures, succeeded, failed FROM agent_cells WHERE ${sql}`,
      )
      .join(' UNION ALL ') +
    ') GROUP BY agent_no HAVING sum(failures) + sum(succeeded) + sum(failed) > 0) ';
  const select =
    'SELECT name AS agentId, failures, succeeded, failed FROM counts JOIN names ON no = agent_no ';

  const listed = new Map<string, AgentCounts>();
  let agents = 0;
  let failures = 0;
  if (wheres.length > 0) {
    const top = `${select} ORDER BY failures DESC, name LIMIT ${String(AGENTS_MAX)}`;
    for (const row of db.prepare<number[], AgentCounts>(counts + top).all(...values)) {
      listed.set(row.agentId, row);
    }
    if (freshNos.length > 0) {
      const of = `${select} WHERE agent_no IN (SELECT value FROM json_each(?))`;
      const rows = db.prepare<(number | string)[], AgentCounts>(counts + of);
      for (const row of rows.all(...values, JSON.stringify(freshNos))) listed.set(row.agentId, row);
    }
    const all = 'SELECT count(*) AS agents, coalesce(sum(failures), 0) AS failures FROM counts';
    const sums = db.prepare<number[], { agents: number; failures: number }>(counts + all);
    ({ agents, failures } = sums.get(...values) ?? { agents: 0, failures: 0 });
  }
  for (const [agentId, added] of fresh) {
    const known = listed.get(agentId);
    if (known === undefined) agents += 1;
    failures += added.failures;
    listed.set(agentId, known === undefined ? added : addCounts(known, added));
  }
  const ranked = [...listed.values()].sort(byFailures).slice(0, AGENTS_MAX);
  const listedFailures = ranked.reduce((total, agent) => total + agent.failures, 0);
  return {
    agents: ranked,
    agentsLeftOut: { agents: agents - ranked.length, failures: failures - listedFailures },
  };
}

function pendingAgents(pending: readonly MinuteCell[]): Map<string, AgentCounts> {
  const counts = new Map<string, AgentCounts>();
  for (const { agentId, cell } of pending) {
    const { failures, succeeded, failed } = cell;
    if (agentId === '' || failures + succeeded + failed === 0) continue;
    const known = counts.get(agentId) ?? { agentId, failures: 0, succeeded: 0, failed: 0 };
    counts.set(agentId, addCounts(known, { agentId, failures, succeeded, failed }));
  }
  return counts;
}

function addCounts(a: AgentCounts, b: AgentCounts): AgentCounts {
  return {
    agentId: a.agentId,
    failures: a.failures + b.failures,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
  };
}

/** Most failures first; of equal ones by name, in the order of code points as SQLite sorts UTF-8. */
function byFailures(a: AgentCounts, b: AgentCounts): number {
  return b.failures - a.failures || Buffer.compare(Buffer.from(a.agentId), Buffer.from(b.agentId));
}
