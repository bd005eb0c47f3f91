/**
 * What was derived from folded events and is not in the log yet: minute cells and labels of
 * attempts. It rides along with a later append. Until that is acknowledged every query is handed
 * it, so that answers are exact.
 */
import type { HealingCompleted, LoggedEvent, Folded } from '../core/event.js';
import { ExporterError } from '../core/errors.js';
import type { Fact } from '../core/facts.js';
import type { AttemptLabels, Derived } from '../core/ports.js';
import { RollupBuffer } from '../core/rollup.js';
import type { Told } from '../core/state/fold-facts.js';

const CELLS_MAX = 5_000;
const LABELS_MAX = 50_000;

export class DerivedBuffer {
  #rollups = new RollupBuffer();
  #labels: AttemptLabels[] = [];
  /** Closed by a query or given back by the log. Goes first when something is taken. */
  #closed: Derived | undefined;
  /**
   * Taken, and neither acknowledged nor given back: at most one, so that none can overtake another.
   */
  #sent: Derived | undefined;

  /** `rolledSeq`: the log holds what follows from events up to here. */
  constructor(private readonly rolledSeq: number) {}

  get isEmpty(): boolean {
    return this.#closed === undefined && this.#rollups.size === 0 && this.#labels.length === 0;
  }

  /** Cells that wait to be taken. */
  get cells(): number {
    return this.#rollups.size + (this.#closed?.cells.length ?? 0);
  }

  /**
   * So much waits to be taken that it should not wait for its time. A label takes a tenth of a
   * cell.
   */
  get isLarge(): boolean {
    const { cells } = this;
    const labels = this.#labels.length + (this.#closed?.labels.length ?? 0);
    return cells > CELLS_MAX || labels > LABELS_MAX;
  }

  add({ facts, of }: Told): void {
    for (let i = 0; i < facts.length; i += 1) {
      const fact = facts[i];
      const logged = of[i];
      if (fact === undefined || logged === undefined) continue;
      if (logged.seq > this.rolledSeq) this.#add(logged, fact);
    }
  }

  /** Everything that has gathered. `throughSeq`: the newest event that was added. */
  take(throughSeq: number): Derived {
    if (this.#sent !== undefined) {
      throw new ExporterError(
        'INTERNAL',
        'derived buffer: taken again before the first was settled',
      );
    }
    const taken = this.#close(throughSeq);
    this.#closed = undefined;
    this.#sent = taken;
    return taken;
  }

  /** The log holds what was taken. */
  acknowledge(): void {
    this.#sent = undefined;
  }

  /** The log does not hold what was taken: it goes out again with the next. */
  giveBack(): void {
    if (this.#sent !== undefined) this.#closed = joined(this.#sent, this.#closed);
    this.#sent = undefined;
  }

  /** Takes everything while `send` hands it to the log. Rejects as `send` does, and then has everything back. */
  async handOver(throughSeq: number, send: (derived: Derived) => Promise<unknown>): Promise<void> {
    const taken = this.take(throughSeq);
    try {
      await send(taken);
      this.acknowledge();
    } catch (error) {
      this.giveBack();
      throw error;
    }
  }

  /** What the log may not hold, oldest first. */
  pending(throughSeq: number): readonly Derived[] {
    const gathered = !this.isEmpty ? [this.#close(throughSeq)] : [];
    return this.#sent === undefined ? gathered : [this.#sent, ...gathered];
  }

  #add({ seq, event }: LoggedEvent, fact: Fact): void {
    this.#rollups.add(fact);
    if (fact.kind !== 'attempt_ended' || event.type !== 'selfhealer.healing.completed') return;
    const { failureType, agentId } = fact;
    if (agentId === event.agentId && saysFailureType(event, failureType)) return;
    this.#labels.push({ seq, failureType, agentId });
  }

  #close(throughSeq: number): Derived {
    const gathered = { throughSeq, cells: this.#rollups.take(), labels: this.#labels };
    this.#labels = [];
    this.#closed = this.#closed === undefined ? gathered : joined(this.#closed, gathered);
    return this.#closed;
  }
}

/** Whether the log reads this type from the event alone; elsewhere only the incident knows. */
function saysFailureType(event: Folded<HealingCompleted>, failureType: string): boolean {
  if (event.failureType !== undefined) return event.failureType === failureType;
  const { failureId } = event;
  return failureId.indexOf('_') === failureType.length && failureId.startsWith(failureType);
}

function joined(first: Derived, second: Derived | undefined): Derived {
  if (second === undefined) return first;
  return {
    throughSeq: second.throughSeq,
    cells: [...first.cells, ...second.cells],
    labels: [...first.labels, ...second.labels],
  };
}
