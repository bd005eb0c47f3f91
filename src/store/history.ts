/**
 * Answers what happened in a time range, from the rollups: in time that grows with the labels, not
 * with the events.
 */
import type { History, HistoryCell, HistoryQuery } from '../core/ports.js';
import { emptyCell, mergeCell, type Cell, type MinuteCell } from '../core/rollup.js';
import { readAgents } from './agents.js';
import { detailOf, holdsIn, visitAgentMinutes, type Asked, type HistoryParts } from './asked.js';
import { ByteReader } from './bytes.js';
import { addCell } from './cells.js';
import { conditionsOf, numbered, pendingCells } from './filters.js';
import { RESOLUTION, answerable, segmentsOf } from './segments.js';

export function readHistory(parts: HistoryParts, query: HistoryQuery): History {
  const detail = detailOf(parts.meta);
  const range = query.range && answerable(query.range, detail);
  const rolledSeq = parts.meta.get('rolled_seq');
  const pending = pendingCells(query.pending, rolledSeq, range, query.filters);
  const by = numbered(query.filters, parts);
  const asked = by && { range, segments: segmentsOf(range, holdsIn(parts.db), detail), by };
  return {
    cells: readCells(parts, asked, pending),
    ...readAgents(parts, asked, pending),
    ...(range === undefined ? {} : { range }),
  };
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
