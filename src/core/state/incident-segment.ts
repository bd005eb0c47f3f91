/** A thousand ended incidents in columns. */
import { SEVERITIES } from '../event.js';
import { newestMarkMs, type AgentEntry, type Completion, type Incident } from './incident.js';

export const SEGMENT_ROWS = 1024;

const NUMBER = {
  forgetMs: 0,
  flags: 1,
  seq: 2,
  activeMs: 3,
  attempts: 4,
  completedMs: 5,
  failures: 6,
  resolutions: 7,
  openedMs: 8,
  closedMs: 9,
  newestMs: 10,
  marksAt: 11,
  marks: 12,
  severity: 13,
} as const;
const NUMBERS = 14;
const TEXT = { source: 0, failureId: 1, failureType: 2, agentId: 3, strategy: 4 } as const;
const TEXTS = 5;
const FLAG = { kept: 1, typeGiven: 2, attempted: 4, detected: 8 } as const;
/** Most have two marks of three numbers. */
const MARKS_TO_BEGIN_WITH = 6 * SEGMENT_ROWS;

export class IncidentSegment {
  /** Where the index by agent keeps each. */
  readonly filed: (AgentEntry | undefined)[] = [];
  #kept = 0;
  readonly #numbers = new Float64Array(NUMBERS * SEGMENT_ROWS);
  readonly #texts: (string | undefined)[] = [];
  #marks = new Float64Array(MARKS_TO_BEGIN_WITH);
  #marksEnd = 0;
  /** Few have been tried by more than one strategy. */
  readonly #otherStrategies = new Map<number, Completion[]>();

  /** How many rows are written and not removed. */
  get kept(): number {
    return this.#kept;
  }

  isKept(row: number): boolean {
    return (this.#number(row, NUMBER.flags) & FLAG.kept) !== 0;
  }

  forgetMsOf(row: number): number {
    return this.#number(row, NUMBER.forgetMs);
  }

  newestMsOf(row: number): number {
    return this.#number(row, NUMBER.newestMs);
  }

  sourceOf(row: number): string | undefined {
    return this.#text(row, TEXT.source);
  }

  failureIdOf(row: number): string | undefined {
    return this.#text(row, TEXT.failureId);
  }

  /** Rows are written once each, ascending. */
  write(row: number, incident: Incident, forgetMs: number, filed: AgentEntry | undefined): void {
    const { course, marks, otherStrategies } = incident;
    const numbers = this.#numbers;
    const at = row * NUMBERS;
    numbers[at + NUMBER.forgetMs] = forgetMs;
    numbers[at + NUMBER.flags] =
      FLAG.kept +
      (incident.typeGiven ? FLAG.typeGiven : 0) +
      (incident.attempted ? FLAG.attempted : 0) +
      (course.detected ? FLAG.detected : 0);
    numbers[at + NUMBER.seq] = incident.seq;
    numbers[at + NUMBER.activeMs] = incident.activeMs;
    numbers[at + NUMBER.attempts] = incident.attempts;
    numbers[at + NUMBER.completedMs] = incident.completedMs;
    numbers[at + NUMBER.failures] = course.failures;
    numbers[at + NUMBER.resolutions] = course.resolutions;
    numbers[at + NUMBER.openedMs] = course.openedMs;
    numbers[at + NUMBER.closedMs] = course.closedMs;
    numbers[at + NUMBER.newestMs] = newestMarkMs(marks);
    numbers[at + NUMBER.marksAt] = this.#marksEnd;
    numbers[at + NUMBER.marks] = marks.length;
    numbers[at + NUMBER.severity] =
      incident.severity === undefined ? -1 : SEVERITIES.indexOf(incident.severity);
    this.#appendMarks(marks);
    const { source, failureId, failureType, agentId, strategy } = incident;
    this.#texts.push(source, failureId, failureType, agentId, strategy); // ordered as in TEXT
    this.filed.push(filed);
    if (otherStrategies !== undefined) this.#otherStrategies.set(row, otherStrategies);
    this.#kept += 1;
  }

  /** A copy, not filed anywhere. */
  read(row: number): Incident {
    const flags = this.#number(row, NUMBER.flags);
    return {
      source: this.#text(row, TEXT.source) ?? '',
      failureId: this.#text(row, TEXT.failureId) ?? '',
      failureType: this.#text(row, TEXT.failureType) ?? '',
      typeGiven: (flags & FLAG.typeGiven) !== 0,
      severity: SEVERITIES[this.#number(row, NUMBER.severity)],
      agentId: this.#text(row, TEXT.agentId),
      marks: this.#marksOf(row),
      seq: this.#number(row, NUMBER.seq),
      activeMs: this.#number(row, NUMBER.activeMs),
      attempts: this.#number(row, NUMBER.attempts),
      attempted: (flags & FLAG.attempted) !== 0,
      strategy: this.#text(row, TEXT.strategy),
      completedMs: this.#number(row, NUMBER.completedMs),
      otherStrategies: this.#otherStrategies.get(row)?.map((other) => ({ ...other })),
      course: {
        failures: this.#number(row, NUMBER.failures),
        resolutions: this.#number(row, NUMBER.resolutions),
        open: false,
        detected: (flags & FLAG.detected) !== 0,
        openedMs: this.#number(row, NUMBER.openedMs),
        closedMs: this.#number(row, NUMBER.closedMs),
      },
      filed: undefined,
      filedLink: undefined,
      openLink: undefined,
    };
  }

  remove(row: number): void {
    this.#numbers[row * NUMBERS + NUMBER.flags] = 0;
    this.#texts.fill(undefined, row * TEXTS, (row + 1) * TEXTS);
    this.filed[row] = undefined;
    this.#otherStrategies.delete(row);
    this.#kept -= 1;
  }

  #number(row: number, column: number): number {
    return this.#numbers[row * NUMBERS + column] ?? 0;
  }

  #text(row: number, column: number): string | undefined {
    return this.#texts[row * TEXTS + column];
  }

  #marksOf(row: number): number[] {
    const marks: number[] = [];
    const at = this.#number(row, NUMBER.marksAt);
    const end = at + this.#number(row, NUMBER.marks);
    for (let i = at; i < end; i += 1) marks.push(this.#marks[i] ?? 0);
    return marks;
  }

  #appendMarks(marks: readonly number[]): void {
    const end = this.#marksEnd + marks.length;
    if (end > this.#marks.length) {
      const larger = new Float64Array(Math.max(end, 2 * this.#marks.length));
      larger.set(this.#marks);
      this.#marks = larger;
    }
    for (let i = 0; i < marks.length; i += 1) this.#marks[this.#marksEnd + i] = marks[i] ?? 0;
    this.#marksEnd = end;
  }
}
