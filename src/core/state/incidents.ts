/**
 * The incident rules: from events about one failure to facts about incidents and attempts.
 * docs/events.md tells them in words.
 */
import type {
  FailureDetected,
  FailureResolved,
  HealingCompleted,
  HealingStarted,
} from '../event.js';
import type { Fact } from '../facts.js';
import {
  causedBy,
  labelsOf,
  markOf,
  newIncident,
  noteCompletion,
  tellFirstAttempt,
  tellOpened,
  type Change,
  type Said,
} from './incident-facts.js';
import { AgentIndex, type AgentOfType } from './agent-index.js';
import {
  freeze,
  insertMark,
  isLate,
  MARK,
  REMEMBERED_MS,
  step,
  thaw,
  walk,
  type Ending,
  type FrozenIncident,
  type Incident,
  type Mark,
} from './incident.js';
import { RunningAttempts, type RunningSnapshot } from './running-attempts.js';

const REMEMBERED_MAX = 100_000;
/** More open incidents than this and the longest untouched ones are due to expire. */
const OPEN_MAX = 100_000;
/** Strategies whose newest attempt is remembered; beyond, attempts of further ones count as in order. */
const STRATEGIES_MAX = 20_000;

export interface DueIncident {
  readonly source: string;
  readonly failureId: string;
  readonly seq: number;
  /** When it is to end. */
  readonly timeMs: number;
}

export interface IncidentsSnapshot {
  readonly newestMs: number | null;
  readonly incidents: readonly FrozenIncident[];
  readonly newestAttempts: readonly (readonly [string, number])[];
  readonly successes: readonly (readonly [string, readonly number[]])[];
  readonly running: RunningSnapshot;
}

export class Incidents {
  #open = new Map<string, Incident>();
  /** Ended ones, in the order in which they will be forgotten. */
  #ended = new Map<string, Incident>();
  #agents = new AgentIndex();
  #running = new RunningAttempts();
  #newestAttempts = new Map<string, number>();
  #newestMs = Number.NEGATIVE_INFINITY;

  get open(): ReadonlyMap<string, Incident> {
    return this.#open;
  }

  /** Ended within the last hour of event time, or known from a preventive attempt only. */
  get remembered(): ReadonlyMap<string, Incident> {
    return this.#ended;
  }

  /** Every event moves the time by which ended incidents are forgotten. */
  advance(timeMs: number, facts: Fact[]): void {
    if (timeMs <= this.#newestMs) return;
    this.#newestMs = timeMs;
    for (const [key, incident] of this.#ended) {
      if (incident.forgetMs >= timeMs) break;
      this.#forget(key, incident);
    }
    this.#running.dropStale(timeMs, facts);
  }

  detected(event: FailureDetected, seq: number, facts: Fact[]): void {
    const { timeMs } = event;
    const incident = this.#findOrCreate(event, seq, facts);
    const change = this.#mark(incident, { timeMs, startMs: timeMs, kind: MARK.detected });
    this.#tell(incident, change, seq, facts);
  }

  started(event: HealingStarted, facts: Fact[]): void {
    const { source, failureId, strategy, timeMs } = event;
    const incident = this.#find(source, failureId);
    if (incident !== undefined) {
      const completed = incident.completions.find((other) => other.strategy === strategy);
      if (completed !== undefined && timeMs <= completed.timeMs) return;
      if (!incident.course.open && timeMs <= incident.course.closedMs) return;
      this.#amend(incident, event, facts);
      incident.activeMs = Math.max(incident.activeMs, timeMs);
      tellFirstAttempt(incident, timeMs, facts);
    }
    this.#running.start(event, facts);
  }

  completed(event: HealingCompleted, seq: number, facts: Fact[]): void {
    const { source, timeMs, strategy, durationMs } = event;
    const incident = this.#findOrCreate(event, seq, facts);
    const startMs = timeMs - durationMs;
    const change = this.#mark(incident, { timeMs, startMs, kind: markOf(event) });
    this.#running.complete(event, facts);

    tellOpened(incident, change, seq, facts);
    if (event.outcome !== 'skipped') {
      tellFirstAttempt(incident, startMs, facts);
      incident.attempts += 1;
    }
    const failureType = event.failureType ?? incident.failureType;
    const agentId = event.agentId ?? incident.agentId;
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
      actions: event.actions,
      attempt: incident.course.failures === 0 ? 0 : incident.attempts,
      firstOfStrategy: noteCompletion(incident, strategy, timeMs),
      inOrder: this.#isInOrder(strategy, timeMs),
    });
    this.#tellEnded(incident, change, facts, strategy);
    if (event.outcome === 'succeeded' && agentId !== undefined) {
      this.#supersede(incident, { source, failureType, agentId }, timeMs, facts);
    }
  }

  resolved(event: FailureResolved, seq: number, facts: Fact[]): void {
    const { timeMs, resolution } = event;
    const incident = this.#findOrCreate(event, seq, facts);
    const change = this.#mark(incident, { timeMs, startMs: timeMs, kind: MARK[resolution] });
    this.#tell(incident, change, seq, facts);
  }

  /** Open incidents that nothing was heard of for `timeoutMs`, or that are too many to keep. */
  due(nowMs: number, timeoutMs: number): DueIncident[] {
    const due: DueIncident[] = [];
    const excess = this.#open.size - OPEN_MAX;
    for (const { source, failureId, seq, activeMs } of this.#open.values()) {
      if (activeMs + timeoutMs > nowMs && due.length >= excess) continue;
      due.push({ source, failureId, seq, timeMs: Math.min(nowMs, activeMs + timeoutMs) });
    }
    return due;
  }

  snapshot(): IncidentsSnapshot {
    return {
      newestMs: Number.isFinite(this.#newestMs) ? this.#newestMs : null,
      incidents: [...this.#open.values(), ...this.#ended.values()].map(freeze),
      newestAttempts: [...this.#newestAttempts],
      successes: this.#agents.successes(),
      running: this.#running.snapshot(),
    };
  }

  restore(snapshot: IncidentsSnapshot): void {
    this.#newestMs = snapshot.newestMs ?? Number.NEGATIVE_INFINITY;
    for (const frozen of snapshot.incidents) {
      const incident = thaw(frozen);
      const key = keyOf(incident.source, incident.failureId);
      (incident.course.open ? this.#open : this.#ended).set(key, incident);
      this.#agents.file(incident);
    }
    this.#newestAttempts = new Map(snapshot.newestAttempts);
    this.#agents.restoreSuccesses(snapshot.successes);
    this.#running.restore(snapshot.running);
  }

  #find(source: string, failureId: string): Incident | undefined {
    const key = keyOf(source, failureId);
    return this.#open.get(key) ?? this.#ended.get(key);
  }

  #findOrCreate(said: Said, seq: number, facts: Fact[]): Incident {
    const known = this.#find(said.source, said.failureId);
    if (known === undefined) return newIncident(said, seq);
    this.#amend(known, said, facts);
    return known;
  }

  /** Learns what was missing; never overwrites what an event has said before. */
  #amend(incident: Incident, said: Said, facts: Fact[]): void {
    const failureType = incident.typeGiven ? undefined : said.failureType;
    const agentId = incident.agentId === undefined ? said.agentId : undefined;
    const severity = incident.severity === undefined ? said.severity : undefined;
    if (failureType === undefined && agentId === undefined && severity === undefined) return;
    const before = labelsOf(incident);
    this.#agents.remove(incident);
    incident.failureType = failureType ?? incident.failureType;
    incident.typeGiven ||= failureType !== undefined;
    incident.agentId ??= agentId;
    incident.severity ??= severity;
    this.#agents.file(incident);
    if (!incident.course.open) return;
    const { source, failureId, course } = incident;
    const after = labelsOf(incident);
    const timeMs = course.openedMs;
    facts.push({ kind: 'incident_amended', source, timeMs, failureId, before, after });
  }

  /** Puts a mark in its place in time: steps on when time goes forward, walks anew when the mark comes late. */
  #mark(incident: Incident, mark: Mark): Change {
    const late =
      isLate(incident.marks, mark) ||
      (mark.kind === MARK.detected && this.#agents.hasSucceededSince(incident, mark.timeMs));
    insertMark(incident.marks, mark);
    incident.activeMs = Math.max(incident.activeMs, mark.timeMs);
    return this.#move(incident, mark, late);
  }

  #move(incident: Incident, cause: Mark, late: boolean): Change {
    const before = { ...incident.course };
    if (late) {
      const endings: Ending[] = [];
      const course = walk(incident.marks, this.#agents.successesOf(incident), (ending) =>
        endings.push(ending),
      );
      const ended = course.resolutions - before.resolutions;
      if (ended >= 0 && course.failures >= before.failures) {
        incident.course = course;
        this.#file(incident);
        return { before, endings: causedBy(endings, cause, ended) };
      }
      // Marks that the counts rest on have been dropped meanwhile: what has been counted stands.
    }
    const ending = step(incident.course, cause);
    this.#file(incident);
    return { before, endings: ending === undefined ? [] : [ending] };
  }

  /** Keeps the incident among the open or the remembered ones. */
  #file(incident: Incident): void {
    const key = keyOf(incident.source, incident.failureId);
    if (incident.course.open) {
      this.#ended.delete(key);
      this.#open.set(key, incident);
    } else {
      this.#open.delete(key);
      this.#remember(key, incident);
    }
    this.#agents.file(incident);
  }

  #remember(key: string, incident: Incident): void {
    // An ending that is news of the past is remembered for as long as one that is news of now.
    const forgetMs = Math.max(incident.course.closedMs, this.#newestMs) + REMEMBERED_MS;
    if (this.#ended.has(key) && incident.forgetMs >= forgetMs) return;
    incident.forgetMs = forgetMs;
    this.#ended.delete(key);
    this.#ended.set(key, incident);
    if (this.#ended.size <= REMEMBERED_MAX) return;
    const oldest = this.#ended.entries().next().value;
    if (oldest !== undefined) this.#forget(...oldest);
  }

  #forget(key: string, incident: Incident): void {
    this.#ended.delete(key);
    this.#agents.remove(incident);
  }

  /** A success also ends the other open incidents of that agent and type that were detected before it. */
  #supersede(healed: Incident, where: AgentOfType, timeMs: number, facts: Fact[]): void {
    const cause: Mark = { timeMs, startMs: timeMs, kind: MARK.superseded };
    for (const other of this.#agents.succeeded(where, timeMs)) {
      if (other === healed) continue;
      const late = isLate(other.marks, cause);
      if (!late && !(other.course.open && other.course.detected)) continue;
      this.#tell(other, this.#move(other, cause, late), other.seq, facts);
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
        ...labelsOf(incident),
        detectedMs: openedMs,
        resolution,
        strategy: resolution === 'healed' ? healer : undefined,
        recoveryMs: resolution === 'expired' ? undefined : closedMs - openedMs,
        attempts,
      });
    }
  }

  #isInOrder(strategy: string, timeMs: number): boolean {
    const newestMs = this.#newestAttempts.get(strategy);
    if (newestMs !== undefined && timeMs < newestMs) return false;
    if (newestMs !== undefined || this.#newestAttempts.size < STRATEGIES_MAX) {
      this.#newestAttempts.set(strategy, timeMs);
    }
    return true;
  }
}

function keyOf(source: string, failureId: string): string {
  return `${source},${failureId}`; // no identifier holds a comma
}
