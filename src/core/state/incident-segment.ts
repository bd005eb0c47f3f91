/** A thousand incidents as rows of text: ended ones in memory, open ones on their way into a snapshot. */
import { NumberTextWriter, type NumberTextReader } from '../number-text.js';
import { newestMarkMs, type AgentEntry, type Completion, type Incident } from './incident.js';
import {
  readRow,
  sourceInRow,
  StringTable,
  writeRow,
  type PackedIncidents,
} from './packed-incident.js';

export const SEGMENT_ROWS = 1024;

/** Most have two marks. */
const BYTES_A_ROW = 48;

export class IncidentSegment {
  /** Where the index by agent keeps each. */
  readonly filed: (AgentEntry | undefined)[] = [];
  #kept = 0;
  readonly #forgetMs = new Float64Array(SEGMENT_ROWS);
  readonly #newestMs = new Float64Array(SEGMENT_ROWS);
  /** Undefined where the row is not kept. */
  readonly #failureIds: (string | undefined)[] = [];
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

  isKept(row: number): boolean {
    return this.#failureIds[row] !== undefined;
  }

  forgetMsOf(row: number): number {
    return this.#forgetMs[row] ?? 0;
  }

  newestMsOf(row: number): number {
    return this.#newestMs[row] ?? 0;
  }

  sourceOf(row: number): string | undefined {
    return this.isKept(row) ? sourceInRow(this.#row(row), this.#strings) : undefined;
  }

  failureIdOf(row: number): string | undefined {
    return this.#failureIds[row];
  }

  /** Rows are written once each, ascending. */
  write(row: number, incident: Incident, forgetMs: number, filed: AgentEntry | undefined): void {
    if (this.#table === undefined) return;
    writeRow(this.#rows, { incident, forgetMs }, this.#table);
    this.#ends[row] = this.#rows.length;
    this.#forgetMs[row] = forgetMs;
    this.#newestMs[row] = newestMarkMs(incident.marks);
    this.#failureIds.push(incident.failureId);
    this.filed.push(filed);
    if (incident.otherStrategies !== undefined) {
      this.#otherStrategies.set(row, incident.otherStrategies);
    }
    this.#kept += 1;
    if (row < SEGMENT_ROWS - 1) return;
    this.#table = undefined;
    this.#rows.trim();
  }

  /** A copy, not filed anywhere. */
  read(row: number): Incident {
    const others = this.#otherStrategies.get(row);
    return readRow(this.#row(row), this.#failureIds[row] ?? '', this.#strings, others).incident;
  }

  remove(row: number): void {
    this.#failureIds[row] = undefined;
    this.filed[row] = undefined;
    this.#otherStrategies.delete(row);
    this.#kept -= 1;
  }

  /** What is kept. Where something was removed it is written anew, so that nothing tells of that. */
  packed(): PackedIncidents {
    if (this.#kept < this.#failureIds.length) return this.#withoutGaps().packed();
    return {
      failureIds: this.#failureIds.filter((id) => id !== undefined),
      strings: this.#strings,
      rows: new TextDecoder().decode(this.#rows.bytes),
      otherStrategies: [...this.#otherStrategies],
    };
  }

  #withoutGaps(): IncidentSegment {
    const dense = new IncidentSegment();
    for (let row = 0; row < this.#failureIds.length; row += 1) {
      if (!this.isKept(row)) continue;
      dense.write(dense.kept, this.read(row), this.forgetMsOf(row), undefined);
    }
    return dense;
  }

  #row(row: number): NumberTextReader {
    return this.#rows.reader(row === 0 ? 0 : (this.#ends[row - 1] ?? 0));
  }
}
