import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EventLog, ReplayBatch } from '../../src/core/ports.js';
import { openEventLog, openEventLogWith } from '../../src/store/event-log.js';
import {
  attempt,
  cellsOf,
  completed,
  groupOf,
  heartbeats,
  newSnapshot,
  testFolder,
  NOON_MS,
} from './support.js';

async function opened(path: string): Promise<EventLog> {
  const log = await openEventLog({ path });
  onTestFinished(() => log.close());
  return log;
}

async function batches(log: EventLog, afterSeq = 0): Promise<ReplayBatch[]> {
  const all: ReplayBatch[] = [];
  for await (const batch of log.replay(afterSeq)) all.push(batch);
  return all;
}

describe('the event log', () => {
  test('gives back after reopening what was appended, with snapshot, checkpoints and rollups', async () => {
    const path = join(testFolder(), 'data', 'events.db');
    const log = await openEventLog({ path });
    const checkpoint = { name: 'file:/var/log/healer', value: '{"offset":10}' };
    const group = groupOf([...heartbeats(0, 2), completed('c', NOON_MS)], {
      checkpoint,
      input: 'file',
    });
    const before = Buffer.from(group.bytes).toString();
    const appended = await log.append([group, groupOf(heartbeats(0, 4))]);
    expect(appended.firstSeq).toBe(1);
    expect(appended.fresh.map((fresh) => [...fresh])).toEqual([
      [1, 1, 1],
      [0, 0, 1, 1],
    ]);
    expect(appended.commitSeconds).toBeGreaterThan(0);
    expect(Buffer.from(group.bytes).toString(), 'the body stays its sender’s').toBe(before);
    const derived = { throughSeq: 3, cells: cellsOf([attempt()]), labels: [] };
    await log.saveSnapshot(newSnapshot({ seq: 3, state: '{"a":1}\n{"ü":2}' }), derived);
    expect(log.stats).toMatchObject({ events: 5, corruptEvents: 0, missingEvents: 0 });
    expect(log.stats.bytes).toBeGreaterThan(0);
    expect(log.stats.walBytes).toBe(statSync(`${path}-wal`).size);
    await log.close();

    const again = await opened(path);
    expect(again.opened).toEqual({
      snapshot: { seq: 3, state: '{"a":1}\n{"ü":2}' },
      lastSeq: 5,
      rolledSeq: 3,
      forgottenMs: undefined,
      checkpoints: new Map([[checkpoint.name, checkpoint.value]]),
    });
    const [batch] = await batches(again, 1);
    expect(batch?.firstSeq).toBe(2);
    expect(batch?.inputs).toEqual(['file', 'file', 'http', 'http']);
    expect([...(batch?.receivedMs ?? [])]).toEqual([NOON_MS, NOON_MS, NOON_MS, NOON_MS]);
    expect((await again.append([groupOf(heartbeats(3, 2))])).firstSeq).toBe(6);
    const { cells } = await again.history({ range: undefined, filters: {}, pending: [] });
    expect(cells.map(({ cell }) => cell.succeeded)).toEqual([1]);
    const rows = await again.timeline({ range: undefined, filters: {}, limit: 5, pending: [] });
    expect(rows.map(({ seq }) => seq)).toEqual([3]);
    expect(await again.check()).toEqual({ events: 6, findings: [] });
  });

  test('carries calls out in order, close last, and says so to those after it', async () => {
    const log = await openEventLog({ path: ':memory:' });
    const appends = [0, 1, 2].map((i) => log.append([groupOf(heartbeats(i * 2, 2))]));
    const closed = log.close();
    const late = log.append([groupOf(heartbeats(9, 1))]);
    await expect(late).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect((await Promise.all(appends)).map(({ firstSeq }) => firstSeq)).toEqual([1, 3, 5]);
    await closed;
    await log.close();
    await expect(log.check()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  test('in memory it makes no file and takes no lock', async () => {
    const [a, b] = [await opened(':memory:'), await opened(':memory:')];
    await a.append([groupOf(heartbeats(0, 3))]);
    await b.append([groupOf(heartbeats(0, 5))]);
    expect([a.stats.events, b.stats.events]).toEqual([3, 5]);
    expect(existsSync(':memory:')).toBe(false);
  });

  test('its folder and files are for their owner only', async () => {
    const folder = join(testFolder(), 'new', 'data');
    const log = await opened(join(folder, 'events.db'));
    await log.append([groupOf(heartbeats(0, 1))]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of ['events.db', 'events.db-wal', 'events.db.pid']) {
      expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
    }
  });

  test('a folder that cannot be made is STORE_FAILED, with the path', async () => {
    const path = join(testFolder(), 'events.db');
    mkdirSync(path);
    await expect(openEventLog({ path })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining(path),
    });
  });

  test('a full disk is STORE_FULL and counted, and later appends work again', async () => {
    const path = join(testFolder(), 'events.db');
    const first = await openEventLog({ path });
    await first.append([groupOf(heartbeats(0, 10))]);
    const pages = first.stats.bytes / 8192;
    await first.close();

    const log = await openEventLogWith({ path, faults: { pagesMax: pages + 4 } });
    onTestFinished(() => log.close());
    const noise = Array.from({ length: 400 }, (_, i) => ({
      id: `large-${i}`,
      data: { noise: Array.from({ length: 20 }, (_, k) => ((i * 31 + k) * 2654435761) % 1e9) },
    }));
    const large = groupOf(noise);
    await expect(log.append([large])).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect([...log.errors]).toEqual([['SQLITE_FULL', 1]]);
    expect((await log.append([groupOf(heartbeats(9, 2))])).fresh).toEqual([Uint8Array.of(0, 1)]);
    await log.close();

    const roomy = await opened(path);
    expect(roomy.opened.lastSeq).toBe(11);
    const [fresh] = (await roomy.append([large])).fresh;
    expect(fresh?.every((one) => one === 1)).toBe(true);
    expect((await roomy.check()).findings).toEqual([]);
  });

  test('when its thread dies, whatever waits fails, and so does whatever comes after', async () => {
    const threads: Worker[] = [];
    const remember = (thread: Worker) => threads.push(thread);
    process.on('worker', remember);
    const log = await opened(':memory:');
    process.off('worker', remember);
    const waiting = Promise.allSettled([log.check(), log.append([groupOf(heartbeats(0, 9000))])]);
    await threads[0]?.terminate();
    const outcomes = await waiting;
    expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'STORE_FAILED' } });
    await expect(log.append([])).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('a long log is replayed whole, in batches, and a reader may stop early', async () => {
    const log = await opened(':memory:');
    for (let i = 0; i < 5; i += 1) await log.append([groupOf(heartbeats(i * 1500, 1500))]);
    const all = await batches(log);
    expect(all.map(({ firstSeq }) => firstSeq)).toEqual(
      all.map((_, i) => 1 + all.slice(0, i).reduce((sum, { inputs }) => sum + inputs.length, 0)),
    );
    expect(all.reduce((sum, { inputs }) => sum + inputs.length, 0)).toBe(7500);
    for await (const { firstSeq } of log.replay(3000)) {
      expect(firstSeq).toBe(3001);
      break;
    }
  });
});
