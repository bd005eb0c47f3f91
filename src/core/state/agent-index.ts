/** Incidents by source, failure type and agent, and when healing last succeeded there: what superseding asks. */
import { newestMarkMs, REMEMBERED_MS, type Incident } from './incident.js';

const SUCCESSES_MAX = 64;

export interface AgentOfType {
  readonly source: string;
  readonly failureType: string;
  readonly agentId: string;
}

interface Entry {
  readonly open: Set<Incident>;
  readonly ended: Set<Incident>;
  /** Times of successes, ascending, of the last hour before the newest. */
  successes: number[];
  /** The newest mark of any of its incidents: nothing later than this can be out of order. */
  newestMs: number;
}

export class AgentIndex {
  #entries = new Map<string, Entry>();

  /** Keeps the incident under its labels, as open or ended. One without an agent is not kept. */
  file(incident: Incident): void {
    if (incident.agentId === undefined) return;
    const key = keyOf(incident.source, incident.failureType, incident.agentId);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = {
        open: new Set(),
        ended: new Set(),
        successes: [],
        newestMs: Number.NEGATIVE_INFINITY,
      };
      this.#entries.set(key, entry);
    }
    const { open } = incident.course;
    (open ? entry.ended : entry.open).delete(incident);
    (open ? entry.open : entry.ended).add(incident);
    entry.newestMs = Math.max(entry.newestMs, newestMarkMs(incident.marks));
  }

  remove(incident: Incident): void {
    if (incident.agentId === undefined) return;
    const key = keyOf(incident.source, incident.failureType, incident.agentId);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.open.delete(incident);
    entry.ended.delete(incident);
    if (entry.open.size + entry.ended.size === 0) this.#entries.delete(key);
  }

  /** Notes a success and returns the incidents that it may end: all of them when it comes late, else the open ones. */
  succeeded(where: AgentOfType, timeMs: number): readonly Incident[] {
    const entry = this.#entries.get(keyOf(where.source, where.failureType, where.agentId));
    if (entry === undefined) return [];
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
    return timeMs < entry.newestMs ? [...entry.open, ...entry.ended] : [...entry.open];
  }

  successesOf({ source, failureType, agentId }: Incident): readonly number[] {
    if (agentId === undefined) return [];
    return this.#entries.get(keyOf(source, failureType, agentId))?.successes ?? [];
  }

  /** True when healing has succeeded there at or after this time: a detection of then comes late. */
  hasSucceededSince(incident: Incident, timeMs: number): boolean {
    const successes = this.successesOf(incident);
    return (successes[successes.length - 1] ?? Number.NEGATIVE_INFINITY) >= timeMs;
  }

  successes(): (readonly [string, readonly number[]])[] {
    const kept: (readonly [string, readonly number[]])[] = [];
    for (const [key, { successes }] of this.#entries) {
      if (successes.length > 0) kept.push([key, successes]);
    }
    return kept;
  }

  /** After the incidents have been filed again. */
  restoreSuccesses(kept: readonly (readonly [string, readonly number[]])[]): void {
    for (const [key, successes] of kept) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.successes = [...successes];
    }
  }
}

function keyOf(source: string, failureType: string, agentId: string): string {
  return `${source},${failureType},${agentId}`; // no identifier holds a comma
}
