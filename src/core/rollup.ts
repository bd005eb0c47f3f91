/**
 * Counts per minute and per combination of labels: what any time range is answered from. The store keeps them
 * per minute, hour, day and in total; here is what one cell counts and how two cells become one.
 */
import { binOf, mergeBins, type Bins, type CountedBins } from './bins.js';
import type { Fact } from './facts.js';
import { LabelTree } from './label-tree.js';
import { SparseCounts } from './sparse-counts.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** `strategy` is '' where none is involved (a failure counted when detected), `agentId` '' where none is known. */
export interface CellKey {
  readonly source: string;
  readonly failureType: string;
  readonly strategy: string;
  readonly agentId: string;
}

/** Durations in milliseconds, times in Unix milliseconds. Every number adds up, but for the first and last time. */
export interface Cell<B extends CountedBins = Bins> {
  /** Failures detected, one per incident. */
  failures: number;
  succeeded: number;
  failed: number;
  skipped: number;
  /** Incidents that the strategy was tried on (ran or was skipped), each counted once per strategy. */
  tried: number;
  succeededMs: number;
  failedMs: number;
  /** Incidents that ended in a recovery (resolution other than expired). */
  recovered: number;
  recoveredMs: number;
  /** Incidents that ended without: expired. */
  expired: number;
  /** Event time of the first and last attempt that ran; undefined when none did. */
  firstAttemptMs: number | undefined;
  lastAttemptMs: number | undefined;
  /** Attempts that ran, per hour of day (UTC). Keys 0–23. */
  hours: Bins;
  succeededBins: B;
  failedBins: B;
  recoveredBins: B;
}

/** One minute of one combination. */
export interface MinuteCell extends CellKey {
  /** Unix time of the minute's start, in minutes. */
  readonly minute: number;
  readonly cell: Cell<CountedBins>;
}

export function emptyCell(): Cell {
  return newCell(() => new Map<number, number>());
}

function newCell<B extends CountedBins>(newBins: () => B): Cell<B> {
  return {
    failures: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    tried: 0,
    succeededMs: 0,
    failedMs: 0,
    recovered: 0,
    recoveredMs: 0,
    expired: 0,
    firstAttemptMs: undefined,
    lastAttemptMs: undefined,
    hours: new Map(),
    succeededBins: newBins(),
    failedBins: newBins(),
    recoveredBins: newBins(),
  };
}

/** Adds `from` to `into`. */
export function mergeCell(into: Cell, from: Cell<CountedBins>): void {
  into.failures += from.failures;
  into.succeeded += from.succeeded;
  into.failed += from.failed;
  into.skipped += from.skipped;
  into.tried += from.tried;
  into.succeededMs += from.succeededMs;
  into.failedMs += from.failedMs;
  into.recovered += from.recovered;
  into.recoveredMs += from.recoveredMs;
  into.expired += from.expired;
  into.firstAttemptMs = leastOf(into.firstAttemptMs, from.firstAttemptMs);
  into.lastAttemptMs = greatestOf(into.lastAttemptMs, from.lastAttemptMs);
  mergeBins(into.hours, from.hours);
  mergeBins(into.succeededBins, from.succeededBins);
  mergeBins(into.failedBins, from.failedBins);
  mergeBins(into.recoveredBins, from.recoveredBins);
}

/** The cells of one minute, source, failure type and agent: an event after the other mostly counts in the same. */
interface Together {
  readonly minute: number;
  readonly source: string;
  readonly failureType: string;
  readonly agentId: string;
  /** Without a strategy. */
  untried: Gathering | undefined;
  readonly byStrategy: Map<string, Gathering>;
  /** Of the strategy asked for last. */
  tried: Gathering | undefined;
}

interface Gathering extends MinuteCell {
  readonly cell: Cell<SparseCounts>;
}

/** Minute cells that the log does not hold yet: they travel with a later append, in its transaction. */
export class RollupBuffer {
  #cells: Gathering[] = [];
  /** Those asked for last: what an event tells counts there, and what the next tells often does. */
  #last: Together | undefined;
  #byMinute = new Map<number, LabelTree<Together>>();

  get size(): number {
    return this.#cells.length;
  }

  add(fact: Fact): void {
    switch (fact.kind) {
      case 'incident_opened':
        this.#gathering(fact, '').cell.failures += 1;
        return;
      case 'incident_resolved': {
        const { cell } = this.#gathering(fact, fact.strategy ?? '');
        if (fact.recoveryMs === undefined) {
          cell.expired += 1;
          return;
        }
        cell.recovered += 1;
        cell.recoveredMs += fact.recoveryMs;
        cell.recoveredBins.add(binOf(fact.recoveryMs));
        return;
      }
      case 'attempt_ended': {
        const { cell } = this.#gathering(fact, fact.strategy);
        if (fact.firstOfStrategy) cell.tried += 1;
        if (fact.outcome === 'skipped') {
          cell.skipped += 1;
          return;
        }
        if (fact.outcome === 'succeeded') {
          cell.succeeded += 1;
          cell.succeededMs += fact.durationMs;
          cell.succeededBins.add(binOf(fact.durationMs));
        } else {
          cell.failed += 1;
          cell.failedMs += fact.durationMs;
          cell.failedBins.add(binOf(fact.durationMs));
        }
        cell.firstAttemptMs = leastOf(cell.firstAttemptMs, fact.timeMs);
        cell.lastAttemptMs = greatestOf(cell.lastAttemptMs, fact.timeMs);
        return;
      }
      default:
        return; // the other facts are not asked for by range
    }
  }

  /** Hands out what has gathered and starts anew. */
  take(): readonly MinuteCell[] {
    const cells = this.#cells;
    for (const { minute, cell } of cells) {
      const ran = cell.succeeded + cell.failed;
      // A minute lies within one hour.
      if (ran > 0) cell.hours.set(Math.floor((minute * MINUTE_MS) / HOUR_MS) % 24, ran);
    }
    this.#cells = [];
    this.#last = undefined;
    this.#byMinute = new Map();
    return cells;
  }

  #gathering(
    about: {
      readonly source: string;
      readonly failureType: string;
      readonly agentId: string | undefined;
      readonly timeMs: number;
    },
    strategy: string,
  ): Gathering {
    const { source, failureType } = about;
    const agentId = about.agentId ?? '';
    const minute = Math.floor(about.timeMs / MINUTE_MS);
    let together = this.#last;
    if (
      together?.minute !== minute ||
      together.agentId !== agentId ||
      together.failureType !== failureType ||
      together.source !== source
    ) {
      together = this.#together(minute, source, failureType, agentId);
      this.#last = together;
    }
    if (strategy === '') return (together.untried ??= this.#begin(together, strategy));
    if (together.tried?.strategy === strategy) return together.tried;
    let tried = together.byStrategy.get(strategy);
    if (tried === undefined) {
      tried = this.#begin(together, strategy);
      together.byStrategy.set(strategy, tried);
    }
    together.tried = tried;
    return tried;
  }

  #begin({ minute, source, failureType, agentId }: Together, strategy: string): Gathering {
    const cell = newCell(() => new SparseCounts());
    const gathering = { minute, source, failureType, strategy, agentId, cell };
    this.#cells.push(gathering);
    return gathering;
  }

  #together(minute: number, source: string, failureType: string, agentId: string): Together {
    let ofMinute = this.#byMinute.get(minute);
    if (ofMinute === undefined) {
      ofMinute = new LabelTree();
      this.#byMinute.set(minute, ofMinute);
    }
    let found = ofMinute.get(source, failureType, agentId);
    if (found === undefined) {
      const [untried, tried] = [undefined, undefined];
      const byStrategy = new Map<string, Gathering>();
      found = { minute, source, failureType, agentId, untried, byStrategy, tried };
      ofMinute.set([source, failureType, agentId], found);
    }
    return found;
  }
}

function leastOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function greatestOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
