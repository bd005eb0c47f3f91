/** Which incidents are known: the open ones, and the ended ones until they are forgotten. */
import { AgentIndex, type AgentOfType } from './agent-index.js';
import { ForgetQueue } from './forget-queue.js';
import { newIncident, type Said } from './incident-facts.js';
import {
  isLate,
  REMEMBERED_MS,
  type AgentEntry,
  type Incident,
  type Mark,
  type RememberedIncident,
} from './incident.js';
import {
  forgetMsOf,
  freeze,
  isOpen,
  newestMsOf,
  pack,
  thaw,
  unpack,
  type FrozenIncident,
  type StringTable,
} from './remembered-incident.js';

const REMEMBERED_MAX = 100_000;

export class IncidentMemory {
  readonly agents = new AgentIndex();
  readonly open = new Set<Incident>();
  #known = new Map<string, Map<string, Incident | RememberedIncident>>();
  /** In the order in which they will be forgotten. */
  #ended = new ForgetQueue<RememberedIncident>();
  #endedSize = 0;
  /** Event time of the newest event: memory is measured by it. */
  #newestMs = Number.NEGATIVE_INFINITY;

  get newestMs(): number {
    return this.#newestMs;
  }

  /** How many ended ones are remembered. */
  get endedSize(): number {
    return this.#endedSize;
  }

  /** Copies of the ended ones, first to be forgotten first. */
  *ended(): Iterable<Incident> {
    for (const packed of this.#ended.values()) {
      if (!packed.void) yield unpack(packed);
    }
  }

  /** Moves event time on; ended incidents are forgotten by it. */
  advance(timeMs: number): void {
    this.#newestMs = timeMs;
    for (let next = this.#ended.peek(); next !== undefined; next = this.#ended.peek()) {
      if (!next.void && forgetMsOf(next) >= timeMs) return;
      this.#ended.shift();
      if (!next.void) this.#forget(next);
    }
  }

  /** The incident, taken out of where it was kept: whoever finds one files it again. */
  find(source: string, failureId: string): Incident | undefined {
    const known = this.#known.get(source)?.get(failureId);
    if (known === undefined || !('void' in known)) return known;
    return this.#revive(known);
  }

  create(said: Said, seq: number): Incident {
    const incident = newIncident(said, seq);
    this.#keep(incident);
    return incident;
  }

  /** Puts the incident where its course has led it: among the open or the ended ones. */
  file(incident: Incident): void {
    if (incident.course.open) {
      this.open.add(incident);
      this.agents.addOpen(incident);
      return;
    }
    const { filed } = incident;
    this.open.delete(incident);
    this.agents.removeOpen(incident);
    // News of the past is remembered for as long as news of now.
    const forgetMs = Math.max(incident.course.closedMs, this.#newestMs) + REMEMBERED_MS;
    this.#remember(pack(incident, forgetMs), filed);
    if (this.#endedSize > REMEMBERED_MAX) this.#forgetFirst();
  }

  /** Takes it from under its labels, for these are about to change. */
  unfile(incident: Incident): void {
    const { filed } = incident;
    this.agents.removeOpen(incident);
    this.agents.release(filed);
  }

  /** The incidents that this success may end: the open ones, and when it comes late ended ones with later marks. */
  superseded(where: AgentOfType, cause: Mark): Incident[] {
    const entry = this.agents.succeeded(where, cause.timeMs);
    if (entry === undefined) return [];
    const touched: Incident[] = [];
    for (const incident of entry.open) {
      const { course, marks } = incident;
      if ((course.open && course.detected) || isLate(marks, cause)) touched.push(incident);
    }
    if (cause.timeMs >= entry.newestMs) return touched;
    for (const packed of [...entry.ended.values()]) {
      if (!packed.void && newestMsOf(packed) > cause.timeMs) touched.push(this.#revive(packed));
    }
    return touched;
  }

  /** At most `size` incidents at a time; `table` gathers their strings. */
  *frozen(table: StringTable, size: number): Iterable<FrozenIncident[]> {
    let piece: FrozenIncident[] = [];
    for (const incident of this.open) {
      if (piece.push(freeze(pack(incident, 0), table)) < size) continue;
      yield piece;
      piece = [];
    }
    for (const packed of this.#ended.values()) {
      if (packed.void || piece.push(freeze(packed, table)) < size) continue;
      yield piece;
      piece = [];
    }
    yield piece;
  }

  restore(newestMs: number, frozen: Iterable<FrozenIncident>, table: StringTable): void {
    this.#newestMs = newestMs;
    for (const one of frozen) {
      const packed = thaw(one, table);
      if (!isOpen(packed)) {
        this.#remember(packed);
        continue;
      }
      const incident = unpack(packed);
      this.#keep(incident);
      this.file(incident);
    }
  }

  #keep(incident: Incident | RememberedIncident): void {
    const { source, failureId } = incident;
    const ofSource = this.#known.get(source);
    if (ofSource === undefined) this.#known.set(source, new Map([[failureId, incident]]));
    else ofSource.set(failureId, incident);
  }

  /** `filed`: where the index kept it until now, which need not be looked for. */
  #remember(packed: RememberedIncident, filed?: AgentEntry): void {
    this.#keep(packed);
    this.#ended.push(packed);
    this.#endedSize += 1;
    this.agents.addEnded(packed, filed);
  }

  #revive(packed: RememberedIncident): Incident {
    this.#void(packed);
    const incident = unpack(packed);
    this.#keep(incident);
    return incident;
  }

  #forgetFirst(): void {
    for (let next = this.#ended.shift(); next !== undefined; next = this.#ended.shift()) {
      if (next.void) continue;
      this.#forget(next);
      return;
    }
  }

  #forget(packed: RememberedIncident): void {
    const { filed } = packed;
    this.#void(packed);
    this.agents.release(filed);
    const ofSource = this.#known.get(packed.source);
    ofSource?.delete(packed.failureId);
    if (ofSource?.size === 0) this.#known.delete(packed.source);
  }

  #void(packed: RememberedIncident): void {
    packed.void = true;
    this.#endedSize -= 1;
    this.agents.removeEnded(packed);
  }
}
