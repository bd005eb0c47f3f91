/** Incidents by source, failure type and agent, and when healing last succeeded there: what superseding asks. */
import { LabelTree } from '../label-tree.js';
import { ForgetQueue } from './forget-queue.js';
import {
  newestMarkMs,
  REMEMBERED_MS,
  type AgentEntry,
  type Incident,
  type RememberedIncident,
} from './incident.js';
import { newestMsOf } from './remembered-incident.js';

const SUCCESSES_MAX = 64;

export interface AgentOfType {
  readonly source: string;
  readonly failureType: string;
  readonly agentId: string;
}

/** Source, failure type and agent; times of successes there. */
export type SuccessTimes = readonly [readonly string[], readonly number[]];

interface Labelled {
  readonly source: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  filed: AgentEntry | undefined;
}

export class AgentIndex {
  #entries = new Set<AgentEntry>();
  #byLabels = new LabelTree<AgentEntry>();

  /** Keeps an open incident under its labels. One without an agent is not kept. */
  addOpen(incident: Incident): void {
    const entry = this.#entryFor(incident);
    entry?.open.add(incident);
    if (entry !== undefined) heardAt(entry, newestMarkMs(incident.marks));
  }

  /** Keeps an ended incident under its labels. */
  addEnded(packed: RememberedIncident, filed?: AgentEntry): void {
    const entry = filed ?? this.#entryFor(packed);
    if (entry === undefined) return;
    packed.filed = entry;
    heardAt(entry, newestMsOf(packed));
    entry.ended.push(packed);
    entry.endedSize += 1;
  }

  removeOpen(incident: Incident): void {
    incident.filed?.open.delete(incident);
    incident.filed = undefined;
  }

  /** After it was made void. */
  removeEnded(packed: RememberedIncident): void {
    const { filed } = packed;
    if (filed === undefined) return;
    packed.filed = undefined;
    filed.endedSize -= 1;
    while (filed.ended.peek()?.void === true) filed.ended.shift();
  }

  /** Drops what is known of an agent when no incident of it is known any more. */
  release(entry: AgentEntry | undefined): void {
    if (entry === undefined || entry.open.size + entry.endedSize > 0) return;
    this.#entries.delete(entry);
    this.#byLabels.delete(entry.labels);
  }

  /** Notes a success; returns where incidents may end by it. */
  succeeded(where: AgentOfType, timeMs: number): AgentEntry | undefined {
    const { source, failureType, agentId } = where;
    const entry = this.#byLabels.get([source, failureType, agentId]);
    if (entry === undefined) return undefined;
    const { successes } = entry;
    let at = successes.length;
    while (at > 0 && (successes[at - 1] ?? 0) > timeMs) at -= 1;
    successes.splice(at, 0, timeMs);
    const newestMs = successes[successes.length - 1] ?? timeMs;
    while (
      successes.length > SUCCESSES_MAX ||
      (successes[0] ?? newestMs) < newestMs - REMEMBERED_MS
    ) {
      successes.shift();
    }
    return entry;
  }

  /** Times at which healing succeeded there, ascending. */
  successesOf({ source, failureType, agentId, filed }: Incident): readonly number[] {
    if (agentId === undefined) return [];
    const entry = filed ?? this.#byLabels.get([source, failureType, agentId]);
    return entry?.successes ?? [];
  }

  /** True when healing has succeeded there at or after this time: a detection of then comes late. */
  hasSucceededSince(incident: Incident, timeMs: number): boolean {
    const successes = this.successesOf(incident);
    return (successes[successes.length - 1] ?? Number.NEGATIVE_INFINITY) >= timeMs;
  }

  successes(): SuccessTimes[] {
    const kept: SuccessTimes[] = [];
    for (const { labels, successes } of this.#entries) {
      if (successes.length > 0) kept.push([labels, successes]);
    }
    // In an order that does not depend on when they became known, nor on a restart.
    return kept.sort(([a], [b]) => (a.join() < b.join() ? -1 : 1));
  }

  /** After the incidents have been added again. */
  restoreSuccesses(kept: readonly SuccessTimes[]): void {
    for (const [labels, successes] of kept) {
      const entry = this.#byLabels.get(labels);
      if (entry !== undefined) entry.successes = [...successes];
    }
  }

  #entryFor(labelled: Labelled): AgentEntry | undefined {
    const { source, failureType, agentId } = labelled;
    if (agentId === undefined) return undefined;
    labelled.filed ??= this.#entry([source, failureType, agentId]);
    return labelled.filed;
  }

  #entry(labels: readonly string[]): AgentEntry {
    const known = this.#byLabels.get(labels);
    if (known !== undefined) return known;
    const entry: AgentEntry = {
      labels,
      open: new Set(),
      ended: new ForgetQueue(),
      endedSize: 0,
      successes: [],
      newestMs: Number.NEGATIVE_INFINITY,
    };
    this.#entries.add(entry);
    this.#byLabels.set(labels, entry);
    return entry;
  }
}

function heardAt(entry: AgentEntry, timeMs: number): void {
  if (timeMs > entry.newestMs) entry.newestMs = timeMs;
}
