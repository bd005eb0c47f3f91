/**
 * Incidents as rows of text: so the ended ones lie in memory and all stand in a snapshot. A hundred thousand may, so
 * a row takes some seventy bytes, and a snapshot copies rows without reading them.
 */
import { SEVERITIES, type Severity } from '../event.js';
import { NumberTextReader, type NumberTextWriter } from '../number-text.js';
import type { Completion, Incident } from './incident.js';

/** Of a row: what is so, and what is not as it mostly is and is therefore written out. The severity stands behind them. */
const FLAG = {
  typeGiven: 1,
  attempted: 2,
  open: 4,
  detected: 8,
  /** Else there was one attempt, one failure, and one resolution. */
  counts: 16,
  /** Else it last completed and ended when it was last active. */
  endings: 32,
} as const;
const FLAGS = 64;
/** Numbers a mark takes: time, start, kind. */
const STRIDE = 3;
/** Added to the kind of a mark that began before its time. */
const HAS_START = 16;

/** Two lines of a snapshot, the rows in one of their own: some incidents, one after the other. */
export interface PackedIncidents {
  /** How many. */
  readonly incidents: number;
  /** How many more stood between them, and were removed. */
  readonly removed: number;
  /** What the numbers of strings in `rows` stand for. */
  readonly strings: readonly string[];
  /** UTF-8 without a line end. */
  readonly rows: Uint8Array;
  /** Those tried by more than one strategy, by their place. */
  readonly otherStrategies: readonly (readonly [
    place: number,
    completions: readonly Completion[],
  ])[];
}

export interface Unpacked {
  readonly incident: Incident;
  /** When an ended one will be forgotten. */
  readonly forgetMs: number;
}

/** Numbers for strings that recur: most incidents share their source, type, agent and strategy with others. */
export class StringTable {
  readonly strings: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string | undefined): number {
    if (text === undefined) return -1;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.strings.length);
    return this.strings.push(text) - 1;
  }
}

/** All but the other strategies. `forgetMs`: of an open one any time. */
export function writeRow(
  writer: NumberTextWriter,
  incident: Incident,
  forgetMs: number,
  table: StringTable,
): void {
  const { activeMs, attempts, failures, resolutions, completedMs, closedMs } = incident;
  const hasCounts = attempts !== 1 || failures !== 1 || resolutions !== 1;
  const hasEndings = completedMs !== activeMs || closedMs !== activeMs;
  writer.text(incident.failureId); // first, with the source: see `isRowOf`
  writer.number(table.numberOf(incident.source));
  writer.number(table.numberOf(incident.failureType));
  writer.number(table.numberOf(incident.agentId));
  writer.number(table.numberOf(incident.strategy));
  writer.number(
    (incident.typeGiven ? FLAG.typeGiven : 0) +
      (incident.attempted ? FLAG.attempted : 0) +
      (incident.open ? FLAG.open : 0) +
      (incident.detected ? FLAG.detected : 0) +
      (hasCounts ? FLAG.counts : 0) +
      (hasEndings ? FLAG.endings : 0) +
      severityCode(incident.severity) * FLAGS,
  );
  writer.number(incident.seq);
  writer.number(activeMs);
  writer.time(forgetMs, activeMs);
  writer.time(incident.openedMs, activeMs);
  if (hasCounts) {
    writer.number(attempts);
    writer.number(failures);
    writer.number(resolutions);
  }
  if (hasEndings) {
    writer.time(completedMs, activeMs);
    writer.time(closedMs, activeMs);
  }
  writeMarks(writer, incident.marks, activeMs);
}

function writeMarks(writer: NumberTextWriter, marks: readonly number[], activeMs: number): void {
  writer.number(marks.length / STRIDE);
  for (let i = 0; i < marks.length; i += STRIDE) {
    const timeMs = marks[i] ?? 0;
    const startMs = marks[i + 1] ?? 0;
    const kind = marks[i + 2] ?? 0;
    writer.time(timeMs, activeMs);
    writer.number(startMs === timeMs ? kind : kind + HAS_START);
    if (startMs !== timeMs) writer.time(startMs, timeMs);
  }
}

/** Whether the row that `reader` is at is of this incident. */
export function isRowOf(
  reader: NumberTextReader,
  strings: readonly string[],
  source: string,
  failureId: string,
): boolean {
  return reader.text() === failureId && strings[reader.number()] === source;
}

/** The next row of `reader`. A copy, not filed anywhere, and without its hash. */
export function readRow(
  reader: NumberTextReader,
  strings: readonly string[],
  otherStrategies: readonly Completion[] | undefined,
): Unpacked {
  const failureId = reader.text();
  const source = strings[reader.number()] ?? '';
  const failureType = strings[reader.number()] ?? '';
  const agentId = strings[reader.number()];
  const strategy = strings[reader.number()];
  const code = reader.number();
  const hasCounts = (code & FLAG.counts) !== 0;
  const hasEndings = (code & FLAG.endings) !== 0;
  const seq = reader.number();
  const activeMs = reader.number();
  const forgetMs = reader.time(activeMs);
  const openedMs = reader.time(activeMs);
  const attempts = hasCounts ? reader.number() : 1;
  const failures = hasCounts ? reader.number() : 1;
  const resolutions = hasCounts ? reader.number() : 1;
  const completedMs = hasEndings ? reader.time(activeMs) : activeMs;
  const closedMs = hasEndings ? reader.time(activeMs) : activeMs;
  const marks = readMarks(reader, activeMs);
  const incident: Incident = {
    source,
    failureId,
    idHash: 0,
    failureType,
    typeGiven: (code & FLAG.typeGiven) !== 0,
    severity: SEVERITIES[Math.floor(code / FLAGS) - 1],
    agentId,
    marks,
    seq,
    activeMs,
    attempts,
    attempted: (code & FLAG.attempted) !== 0,
    strategy,
    completedMs,
    otherStrategies: otherStrategies?.map((one) => ({ ...one })),
    failures,
    resolutions,
    open: (code & FLAG.open) !== 0,
    detected: (code & FLAG.detected) !== 0,
    openedMs,
    closedMs,
    filed: undefined,
    filedAt: -1,
    place: -1,
    before: undefined,
    after: undefined,
  };
  return { incident, forgetMs };
}

function readMarks(reader: NumberTextReader, activeMs: number): number[] {
  const marks: number[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const timeMs = reader.time(activeMs);
    const kind = reader.number();
    if (kind < HAS_START) marks.push(timeMs, timeMs, kind);
    else marks.push(timeMs, reader.time(timeMs), kind - HAS_START);
  }
  return marks;
}

export function* unpack(packed: PackedIncidents): Iterable<Unpacked> {
  const others = new Map(packed.otherStrategies);
  const reader = new NumberTextReader(packed.rows);
  for (let place = 0; place < packed.incidents; place += 1) {
    yield readRow(reader, packed.strings, others.get(place));
  }
}

/** Its place in the list, from 1; 0 for none. */
function severityCode(severity: Severity | undefined): number {
  for (let i = 0; i < SEVERITIES.length; i += 1) if (SEVERITIES[i] === severity) return i + 1;
  return 0;
}
