/**
 * Filters of a question, as they meet rows, chunks, and cells that are still on their way to the
 * store.
 */
import type { Derived, Filters, TimeRange } from '../core/ports.js';
import { MINUTE_MS, type MinuteCell } from '../core/rollup.js';
import type { AgentKey } from './agent-minutes.js';
import type { Names } from './names.js';

/** Filters with numbers for names. Absent: everything. */
export interface NumberedFilters {
  readonly sourceNo: number | undefined;
  readonly typeNo: number | undefined;
  readonly strategyNo: number | undefined;
  readonly agentNo: number | undefined;
}

/** Undefined when a name is unknown to the store: then nothing in it can match. */
export function numbered(
  { failureType, strategy, agentId, source }: Filters,
  { names, sources }: { readonly names: Names; readonly sources: Names },
): NumberedFilters | undefined {
  const sourceNo = source === undefined ? undefined : sources.find(source);
  const [typeNo, strategyNo, agentNo] = [failureType, strategy, agentId].map((name) =>
    name === undefined ? undefined : names.find(name),
  );
  const unknown =
    (source !== undefined && sourceNo === undefined) ||
    (failureType !== undefined && typeNo === undefined) ||
    (strategy !== undefined && strategyNo === undefined) ||
    (agentId !== undefined && agentNo === undefined);
  return unknown ? undefined : { sourceNo, typeNo, strategyNo, agentNo };
}

/**
 * ` AND …` on the columns that both rollup tables share. The agent is left to the caller: one table
 * has none.
 */
export function conditionsOf({ sourceNo, typeNo, strategyNo }: NumberedFilters): {
  readonly sql: string;
  readonly values: readonly number[];
} {
  const wanted = [
    ['source_no', sourceNo],
    ['type_no', typeNo],
    ['strategy_no', strategyNo],
  ] as const;
  const given = wanted.flatMap(([column, no]) => (no === undefined ? [] : [{ column, no }]));
  return {
    sql: given.map(({ column }) => ` AND ${column} = ?`).join(''),
    values: given.map(({ no }) => no),
  };
}

export function wantsKey(by: NumberedFilters, [source, type, strategy, agent]: AgentKey): boolean {
  return (
    (by.sourceNo ?? source) === source &&
    (by.typeNo ?? type) === type &&
    (by.strategyNo ?? strategy) === strategy &&
    (by.agentNo ?? agent) === agent
  );
}

export function matches(by: Filters, labels: Omit<MinuteCell, 'cell' | 'minute'>): boolean {
  return (
    (by.failureType ?? labels.failureType) === labels.failureType &&
    (by.strategy ?? labels.strategy) === labels.strategy &&
    (by.agentId ?? labels.agentId) === labels.agentId &&
    (by.source ?? labels.source) === labels.source
  );
}

/** The cells that the store does not hold yet, as far as they belong to the question. */
export function pendingCells(
  pending: readonly Derived[],
  rolledSeq: number,
  range: TimeRange | undefined,
  by: Filters,
): MinuteCell[] {
  const fromMinute = (range?.fromMs ?? -Infinity) / MINUTE_MS;
  const toMinute = (range?.toMs ?? Infinity) / MINUTE_MS;
  return pending
    .filter(({ throughSeq }) => throughSeq > rolledSeq)
    .flatMap(({ cells }) => cells)
    .filter((cell) => cell.minute >= fromMinute && cell.minute < toMinute && matches(by, cell));
}
