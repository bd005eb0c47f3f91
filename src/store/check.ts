/** Reads everything and says in sentences what is wrong. */
import type { Database } from 'better-sqlite3';
import type { StoreCheck } from '../core/ports.js';
import type { BlockSummary, Blocks } from './blocks.js';
import type { EventKeys } from './event-keys.js';
import type { Meta } from './meta.js';
import { keysOf } from './retention.js';
import type { Snapshots } from './snapshots.js';

const BLOCKS_AT_ONCE = 256;
const FINDINGS_MAX = 100;

interface Parts {
  readonly db: Database;
  readonly meta: Meta;
  readonly blocks: Blocks;
  readonly keys: EventKeys;
  readonly snapshots: Snapshots;
}

export function checkStore(parts: Parts): StoreCheck {
  const { db, meta, keys, snapshots } = parts;
  const findings: string[] = [];
  for (const row of db.prepare<[], string>('PRAGMA quick_check(20)').pluck().all()) {
    if (row !== 'ok') findings.push(`SQLite: ${row}.`);
  }
  let events = 0;
  let expected = meta.get('first_seq');
  for (const block of allBlocks(parts)) {
    if (block.first_seq !== expected) findings.push(gap(expected, block.first_seq));
    expected = block.first_seq + block.events;
    events += block.events;
    findings.push(...blockFindings(parts, block));
  }
  const last = meta.get('last_seq');
  if (expected !== last + 1) findings.push(gap(expected, last + 1));
  const keyCount = keys.count() - meta.get('orphan_keys');
  if (keyCount !== events) {
    findings.push(`There are ${String(keyCount)} dedup keys for ${String(events)} events.`);
  }
  for (const seq of snapshots.damaged()) {
    findings.push(`The snapshot after event ${String(seq)} is damaged.`);
  }
  const lost = meta.get('lost_events');
  if (lost > 0)
    findings.push(`${String(lost)} events were found missing when the store was opened.`);
  return { events, findings: limited(findings) };
}

function* allBlocks({ meta, blocks }: Parts): Generator<BlockSummary> {
  let seq = meta.get('first_seq');
  for (;;) {
    const batch = blocks.from(seq, BLOCKS_AT_ONCE);
    yield* batch;
    const last = batch.at(-1);
    if (last === undefined) return;
    seq = last.first_seq + last.events;
  }
}

function blockFindings({ blocks, keys }: Parts, block: BlockSummary): string[] {
  const { first_seq: first, events } = block;
  const entries = blocks.read(block);
  const where = `events ${String(first)} to ${String(first + events - 1)}`;
  if (entries === undefined) return [`The block of ${where} is damaged.`];
  let missing = 0;
  for (const [source, ids] of keysOf(entries)) {
    for (const id of ids) if (!keys.has(source, id)) missing += 1;
  }
  return missing === 0 ? [] : [`${String(missing)} dedup keys of ${where} are missing.`];
}

function gap(expected: number, found: number): string {
  return found > expected
    ? `Events ${String(expected)} to ${String(found - 1)} are missing.`
    : `Event ${String(found)} stands where ${String(expected)} was expected.`;
}

function limited(findings: readonly string[]): string[] {
  const left = findings.length - FINDINGS_MAX;
  if (left <= 0) return [...findings];
  return [...findings.slice(0, FINDINGS_MAX), `There are ${String(left)} more findings.`];
}
