/**
 * What the store does when a statement fails, or when the disk gives back something else than was
 * written.
 */
import Database from 'better-sqlite3';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Derived } from '../../src/core/ports.js';
import { connect } from '../../src/store/connection.js';
import { Store } from '../../src/store/store.js';
import {
  appendTo,
  attempt,
  cellsOf,
  completed,
  groupOf,
  heartbeats,
  memoryStore,
  NOON_MS,
  replayed,
  snapshotTo,
  testFolder,
} from '../store/support.js';

/** A database whose `failAt`-th statement from now on fails, before it does anything. */
function failing(db: Database.Database) {
  const faults = { failAt: Infinity };
  const step = () => {
    faults.failAt -= 1;
    if (faults.failAt === 0) throw new Database.SqliteError('injected', 'SQLITE_FULL');
  };
  const counting = <T extends object>(target: T, names: readonly string[]): T =>
    new Proxy(target, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (names.includes(String(name)) && args[0] !== 'ROLLBACK') step();
          const result: unknown = Reflect.apply(value, of, args);
          if (result === of) return proxies.get(of) ?? result;
          return name === 'prepare' ? wrapped(result as object) : result;
        };
      },
    });
  const proxies = new WeakMap<object, object>();
  const wrapped = (statement: object) => {
    const proxy = counting(statement, ['run', 'get', 'all']);
    proxies.set(statement, proxy);
    return proxy;
  };
  return { db: counting(db, ['exec']), faults };
}

describe('a statement that fails', () => {
  test('at any place of an append leaves nothing behind, and a retry counts everything once', () => {
    const derived: Derived = {
      throughSeq: 4,
      cells: cellsOf([attempt({ agentId: 'a' })]),
      labels: [{ seq: 2, failureType: 'agent_down', agentId: 'a' }],
    };
    const checkpoint = { name: 'file', value: '5' };
    let failures = 0;
    for (let n = 1; n < 500; n += 1) {
      const { db, faults } = failing(connect({ path: ':memory:' }));
      const store = new Store(db, ':memory:');
      appendTo(store, [groupOf(heartbeats(0, 4))]);
      const groups = [
        groupOf(heartbeats(2, 4), { checkpoint }),
        groupOf([{ id: 'x', source: '/new' }]),
      ];
      faults.failAt = n;
      let failed = false;
      try {
        appendTo(store, groups, derived);
      } catch {
        failed = true;
      }
      const left = faults.failAt;
      faults.failAt = Infinity;
      if (failed) {
        failures += 1;
        expect(store.opened()).toMatchObject({ lastSeq: 4, rolledSeq: 0, checkpoints: new Map() });
        expect(replayed(store)).toHaveLength(4);
        expect([...appendTo(store, groups, derived).fresh]).toEqual([0, 0, 1, 1, 1]);
      }
      expect(store.opened()).toMatchObject({ lastSeq: 7, rolledSeq: 4 });
      expect(store.check()).toEqual({ events: 7, findings: [] });
      const { cells } = store.history({ range: undefined, filters: {}, pending: [] });
      expect(cells.map(({ cell }) => cell.succeeded)).toEqual([1]);
      store.close();
      if (left > 0) break; // there was no such statement any more
    }
    expect(failures).toBeGreaterThan(15);
  });

  test('by an I/O error ends all writing, because a second sync may claim what the first denied', () => {
    const real = connect({ path: ':memory:' });
    const store = new Store(
      new Proxy(real, {
        get(db, name) {
          const value: unknown = Reflect.get(db, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (name === 'exec' && args[0] === 'COMMIT') {
              throw new Database.SqliteError('injected', 'SQLITE_IOERR_FSYNC');
            }
            const result: unknown = Reflect.apply(value, db, args);
            return result;
          };
        },
      }),
      ':memory:',
    );
    const append = () => appendTo(store, [groupOf(heartbeats(0, 1))]);
    expect(append).toThrow('injected');
    expect(append).toThrow('SQLITE_IOERR_FSYNC');
    expect(store.timeline({ range: undefined, filters: {}, limit: 1, pending: [] })).toEqual([]);
  });
});

describe('rot', () => {
  function rotten(table: string, where: string, column: string, db: Database.Database) {
    const read = db.prepare<[], Buffer>(`SELECT ${column} FROM ${table} WHERE ${where}`).pluck();
    const bytes = Buffer.from(read.get() ?? []);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 4;
    db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(bytes);
  }
  function filled() {
    const db = connect({ path: ':memory:' });
    const store = new Store(db, ':memory:');
    for (let i = 0; i < 3; i += 1) appendTo(store, [groupOf(heartbeats(i * 1000, 1000))]);
    appendTo(store, [groupOf([completed('last', NOON_MS)])]);
    return { db, store };
  }

  test('in a block costs that block: it is passed over, counted and found', () => {
    const { db, store } = filled();
    rotten('blocks', 'first_seq = 1001', 'body', db);
    const seqs = replayed(store).map(([seq]) => seq);
    expect([seqs[0], seqs[999], seqs[1000], seqs.at(-1), seqs.length]).toEqual([
      1, 1000, 2001, 3001, 2001,
    ]);
    expect(store.stats()).toMatchObject({ events: 3001, corruptEvents: 1000, missingEvents: 0 });
    expect(replayed(store, 1500)[0]?.[0]).toBe(2001);
    const query = { range: undefined, filters: {}, limit: 5, pending: [] };
    expect(store.timeline(query).map(({ seq }) => seq)).toEqual([3001]);
    expect(store.check().findings).toEqual(['The block of events 1001 to 2000 is damaged.']);
  });

  test('in the newest snapshot costs a longer replay: the one before it is loaded', () => {
    const { db, store } = filled();
    const nothing: Derived = { throughSeq: 0, cells: [], labels: [] };
    snapshotTo(store, { seq: 10, state: '{"n":10}' }, nothing);
    snapshotTo(store, { seq: 20, state: '{"n":20}' }, nothing);
    rotten('snapshots', 'seq = 20', 'state', db);
    expect(store.opened().snapshot).toEqual({ seq: 10, state: '{"n":10}' });
    expect(store.check().findings).toEqual(['The snapshot after event 20 is damaged.']);
    rotten('snapshots', 'seq = 10', 'state', db);
    expect(store.opened().snapshot).toBeUndefined();
  });

  test('that takes a block or a key away is counted and found', () => {
    const { db } = filled();
    db.exec("DELETE FROM blocks WHERE first_seq = 1001; DELETE FROM event_keys WHERE id = 'last'");
    const again = new Store(db, ':memory:');
    expect(again.stats()).toMatchObject({ events: 2001, missingEvents: 1000 });
    expect(again.check().findings).toEqual([
      'Events 1001 to 2000 are missing.',
      '1 dedup keys of events 3001 to 3001 are missing.',
      'There are 3000 dedup keys for 2001 events.',
    ]);
    expect(replayed(again)).toHaveLength(2001);
    expect(appendTo(again, [groupOf(heartbeats(9000, 1))]).firstSeq).toBe(3002);
    expect(memoryStore().check()).toEqual({ events: 0, findings: [] });
  });

  test('in the write-ahead log, which SQLite ends there without a word, is counted and found', () => {
    const folder = testFolder();
    const path = join(folder, 'events.db');
    const store = new Store(connect({ path }), path);
    for (let i = 0; i < 20; i += 1) appendTo(store, [groupOf(heartbeats(i * 30, 30))]);
    // As a crash would leave it, with one bit wrong in the middle.
    const [file, wal, mark] = ['', '-wal', '.seq'].map((end) => readFileSync(path + end));
    store.close();
    const middle = Math.floor(wal!.length / 2);
    wal![middle] = (wal![middle] ?? 0) ^ 16;
    const copy = join(folder, 'copy.db');
    for (const [end, bytes] of [
      ['', file],
      ['-wal', wal],
      ['.seq', mark],
    ] as const) {
      writeFileSync(copy + end, bytes!);
    }
    const opened = () => new Store(connect({ path: copy }), copy);
    const shorter = opened();
    const kept = shorter.opened().lastSeq;
    const lost = 600 - kept;
    expect(lost).toBeGreaterThan(0);
    expect(shorter.stats().missingEvents).toBe(lost);
    expect(shorter.check().findings).toEqual([
      `${lost} events were found missing when the store was opened.`,
    ]);
    shorter.close();
    const again = opened();
    expect(again.stats().missingEvents, 'counted once').toBe(lost);
    again.close();
  });

  test('of one bit anywhere in the file never gives back an event that was not written', () => {
    const folder = testFolder();
    const path = join(folder, 'events.db');
    const store = new Store(connect({ path }), path);
    for (let i = 0; i < 5; i += 1) appendTo(store, [groupOf(heartbeats(i * 1000, 1000))]);
    const written = new Map(replayed(store));
    store.close();
    const whole = readFileSync(path);
    let seed = 1;
    let noticed = 0;
    for (let round = 0; round < 100; round += 1) {
      seed = (seed * 48271) % 0x7fffffff;
      const bit = seed % (whole.length * 8);
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const copy = join(folder, `flipped-${round}.db`);
      writeFileSync(copy, flipped);
      let damaged: Store | undefined;
      try {
        damaged = new Store(connect({ path: copy }), copy);
        const back = replayed(damaged);
        expect(back.filter(([seq, text]) => text !== written.get(seq))).toEqual([]);
        const { corruptEvents, missingEvents } = damaged.stats();
        if (corruptEvents + missingEvents > 0) noticed += 1;
        // Fewer events than were written, and nobody told: that must not be.
        else expect(back).toHaveLength(written.size);
      } catch (error) {
        if (error instanceof Error && error.name === 'AssertionError') throw error;
        noticed += 1;
      } finally {
        damaged?.close();
      }
    }
    expect(noticed).toBeGreaterThan(10);
  });
});
