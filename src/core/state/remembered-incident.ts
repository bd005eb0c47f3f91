/**
 * An ended incident, packed: a hundred thousand of them are kept for an hour, and hardly any is asked for again.
 * Its numbers stand in one list, where they take eight bytes each.
 */
import type { Severity } from '../event.js';
import type { Completion, Incident, RememberedIncident } from './incident.js';

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
  marks: 10,
} as const;
const FLAG = { typeGiven: 1, attempted: 2, open: 4, detected: 8 } as const;

export function forgetMsOf({ numbers }: RememberedIncident): number {
  return numbers[NUMBER.forgetMs] ?? 0;
}

/** The time of its newest mark. */
export function newestMsOf({ numbers }: RememberedIncident): number {
  return numbers.length > NUMBER.marks ? (numbers[numbers.length - 3] ?? 0) : 0;
}

/** Packs an incident; the numbers also serve open ones in snapshots. */
export function pack(incident: Incident, forgetMs: number): RememberedIncident {
  const { source, failureId, failureType, severity, agentId, strategy, course } = incident;
  return {
    source,
    failureId,
    failureType,
    severity,
    agentId,
    strategy,
    otherStrategies: incident.otherStrategies,
    numbers: [
      forgetMs,
      (incident.typeGiven ? FLAG.typeGiven : 0) +
        (incident.attempted ? FLAG.attempted : 0) +
        (course.open ? FLAG.open : 0) +
        (course.detected ? FLAG.detected : 0),
      incident.seq,
      incident.activeMs,
      incident.attempts,
      incident.completedMs,
      course.failures,
      course.resolutions,
      course.openedMs,
      course.closedMs,
    ].concat(incident.marks), // to size, which spreading is not
    filed: undefined,
    void: false,
  };
}

export function unpack(packed: RememberedIncident): Incident {
  const number = (at: number): number => packed.numbers[at] ?? 0;
  const flags = number(NUMBER.flags);
  const { source, failureId, failureType, severity, agentId, strategy, otherStrategies } = packed;
  return {
    source,
    failureId,
    failureType,
    typeGiven: (flags & FLAG.typeGiven) !== 0,
    severity,
    agentId,
    marks: packed.numbers.slice(NUMBER.marks),
    seq: number(NUMBER.seq),
    activeMs: number(NUMBER.activeMs),
    attempts: number(NUMBER.attempts),
    attempted: (flags & FLAG.attempted) !== 0,
    strategy,
    completedMs: number(NUMBER.completedMs),
    otherStrategies,
    course: {
      failures: number(NUMBER.failures),
      resolutions: number(NUMBER.resolutions),
      open: (flags & FLAG.open) !== 0,
      detected: (flags & FLAG.detected) !== 0,
      openedMs: number(NUMBER.openedMs),
      closedMs: number(NUMBER.closedMs),
    },
    filed: undefined,
  };
}

export function isOpen({ numbers }: RememberedIncident): boolean {
  return ((numbers[NUMBER.flags] ?? 0) & FLAG.open) !== 0;
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

/** How a packed incident stands in a snapshot. */
export type FrozenIncident = readonly [
  source: number,
  failureId: string,
  failureType: number,
  severity: Severity | 0,
  agentId: number,
  strategy: number,
  otherStrategies: readonly Completion[] | 0,
  numbers: readonly number[],
];

export function freeze(packed: RememberedIncident, table: StringTable): FrozenIncident {
  return [
    table.numberOf(packed.source),
    packed.failureId,
    table.numberOf(packed.failureType),
    packed.severity ?? 0,
    table.numberOf(packed.agentId),
    table.numberOf(packed.strategy),
    packed.otherStrategies ?? 0,
    packed.numbers,
  ];
}

export function thaw(frozen: FrozenIncident, table: StringTable): RememberedIncident {
  const [source, failureId, failureType, severity, agentId, strategy, others, numbers] = frozen;
  return {
    source: table.textOf(source) ?? '',
    failureId,
    failureType: table.textOf(failureType) ?? '',
    severity: severity === 0 ? undefined : severity,
    agentId: table.textOf(agentId),
    strategy: table.textOf(strategy),
    otherStrategies: others === 0 ? undefined : others.map((one) => ({ ...one })),
    numbers: [...numbers],
    filed: undefined,
    void: false,
  };
}
