/** A rollup cell as columns of a row: sums that SQL adds up, and its four histograms as one small blob. */
import type { Bins } from '../core/bins.js';
import type { Cell } from '../core/rollup.js';

/** The numbers of a cell that add up. `columnName` gives their names in SQL. */
export const COUNT_COLUMNS = [
  'failures',
  'succeeded',
  'failed',
  'skipped',
  'tried',
  'succeededMs',
  'failedMs',
  'recovered',
  'recoveredMs',
  'expired',
] as const;
export const BIN_COLUMNS = ['hours', 'succeededBins', 'failedBins', 'recoveredBins'] as const;

/** succeededMs is succeeded_ms in SQL. */
export function columnName(column: string): string {
  return column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export interface CellParts {
  /** In the order of COUNT_COLUMNS. */
  readonly counts: readonly number[];
  readonly firstAttemptMs: number | undefined;
  readonly lastAttemptMs: number | undefined;
  /** In the order of BIN_COLUMNS. */
  readonly bins: readonly Bins[];
}

export function cellOf({ counts, firstAttemptMs, lastAttemptMs, bins }: CellParts): Cell {
  const [failures = 0, succeeded = 0, failed = 0, skipped = 0, tried = 0] = counts;
  const [succeededMs = 0, failedMs = 0, recovered = 0, recoveredMs = 0, expired = 0] =
    counts.slice(5);
  const [hours, succeededBins, failedBins, recoveredBins] = bins;
  return {
    failures,
    succeeded,
    failed,
    skipped,
    tried,
    succeededMs,
    failedMs,
    recovered,
    recoveredMs,
    expired,
    firstAttemptMs,
    lastAttemptMs,
    hours: hours ?? new Map<number, number>(),
    succeededBins: succeededBins ?? new Map<number, number>(),
    failedBins: failedBins ?? new Map<number, number>(),
    recoveredBins: recoveredBins ?? new Map<number, number>(),
  };
}

/** Per histogram: how many bins, then (distance to the bin before, count); all as base-128 numbers. Empty: null. */
export function encodeBins(all: readonly ReadonlyMap<number, number>[]): Uint8Array | null {
  if (all.every((bins) => bins.size === 0)) return null;
  const bytes: number[] = [];
  for (const bins of all) {
    pushNumber(bytes, bins.size);
    let before = 0;
    for (const [bin, count] of [...bins].sort(([a], [b]) => a - b)) {
      pushNumber(bytes, bin - before);
      pushNumber(bytes, count);
      before = bin;
    }
  }
  return Uint8Array.from(bytes);
}

/** Adds what `encodeBins` wrote to `into`, histogram by histogram. */
export function addEncodedBins(into: readonly Bins[], encoded: Uint8Array | null): void {
  if (encoded === null) return;
  let at = 0;
  const next = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = encoded[at] ?? 0;
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  for (const bins of into) {
    let bin = 0;
    for (let left = next(); left > 0; left -= 1) {
      bin += next();
      bins.set(bin, (bins.get(bin) ?? 0) + next());
    }
  }
}

export function emptyBins(): Bins[] {
  return BIN_COLUMNS.map(() => new Map<number, number>());
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
