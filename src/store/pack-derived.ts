/**
 * Minute cells and labels on their way to the store's worker: one array of numbers and the distinct names.
 * As objects with maps in them they would cost ten times as much to send.
 */
import type { Bins } from '../core/bins.js';
import type { AttemptLabels, Derived } from '../core/ports.js';
import type { MinuteCell } from '../core/rollup.js';
import { BIN_COLUMNS, COUNT_COLUMNS, cellOf } from './cells.js';

export interface PackedDerived {
  readonly throughSeq: number;
  readonly names: readonly string[];
  /** Cells one after the other: minute, four names, counts, first and last attempt, then bins with their lengths. */
  readonly cells: Float64Array;
  /** [seq, failure type, agent or -1, …]. */
  readonly labels: Float64Array;
}

export function packDerived({ throughSeq, cells, labels }: Derived): PackedDerived {
  const numbers = new Map<string, number>();
  const nameNo = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  };
  const flat: number[] = [];
  for (const { minute, source, failureType, strategy, agentId, cell } of cells) {
    flat.push(minute, nameNo(source), nameNo(failureType), nameNo(strategy), nameNo(agentId));
    for (const column of COUNT_COLUMNS) flat.push(cell[column]);
    flat.push(cell.firstAttemptMs ?? NaN, cell.lastAttemptMs ?? NaN);
    for (const column of BIN_COLUMNS) {
      flat.push(cell[column].size);
      for (const [bin, count] of cell[column]) flat.push(bin, count);
    }
  }
  const flatLabels = labels.flatMap(({ seq, failureType, agentId }) => [
    seq,
    nameNo(failureType),
    agentId === undefined ? -1 : nameNo(agentId),
  ]);
  return {
    throughSeq,
    names: [...numbers.keys()],
    cells: Float64Array.from(flat),
    labels: Float64Array.from(flatLabels),
  };
}

export function unpackDerived({ throughSeq, names, cells, labels }: PackedDerived): Derived {
  let at = 0;
  const next = (): number => {
    at += 1;
    return cells[at - 1] ?? NaN;
  };
  const nextName = (): string => names[next()] ?? '';
  const nextTime = (): number | undefined => {
    const time = next();
    return Number.isNaN(time) ? undefined : time;
  };
  const nextBins = (): Bins => {
    const bins: Bins = new Map();
    for (let left = next(); left > 0; left -= 1) bins.set(next(), next());
    return bins;
  };
  const unpacked: MinuteCell[] = [];
  while (at < cells.length) {
    const minute = next();
    const key = { source: nextName(), failureType: nextName() };
    const rest = { strategy: nextName(), agentId: nextName() };
    const counts = COUNT_COLUMNS.map(next);
    const firstAttemptMs = nextTime();
    const lastAttemptMs = nextTime();
    const bins = BIN_COLUMNS.map(nextBins);
    const cell = cellOf({ counts, firstAttemptMs, lastAttemptMs, bins });
    unpacked.push({ minute, ...key, ...rest, cell });
  }
  return { throughSeq, cells: unpacked, labels: unpackLabels(labels, names) };
}

function unpackLabels(labels: Float64Array, names: readonly string[]): AttemptLabels[] {
  const unpacked: AttemptLabels[] = [];
  for (let i = 0; i + 2 < labels.length; i += 3) {
    unpacked.push({
      seq: labels[i] ?? 0,
      failureType: names[labels[i + 1] ?? 0] ?? '',
      agentId: names[labels[i + 2] ?? -1],
    });
  }
  return unpacked;
}
