/** Which incidents are known: the open ones, and the ended ones until they are forgotten. */
import { LinkedList } from '../linked-list.js';
import { AgentIndex, type AgentOfType } from './agent-index.js';
import { EndedIncidents } from './ended-incidents.js';
import { newIncident, type Said } from './incident-facts.js';
import { isLate, REMEMBERED_MS, type AgentEntry, type Incident, type Mark } from './incident.js';
import { IncidentSegment, SEGMENT_ROWS } from './incident-segment.js';
import { unpack, type PackedIncidents } from './packed-incident.js';

const REMEMBERED_MAX = 100_000;

export class IncidentMemory {
  readonly open = new LinkedList<Incident>();
  readonly #ended = new EndedIncidents();
  readonly agents = new AgentIndex(this.#ended);
  /** By source and failure id: open ones, and the rows of ended ones. */
  #known = new Map<string, Map<string, Incident | number>>();
  /** Event time of the newest event: memory is measured by it. */
  #newestMs = Number.NEGATIVE_INFINITY;

  get newestMs(): number {
    return this.#newestMs;
  }

  /** How many ended ones are remembered. */
  get endedSize(): number {
    return this.#ended.size;
  }

  /** Copies of the ended ones, first to be forgotten first. */
  *ended(): Iterable<Incident> {
    for (const row of this.#ended.rows()) {
      const incident = this.#ended.read(row);
      if (incident !== undefined) yield incident;
    }
  }

  /** Moves event time on; ended incidents are forgotten by it. */
  advance(timeMs: number): void {
    this.#newestMs = timeMs;
    for (let row = this.#ended.peek(); row !== undefined; row = this.#ended.peek()) {
      if (this.#ended.forgetMsOf(row) >= timeMs) return;
      this.#forget(row);
    }
  }

  /** The incident, taken out of where it was kept: whoever finds one files it again. */
  find(source: string, failureId: string): Incident | undefined {
    const known = this.#known.get(source)?.get(failureId);
    return typeof known === 'number' ? this.#revive(known) : known;
  }

  create(said: Said, seq: number): Incident {
    const incident = newIncident(said, seq);
    this.#keep(incident, incident);
    return incident;
  }

  /** Puts the incident where its course has led it: among the open or the ended ones. */
  file(incident: Incident): void {
    if (incident.course.open) {
      incident.openLink ??= this.open.add(incident);
      this.agents.addOpen(incident);
      return;
    }
    if (incident.openLink !== undefined) this.open.remove(incident.openLink);
    incident.openLink = undefined;
    const filed = this.agents.entryOf(incident);
    this.agents.removeOpen(incident);
    // News of the past is remembered for as long as news of now.
    const forgetMs = Math.max(incident.course.closedMs, this.#newestMs) + REMEMBERED_MS;
    this.#remember(incident, forgetMs, filed);
    if (this.#ended.size <= REMEMBERED_MAX) return;
    const first = this.#ended.peek();
    if (first !== undefined) this.#forget(first);
  }

  /** Takes it from under its labels, for these are about to change. */
  unfile(incident: Incident): void {
    const { filed } = incident;
    this.agents.removeOpen(incident);
    this.agents.release(filed);
  }

  /**
   * Notes the success, and returns the incidents that it may end: the open ones, and when it comes late ended
   * ones with later marks. `known`: where the index keeps them, when the caller has just seen it.
   */
  superseded(where: AgentOfType, cause: Mark, known: AgentEntry | undefined): Incident[] {
    const entry = known ?? this.agents.find(where);
    if (entry === undefined) return [];
    this.agents.succeeded(entry, cause.timeMs);
    const touched: Incident[] = [];
    for (const incident of entry.open) {
      const { course, marks } = incident;
      if ((course.open && course.detected) || isLate(marks, cause)) touched.push(incident);
    }
    if (cause.timeMs >= entry.newestMs) return touched;
    for (const row of [...entry.ended.values()]) {
      if (this.#ended.newestMsOf(row) <= cause.timeMs) continue;
      const incident = this.#revive(row);
      if (incident !== undefined) touched.push(incident);
    }
    return touched;
  }

  /** About a thousand incidents at a time: the open ones, and then the ended ones as they are to be forgotten. */
  *packed(): Iterable<PackedIncidents> {
    let segment = new IncidentSegment();
    let row = 0;
    for (const incident of this.open) {
      segment.write(row, incident, incident.activeMs, undefined);
      row += 1;
      if (row < SEGMENT_ROWS) continue;
      yield segment.packed();
      segment = new IncidentSegment();
      row = 0;
    }
    if (segment.kept > 0) yield segment.packed();
    yield* this.#ended.packed();
  }

  restore(newestMs: number, packed: Iterable<PackedIncidents>): void {
    this.#newestMs = newestMs;
    for (const piece of packed) {
      for (const { incident, forgetMs } of unpack(piece)) {
        if (incident.course.open) {
          this.#keep(incident, incident);
          this.file(incident);
        } else {
          this.#remember(incident, forgetMs, this.agents.entryOf(incident));
        }
      }
    }
  }

  #keep({ source, failureId }: Incident, as: Incident | number): void {
    const ofSource = this.#known.get(source);
    if (ofSource === undefined) this.#known.set(source, new Map([[failureId, as]]));
    else ofSource.set(failureId, as);
  }

  #remember(incident: Incident, forgetMs: number, filed: AgentEntry | undefined): void {
    const row = this.#ended.push(incident, forgetMs, filed);
    this.#keep(incident, row);
    this.agents.addEnded(row, filed);
  }

  #revive(row: number): Incident | undefined {
    const incident = this.#ended.read(row);
    if (incident === undefined) return undefined;
    this.#takeOut(row);
    this.#keep(incident, incident);
    return incident;
  }

  #forget(row: number): void {
    const source = this.#ended.sourceOf(row) ?? '';
    const failureId = this.#ended.failureIdOf(row) ?? '';
    this.agents.release(this.#takeOut(row));
    const ofSource = this.#known.get(source);
    ofSource?.delete(failureId);
    if (ofSource?.size === 0) this.#known.delete(source);
  }

  /** Returns where the index kept it. */
  #takeOut(row: number): AgentEntry | undefined {
    const filed = this.#ended.filedOf(row);
    this.#ended.remove(row);
    this.agents.removeEnded(filed);
    return filed;
  }
}
