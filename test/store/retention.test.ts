import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Derived } from '../../src/core/ports.js';
import { DAY_MS, HOUR_MS } from '../../src/core/rollup.js';
import { connect } from '../../src/store/connection.js';
import { Store } from '../../src/store/store.js';
import {
  appendTo,
  attempt,
  cellsOf,
  groupOf,
  heartbeats,
  memoryStore,
  NOON_MS,
  replayed,
  snapshotTo,
  testFolder,
} from './support.js';

const ANY_SIZE = Infinity;
const nothing = (throughSeq: number): Derived => ({ throughSeq, cells: [], labels: [] });

function retain(store: Store, limits: { ageMs: number; sizeBytes: number }, nowMs: number) {
  let deletedEvents = 0;
  for (;;) {
    const step = store.retainStep(limits, nowMs);
    deletedEvents += step.deletedEvents;
    if (step.done) return { deletedEvents, forgottenMs: step.forgottenMs };
  }
}

/** Ten days with a hundred events each, the last one at noon. */
function tenDays(): Store {
  const store = memoryStore();
  for (let day = 0; day < 10; day += 1) {
    appendTo(store, [groupOf(heartbeats(day * 100, 100, NOON_MS + (day - 9) * DAY_MS))]);
  }
  return store;
}

const seqs = (store: Store) => replayed(store).map(([seq]) => seq);

describe('retention', () => {
  test('deletes what is over age, with its dedup keys, and remembers how far it went', () => {
    const store = tenDays();
    snapshotTo(store, { seq: 1000, state: '{}' }, nothing(1000));
    expect(retain(store, { ageMs: 7.5 * DAY_MS, sizeBytes: ANY_SIZE }, NOON_MS)).toEqual({
      deletedEvents: 200,
      forgottenMs: NOON_MS - 8 * DAY_MS,
    });
    expect(seqs(store)).toEqual(Array.from({ length: 800 }, (_, i) => 201 + i));
    expect(store.stats()).toMatchObject({ events: 800, missingEvents: 0 });
    expect(store.opened().forgottenMs).toBe(NOON_MS - 8 * DAY_MS);
    expect(store.check()).toEqual({ events: 800, findings: [] });

    // Its key is gone: that is why the caller rejects what is older than forgottenMs.
    const again = appendTo(store, [groupOf(heartbeats(0, 1)), groupOf(heartbeats(200, 1))]);
    expect([again.firstSeq, ...again.fresh]).toEqual([1001, 1, 0]);
  });

  test('deletes nothing that a kept snapshot does not cover', () => {
    const store = tenDays();
    expect(retain(store, { ageMs: 0, sizeBytes: 0 }, NOON_MS).deletedEvents).toBe(0);
    snapshotTo(store, { seq: 350, state: '{}' }, nothing(350));
    expect(retain(store, { ageMs: 0, sizeBytes: 0 }, NOON_MS).deletedEvents).toBe(300);
    snapshotTo(store, { seq: 900, state: '{}' }, nothing(900));
    // The older one may still be needed, should the newer turn out damaged.
    expect(retain(store, { ageMs: 0, sizeBytes: 0 }, NOON_MS).deletedEvents).toBe(0);
    snapshotTo(store, { seq: 1000, state: '{}' }, nothing(1000));
    expect(retain(store, { ageMs: 0, sizeBytes: 0 }, NOON_MS).deletedEvents).toBe(600);
    expect(seqs(store)[0]).toBe(901);
  });

  test('a clock that jumps ahead makes nothing old', () => {
    const store = tenDays();
    snapshotTo(store, { seq: 1000, state: '{}' }, nothing(1000));
    const limits = { ageMs: 30 * DAY_MS, sizeBytes: ANY_SIZE };
    expect(retain(store, limits, NOON_MS + 3650 * DAY_MS).deletedEvents).toBe(0);
    expect(retain(store, limits, NOON_MS - 3650 * DAY_MS).deletedEvents).toBe(0);
  });

  test('keeps the database near its limit, and the file stops growing', () => {
    const path = join(testFolder(), 'events.db');
    const store = new Store(connect({ path }), path);
    const limits = { ageMs: 400 * DAY_MS, sizeBytes: 400_000 };
    const sizes: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      appendTo(store, [groupOf(heartbeats(round * 1000, 1000, NOON_MS + round))]);
      const seq = (round + 1) * 1000;
      snapshotTo(store, { seq, state: '{}' }, nothing(seq));
      retain(store, limits, NOON_MS + round);
      sizes.push(store.stats().bytes);
    }
    expect(Math.max(...sizes)).toBeLessThan(limits.sizeBytes * 1.5);
    expect(Math.max(...sizes.slice(20))).toBeLessThan(1.1 * Math.max(...sizes.slice(0, 20)));
    expect(store.check().findings).toEqual([]);
    store.close();
  });

  test('totals stay; old minutes become hours, and a range over them is widened to hours', () => {
    const store = memoryStore();
    const old = NOON_MS - 40 * DAY_MS;
    const facts = [old, old + 90_000, NOON_MS].map((timeMs) => attempt({ timeMs, agentId: 'a' }));
    appendTo(store, [groupOf(heartbeats(0, 3, NOON_MS))], {
      throughSeq: 3,
      cells: cellsOf(facts),
      labels: [],
    });
    const range = { fromMs: old, toMs: old + 60_000 };
    const ask = (given: typeof range | undefined) =>
      store.history({ range: given, filters: {}, pending: [] });
    const succeeded = (given: typeof range | undefined) =>
      ask(given).cells.map(({ cell }) => cell.succeeded);
    expect(succeeded(range)).toEqual([1]);
    retain(store, { ageMs: 400 * DAY_MS, sizeBytes: ANY_SIZE }, NOON_MS);
    expect(succeeded(range)).toEqual([2]);
    const hour = Math.floor(old / HOUR_MS) * HOUR_MS;
    expect(ask(range).range).toEqual({ fromMs: hour, toMs: hour + HOUR_MS });
    expect(succeeded(undefined)).toEqual([3]);
    expect(ask(undefined).range).toBeUndefined();
    expect(succeeded({ fromMs: NOON_MS, toMs: NOON_MS + 60_000 })).toEqual([1]);
  });
});
