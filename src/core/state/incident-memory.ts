/** Which incidents are known: the open ones, and the ended ones until they are forgotten. */
import { HashIndex, NONE } from '../hash-index.js';
import { TextHash } from '../text-hash.js';
import { AgentIndex, type AgentOfType } from './agent-index.js';
import { EndedIncidents } from './ended-incidents.js';
import { newIncident, type Said } from './incident-facts.js';
import { isLate, MARK, REMEMBERED_MS, type AgentEntry, type Incident } from './incident.js';
import { IncidentSegment, SEGMENT_ROWS } from './incident-segment.js';
import { OpenIncidents } from './open-incidents.js';
import { unpack, type PackedIncidents } from './packed-incident.js';

const REMEMBERED_MAX = 100_000;
const NOTHING: readonly Incident[] = [];

export class IncidentMemory {
  readonly open = new OpenIncidents();
  readonly #ended = new EndedIncidents();
  readonly agents = new AgentIndex(this.#ended);
  readonly #hash: TextHash;
  /** By source and failure id: the row of an ended one, and of an open one its place with all bits turned. */
  readonly #known = new HashIndex();
  /** Event time of the newest event: memory is measured by it. */
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Until then none is to be forgotten. */
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(seed: number) {
    this.#hash = new TextHash(seed);
  }

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
    if (timeMs <= this.#quietUntilMs) return;
    for (let row = this.#ended.peek(); row !== undefined; row = this.#ended.peek()) {
      this.#quietUntilMs = this.#ended.forgetMsOf(row);
      if (timeMs <= this.#quietUntilMs) return;
      this.#forget(row);
    }
    this.#quietUntilMs = timeMs + REMEMBERED_MS;
  }

  /** Whoever finds one files it again: an ended one is among the open ones until then. */
  find({ source, failureId }: Pick<Said, 'source' | 'failureId'>): Incident | undefined {
    return this.#find(this.#hash.of(source, failureId), source, failureId);
  }

  findOrCreate(said: Said, seq: number): Incident {
    const idHash = this.#hash.of(said.source, said.failureId);
    const known = this.#find(idHash, said.source, said.failureId);
    if (known !== undefined) return known;
    const incident = newIncident(said, seq, idHash);
    this.open.add(incident);
    this.#known.add(idHash, ~incident.place);
    return incident;
  }

  /** Puts the incident where its course has led it: among the open or the ended ones. */
  file(incident: Incident): void {
    if (incident.open) {
      this.agents.addOpen(incident);
      return;
    }
    const filed = this.agents.entryOf(incident);
    // News of the past is remembered for as long as news of now.
    const forgetMs = Math.max(incident.closedMs, this.#newestMs) + REMEMBERED_MS;
    const row = this.#ended.push(incident, forgetMs, filed);
    this.#known.replace(incident.idHash, ~incident.place, row);
    this.agents.addEnded(row, filed);
    this.agents.removeOpen(incident);
    this.open.remove(incident);
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
  superseded(
    where: AgentOfType,
    timeMs: number,
    known: AgentEntry | undefined,
  ): readonly Incident[] {
    const entry = known ?? this.agents.find(where);
    if (entry === undefined) return NOTHING;
    this.agents.succeeded(entry, timeMs);
    const isInOrder = timeMs >= entry.newestMs;
    if (isInOrder && entry.open.length === 0) return NOTHING;
    const touched = entry.open.filter(
      ({ open, detected, marks }) => (open && detected) || isLate(marks, timeMs, MARK.superseded),
    );
    // In an order that does not depend on when they were filed there, nor on a restart.
    if (touched.length > 1) touched.sort((a, b) => a.seq - b.seq);
    if (isInOrder) return touched;
    for (const row of entry.ended.filter((ended) => this.#ended.newestMsOf(ended) > timeMs)) {
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
        incident.idHash = this.#hash.of(incident.source, incident.failureId);
        if (incident.open) {
          this.open.add(incident);
          this.#known.add(incident.idHash, ~incident.place);
          this.agents.addOpen(incident);
        } else {
          const filed = this.agents.entryOf(incident);
          const row = this.#ended.push(incident, forgetMs, filed);
          this.#known.add(incident.idHash, row);
          this.agents.addEnded(row, filed);
        }
      }
      this.#ended.skip(piece.removed);
    }
  }

  #find(idHash: number, source: string, failureId: string): Incident | undefined {
    const known = this.#known;
    for (let number = known.first(idHash); number !== NONE; number = known.next()) {
      if (number >= 0) {
        if (this.#ended.is(number, source, failureId)) return this.#revive(number);
        continue;
      }
      const incident = this.open.at(~number);
      if (incident?.failureId === failureId && incident.source === source) return incident;
    }
    return undefined;
  }

  /** Takes it from the ended ones: until it is filed it is among the open ones. */
  #revive(row: number): Incident | undefined {
    const incident = this.#ended.read(row);
    if (incident === undefined) return undefined;
    this.open.add(incident);
    this.#known.replace(incident.idHash, row, ~incident.place);
    incident.filed = this.#takeOut(row);
    this.agents.addOpen(incident);
    return incident;
  }

  #forget(row: number): void {
    this.#known.remove(this.#ended.idHashOf(row), row);
    this.agents.release(this.#takeOut(row));
  }

  /** Returns where the index kept it. */
  #takeOut(row: number): AgentEntry | undefined {
    const filed = this.#ended.filedOf(row);
    this.#ended.remove(row);
    this.agents.removeEnded(filed);
    return filed;
  }
}
