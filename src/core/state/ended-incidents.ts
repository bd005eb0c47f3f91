/**
 * The ended incidents, in the order in which they will be forgotten. A hundred thousand of them are kept for an
 * hour and hardly any is asked for again, so they lie in rows of text: the garbage collector, which would walk over
 * as many objects again and again, finds a few hundred arrays instead.
 */
import type { AgentEntry, Incident } from './incident.js';
import { IncidentSegment, SEGMENT_ROWS } from './incident-segment.js';
import type { PackedIncidents } from './packed-incident.js';

/** After so many, numbers of rows begin anew: by then all that had them are forgotten. */
const ROWS = 2 ** 31;

export class EndedIncidents {
  /** The first holds row `#firstRow`; those in which no row is kept any more are dropped early. */
  #segments: (IncidentSegment | undefined)[] = [];
  #firstRow: number;
  #headRow: number;
  #nextRow: number;
  #size = 0;

  /** `firstRow`: a segment begins with it. */
  constructor(firstRow = 0) {
    this.#firstRow = this.#headRow = this.#nextRow = firstRow;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns the row: its number means no other incident while this one is remembered. */
  push(incident: Incident, forgetMs: number, filed: AgentEntry | undefined): number {
    const row = this.#nextRow;
    if (row % SEGMENT_ROWS === 0) this.#segments.push(new IncidentSegment());
    this.#segmentOf(row)?.write(row % SEGMENT_ROWS, incident, forgetMs, filed);
    this.#nextRow = after(row);
    this.#size += 1;
    return row;
  }

  /**
   * Passes over rows that had been removed before a restart: so the newest segment goes on where it was, and snapshots
   * are cut where they would have been without one.
   */
  skip(count: number): void {
    if (count === 0) return;
    const row = this.#nextRow;
    if (row % SEGMENT_ROWS === 0) this.#segments.push(new IncidentSegment());
    this.#segmentOf(row)?.skip(count);
    this.#nextRow = (row + count) & (ROWS - 1);
  }

  /** False when it has been taken out. */
  has(row: number): boolean {
    return this.#segmentOf(row)?.isKept(row % SEGMENT_ROWS) === true;
  }

  /** A copy, not filed anywhere. Undefined when it has been taken out. */
  read(row: number): Incident | undefined {
    return this.has(row) ? this.#segmentOf(row)?.read(row % SEGMENT_ROWS) : undefined;
  }

  /** Whether the row is of this incident. */
  is(row: number, source: string, failureId: string): boolean {
    return this.#segmentOf(row)?.is(row % SEGMENT_ROWS, source, failureId) === true;
  }

  idHashOf(row: number): number {
    return this.#segmentOf(row)?.idHashOf(row % SEGMENT_ROWS) ?? 0;
  }

  filedOf(row: number): AgentEntry | undefined {
    return this.#segmentOf(row)?.filedOf(row % SEGMENT_ROWS);
  }

  /** The time of its newest mark. */
  newestMsOf(row: number): number {
    return this.#segmentOf(row)?.newestMsOf(row % SEGMENT_ROWS) ?? 0;
  }

  forgetMsOf(row: number): number {
    return this.#segmentOf(row)?.forgetMsOf(row % SEGMENT_ROWS) ?? 0;
  }

  /** The row to be forgotten next. */
  peek(): number | undefined {
    while (this.#headRow !== this.#nextRow && !this.has(this.#headRow)) {
      this.#headRow = after(this.#headRow);
    }
    this.#dropPassedSegments();
    return this.#headRow === this.#nextRow ? undefined : this.#headRow;
  }

  remove(row: number): void {
    const segment = this.#segmentOf(row);
    if (segment === undefined) return;
    segment.remove(row % SEGMENT_ROWS);
    this.#size -= 1;
    if (segment.kept === 0 && segment.isFull) this.#segments[this.#placeOf(row)] = undefined;
  }

  /** First to be forgotten first. Nothing may be removed meanwhile but the row handed out last. */
  *rows(): Iterable<number> {
    for (let row = this.#headRow; row !== this.#nextRow; row = after(row)) {
      if (this.has(row)) yield row;
    }
  }

  /** All of them in the order of `rows`, about a thousand at a time; of the newest segment how far it is, too. */
  *packed(): Iterable<PackedIncidents> {
    for (const segment of this.#segments) {
      if (segment !== undefined && (segment.kept > 0 || !segment.isFull)) yield segment.packed();
    }
  }

  #segmentOf(row: number): IncidentSegment | undefined {
    return this.#segments[this.#placeOf(row)];
  }

  #placeOf(row: number): number {
    return Math.floor(((row - this.#firstRow) & (ROWS - 1)) / SEGMENT_ROWS);
  }

  #dropPassedSegments(): void {
    const passed = this.#placeOf(this.#headRow);
    if (passed === 0) return;
    this.#segments.splice(0, passed);
    this.#firstRow = (this.#firstRow + passed * SEGMENT_ROWS) & (ROWS - 1);
  }
}

function after(row: number): number {
  return (row + 1) & (ROWS - 1);
}
