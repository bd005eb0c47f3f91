/** How incidents stand in a snapshot: a hundred thousand may, so they are kept short and flat. */
import { SEVERITIES } from '../event.js';
import type { Completion, Incident } from './incident.js';

const FLAG = { typeGiven: 1, attempted: 2, open: 4, detected: 8 } as const;
/** Numbers a mark takes: time, start, kind. */
const STRIDE = 3;

/** Milliseconds after the incident's newest news; in brackets the time itself, where that would not give it back exactly. */
type FrozenNumber = number | readonly [ms: number];

/** A line of a snapshot: some incidents, one after the other in each of the three lists. */
export interface FrozenIncidents {
  readonly failureIds: string[];
  /** Those tried by more than one strategy, by their place in `failureIds`. */
  readonly otherStrategies: (readonly [place: number, completions: readonly Completion[]])[];
  readonly numbers: FrozenNumber[];
}

export interface Thawed {
  readonly incident: Incident;
  /** When an ended one will be forgotten. */
  readonly forgetMs: number;
}

/** Numbers for strings that recur: most incidents share their source, type, agent and strategy with others. */
export class StringTable {
  readonly strings: string[];
  #numbers: Map<string, number>;

  constructor(strings: readonly string[] = []) {
    this.strings = [...strings];
    this.#numbers = new Map(strings.map((text, number) => [text, number]));
  }

  numberOf(text: string | undefined): number {
    if (text === undefined) return -1;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.strings.length);
    return this.strings.push(text) - 1;
  }

  textOf(number: number): string | undefined {
    return this.strings[number];
  }
}

export function frozenIncidents(): FrozenIncidents {
  return { failureIds: [], otherStrategies: [], numbers: [] };
}

/** Adds one. `forgetMs`: when an ended one will be forgotten; of an open one any time. */
export function freeze(
  { incident, forgetMs }: Thawed,
  table: StringTable,
  into: FrozenIncidents,
): void {
  const { course, activeMs, severity, marks, otherStrategies } = incident;
  const place = into.failureIds.push(incident.failureId) - 1;
  if (otherStrategies !== undefined) into.otherStrategies.push([place, otherStrategies]);
  into.numbers.push(
    table.numberOf(incident.source),
    table.numberOf(incident.failureType),
    severity === undefined ? -1 : SEVERITIES.indexOf(severity),
    table.numberOf(incident.agentId),
    table.numberOf(incident.strategy),
    (incident.typeGiven ? FLAG.typeGiven : 0) +
      (incident.attempted ? FLAG.attempted : 0) +
      (course.open ? FLAG.open : 0) +
      (course.detected ? FLAG.detected : 0),
    incident.seq,
    incident.attempts,
    course.failures,
    course.resolutions,
    activeMs,
    freezeTime(forgetMs, activeMs),
    freezeTime(incident.completedMs, activeMs),
    freezeTime(course.openedMs, activeMs),
    freezeTime(course.closedMs, activeMs),
    marks.length / STRIDE,
  );
  for (let i = 0; i < marks.length; i += STRIDE) {
    into.numbers.push(
      freezeTime(marks[i] ?? 0, activeMs),
      freezeTime(marks[i + 1] ?? 0, activeMs),
      marks[i + 2] ?? 0,
    );
  }
}

export function* thaw(frozen: FrozenIncidents, table: StringTable): Iterable<Thawed> {
  const others = new Map(frozen.otherStrategies);
  const { numbers, failureIds } = frozen;
  let at = 0;
  const next = (): number => {
    const number = numbers[at++] ?? 0;
    return typeof number === 'number' ? number : number[0];
  };
  const nextTime = (baseMs: number): number => {
    const time = numbers[at++] ?? 0;
    return typeof time === 'number' ? baseMs + time : time[0];
  };
  for (const [place, failureId] of failureIds.entries()) {
    const source = table.textOf(next()) ?? '';
    const failureType = table.textOf(next()) ?? '';
    const severity = SEVERITIES[next()];
    const agentId = table.textOf(next());
    const strategy = table.textOf(next());
    const flags = next();
    const [seq, attempts, failures, resolutions, activeMs] = [
      next(),
      next(),
      next(),
      next(),
      next(),
    ];
    const forgetMs = nextTime(activeMs);
    const completedMs = nextTime(activeMs);
    const openedMs = nextTime(activeMs);
    const closedMs = nextTime(activeMs);
    const marks: number[] = [];
    for (let left = next(); left > 0; left -= 1) {
      marks.push(nextTime(activeMs), nextTime(activeMs), next());
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
      otherStrategies: others.get(place)?.map((one) => ({ ...one })),
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
    yield { incident, forgetMs };
  }
}

function freezeTime(timeMs: number, baseMs: number): FrozenNumber {
  const difference = timeMs - baseMs;
  return baseMs + difference === timeMs ? difference : [timeMs];
}
