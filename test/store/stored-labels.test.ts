import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MEMORY_PATH } from '../../src/store/connection.js';
import { migrate } from '../../src/store/migrations.js';
import { Store } from '../../src/store/store.js';
import { StoredLabels, type StoredLabel } from '../../src/store/stored-labels.js';
import { appendTo, completed, groupOf, NOON_MS } from './support.js';

const label = fc.record({
  step: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.nat(5000)),
  typeNo: fc.integer({ min: 1, max: 300 }),
  agentNo: fc.nat(70_000),
});
/** Mostly a few, sometimes more than one chunk holds. */
const additions = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.array(label, { maxLength: 5 }) },
    fc
      .tuple(label, fc.integer({ min: 990, max: 2100 }))
      .map(([one, times]) => Array.from({ length: times }, () => one)),
  ),
  { maxLength: 6 },
);
const spans = fc.array(
  fc.tuple(fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(2000)),
);

test('what was added is found in any span, but for what was deleted before it', () => {
  fc.assert(
    fc.property(additions, spans, (all, asked) => {
      const db = new Database(MEMORY_PATH);
      migrate(db);
      const labels = new StoredLabels(db);
      const model: StoredLabel[] = [];
      let seq = 0;
      for (const added of all) {
        const next = added.map(({ step, ...of }) => ({ seq: (seq += step + 1), ...of }));
        labels.add(next.flatMap((one) => [one.seq, one.typeNo, one.agentNo]));
        model.push(...next);
      }
      let deleted = 0;
      for (const [deletes, at, length] of asked) {
        const from = Math.max(deleted, Math.floor(at * seq));
        if (deletes === 1) {
          labels.deleteBefore(from);
          deleted = from;
        }
        const expected = model.filter((one) => one.seq >= from && one.seq < from + length);
        expect([...labels.of(from, from + length)]).toEqual(expected);
      }
      db.close();
    }),
    { numRuns: 100 },
  );
});

test('deleting leaves no more than what one chunk holds', () => {
  const db = new Database(MEMORY_PATH);
  migrate(db);
  const labels = new StoredLabels(db);
  labels.add(Array.from({ length: 10_000 }, (_, i) => [i + 1, 1, 2]).flat());
  labels.deleteBefore(10_000);
  expect([...labels.of(0, 10_001)].length).toBeLessThanOrEqual(1000);
});

test('labels of an older release, a row for each, are found as before', () => {
  const db = new Database(MEMORY_PATH);
  migrate(db, 1);
  db.exec(`
    INSERT INTO names VALUES (1, 'agent_down'), (2, 'agent-7');
    INSERT INTO attempt_labels VALUES (2, 1, 2), (3, 1, NULL);`);
  migrate(db);
  const store = new Store(db, MEMORY_PATH);
  appendTo(store, [groupOf(['1', '2', '3'].map((id, i) => completed(id, NOON_MS + i)))]);
  const query = { range: undefined, filters: {}, limit: 3, pending: [] };
  expect(
    store.timeline(query).map(({ seq, failureType, agentId }) => [seq, failureType, agentId]),
  ).toEqual([
    [3, 'agent_down', undefined],
    [2, 'agent_down', 'agent-7'],
    [1, 'agent', undefined],
  ]);
  expect(() => db.prepare('SELECT * FROM attempt_labels')).toThrow('no such table');
});
