/** A question as the rollups are asked: which buckets, which minutes, which names. */
import type { Database } from 'better-sqlite3';
import type { TimeRange } from '../core/ports.js';
import { MINUTE_MS } from '../core/rollup.js';
import { readChunk, type AgentMinutes, type ChunkVisitor } from './agent-minutes.js';
import type { Skimmed } from './cells.js';
import type { FailingMinutes } from './failing-minutes.js';
import { wantsKey, type NumberedFilters } from './filters.js';
import type { Meta } from './meta.js';
import type { Names } from './names.js';
import { RESOLUTION, bucketMs, type Detail, type Holds, type Segment } from './segments.js';

export interface HistoryParts {
  readonly db: Database;
  readonly meta: Meta;
  readonly names: Names;
  readonly sources: Names;
  readonly agentMinutes: AgentMinutes;
  readonly failing: Failing;
}

/** Of all sources and failure types together. */
export interface Failing {
  readonly types: FailingMinutes;
  readonly agents: FailingMinutes;
}

/** A question with its range cut into segments and its names as numbers. */
export interface Asked {
  readonly range: TimeRange | undefined;
  readonly segments: readonly Segment[];
  readonly by: NumberedFilters;
}

export function detailOf(meta: Meta): Detail {
  return {
    minutesFromMs: meta.find('minutes_from_ms'),
    hoursFromMs: meta.find('hours_from_ms'),
  };
}

export function holdsIn(db: Database): Holds {
  const any = db.prepare<number[], number>(
    'SELECT 1 FROM cells WHERE resolution = ? AND bucket >= ? AND bucket < ? LIMIT 1',
  );
  return (resolution, fromMs, toMs) => {
    const lengthMs = bucketMs(resolution);
    return any.get(resolution, fromMs / lengthMs, toMs / lengthMs) !== undefined;
  };
}

/** Of a chunk that lies in the range as a whole, and that no filter narrows. */
export type SumsVisitor = (sums: ReadonlyMap<number, Readonly<Skimmed>>) => void;

/**
 * Visits the agents' minutes that no row of agent_cells tells of: those at the edges of the range,
 * and all that have not been rolled up yet. Where sums will do, chunks are visited by these.
 */
export function visitAgentMinutes(
  { meta, agentMinutes }: HistoryParts,
  { range, segments, by }: Asked,
  visit: ChunkVisitor,
  visitSums?: SumsVisitor,
): void {
  const rolledSeq = meta.get('agents_rolled_seq');
  const within =
    (from: number, to: number): ChunkVisitor =>
    (key, minute, reader) => {
      if (minute >= from && minute < to && wantsKey(by, key)) visit(key, minute, reader);
    };
  const fromMinute = (range?.fromMs ?? -Infinity) / MINUTE_MS;
  const toMinute = (range?.toMs ?? Infinity) / MINUTE_MS;
  const isFiltered = Object.values(by).some((no) => no !== undefined);
  for (const key of agentMinutes.keysAfter(rolledSeq)) {
    const [first, end] = [key.hour * 60, (key.hour + 1) * 60];
    if (first >= toMinute || end <= fromMinute) continue;
    if (visitSums !== undefined && !isFiltered && first >= fromMinute && end <= toMinute) {
      visitSums(agentMinutes.sumsOf(key, rolledSeq));
      continue;
    }
    const chunk = agentMinutes.read(key);
    if (chunk !== undefined) readChunk(chunk, within(fromMinute, toMinute));
  }
  for (const { resolution, from, to } of segments) {
    if (resolution !== RESOLUTION.minute) continue;
    for (const chunk of agentMinutes.ofHours(Math.floor(from / 60), Math.ceil(to / 60))) {
      if (chunk.through_seq <= rolledSeq) readChunk(chunk, within(from, to));
    }
  }
}
