/**
 * A rollup cell in few bytes: most of its numbers are 0 most of the time, and in a minute's cell
 * much follows from the rest.
 */
import type { Bins, CountedBins } from '../core/bins.js';
import { emptyCell, type Cell } from '../core/rollup.js';
import { SparseCounts } from '../core/sparse-counts.js';
import { ByteReader, ByteWriter } from './bytes.js';

/**
 * The numbers of a cell that add up. Their places here are the bits by which they are stored: only
 * ever append.
 */
const COUNT_COLUMNS = [
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
const BIN_COLUMNS = ['hours', 'succeededBins', 'failedBins', 'recoveredBins'] as const;

const HAS_ATTEMPTS = 1 << 10;
const HAS_LAST = 1 << 11;
const HAS_BINS = 1 << 12; // and the three bits after it
/** All attempts ran in the hour of the day that the reader is told. */
const IN_ONE_HOUR = 1 << 16;

/** The counts by which agents are ranked and attempts found. */
export interface Skimmed {
  failures: number;
  succeeded: number;
  failed: number;
  skipped: number;
}

/**
 * `hourOfDay`: of a cell of one minute or hour, the hour it lies in; it then need not be stored.
 */
export function writeCell(writer: ByteWriter, cell: Cell<CountedBins>, hourOfDay?: number): void {
  const ran = cell.succeeded + cell.failed;
  const inOneHour =
    hourOfDay !== undefined && cell.hours.size === 1 && cell.hours.get(hourOfDay) === ran;
  let mask = inOneHour ? IN_ONE_HOUR : 0;
  for (let i = 0; i < COUNT_COLUMNS.length; i += 1) {
    if (cell[COUNT_COLUMNS[i] ?? 'failures'] !== 0) mask |= 1 << i;
  }
  if (cell.firstAttemptMs !== undefined) mask |= HAS_ATTEMPTS;
  if (cell.lastAttemptMs !== cell.firstAttemptMs) mask |= HAS_LAST;
  for (let i = inOneHour ? 1 : 0; i < BIN_COLUMNS.length; i += 1) {
    if (cell[BIN_COLUMNS[i] ?? 'hours'].size > 0) mask |= HAS_BINS << i;
  }
  writer.whole(mask);
  for (let i = 0; i < COUNT_COLUMNS.length; i += 1) {
    if ((mask & (1 << i)) !== 0) writer.number(cell[COUNT_COLUMNS[i] ?? 'failures']);
  }
  if ((mask & HAS_ATTEMPTS) !== 0) writer.number(cell.firstAttemptMs ?? 0);
  if ((mask & HAS_LAST) !== 0) writer.number(cell.lastAttemptMs ?? 0);
  for (let i = 0; i < BIN_COLUMNS.length; i += 1) {
    if ((mask & (HAS_BINS << i)) !== 0) writeBins(writer, cell[BIN_COLUMNS[i] ?? 'hours']);
  }
}

/** Adds a stored cell to `into`. `hourOfDay` as it was written with. */
export function addCell(into: Cell, reader: ByteReader, hourOfDay?: number): void {
  const mask = reader.whole();
  let ran = into.succeeded + into.failed;
  for (let i = 0; i < COUNT_COLUMNS.length; i += 1) {
    if ((mask & (1 << i)) !== 0) into[COUNT_COLUMNS[i] ?? 'failures'] += reader.number();
  }
  ran = into.succeeded + into.failed - ran;
  if ((mask & HAS_ATTEMPTS) !== 0) {
    const firstMs = reader.number();
    const lastMs = (mask & HAS_LAST) !== 0 ? reader.number() : firstMs;
    into.firstAttemptMs = Math.min(into.firstAttemptMs ?? firstMs, firstMs);
    into.lastAttemptMs = Math.max(into.lastAttemptMs ?? lastMs, lastMs);
  }
  if ((mask & IN_ONE_HOUR) !== 0 && hourOfDay !== undefined) {
    into.hours.set(hourOfDay, (into.hours.get(hourOfDay) ?? 0) + ran);
  }
  for (let i = 0; i < BIN_COLUMNS.length; i += 1) {
    if ((mask & (HAS_BINS << i)) !== 0) addBins(into[BIN_COLUMNS[i] ?? 'hours'], reader);
  }
}

/** Adds only the first counts of a stored cell. The reader is then somewhere inside of it. */
export function skimCounts(into: Skimmed, reader: ByteReader): void {
  const mask = reader.whole();
  if ((mask & 1) !== 0) into.failures += reader.number();
  if ((mask & 2) !== 0) into.succeeded += reader.number();
  if ((mask & 4) !== 0) into.failed += reader.number();
  if ((mask & 8) !== 0) into.skipped += reader.number();
}

export function addSkimmed(into: Skimmed, { failures, succeeded, failed, skipped }: Skimmed): void {
  into.failures += failures;
  into.succeeded += succeeded;
  into.failed += failed;
  into.skipped += skipped;
}

export function encodeCell(cell: Cell, hourOfDay?: number): Uint8Array {
  const writer = new ByteWriter();
  writeCell(writer, cell, hourOfDay);
  return writer.finish();
}

/** The sum of two stored cells. Neither relies on an hour of the day. */
export function sumOfEncoded(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = emptyCell();
  addCell(sum, new ByteReader(a));
  addCell(sum, new ByteReader(b));
  return encodeCell(sum);
}

export function noneSkimmed(): Skimmed {
  return { failures: 0, succeeded: 0, failed: 0, skipped: 0 };
}

/** How many bins, then of each the distance to the one before and its count. */
function writeBins(writer: ByteWriter, bins: CountedBins): void {
  writer.whole(bins.size);
  let before = 0;
  const isAscending = bins instanceof SparseCounts || bins.size === 1;
  const ascending = isAscending ? bins : [...bins].sort(([a], [b]) => a - b);
  for (const [bin, count] of ascending) {
    writer.whole(bin - before);
    writer.whole(count);
    before = bin;
  }
}

function addBins(into: Bins, reader: ByteReader): void {
  let bin = 0;
  for (let left = reader.whole(); left > 0; left -= 1) {
    bin += reader.whole();
    into.set(bin, (into.get(bin) ?? 0) + reader.whole());
  }
}
