/** Answers what happened in a time range, from the rollups: in time that grows with the labels, not with the events. */
import type { Database } from 'better-sqlite3';
import type { History, HistoryCell, HistoryQuery, TimeRange } from '../core/ports.js';
import { MINUTE_MS, emptyCell, mergeCell, type Cell, type MinuteCell } from '../core/rollup.js';
import { readChunk, type AgentMinutes, type ChunkVisitor } from './agent-minutes.js';
import { readAgents } from './agents.js';
import { ByteReader } from './bytes.js';
import { addCell } from './cells.js';
import { conditionsOf, numbered, pendingCells, wantsKey, type NumberedFilters } from './filters.js';
import type { Meta } from './meta.js';
import type { Names } from './names.js';
import { RESOLUTION, answerable, segmentsOf, type Detail, type Segment } from './segments.js';

export interface HistoryParts {
  readonly db: Database;
  readonly meta: Meta;
  readonly names: Names;
  readonly sources: Names;
  readonly agentMinutes: AgentMinutes;
}

/** A question with its range cut into segments and its names as numbers. */
export interface Asked {
  readonly range: TimeRange | undefined;
  readonly segments: readonly Segment[];
  readonly by: NumberedFilters;
}

export function readHistory(parts: HistoryParts, query: HistoryQuery): History {
  const range = query.range && answerable(query.range, detailOf(parts.meta));
  const rolledSeq = parts.meta.get('rolled_seq');
  const pending = pendingCells(query.pending, rolledSeq, range, query.filters);
  const by = numbered(query.filters, parts);
  const asked = by && { range, segments: segmentsOf(range), by };
  return {
    cells: readCells(parts, asked, pending),
    ...readAgents(parts, asked, pending),
    ...(range === undefined ? {} : { range }),
  };
}

export function detailOf(meta: Meta): Detail {
  return {
    minutesFromMs: meta.find('minutes_from_ms'),
    hoursFromMs: meta.find('hours_from_ms'),
  };
}

/**
 * Visits the agents' minutes that no row of agent_cells tells of: those at the edges of the range, and all
 * that have not been rolled up yet.
 */
export function visitAgentMinutes(
  { meta, agentMinutes }: HistoryParts,
  { range, segments, by }: Asked,
  visit: ChunkVisitor,
): void {
  const rolledSeq = meta.get('agents_rolled_seq');
  const within =
    (from: number, to: number): ChunkVisitor =>
    (key, minute, reader) => {
      if (minute >= from && minute < to && wantsKey(by, key)) visit(key, minute, reader);
    };
  const fromMinute = (range?.fromMs ?? -Infinity) / MINUTE_MS;
  const toMinute = (range?.toMs ?? Infinity) / MINUTE_MS;
  for (const chunk of agentMinutes.after(rolledSeq)) {
    const overlaps = chunk.hour * 60 < toMinute && (chunk.hour + 1) * 60 > fromMinute;
    if (overlaps) readChunk(chunk, within(fromMinute, toMinute));
  }
  for (const { resolution, from, to } of segments) {
    if (resolution !== RESOLUTION.minute) continue;
    for (const chunk of agentMinutes.ofHours(Math.floor(from / 60), Math.ceil(to / 60))) {
      if (chunk.through_seq <= rolledSeq) readChunk(chunk, within(from, to));
    }
  }
}

interface CellRow {
  readonly type_no: number;
  readonly strategy_no: number;
  readonly cell: Uint8Array;
}

function readCells(
  parts: HistoryParts,
  asked: Asked | undefined,
  pending: readonly MinuteCell[],
): HistoryCell[] {
  const sums = new Map<string, HistoryCell>();
  const sumOf = (failureType: string, strategy: string): Cell => {
    const key = JSON.stringify([failureType, strategy]);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { failureType, strategy, cell: emptyCell() };
      sums.set(key, sum);
    }
    return sum.cell;
  };
  const byNumbers = new Map<number, Cell>();
  const sumOfNumbers = (typeNo: number, strategyNo: number): Cell => {
    const key = typeNo * 2 ** 26 + strategyNo;
    let cell = byNumbers.get(key);
    if (cell === undefined) {
      cell = sumOf(parts.names.nameOf(typeNo), parts.names.nameOf(strategyNo));
      byNumbers.set(key, cell);
    }
    return cell;
  };
  if (asked !== undefined) {
    for (const row of rowsOf(parts, asked)) {
      addCell(sumOfNumbers(row.type_no, row.strategy_no), new ByteReader(row.cell));
    }
    if (asked.by.agentNo !== undefined) {
      visitAgentMinutes(parts, asked, ([, typeNo, strategyNo], minute, reader) => {
        addCell(sumOfNumbers(typeNo, strategyNo), reader, Math.floor(minute / 60) % 24);
      });
    }
  }
  for (const { failureType, strategy, cell } of pending)
    mergeCell(sumOf(failureType, strategy), cell);
  return [...sums.values()];
}

function* rowsOf({ db }: HistoryParts, { segments, by }: Asked): Generator<CellRow> {
  const { sql, values } = conditionsOf(by);
  const columns = 'type_no, strategy_no, cell';
  if (by.agentNo === undefined) {
    const rows = db.prepare<number[], CellRow>(
      `SELECT ${columns} FROM cells WHERE resolution = ? AND bucket >= ? AND bucket < ?${sql}`,
    );
    for (const { resolution, from, to } of segments)
      yield* rows.iterate(resolution, from, to, ...values);
    return;
  }
  // One search per bucket, because a bucket holds many agents.
  const rows = db.prepare<number[], CellRow>(
    'WITH RECURSIVE here (resolution) AS (SELECT ?), ' +
      'extent (least, most) AS (SELECT min(bucket), max(bucket) FROM agent_cells ' +
      'WHERE resolution = (SELECT resolution FROM here)), ' +
      'buckets (n, last) AS (SELECT max(?, least), min(? - 1, most) FROM extent ' +
      'UNION ALL SELECT n + 1, last FROM buckets WHERE n < last) ' +
      `SELECT ${columns} FROM here CROSS JOIN buckets CROSS JOIN agent_cells AS c ` +
      `ON c.resolution = here.resolution AND bucket = n AND agent_no = ?${sql} WHERE n <= last`,
  );
  for (const { resolution, from, to } of segments) {
    if (resolution === RESOLUTION.minute) continue;
    yield* rows.iterate(resolution, from, to, by.agentNo, ...values);
  }
}
