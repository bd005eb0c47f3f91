/** What a history comes to: over everything, per strategy, per failure type. */
import { emptyCell, mergeCell, type Cell } from '../core/rollup.js';
import type { History } from '../core/ports.js';

export interface Totals {
  readonly overall: Cell;
  /** Strategies that completed anything, skipped included. */
  readonly byStrategy: ReadonlyMap<string, Cell>;
  readonly byFailureType: ReadonlyMap<string, Cell>;
}

/** Sums the cells of a history three ways. Counts and milliseconds, as in its cells; empty without cells. */
export function totalsOf({ cells }: History): Totals {
  const overall = emptyCell();
  const byStrategy = new Map<string, Cell>();
  const byFailureType = new Map<string, Cell>();
  for (const { failureType, strategy, cell } of cells) {
    mergeCell(overall, cell);
    if (strategy !== '') mergeCell(entry(byStrategy, strategy), cell);
    mergeCell(entry(byFailureType, failureType), cell);
  }
  return { overall, byStrategy, byFailureType };
}

/** Attempts that ran to a result. */
export function attemptsOf({ succeeded, failed }: Cell): number {
  return succeeded + failed;
}

/** Undefined when no attempt ran. */
export function successRateOf(cell: Cell): number | undefined {
  return ratio(cell.succeeded, attemptsOf(cell));
}

/** Mean duration of the attempts that ran, milliseconds; undefined when none did. */
export function averageMsOf(cell: Cell): number | undefined {
  return ratio(cell.succeededMs + cell.failedMs, attemptsOf(cell));
}

/** Undefined for a part of nothing. */
export function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

function entry(cells: Map<string, Cell>, key: string): Cell {
  let cell = cells.get(key);
  if (cell === undefined) {
    cell = emptyCell();
    cells.set(key, cell);
  }
  return cell;
}
