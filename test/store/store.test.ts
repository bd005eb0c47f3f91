import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/store/connection.js';
import { Store } from '../../src/store/store.js';
import type { Derived, HistoryQuery } from '../../src/core/ports.js';
import {
  appendTo,
  attempt,
  cellsOf,
  groupOf,
  heartbeats,
  memoryStore,
  replayed,
  snapshotTo,
  NOON_MS,
} from './support.js';
import { idsOf } from '../support/group-ids.js';

const EVERYTHING: HistoryQuery = { range: undefined, filters: {}, pending: [] };
const ids = (rows: readonly [number, string][]): string[] =>
  rows.map(([, text]) => JSON.parse(text).id);

describe('an append', () => {
  test('numbers fresh events without gaps and tells duplicates, in the log and among themselves', () => {
    const store = memoryStore();
    const first = appendTo(store, [groupOf(heartbeats(0, 3))]);
    expect([first.firstSeq, [...first.fresh]]).toEqual([1, [1, 1, 1]]);

    const mixed = appendTo(store, [groupOf([...heartbeats(2, 2), ...heartbeats(3, 2)])]);
    expect([mixed.firstSeq, [...mixed.fresh]]).toEqual([4, [0, 1, 0, 1]]);

    const old = appendTo(store, [groupOf(heartbeats(0, 5))]);
    expect([old.firstSeq, [...old.fresh]]).toEqual([6, [0, 0, 0, 0, 0]]);
    expect(replayed(store).map(([seq]) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(ids(replayed(store))).toEqual(['e-0', 'e-1', 'e-2', 'e-3', 'e-4']);
    expect(store.stats()).toMatchObject({ events: 5, corruptEvents: 0, missingEvents: 0 });
  });

  test('the same id of another source is another event', () => {
    const store = memoryStore();
    const of = (source: string) => ({ id: 'same', source });
    const { fresh } = appendTo(store, [
      groupOf([of('/a'), of('/b')]),
      groupOf([of('/b'), of('/c')]),
    ]);
    expect([...fresh]).toEqual([1, 1, 0, 1]);
  });

  test('any split of any events into groups and appends keeps each once, in order of first arrival', () => {
    const event = fc.record({
      id: fc.integer({ min: 0, max: 25 }).map((n) => `id-${n}`),
      source: fc.constantFrom('/a', '/b', '/ü'),
    });
    const appends = fc.array(fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 4 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(appends, (all) => {
        const store = memoryStore();
        const seen = new Set<string>();
        for (const groups of all) {
          const expected = groups.flat().map(({ source, id }) => {
            const key = `${source} ${id}`;
            const fresh = !seen.has(key);
            seen.add(key);
            return fresh ? 1 : 0;
          });
          const { firstSeq, fresh } = appendTo(
            store,
            groups.map((events) => groupOf(events)),
          );
          expect([...fresh]).toEqual(expected);
          const count = expected.filter((one) => one === 1).length;
          expect(firstSeq).toBe(seen.size - count + 1);
        }
        const stored = replayed(store);
        expect(stored.map(([seq]) => seq)).toEqual([...seen].map((_, i) => i + 1));
        const keys = stored.map(([, text]) => JSON.parse(text)).map((e) => `${e.source} ${e.id}`);
        expect(keys).toEqual([...seen]);
        expect(store.check()).toEqual({ events: seen.size, findings: [] });
        store.close();
      }),
      { numRuns: 60 },
    );
  });

  test('checkpoints are kept with the events, the last one of a name', () => {
    const store = memoryStore();
    const at = (value: string) => ({ checkpoint: { name: 'file', value } });
    appendTo(store, [groupOf(heartbeats(0, 1), at('1')), groupOf(heartbeats(1, 1), at('2'))]);
    appendTo(store, [groupOf([], { checkpoint: { name: 'other', value: '{}' } })]);
    expect([...store.opened().checkpoints]).toEqual([
      ['file', '2'],
      ['other', '{}'],
    ]);
  });

  test('replay may begin anywhere', () => {
    const store = memoryStore();
    appendTo(store, [groupOf(heartbeats(0, 2500))]);
    for (let i = 0; i < 30; i += 1) appendTo(store, [groupOf(heartbeats(2500 + i, 1))]);
    for (const after of [0, 1, 999, 1000, 1500, 2499, 2500, 2517, 2529, 2530, 9999]) {
      const seqs = replayed(store, after).map(([seq]) => seq);
      expect(seqs).toEqual(
        Array.from({ length: Math.max(0, 2530 - after) }, (_, i) => after + 1 + i),
      );
    }
  });
});

describe('events that come one by one', () => {
  test('are joined into large blocks, and nothing of them changes', () => {
    const db = connect({ path: ':memory:' });
    const store = new Store(db, ':memory:');
    const expected: string[] = [];
    for (let i = 0; i < 1300; i += 1) {
      const events = heartbeats(i * 2, i === 700 ? 50 : 1 + (i % 2), NOON_MS + i / 4);
      const group = groupOf(events, { receivedMs: NOON_MS + i, input: i % 2 ? 'http' : 'emitter' });
      const { fresh } = appendTo(store, [group]);
      expected.push(...idsOf(group).filter((_, k) => fresh[k] === 1));
    }
    expect(ids(replayed(store))).toEqual(expected);
    expect(store.check()).toEqual({ events: expected.length, findings: [] });
    const blocks = db.prepare('SELECT count(*) FROM blocks').pluck().get();
    expect(blocks).toBeLessThan(1300 / 2);
    const batch = store.read(0);
    expect([...(batch?.entries.receivedMs.slice(0, 3) ?? [])]).toEqual(
      [0, 1, 1].map((n) => NOON_MS + n),
    );
    expect(batch?.entries.timesMs[1]).toBe(NOON_MS + 0.25);
  });

  test('are packed together when many come after them', () => {
    const db = connect({ path: ':memory:' });
    const store = new Store(db, ':memory:');
    const appended = [10, 20, 1, 200, 1, 300, 40, 30];
    let count = 0;
    for (const events of appended) {
      appendTo(store, [groupOf(heartbeats(count, events))]);
      count += events;
    }
    const rows = () => db.prepare('SELECT events, encoding FROM blocks').raw().all();
    // One event alone is left as it came; those at the end wait for more.
    const before = [[31, 1], [200, 1], [1, 0], [300, 1]]; // prettier-ignore
    expect(rows()).toEqual([...before, [40, 0], [30, 0]]);
    const again = new Store(db, ':memory:');
    appendTo(again, [groupOf(heartbeats(count, 100))]);
    expect(rows()).toEqual([...before, [70, 1], [100, 1]]);
    expect(again.check().findings).toEqual([]);
    expect(replayed(again)).toHaveLength(count + 100);
  });

  test('that are long are packed at once, and left as they are', () => {
    const db = connect({ path: ':memory:' });
    const long = (id: number) => ({ id: String(id), data: { text: 'long '.repeat(2000) } });
    for (let id = 0; id < 8; id += 4) {
      const four = [long(id), long(id + 1), long(id + 2), long(id + 3)];
      appendTo(new Store(db, ':memory:'), [groupOf(four)]);
      appendTo(new Store(db, ':memory:'), [groupOf(heartbeats(100 + id, 3))]);
    }
    const rows = db.prepare('SELECT events, encoding FROM blocks').raw().all();
    expect(rows).toEqual([[4, 1], [3, 0], [4, 1], [3, 0]]); // prettier-ignore
    expect(new Store(db, ':memory:').check().findings).toEqual([]);
  });

  test('are joined across a reopening, but not with a damaged one among them', () => {
    const db = connect({ path: ':memory:' });
    for (let i = 0; i < 600; i += 1) {
      if (i === 300) db.exec('UPDATE blocks SET crc = crc + 1 WHERE first_seq = 200');
      appendTo(new Store(db, ':memory:'), [groupOf(heartbeats(i, 1))]);
    }
    const store = new Store(db, ':memory:');
    expect(replayed(store)).toHaveLength(599);
    expect(store.stats()).toMatchObject({ events: 600, corruptEvents: 1 });
  });
});

describe('derived cells', () => {
  const derived = (throughSeq: number): Derived => ({
    throughSeq,
    cells: cellsOf([attempt()]),
    labels: [],
  });
  const succeeded = (query: HistoryQuery, store: ReturnType<typeof memoryStore>) =>
    store.history(query).cells.map(({ cell }) => cell.succeeded);

  test('are added once, however often they arrive', () => {
    const store = memoryStore();
    appendTo(store, [groupOf(heartbeats(0, 5))], derived(3));
    appendTo(store, [], derived(3));
    snapshotTo(store, { seq: 3, state: '{}' }, derived(2));
    expect(succeeded(EVERYTHING, store)).toEqual([1]);
    expect(store.opened().rolledSeq).toBe(3);
    snapshotTo(store, { seq: 5, state: '{}' }, derived(5));
    expect(succeeded(EVERYTHING, store)).toEqual([2]);
  });

  test('on their way to the store are part of the answer, until it has them', () => {
    const store = memoryStore();
    appendTo(store, [groupOf(heartbeats(0, 5))], derived(3));
    expect(succeeded({ ...EVERYTHING, pending: [derived(3), derived(5)] }, store)).toEqual([2]);
  });
});

describe('snapshots', () => {
  const nothing: Derived = { throughSeq: 0, cells: [], labels: [] };

  test('the newest is loaded', () => {
    const store = memoryStore();
    expect(store.opened().snapshot).toBeUndefined();
    for (const seq of [1, 2, 3]) snapshotTo(store, { seq, state: `{"of":${seq},"ü":1}` }, nothing);
    expect(store.opened().snapshot).toEqual({ seq: 3, state: '{"of":3,"ü":1}' });
  });
});
