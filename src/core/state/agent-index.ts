/** Incidents by source, failure type and agent, and when healing last succeeded there: what superseding asks. */
import { LabelTree } from '../label-tree.js';
import type { EndedIncidents } from './ended-incidents.js';
import { ForgetQueue } from './forget-queue.js';
import { newestMarkMs, REMEMBERED_MS, type AgentEntry, type Incident } from './incident.js';

const SUCCESSES_MAX = 64;

export interface AgentOfType {
  readonly source: string;
  readonly failureType: string;
  readonly agentId: string;
}

/** Source, failure type and agent; times of successes there. */
export type SuccessTimes = readonly [readonly string[], readonly number[]];

export class AgentIndex {
  #entries = new Set<AgentEntry>();
  #byLabels = new LabelTree<AgentEntry>();

  constructor(private readonly ended: EndedIncidents) {}

  /** Keeps an open incident under its labels. One without an agent is not kept. */
  addOpen(incident: Incident): void {
    const entry = this.#entryFor(incident);
    if (entry === undefined) return;
    if (incident.filedAt < 0) incident.filedAt = entry.open.push(incident) - 1;
    heardAt(entry, newestMarkMs(incident.marks));
  }

  /** Where an incident is kept under its labels; undefined when it has no agent. */
  entryOf(incident: Incident): AgentEntry | undefined {
    return this.#entryFor(incident);
  }

  /** Keeps an ended incident under the labels of `entry`. */
  addEnded(row: number, entry: AgentEntry | undefined): void {
    if (entry === undefined) return;
    heardAt(entry, this.ended.newestMsOf(row));
    entry.ended.push(row);
    entry.endedSize += 1;
  }

  removeOpen(incident: Incident): void {
    const { filed, filedAt } = incident;
    incident.filed = undefined;
    if (filed === undefined || filedAt < 0) return;
    incident.filedAt = -1;
    const last = filed.open.pop();
    if (last === undefined || last === incident) return;
    filed.open[filedAt] = last;
    last.filedAt = filedAt;
  }

  /** After one that `entry` keeps was taken out. */
  removeEnded(entry: AgentEntry | undefined): void {
    if (entry === undefined) return;
    entry.endedSize -= 1;
    for (let row = entry.ended.peek(); row !== undefined; row = entry.ended.peek()) {
      if (this.ended.has(row)) return;
      entry.ended.shift();
    }
  }

  /** Drops what is known of an agent when no incident of it is known any more. */
  release(entry: AgentEntry | undefined): void {
    if (entry === undefined || entry.open.length + entry.endedSize > 0) return;
    this.#entries.delete(entry);
    this.#byLabels.delete(entry.labels);
  }

  /** Undefined when no incident of the agent and type is known. */
  find({ source, failureType, agentId }: AgentOfType): AgentEntry | undefined {
    return this.#byLabels.get(source, failureType, agentId);
  }

  /** Notes a success: incidents that `entry` keeps may end by it. */
  succeeded({ successes }: AgentEntry, timeMs: number): void {
    let at = successes.length;
    while (at > 0 && (successes[at - 1] ?? 0) > timeMs) at -= 1;
    if (at === successes.length) successes.push(timeMs);
    else successes.splice(at, 0, timeMs);
    const newestMs = successes[successes.length - 1] ?? timeMs;
    while (
      successes.length > SUCCESSES_MAX ||
      (successes[0] ?? newestMs) < newestMs - REMEMBERED_MS
    ) {
      successes.shift();
    }
  }

  /** Times at which healing succeeded there, ascending. */
  successesOf(incident: Incident): readonly number[] {
    return this.#entryFor(incident)?.successes ?? [];
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
    for (const [[source, failureType, agentId], successes] of kept) {
      const entry = this.#byLabels.get(source, failureType, agentId);
      if (entry !== undefined) entry.successes = [...successes];
    }
  }

  #entryFor(incident: Incident): AgentEntry | undefined {
    const { source, failureType, agentId } = incident;
    if (agentId === undefined) return undefined;
    incident.filed ??= this.#entry(source, failureType, agentId);
    return incident.filed;
  }

  #entry(source: string, failureType: string, agentId: string): AgentEntry {
    const known = this.#byLabels.get(source, failureType, agentId);
    if (known !== undefined) return known;
    const labels = [source, failureType, agentId];
    const entry: AgentEntry = {
      labels,
      open: [],
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
