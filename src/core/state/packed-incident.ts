/**
 * Incidents as rows of text: so the ended ones lie in memory and all stand in a snapshot. A hundred thousand may, so
 * a row takes some thirty bytes, and a snapshot copies rows without reading them.
 */
import { SEVERITIES } from '../event.js';
import { NumberTextReader, type NumberTextWriter } from '../number-text.js';
import type { Completion, Incident } from './incident.js';

const FLAG = { typeGiven: 1, attempted: 2, open: 4, detected: 8 } as const;
/** Numbers a mark takes: time, start, kind. */
const STRIDE = 3;

/** A line of a snapshot: some incidents, one after the other. */
export interface PackedIncidents {
  readonly failureIds: readonly string[];
  /** What the numbers of strings in `rows` stand for. */
  readonly strings: readonly string[];
  readonly rows: string;
  /** Those tried by more than one strategy, by their place in `failureIds`. */
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

/** All but the failure id and the other strategies. `forgetMs`: of an open one any time. */
export function writeRow(
  writer: NumberTextWriter,
  { incident, forgetMs }: Unpacked,
  table: StringTable,
): void {
  const { course, activeMs, severity, marks } = incident;
  writer.number(table.numberOf(incident.source)); // first: see `sourceInRow`
  writer.number(table.numberOf(incident.failureType));
  writer.number(table.numberOf(incident.agentId));
  writer.number(table.numberOf(incident.strategy));
  writer.number(severity === undefined ? -1 : SEVERITIES.indexOf(severity));
  writer.number(
    (incident.typeGiven ? FLAG.typeGiven : 0) +
      (incident.attempted ? FLAG.attempted : 0) +
      (course.open ? FLAG.open : 0) +
      (course.detected ? FLAG.detected : 0),
  );
  writer.number(incident.seq);
  writer.number(incident.attempts);
  writer.number(course.failures);
  writer.number(course.resolutions);
  writer.number(activeMs);
  writer.time(forgetMs, activeMs);
  writer.time(incident.completedMs, activeMs);
  writer.time(course.openedMs, activeMs);
  writer.time(course.closedMs, activeMs);
  writer.number(marks.length / STRIDE);
  for (let i = 0; i < marks.length; i += STRIDE) {
    const timeMs = marks[i] ?? 0;
    writer.time(timeMs, activeMs);
    writer.time(marks[i + 1] ?? 0, timeMs);
    writer.number(marks[i + 2] ?? 0);
  }
}

/** Of the row that `reader` is at. */
export function sourceInRow(
  reader: NumberTextReader,
  strings: readonly string[],
): string | undefined {
  return strings[reader.number()];
}

/** The next row of `reader`. A copy, not filed anywhere. */
export function readRow(
  reader: NumberTextReader,
  failureId: string,
  strings: readonly string[],
  otherStrategies: readonly Completion[] | undefined,
): Unpacked {
  const source = strings[reader.number()] ?? '';
  const failureType = strings[reader.number()] ?? '';
  const agentId = strings[reader.number()];
  const strategy = strings[reader.number()];
  const severity = SEVERITIES[reader.number()];
  const flags = reader.number();
  const seq = reader.number();
  const attempts = reader.number();
  const failures = reader.number();
  const resolutions = reader.number();
  const activeMs = reader.number();
  const forgetMs = reader.time(activeMs);
  const completedMs = reader.time(activeMs);
  const openedMs = reader.time(activeMs);
  const closedMs = reader.time(activeMs);
  const marks: number[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const timeMs = reader.time(activeMs);
    marks.push(timeMs, reader.time(timeMs), reader.number());
  }
  const incident: Incident = {
    source,
    failureId,
    failureType,
    typeGiven: (flags & FLAG.typeGiven) !== 0,
    severity,
    agentId,
    marks,
    seq,
    activeMs,
    attempts,
    attempted: (flags & FLAG.attempted) !== 0,
    strategy,
    completedMs,
    otherStrategies: otherStrategies?.map((one) => ({ ...one })),
    course: {
      failures,
      resolutions,
      open: (flags & FLAG.open) !== 0,
      detected: (flags & FLAG.detected) !== 0,
      openedMs,
      closedMs,
    },
    filed: undefined,
    filedLink: undefined,
    openLink: undefined,
  };
  return { incident, forgetMs };
}

export function* unpack(packed: PackedIncidents): Iterable<Unpacked> {
  const { failureIds, strings } = packed;
  const others = new Map(packed.otherStrategies);
  const reader = new NumberTextReader(new TextEncoder().encode(packed.rows));
  for (const [place, failureId] of failureIds.entries()) {
    yield readRow(reader, failureId, strings, others.get(place));
  }
}
