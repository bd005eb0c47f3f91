/**
 * One failure id of one source, and what the order of its marks makes of it. Events may arrive in any order;
 * the marks are kept by time, so the number of failures is a property of the set of events, not of their arrival.
 */
import type { Resolution, Severity } from '../event.js';
import type { ForgetQueue } from './forget-queue.js';

export const REMEMBERED_MS = 3_600_000;
/** Beyond this, the middle marks of an id are dropped: it has been detected and healed dozens of times in an hour. */
const MARKS_MAX = 96;
/** Numbers a mark takes in `marks`: time, start, kind. */
const STRIDE = 3;

/** Kinds in the order in which they count when their times are equal. */
export const MARK = {
  detected: 0,
  /** An attempt that failed or was skipped: it shows that there was a failure. */
  attempted: 1,
  succeeded: 2,
  /** A success before anything failed shows no failure, but it ends one that is open. */
  succeededPreventively: 3,
  self_recovered: 4,
  manual: 5,
  expired: 6,
  /** A preventive attempt that did not succeed: it changes nothing. */
  noted: 7,
  /** Not kept as a mark: another incident of the same agent and type succeeded. */
  superseded: 8,
} as const;
export type MarkKind = (typeof MARK)[keyof typeof MARK];

const KINDS: readonly MarkKind[] = Object.values(MARK);

/** Tens of thousands may be open: so it holds its course and its links itself, and has no field that another tells. */
export interface Incident extends Course {
  readonly source: string;
  readonly failureId: string;
  failureType: string;
  /** False while the type is only read off the failure id. */
  typeGiven: boolean;
  severity: Severity | undefined;
  agentId: string | undefined;
  /** Of source and failure id: it differs from process to process. */
  idHash: number;
  /** Flat: [timeMs, startMs, kind, …], ascending by time, then kind. `startMs`: of an attempt its start. */
  marks: number[];
  /** Sequence of the event that made it known. */
  seq: number;
  /** Event time of the newest event about it. */
  activeMs: number;
  /** Attempts that ran since it opened last. */
  attempts: number;
  /** The delay of its first attempt since it opened last has been told. */
  attempted: boolean;
  /**
   * The newest completion of each strategy: the first strategy apart, because mostly there is one. Its attempts are
   * what the others leave of all.
   */
  strategy: string | undefined;
  completedMs: number;
  otherStrategies: Completion[] | undefined;
  /** Where the index by agent keeps it, and its place among the open ones there; -1 when it is not among them. */
  filed: AgentEntry | undefined;
  filedAt: number;
  /** Its place among those that are not rows; -1 before it has one. */
  place: number;
  /** Its neighbours among all that are open. */
  before: Incident | undefined;
  after: Incident | undefined;
}

export interface Completion {
  readonly strategy: string;
  timeMs: number;
  /** Its attempts that ran since the incident opened last. */
  attempts: number;
}

/** Incidents of one source, failure type and agent. */
export interface AgentEntry {
  readonly labels: readonly string[];
  /** In no order. */
  readonly open: Incident[];
  /** Their rows; some have been taken out, `endedSize` have not. */
  readonly ended: ForgetQueue<number>;
  endedSize: number;
  /** Times of successes, ascending, of the last hour before the newest. */
  successes: number[];
  /** The newest mark of any of its incidents: nothing later than this can be out of order. */
  newestMs: number;
}

/** Where the marks lead, walked in the order of time. */
export interface Course {
  /** How often it opened: failures counted. */
  failures: number;
  resolutions: number;
  open: boolean;
  /** An open one that a detection announced; others came to light by an attempt. */
  detected: boolean;
  /** Since when it is, or last was, open. */
  openedMs: number;
  /** 0 before it has ended once. */
  closedMs: number;
}

/** An incident that ended. */
export interface Ending {
  readonly openedMs: number;
  readonly closedMs: number;
  readonly resolution: Resolution;
}

const RESOLUTION_OF: Readonly<Record<MarkKind, Resolution>> = {
  [MARK.detected]: 'healed', // never ends one
  [MARK.attempted]: 'healed', // never ends one
  [MARK.succeeded]: 'healed',
  [MARK.succeededPreventively]: 'healed',
  [MARK.self_recovered]: 'self_recovered',
  [MARK.manual]: 'manual',
  [MARK.expired]: 'expired',
  [MARK.noted]: 'healed', // never ends one
  [MARK.superseded]: 'superseded',
};

// Marks are handed on as three numbers: an object for each event would be garbage at once.

/** Takes one step in the order of time; returns the ending when the mark ends an open incident. */
export function step(
  course: Course,
  timeMs: number,
  startMs: number,
  kind: MarkKind,
): Ending | undefined {
  const known = course.failures > 0 && timeMs <= course.closedMs + REMEMBERED_MS;
  switch (kind) {
    case MARK.detected:
      if (course.open) course.detected = true;
      else open(course, timeMs, true);
      return undefined;
    case MARK.attempted:
      if (!course.open && !known) open(course, startMs, false);
      return undefined;
    case MARK.succeeded:
      if (!course.open && !known) open(course, startMs, false);
      return course.open ? close(course, timeMs, kind) : undefined;
    case MARK.noted:
      return undefined;
    case MARK.superseded:
      return course.open && course.detected && course.openedMs <= timeMs
        ? close(course, timeMs, kind)
        : undefined;
    default:
      return course.open ? close(course, timeMs, kind) : undefined;
  }
}

/**
 * The course that all marks give together, with the successes that supersede it (times ascending).
 * Every ending on the way is told to `onEnding`.
 */
export function walk(
  marks: readonly number[],
  superseding: readonly number[],
  onEnding: (ending: Ending) => void,
): Course {
  const course = newCourse();
  let next = 0;
  const supersedeBefore = (timeMs: number): void => {
    for (let at = superseding[next]; at !== undefined && at < timeMs; at = superseding[++next]) {
      const ending = step(course, at, at, MARK.superseded);
      if (ending !== undefined) onEnding(ending);
    }
  };
  for (let i = 0; i < marks.length; i += STRIDE) {
    const timeMs = marks[i] ?? 0;
    supersedeBefore(timeMs);
    const ending = step(course, timeMs, marks[i + 1] ?? 0, kindOf(marks[i + 2]));
    if (ending !== undefined) onEnding(ending);
  }
  supersedeBefore(Number.POSITIVE_INFINITY);
  return course;
}

/** Another course for the incident: one that its marks give. Written out: `Object.assign` takes ten times as long. */
export function putOnCourse(incident: Incident, course: Readonly<Course>): void {
  incident.failures = course.failures;
  incident.resolutions = course.resolutions;
  incident.open = course.open;
  incident.detected = course.detected;
  incident.openedMs = course.openedMs;
  incident.closedMs = course.closedMs;
}

export function newestMarkMs(marks: readonly number[]): number {
  return marks[marks.length - STRIDE] ?? Number.NEGATIVE_INFINITY;
}

/** True when a mark of then belongs before one that is there already. */
export function isLate(marks: readonly number[], timeMs: number, kind: MarkKind): boolean {
  return marks.length > 0 && isAfter(marks, marks.length - STRIDE, timeMs, kind);
}

/** Puts the mark in its place. */
export function addMark(incident: Incident, timeMs: number, startMs: number, kind: MarkKind): void {
  const { marks } = incident;
  let at = marks.length;
  while (at > 0 && isAfter(marks, at - STRIDE, timeMs, kind)) at -= STRIDE;
  // Most incidents have a mark or two: arrays that grow would have room for twice as many.
  if (marks.length === 0) incident.marks = [timeMs, startMs, kind];
  else if (at === STRIDE && marks.length === STRIDE) {
    incident.marks = [marks[0] ?? 0, marks[1] ?? 0, marks[2] ?? 0, timeMs, startMs, kind];
  } else if (at === marks.length) marks.push(timeMs, startMs, kind);
  else marks.splice(at, 0, timeMs, startMs, kind);
  if (marks.length > MARKS_MAX * STRIDE) marks.splice(STRIDE * (MARKS_MAX / 2), STRIDE);
}

function isAfter(marks: readonly number[], at: number, timeMs: number, kind: number): boolean {
  const other = marks[at] ?? 0;
  return other > timeMs || (other === timeMs && (marks[at + 2] ?? 0) > kind);
}

function kindOf(kind: number | undefined): MarkKind {
  return KINDS[kind ?? MARK.attempted] ?? MARK.attempted;
}

function open(course: Course, openedMs: number, detected: boolean): void {
  course.failures += 1;
  course.open = true;
  course.detected = detected;
  course.openedMs = openedMs;
}

function close(course: Course, closedMs: number, kind: MarkKind): Ending {
  course.open = false;
  course.resolutions += 1;
  course.closedMs = closedMs;
  return { openedMs: course.openedMs, closedMs, resolution: RESOLUTION_OF[kind] };
}

function newCourse(): Course {
  return {
    failures: 0,
    resolutions: 0,
    open: false,
    detected: false,
    openedMs: 0,
    closedMs: 0,
  };
}
