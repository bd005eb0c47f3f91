/**
 * The incident rules: from events about one failure to facts about incidents and attempts.
 * docs/events.md tells them in words.
 */
import type {
  FailureDetected,
  FailureResolved,
  HealingCompleted,
  HealingStarted,
  Folded,
} from '../event.js';
import type { Fact } from '../facts.js';
import type { AgentOfType, SuccessTimes } from './agent-index.js';
import {
  agentOf,
  attemptsOf,
  causedBy,
  completedMs,
  labelsOf,
  markOf,
  noteCompletion,
  tellFirstAttempt,
  tellOpened,
  typeOf,
  type Change,
  type Said,
} from './incident-facts.js';
import { IncidentMemory } from './incident-memory.js';
import {
  addMark,
  isLate,
  MARK,
  putOnCourse,
  step,
  walk,
  type AgentEntry,
  type Ending,
  type Incident,
  type MarkKind,
} from './incident.js';
import type { ReadonlyOpenIncidents } from './open-incidents.js';
import type { PackedIncidents } from './packed-incident.js';
import { RunningAttempts, type RunningSnapshot } from './running-attempts.js';

/** More open incidents than this and the longest untouched ones are due to expire. */
const OPEN_MAX = 100_000;
/** Strategies whose newest attempt is remembered; beyond, attempts of further ones count as in order. */
const STRATEGIES_MAX = 20_000;

const NO_ENDINGS: readonly Ending[] = [];

export interface DueIncident {
  readonly source: string;
  readonly failureId: string;
  readonly seq: number;
  /** When it is to end. */
  readonly timeMs: number;
}

export interface IncidentsSnapshot {
  readonly newestMs: number | null;
  readonly newestAttempts: readonly (readonly [string, number])[];
  readonly successes: readonly SuccessTimes[];
  readonly running: RunningSnapshot;
}

export class Incidents {
  readonly #memory: IncidentMemory;
  #running = new RunningAttempts();
  /** By strategy. */
  #newestAttempts = new Map<string, { ms: number }>();

  /** `seed`: nobody can foresee it, and nothing that is told depends on it. */
  constructor(seed: number) {
    this.#memory = new IncidentMemory(seed);
  }

  get open(): ReadonlyOpenIncidents {
    return this.#memory.open;
  }

  /** How many ended incidents are remembered, for an hour of event time, a hundred thousand at most. */
  get remembered(): number {
    return this.#memory.endedSize;
  }

  /** How long the attempts that run have been running, by strategy. */
  runningMs(nowMs: number): ReadonlyMap<string, readonly number[]> {
    return this.#running.agesMs(nowMs);
  }

  strategiesRunningOn(source: string, failureId: string): readonly string[] {
    return this.#running.on(source, failureId);
  }

  /** The remembered ones, first to be forgotten first. Copies: changing them changes nothing. */
  ended(): Iterable<Incident> {
    return this.#memory.ended();
  }

  /** Every event moves the time by which ended incidents are forgotten. */
  advance(timeMs: number, facts: Fact[]): void {
    if (timeMs <= this.#memory.newestMs) return;
    this.#memory.advance(timeMs);
    this.#running.dropStale(timeMs, facts);
  }

  detected(event: Folded<FailureDetected>, seq: number, facts: Fact[]): void {
    const { timeMs } = event;
    const incident = this.#findOrCreate(event, seq, facts);
    const change = this.#mark(incident, timeMs, timeMs, MARK.detected);
    this.#tell(incident, change, seq, facts);
    this.#memory.file(incident);
  }

  started(event: Folded<HealingStarted>, facts: Fact[]): void {
    const incident = this.#memory.find(event);
    if (incident === undefined) {
      this.#running.start(event, typeOf(event), facts);
      return;
    }
    const { timeMs, strategy } = event;
    const endedMs = incident.open ? Number.NEGATIVE_INFINITY : incident.closedMs;
    if (timeMs > endedMs && timeMs > completedMs(incident, strategy)) {
      this.#amend(incident, event, facts);
      incident.activeMs = Math.max(incident.activeMs, timeMs);
      tellFirstAttempt(incident, timeMs, facts);
      this.#running.start(event, incident.failureType, facts);
    }
    this.#memory.file(incident);
  }

  completed(event: Folded<HealingCompleted>, seq: number, facts: Fact[]): void {
    const { source, timeMs, strategy, durationMs } = event;
    const incident = this.#findOrCreate(event, seq, facts);
    const startMs = timeMs - durationMs;
    const change = this.#mark(incident, timeMs, startMs, markOf(event));
    this.#running.complete(event, facts);

    tellOpened(incident, change, seq, facts);
    if (event.outcome !== 'skipped') tellFirstAttempt(incident, startMs, facts);
    const firstOfStrategy = noteCompletion(incident, event);
    const isOfIncident = incident.failures > 0;
    const failureType = event.failureType ?? incident.failureType;
    const agentId = agentOf(event, incident);
    facts.push({
      kind: 'attempt_ended',
      source,
      timeMs,
      failureId: event.failureId,
      strategy,
      failureType,
      agentId,
      severity: incident.severity ?? 'unknown',
      outcome: event.outcome,
      reason: event.reason ?? 'unspecified',
      trigger: event.trigger,
      durationMs,
      attempt: isOfIncident ? incident.attempts : 0,
      attemptOfStrategy: isOfIncident ? attemptsOf(incident, strategy) : 0,
      firstOfStrategy,
      inOrder: this.#isInOrder(strategy, timeMs),
    });
    this.#tellEnded(incident, change, facts, strategy);
    const isUnderItsLabels = failureType === incident.failureType && agentId === incident.agentId;
    const filed = isUnderItsLabels ? incident.filed : undefined;
    this.#memory.file(incident);
    if (event.outcome === 'succeeded' && agentId !== undefined) {
      this.#supersede({ source, failureType, agentId }, timeMs, filed, facts);
    }
  }

  resolved(event: Folded<FailureResolved>, seq: number, facts: Fact[]): void {
    const { timeMs, resolution } = event;
    const incident = this.#findOrCreate(event, seq, facts);
    const change = this.#mark(incident, timeMs, timeMs, MARK[resolution]);
    this.#tell(incident, change, seq, facts);
    this.#memory.file(incident);
  }

  /** The latest time of any event; −∞ before the first. */
  get newestMs(): number {
    return this.#memory.newestMs;
  }

  /** Open incidents that nothing was heard of for `timeoutMs`, or that are too many to keep. */
  due(nowMs: number, timeoutMs: number): DueIncident[] {
    const due: DueIncident[] = [];
    const excess = this.#memory.open.size - OPEN_MAX;
    for (const { source, failureId, seq, activeMs } of this.#memory.open) {
      if (activeMs + timeoutMs > nowMs && due.length >= excess) continue;
      due.push({ source, failureId, seq, timeMs: Math.min(nowMs, activeMs + timeoutMs) });
    }
    return due;
  }

  /** All but the incidents themselves, which `packed` gives piece by piece. */
  snapshot(): IncidentsSnapshot {
    const { newestMs, agents } = this.#memory;
    return {
      newestMs: Number.isFinite(newestMs) ? newestMs : null,
      newestAttempts: [...this.#newestAttempts].map(([strategy, { ms }]) => [strategy, ms]),
      successes: agents.successes(),
      running: this.#running.snapshot(),
    };
  }

  /** About a thousand at a time. */
  packed(): Iterable<PackedIncidents> {
    return this.#memory.packed();
  }

  restore(snapshot: IncidentsSnapshot, packed: Iterable<PackedIncidents>): void {
    const newestMs = snapshot.newestMs ?? Number.NEGATIVE_INFINITY;
    this.#memory.restore(newestMs, packed);
    this.#memory.agents.restoreSuccesses(snapshot.successes);
    this.#newestAttempts = new Map(
      snapshot.newestAttempts.map(([strategy, ms]) => [strategy, { ms }]),
    );
    this.#running.restore(snapshot.running);
  }

  #findOrCreate(said: Said, seq: number, facts: Fact[]): Incident {
    const incident = this.#memory.findOrCreate(said, seq);
    this.#amend(incident, said, facts);
    return incident;
  }

  /** Learns what was missing; never overwrites what an event has said before. */
  #amend(incident: Incident, said: Said, facts: Fact[]): void {
    const failureType = incident.typeGiven ? undefined : said.failureType;
    const agentId = incident.agentId === undefined ? said.agentId : undefined;
    const severity = incident.severity === undefined ? said.severity : undefined;
    if (failureType === undefined && agentId === undefined && severity === undefined) return;
    const before = labelsOf(incident);
    this.#memory.unfile(incident);
    incident.failureType = failureType ?? incident.failureType;
    incident.typeGiven ||= failureType !== undefined;
    incident.agentId ??= agentId;
    incident.severity ??= severity;
    if (!incident.open) return;
    const { source, failureId, openedMs: timeMs } = incident;
    const after = labelsOf(incident);
    facts.push({ kind: 'incident_amended', source, timeMs, failureId, before, after });
  }

  /** Puts a mark in its place in time: steps on when time goes forward, walks anew when the mark comes late. */
  #mark(incident: Incident, timeMs: number, startMs: number, kind: MarkKind): Change {
    const late =
      isLate(incident.marks, timeMs, kind) ||
      (kind === MARK.detected && this.#memory.agents.hasSucceededSince(incident, timeMs));
    addMark(incident, timeMs, startMs, kind);
    incident.activeMs = Math.max(incident.activeMs, timeMs);
    if (late) return this.#walkAnew(incident, timeMs, startMs, kind);
    return stepOn(incident, timeMs, startMs, kind);
  }

  /** Told are the endings that were not told before. */
  #walkAnew(incident: Incident, timeMs: number, startMs: number, kind: MarkKind): Change {
    const { failures, openedMs, resolutions } = incident;
    const endings: Ending[] = [];
    const course = walk(incident.marks, this.#memory.agents.successesOf(incident), (ending) =>
      endings.push(ending),
    );
    const ended = course.resolutions - resolutions;
    if (ended >= 0 && course.failures >= failures) {
      putOnCourse(incident, course);
      return { failures, openedMs, endings: causedBy(endings, timeMs, startMs, ended) };
    }
    // Marks that the counts rest on have been dropped meanwhile: what has been counted stands.
    return stepOn(incident, timeMs, startMs, kind);
  }

  /** A success also ends the other open incidents of that agent and type that were detected before it. */
  #supersede(
    where: AgentOfType,
    timeMs: number,
    filed: AgentEntry | undefined,
    facts: Fact[],
  ): void {
    const kind = MARK.superseded;
    for (const other of this.#memory.superseded(where, timeMs, filed)) {
      const change = isLate(other.marks, timeMs, kind)
        ? this.#walkAnew(other, timeMs, timeMs, kind)
        : stepOn(other, timeMs, timeMs, kind);
      this.#tell(other, change, other.seq, facts);
      this.#memory.file(other);
    }
  }

  #tell(incident: Incident, change: Change, seq: number, facts: Fact[]): void {
    tellOpened(incident, change, seq, facts);
    this.#tellEnded(incident, change, facts, undefined);
  }

  #tellEnded(
    incident: Incident,
    { endings }: Change,
    facts: Fact[],
    healer: string | undefined,
  ): void {
    const { source, failureId, attempts } = incident;
    for (const { openedMs, closedMs, resolution } of endings) {
      this.#running.end(source, failureId, closedMs, facts);
      facts.push({
        kind: 'incident_resolved',
        source,
        timeMs: closedMs,
        failureId,
        failureType: incident.failureType,
        severity: incident.severity ?? 'unknown',
        agentId: incident.agentId,
        detectedMs: openedMs,
        resolution,
        strategy: resolution === 'healed' ? healer : undefined,
        recoveryMs: resolution === 'expired' ? undefined : closedMs - openedMs,
        attempts,
      });
    }
  }

  #isInOrder(strategy: string, timeMs: number): boolean {
    const newest = this.#newestAttempts.get(strategy);
    if (newest === undefined) {
      if (this.#newestAttempts.size < STRATEGIES_MAX) {
        this.#newestAttempts.set(strategy, { ms: timeMs });
      }
      return true;
    }
    if (timeMs < newest.ms) return false;
    newest.ms = timeMs;
    return true;
  }
}

/** Time goes forward. */
function stepOn(incident: Incident, timeMs: number, startMs: number, kind: MarkKind): Change {
  const { failures, openedMs } = incident;
  const ending = step(incident, timeMs, startMs, kind);
  return { failures, openedMs, endings: ending === undefined ? NO_ENDINGS : [ending] };
}
