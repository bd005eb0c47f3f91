/** Writes minute cells into the rollups: per minute, hour, day and in total, for all agents together and for each. */
import type { Database, Statement } from 'better-sqlite3';
import type { Derived } from '../core/ports.js';
import { emptyCell, mergeCell, type Cell } from '../core/rollup.js';
import {
  BIN_COLUMNS,
  COUNT_COLUMNS,
  addEncodedBins,
  columnName,
  emptyBins,
  encodeBins,
} from './cells.js';
import type { Meta } from './meta.js';
import type { Names } from './names.js';
import { RESOLUTION, type Resolution } from './segments.js';

const KEY = ['resolution', 'bucket', 'source_no', 'type_no', 'strategy_no'];
const AGENT_KEY = ['resolution', 'bucket', 'agent_no', 'source_no', 'type_no', 'strategy_no'];
const COUNTS = COUNT_COLUMNS.map(columnName);

type Value = number | Uint8Array | null;

/** `key` is what follows resolution and bucket: numbers of names. */
interface Slot {
  readonly bucket: number;
  readonly key: readonly number[];
  readonly cell: Cell;
}
type Slots = Map<string, Slot>;

export class Rollups {
  readonly #upsert: Statement<Value[]>;
  readonly #upsertAgent: Statement<Value[]>;
  readonly #insertLabels: Statement<[number, number, number | null]>;
  readonly #names: Names;
  readonly #sources: Names;
  readonly #meta: Meta;

  constructor(db: Database, parts: { names: Names; sources: Names; meta: Meta }) {
    registerBinFunctions(db);
    this.#upsert = db.prepare<Value[]>(upsertSql('cells', KEY));
    this.#upsertAgent = db.prepare<Value[]>(upsertSql('agent_cells', AGENT_KEY));
    this.#insertLabels = db.prepare<[number, number, number | null]>(
      'INSERT OR REPLACE INTO attempt_labels VALUES (?, ?, ?)',
    );
    this.#names = parts.names;
    this.#sources = parts.sources;
    this.#meta = parts.meta;
  }

  /** Adds what is newer than what the rollups hold. Inside of a transaction. */
  apply({ throughSeq, cells, labels }: Derived): void {
    if (throughSeq <= this.#meta.get('rolled_seq')) return;
    const all: Slots = new Map();
    const perAgent: Slots = new Map();
    for (const { minute, source, failureType, strategy, agentId, cell } of cells) {
      const key = [
        this.#sources.intern(source),
        this.#names.intern(failureType),
        this.#names.intern(strategy),
      ];
      addTo(all, minute, key, cell);
      if (agentId !== '') addTo(perAgent, minute, [this.#names.intern(agentId), ...key], cell);
    }
    this.#write(this.#upsert, all);
    this.#write(this.#upsertAgent, perAgent);
    for (const { seq, failureType, agentId } of labels) {
      const agentNo = agentId === undefined ? null : this.#names.intern(agentId);
      this.#insertLabels.run(seq, this.#names.intern(failureType), agentNo);
    }
    this.#meta.set('rolled_seq', throughSeq);
  }

  #write(upsert: Statement<Value[]>, minutes: Slots): void {
    const hours = coarser(minutes, (minute) => Math.floor(minute / 60));
    const days = coarser(hours, (hour) => Math.floor(hour / 24));
    const total = coarser(days, () => 0);
    writeSlots(upsert, RESOLUTION.minute, minutes);
    writeSlots(upsert, RESOLUTION.hour, hours);
    writeSlots(upsert, RESOLUTION.day, days);
    writeSlots(upsert, RESOLUTION.total, total);
  }
}

function addTo(slots: Slots, bucket: number, key: readonly number[], cell: Cell): void {
  const place = `${String(bucket)},${key.join(',')}`;
  let slot = slots.get(place);
  if (slot === undefined) {
    slot = { bucket, key, cell: emptyCell() };
    slots.set(place, slot);
  }
  mergeCell(slot.cell, cell);
}

function coarser(slots: Slots, bucketOf: (bucket: number) => number): Slots {
  const merged: Slots = new Map();
  for (const { bucket, key, cell } of slots.values()) addTo(merged, bucketOf(bucket), key, cell);
  return merged;
}

function writeSlots(upsert: Statement<Value[]>, resolution: Resolution, slots: Slots): void {
  for (const { bucket, key, cell } of slots.values()) {
    upsert.run(
      resolution,
      bucket,
      ...key,
      ...COUNT_COLUMNS.map((column) => cell[column]),
      cell.firstAttemptMs ?? null,
      cell.lastAttemptMs ?? null,
      encodeBins(BIN_COLUMNS.map((column) => cell[column])),
    );
  }
}

function upsertSql(table: string, key: readonly string[]): string {
  const columns = [...key, ...COUNTS, 'first_attempt_ms', 'last_attempt_ms', 'bins'];
  const extreme = (of: 'min' | 'max', column: string): string =>
    `${column} = ${of}(coalesce(${column}, excluded.${column}), coalesce(excluded.${column}, ${column}))`;
  const updates = [
    ...COUNTS.map((column) => `${column} = ${column} + excluded.${column}`),
    extreme('min', 'first_attempt_ms'),
    extreme('max', 'last_attempt_ms'),
    'bins = add_bins(bins, excluded.bins)',
  ];
  return (
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${updates.join(', ')}`
  );
}

/** add_bins(a, b) is the sum of two encoded histograms, sum_bins(x) that of all rows of a group. */
function registerBinFunctions(db: Database): void {
  const options = { deterministic: true, directOnly: true };
  db.function('add_bins', options, (a: Uint8Array | null, b: Uint8Array | null) => {
    if (a === null || b === null) return a ?? b;
    const sum = emptyBins();
    addEncodedBins(sum, a);
    addEncodedBins(sum, b);
    return encodeBins(sum);
  });
  db.aggregate<(Uint8Array | null)[]>('sum_bins', {
    ...options,
    start: () => [],
    step: (all, encoded) => {
      all.push(encoded);
    },
    result: (all) => {
      const sum = emptyBins();
      for (const encoded of all) addEncodedBins(sum, encoded);
      return encodeBins(sum);
    },
  });
}
