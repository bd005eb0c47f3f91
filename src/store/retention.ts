/**
 * Deletes the oldest blocks that are over age or over size, and that a snapshot covers: totals live
 * on in the snapshot and in the rollups. A deleted event's dedup key goes with it; what is older
 * than the newest event deleted can from then on not be told from a duplicate, which is what
 * `forgotten_ms` is for.
 *
 * The file does not shrink: SQLite fills the freed pages with what comes next, so it stays at its
 * largest size.
 */
import type { Database } from 'better-sqlite3';
import type { Retained, RetentionLimits } from '../core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/rollup.js';
import type { Entries } from './block.js';
import type { BlockSummary, Blocks } from './blocks.js';
import type { EventKeys } from './event-keys.js';
import { field, parseObject } from './json.js';
import type { Meta, MetaKey } from './meta.js';
import type { Rollups } from './rollups.js';
import { RESOLUTION } from './segments.js';
import type { Snapshots } from './snapshots.js';
import type { StoredLabels } from './stored-labels.js';

const MINUTES_KEPT_MS = 31 * DAY_MS;
const HOURS_KEPT_MS = 400 * DAY_MS;
/** Per transaction, so that appends wait for some milliseconds only. */
const BLOCKS_AT_ONCE = 16;
const ROLLUP_ROWS_AT_ONCE = 20_000;

interface Parts {
  readonly db: Database;
  readonly meta: Meta;
  readonly blocks: Blocks;
  readonly keys: EventKeys;
  readonly labels: StoredLabels;
  readonly snapshots: Snapshots;
  readonly rollups: Rollups;
}

export interface RetainStep extends Retained {
  /** False: there is more to delete, in another transaction. */
  readonly done: boolean;
}

/** One transaction's worth. Call it inside of one, until it is done. */
export function retainStep(parts: Parts, limits: RetentionLimits, nowMs: number): RetainStep {
  const { meta, snapshots } = parts;
  const { newestMs } = parts.blocks.extent();
  // A clock that jumps ahead must not make everything old: age is counted from the newest event at
  // most.
  const asOfMs = Math.min(nowMs, newestMs ?? nowMs);
  const covered = snapshots.coveredSeq();
  let deletedEvents = 0;
  let blocks = 0;
  for (const block of parts.blocks.from(meta.get('first_seq'), BLOCKS_AT_ONCE)) {
    if (block.first_seq + block.events - 1 > covered) break;
    const overAge = block.max_ms < asOfMs - limits.ageMs;
    if (!overAge && usedBytes(parts.db) <= limits.sizeBytes) break;
    deleteBlock(parts, block);
    deletedEvents += block.events;
    blocks += 1;
  }
  const pruned = newestMs === undefined ? 0 : pruneRollups(parts, asOfMs);
  return {
    deletedEvents,
    forgottenMs: meta.find('forgotten_ms'),
    done: blocks < BLOCKS_AT_ONCE && pruned < ROLLUP_ROWS_AT_ONCE,
  };
}

function deleteBlock({ meta, blocks, keys, labels }: Parts, block: BlockSummary): void {
  const entries = blocks.read(block);
  if (entries === undefined) {
    meta.set('orphan_keys', meta.get('orphan_keys') + block.events);
  } else {
    for (const [source, ids] of keysOf(entries)) keys.delete(source, ids);
  }
  const next = block.first_seq + block.events;
  blocks.delete(block);
  labels.deleteBefore(next);
  meta.set('first_seq', next);
  meta.set('forgotten_ms', Math.max(block.max_ms, meta.find('forgotten_ms') ?? -Infinity));
}

/** Source to ids, read from the events. */
export function keysOf({ count, text, spans }: Entries): Map<string, string[]> {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
  const bySource = new Map<string, string[]>();
  for (let i = 0; i < count; i += 1) {
    const event = parseObject(bytes.toString('utf8', spans[2 * i], spans[2 * i + 1]));
    const source = field(event, 'source') ?? '';
    const ids = bySource.get(source);
    if (ids === undefined) bySource.set(source, [field(event, 'id') ?? '']);
    else ids.push(field(event, 'id') ?? '');
  }
  return bySource;
}

/** What the database fills, without the pages that are free to be filled again. */
function usedBytes(db: Database): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((pragma) =>
    Number(db.pragma(pragma, { simple: true })),
  );
  return ((pages ?? 0) - (free ?? 0)) * (size ?? 0);
}

function pruneRollups(parts: Parts, asOfMs: number): number {
  const minutesFromMs = floorTo(asOfMs - MINUTES_KEPT_MS, HOUR_MS);
  const hoursFromMs = floorTo(asOfMs - HOURS_KEPT_MS, DAY_MS);
  remember(parts.meta, 'minutes_from_ms', minutesFromMs);
  remember(parts.meta, 'hours_from_ms', hoursFromMs);
  // Hours and days of the agents must hold what now goes.
  parts.rollups.rollAgents();
  const minutes = minutesFromMs / MINUTE_MS;
  const hours = hoursFromMs / HOUR_MS;
  return (
    prune(
      parts.db,
      `cells WHERE resolution = ${String(RESOLUTION.minute)} AND bucket < ?`,
      minutes,
    ) +
    prune(parts.db, `cells WHERE resolution = ${String(RESOLUTION.hour)} AND bucket < ?`, hours) +
    prune(
      parts.db,
      `agent_cells WHERE resolution = ${String(RESOLUTION.hour)} AND bucket < ?`,
      hours,
    ) +
    prune(parts.db, 'agent_minutes WHERE hour < ?', minutes / 60)
  );
}

/** Deletes older rows, as many as one transaction should; returns how many. */
function prune(db: Database, rows: string, before: number): number {
  const sql = `DELETE FROM ${rows} LIMIT ${String(ROLLUP_ROWS_AT_ONCE)}`;
  return db.prepare<[number]>(sql).run(before).changes;
}

/** From here on detail may be missing. It never moves back. */
function remember(meta: Meta, key: MetaKey, fromMs: number): void {
  if (fromMs > (meta.find(key) ?? -Infinity)) meta.set(key, fromMs);
}

function floorTo(valueMs: number, lengthMs: number): number {
  return Math.floor(valueMs / lengthMs) * lengthMs;
}
