/**
 * Writes minute cells into the rollups. For all agents together every resolution is written at
 * once. For each agent only the minutes are, as chunks; hours, days and totals follow when enough
 * has gathered, because most agents come up again and again.
 */
import type { Database, Statement } from 'better-sqlite3';
import { emptyCell, mergeCell, type Cell } from '../core/rollup.js';
import { ChunkWriter, readChunk, type AgentMinutes } from './agent-minutes.js';
import type { Failing } from './asked.js';
import { addCell, encodeCell, sumOfEncoded } from './cells.js';
import type { Meta } from './meta.js';
import type { Names } from './names.js';
import { NumberTree } from './number-tree.js';
import { readPackedCells, type PackedDerived } from './pack-derived.js';
import { RESOLUTION, type Resolution } from './segments.js';
import type { StoredLabels } from './stored-labels.js';

/**
 * Chunks that wait are read by every query: about as many cells as one reads in some milliseconds.
 */
const WAITING_CELLS_MAX = 60_000;
const WAITING_CHUNKS_MAX = 1000;

const KEY = ['resolution', 'bucket', 'source_no', 'type_no', 'strategy_no'];
const AGENT_KEY = [...KEY, 'agent_no'];
const COUNTS = ['failures', 'succeeded', 'failed', 'skipped'] as const;

type Value = number | Uint8Array;

interface Parts {
  readonly names: Names;
  readonly sources: Names;
  readonly meta: Meta;
  readonly agentMinutes: AgentMinutes;
  readonly failing: Failing;
  readonly labels: StoredLabels;
}

export class Rollups {
  readonly #upsert: Statement<Value[]>;
  readonly #upsertAgent: Statement<Value[]>;
  readonly #parts: Parts;

  constructor(db: Database, parts: Parts) {
    const options = { deterministic: true, directOnly: true };
    db.function('add_cells', options, (a: Uint8Array, b: Uint8Array) => sumOfEncoded(a, b));
    this.#upsert = db.prepare<Value[]>(upsertSql('cells', KEY));
    this.#upsertAgent = db.prepare<Value[]>(upsertSql('agent_cells', AGENT_KEY));
    this.#parts = parts;
  }

  /** Adds what is newer than what the rollups hold. Inside of a transaction. */
  apply(packed: PackedDerived): void {
    const { names, meta, agentMinutes, failing } = this.#parts;
    const { throughSeq } = packed;
    if (throughSeq <= meta.get('rolled_seq')) return;
    const agents = packed.agents.map((agent) => (agent === '' ? 0 : names.intern(agent)));
    const { minutes, chunks } = sorted(packed, this.#triples(packed), agents);
    for (const [minute = 0] of minutes.paths.values()) {
      const hour = Math.floor(minute / 60);
      failing.types.forget(hour);
      failing.agents.forget(hour);
    }
    writeCells(this.#upsert, RESOLUTION.minute, minutes);
    writeCoarse(
      this.#upsert,
      coarser(minutes, (minute) => Math.floor(minute / 60)),
    );
    for (const chunk of chunks) agentMinutes.insert(chunk.finish(throughSeq));
    this.#parts.labels.add(numberedLabels(packed, names, agents));
    meta.set('rolled_seq', throughSeq);
    const waiting = agentMinutes.sizeAfter(meta.get('agents_rolled_seq'));
    if (waiting.cells > WAITING_CELLS_MAX || waiting.chunks > WAITING_CHUNKS_MAX) this.rollAgents();
  }

  /** Brings the agents' hours, days and totals up to date. Inside of a transaction. */
  rollAgents(): void {
    const { meta, agentMinutes } = this.#parts;
    const throughSeq = meta.get('rolled_seq');
    const chunks = agentMinutes.after(meta.get('agents_rolled_seq'));
    const hours = new CellMap();
    for (const chunk of chunks) {
      const { hour } = chunk;
      readChunk(chunk, ([source, type, strategy, agent], _minute, reader) => {
        addCell(hours.get([hour, source, type, strategy, agent]), reader, hour % 24);
      });
    }
    writeCoarse(this.#upsertAgent, hours);
    for (const hour of new Set(chunks.map((chunk) => chunk.hour)))
      agentMinutes.join(hour, throughSeq);
    meta.set('agents_rolled_seq', throughSeq);
  }

  #triples({ triples }: PackedDerived): Triple[] {
    const { names, sources } = this.#parts;
    return Array.from({ length: triples.length / 3 }, (_, i) => [
      sources.intern(triples[3 * i] ?? ''),
      names.intern(triples[3 * i + 1] ?? ''),
      names.intern(triples[3 * i + 2] ?? ''),
    ]);
  }
}

/** Numbers of source, failure type and strategy. */
type Triple = readonly [number, number, number];

/** Cells by their path: bucket, then numbers of names. */
class CellMap {
  readonly paths = new Map<Cell, readonly number[]>();
  readonly #tree = new NumberTree<Cell>((path) => {
    const cell = emptyCell();
    this.paths.set(cell, path);
    return cell;
  });

  get(path: readonly number[]): Cell {
    return this.#tree.get(path);
  }
}

/** The minutes of all agents together, and those of each, by hour. */
function sorted(
  packed: PackedDerived,
  triples: readonly Triple[],
  agents: readonly number[],
): { minutes: CellMap; chunks: Iterable<ChunkWriter> } {
  const minutes = new CellMap();
  const chunks = new Map<number, ChunkWriter>();
  readPackedCells(packed, ({ triple: tripleNo, agent, minute, start, end }, reader) => {
    const triple = triples[tripleNo] ?? ([0, 0, 0] as const);
    const hour = Math.floor(minute / 60);
    addCell(minutes.get([minute, ...triple]), reader, hour % 24);
    if (agent === 0) return;
    let chunk = chunks.get(hour);
    if (chunk === undefined) {
      chunk = new ChunkWriter(hour);
      chunks.set(hour, chunk);
    }
    chunk.add([...triple, agents[agent] ?? 0], minute, packed.cells.subarray(start, end));
  });
  return { minutes, chunks: chunks.values() };
}

/** Labels with the numbers that the store has for their names. */
function numberedLabels(
  { labels, types }: PackedDerived,
  names: Names,
  agents: readonly number[],
): Float64Array {
  const typeNos = types.map((type) => names.intern(type));
  const numbered = new Float64Array(labels);
  for (let i = 0; i < numbered.length; i += 3) {
    numbered[i + 1] = typeNos[labels[i + 1] ?? 0] ?? 0;
    numbered[i + 2] = agents[labels[i + 2] ?? 0] ?? 0;
  }
  return numbered;
}

function coarser(cells: CellMap, bucketOf: (bucket: number) => number): CellMap {
  const merged = new CellMap();
  for (const [cell, [bucket = 0, ...key]] of cells.paths) {
    mergeCell(merged.get([bucketOf(bucket), ...key]), cell);
  }
  return merged;
}

function writeCoarse(upsert: Statement<Value[]>, hours: CellMap): void {
  const days = coarser(hours, (hour) => Math.floor(hour / 24));
  const total = coarser(days, () => 0);
  writeCells(upsert, RESOLUTION.hour, hours);
  writeCells(upsert, RESOLUTION.day, days);
  writeCells(upsert, RESOLUTION.total, total);
}

function writeCells(upsert: Statement<Value[]>, resolution: Resolution, cells: CellMap): void {
  for (const [cell, path] of cells.paths) {
    const { failures, succeeded, failed, skipped } = cell;
    upsert.run(resolution, ...path, failures, succeeded, failed, skipped, encodeCell(cell));
  }
}

function upsertSql(table: string, key: readonly string[]): string {
  const columns = [...key, ...COUNTS, 'cell'];
  const updates = COUNTS.map((column) => `${column} = ${column} + excluded.${column}`);
  return (
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${updates.join(', ')}, ` +
    'cell = add_cells(cell, excluded.cell)'
  );
}
