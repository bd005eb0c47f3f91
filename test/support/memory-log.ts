/** A log in memory for tests of analyses: wire events in, state, history and timeline out. */
import { decodeValue } from '../../src/core/decode/decode.js';
import type { HealingEvent, LoggedEvent } from '../../src/core/event.js';
import type {
  AgentCounts,
  Filters,
  History,
  TimelineRow,
  TimeRange,
} from '../../src/core/ports.js';
import {
  emptyCell,
  mergeCell,
  MINUTE_MS,
  RollupBuffer,
  type MinuteCell,
} from '../../src/core/rollup.js';
import { LiveState } from '../../src/core/state/live-state.js';

export class MemoryLog {
  state = new LiveState();
  readonly #rollups = new RollupBuffer();
  readonly #rows: (TimelineRow & { readonly event: string; readonly timeMs: number })[] = [];
  #cells: MinuteCell[] = [];

  /** `data` of one event type; the id is its place in the log. */
  add(type: string, data: Readonly<Record<string, unknown>>, source = '/swarms/alpha'): void {
    const id = String(this.state.seq);
    const wire = { specversion: '1.0', id, source, type: `selfhealer.${type}`, data };
    const receivedMs = Date.UTC(2027, 0, 1);
    const decoded = decodeValue(wire, { receivedMs, forgottenMs: undefined });
    if (!decoded.ok) throw new Error(decoded.message);
    this.fold(decoded.event, JSON.stringify(wire));
  }

  fold(event: HealingEvent, text = ''): void {
    const seq = this.state.seq + 1;
    const logged: LoggedEvent = { seq, input: 'http', receivedMs: event.timeMs + 5, event };
    for (const fact of this.state.apply(logged)) {
      this.#rollups.add(fact);
      if (fact.kind !== 'attempt_ended') continue;
      const { failureType, agentId, timeMs } = fact;
      const { input, receivedMs } = logged;
      this.#rows.push({ seq, receivedMs, input, event: text, failureType, agentId, timeMs });
    }
  }

  history(range?: TimeRange, filters: Filters = {}): History {
    this.#cells.push(...this.#rollups.take());
    const sums = new Map<string, History['cells'][number]>();
    const agents = new Map<string, AgentCounts>();
    for (const one of this.#cells) {
      if (!isAsked(one, range, filters)) continue;
      const { failureType, strategy, agentId, cell } = one;
      const key = `${failureType},${strategy}`;
      const sum = sums.get(key) ?? { failureType, strategy, cell: emptyCell() };
      mergeCell(sum.cell, cell);
      sums.set(key, sum);
      if (agentId === '') continue;
      const known = agents.get(agentId) ?? { agentId, failures: 0, succeeded: 0, failed: 0 };
      agents.set(agentId, {
        agentId,
        failures: known.failures + cell.failures,
        succeeded: known.succeeded + cell.succeeded,
        failed: known.failed + cell.failed,
      });
    }
    return {
      cells: [...sums.values()],
      agents: [...agents.values()].sort((a, b) => b.failures - a.failures),
      agentsLeftOut: { agents: 0, failures: 0 },
    };
  }

  timeline(limit: number): TimelineRow[] {
    return [...this.#rows].sort((a, b) => b.timeMs - a.timeMs || b.seq - a.seq).slice(0, limit);
  }
}

function isAsked(cell: MinuteCell, range: TimeRange | undefined, filters: Filters): boolean {
  const startMs = cell.minute * MINUTE_MS;
  if (range !== undefined && (startMs < range.fromMs || startMs >= range.toMs)) return false;
  return (
    (filters.failureType ?? cell.failureType) === cell.failureType &&
    (filters.strategy ?? cell.strategy) === cell.strategy &&
    (filters.agentId ?? cell.agentId) === cell.agentId &&
    (filters.source ?? cell.source) === cell.source
  );
}
