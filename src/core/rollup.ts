/**
 * Counts per minute and per combination of labels: what any time range is answered from. The store keeps them
 * per minute, hour, day and in total; here is what one cell counts and how two cells become one.
 */
import { addToBins, mergeBins, type Bins } from './bins.js';
import type { Fact } from './facts.js';
import { LabelTree } from './label-tree.js';

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
export interface Cell {
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
  succeededBins: Bins;
  failedBins: Bins;
  recoveredBins: Bins;
}

/** One minute of one combination. */
export interface MinuteCell extends CellKey {
  /** Unix time of the minute's start, in minutes. */
  readonly minute: number;
  readonly cell: Cell;
}

export function emptyCell(): Cell {
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
    succeededBins: new Map(),
    failedBins: new Map(),
    recoveredBins: new Map(),
  };
}

/** Adds `from` to `into`. */
export function mergeCell(into: Cell, from: Cell): void {
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

/** Minute cells that the log does not hold yet: they travel with a later append, in its transaction. */
export class RollupBuffer {
  #cells: MinuteCell[] = [];
  /** The one asked for last: what an event tells mostly counts in one cell. */
  #last: MinuteCell | undefined;
  #byMinute = new Map<number, LabelTree<MinuteCell>>();

  get size(): number {
    return this.#cells.length;
  }

  add(fact: Fact): void {
    switch (fact.kind) {
      case 'incident_opened':
        this.#cell(fact, '').failures += 1;
        return;
      case 'incident_resolved': {
        const cell = this.#cell(fact, fact.strategy ?? '');
        if (fact.recoveryMs === undefined) {
          cell.expired += 1;
          return;
        }
        cell.recovered += 1;
        cell.recoveredMs += fact.recoveryMs;
        addToBins(cell.recoveredBins, fact.recoveryMs);
        return;
      }
      case 'attempt_ended': {
        const cell = this.#cell(fact, fact.strategy);
        if (fact.firstOfStrategy) cell.tried += 1;
        if (fact.outcome === 'skipped') {
          cell.skipped += 1;
          return;
        }
        const succeeded = fact.outcome === 'succeeded';
        if (succeeded) cell.succeeded += 1;
        else cell.failed += 1;
        if (succeeded) cell.succeededMs += fact.durationMs;
        else cell.failedMs += fact.durationMs;
        addToBins(succeeded ? cell.succeededBins : cell.failedBins, fact.durationMs);
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

  #cell(
    about: {
      readonly source: string;
      readonly failureType: string;
      readonly agentId: string | undefined;
      readonly timeMs: number;
    },
    strategy: string,
  ): Cell {
    const { source, failureType } = about;
    const agentId = about.agentId ?? '';
    const minute = Math.floor(about.timeMs / MINUTE_MS);
    const last = this.#last;
    if (
      last?.minute === minute &&
      last.agentId === agentId &&
      last.strategy === strategy &&
      last.failureType === failureType &&
      last.source === source
    ) {
      return last.cell;
    }
    let ofMinute = this.#byMinute.get(minute);
    if (ofMinute === undefined) {
      ofMinute = new LabelTree();
      this.#byMinute.set(minute, ofMinute);
    }
    let found = ofMinute.get(source, failureType, strategy, agentId);
    if (found === undefined) {
      found = { minute, source, failureType, strategy, agentId, cell: emptyCell() };
      ofMinute.set([source, failureType, strategy, agentId], found);
      this.#cells.push(found);
    }
    this.#last = found;
    return found.cell;
  }
}

function leastOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

function greatestOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
