/** A thousand incidents as rows of text: ended ones in memory, open ones on their way into a snapshot. */
import { NumberTextWriter, type NumberTextReader } from '../number-text.js';
import { newestMarkMs, type AgentEntry, type Completion, type Incident } from './incident.js';
import {
  isRowOf,
  readRow,
  StringTable,
  writeRow,
  type PackedIncidents,
} from './packed-incident.js';

export const SEGMENT_ROWS = 1024;

/** Most have two marks, and an id of some thirty characters. */
const BYTES_A_ROW = 80;

export class IncidentSegment {
  #written = 0;
  #kept = 0;
  /** A 1 for each row that is written and not removed. */
  readonly #isKept = new Uint8Array(SEGMENT_ROWS);
  readonly #idHashes = new Int32Array(SEGMENT_ROWS);
  readonly #forgetMs = new Float64Array(SEGMENT_ROWS);
  readonly #newestMs = new Float64Array(SEGMENT_ROWS);
  /** Where the index by agent keeps each. */
  readonly #filed = new Array<AgentEntry | undefined>(SEGMENT_ROWS).fill(undefined);
  readonly #rows = new NumberTextWriter(BYTES_A_ROW * SEGMENT_ROWS);
  /** Where each row ends. */
  readonly #ends = new Uint32Array(SEGMENT_ROWS);
  /** Undefined when all rows are written. */
  #table: StringTable | undefined = new StringTable();
  readonly #strings = this.#table?.strings ?? [];
  /** Few have been tried by more than one strategy. */
  readonly #otherStrategies = new Map<number, Completion[]>();

  /** How many rows are written and not removed. */
  get kept(): number {
    return this.#kept;
  }

  /** All rows are written. */
  get isFull(): boolean {
    return this.#written === SEGMENT_ROWS;
  }

  isKept(row: number): boolean {
    return this.#isKept[row] === 1;
  }

  idHashOf(row: number): number {
    return this.#idHashes[row] ?? 0;
  }

  forgetMsOf(row: number): number {
    return this.#forgetMs[row] ?? 0;
  }

  newestMsOf(row: number): number {
    return this.#newestMs[row] ?? 0;
  }

  filedOf(row: number): AgentEntry | undefined {
    return this.#filed[row];
  }

  is(row: number, source: string, failureId: string): boolean {
    return isRowOf(this.#row(row), this.#strings, source, failureId);
  }

  /** Rows are written once each, ascending. */
  write(row: number, incident: Incident, forgetMs: number, filed: AgentEntry | undefined): void {
    if (this.#table === undefined) return;
    writeRow(this.#rows, incident, forgetMs, this.#table);
    this.#ends[row] = this.#rows.length;
    this.#idHashes[row] = incident.idHash;
    this.#forgetMs[row] = forgetMs;
    this.#newestMs[row] = newestMarkMs(incident.marks);
    this.#isKept[row] = 1;
    this.#filed[row] = filed;
    if (incident.otherStrategies !== undefined) {
      this.#otherStrategies.set(row, incident.otherStrategies);
    }
    this.#kept += 1;
    this.#pass();
  }

  /** Passes over so many rows, as if they had been written and removed. */
  skip(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      this.#ends[this.#written] = this.#rows.length;
      this.#pass();
    }
  }

  /** A copy, not filed anywhere. */
  read(row: number): Incident {
    const others = this.#otherStrategies.get(row);
    const { incident } = readRow(this.#row(row), this.#strings, others);
    incident.idHash = this.idHashOf(row);
    return incident;
  }

  remove(row: number): void {
    this.#isKept[row] = 0;
    this.#filed[row] = undefined;
    this.#otherStrategies.delete(row);
    this.#kept -= 1;
  }

  /** What is kept. Where something was removed it is written anew, so that no more than their number is told. */
  packed(): PackedIncidents {
    const dense = this.#kept < this.#written ? this.#withoutGaps() : this;
    return {
      incidents: dense.#kept,
      removed: this.#written - this.#kept,
      strings: dense.#strings,
      rows: dense.#rows.bytes,
      otherStrategies: [...dense.#otherStrategies],
    };
  }

  #withoutGaps(): IncidentSegment {
    const dense = new IncidentSegment();
    for (let row = 0; row < this.#written; row += 1) {
      if (!this.isKept(row)) continue;
      dense.write(dense.kept, this.read(row), this.forgetMsOf(row), undefined);
    }
    return dense;
  }

  #pass(): void {
    this.#written += 1;
    if (this.#written < SEGMENT_ROWS) return;
    this.#table = undefined;
    this.#rows.trim();
  }

  #row(row: number): NumberTextReader {
    return this.#rows.reader(row === 0 ? 0 : (this.#ends[row - 1] ?? 0));
  }
}
