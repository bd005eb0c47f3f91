import { expect, test } from 'vitest';
import { appendTo, memoryStore, NOON_MS, replayed, snapshotTo } from '../store/support.js';
import { groupOf } from '../store/events.js';

const DAY_MS = 86_400_000;

test('small blocks keep their numbers when they are joined after some before them were deleted', () => {
  const store = memoryStore();
  const append = (from: number, to: number, day: number): void => {
    for (let n = from; n <= to; n += 1) {
      appendTo(store, [groupOf([{ id: `e-${n}`, timeMs: NOON_MS + day * DAY_MS }])]);
    }
  };
  append(1, 100, 0);
  append(101, 450, 40);
  snapshotTo(store, { seq: 450, state: '{}' }, { throughSeq: 450, cells: [], labels: [] });
  const limits = { ageMs: 30 * DAY_MS, sizeBytes: 1e12 };
  while (!store.retainStep(limits, NOON_MS + 40 * DAY_MS).done);
  append(451, 500, 41);

  const numbers = replayed(store).map(([seq]) => seq);
  expect(numbers).toEqual(Array.from({ length: 400 }, (_, i) => 101 + i));
  expect(store.stats()).toMatchObject({ events: 400, missingEvents: 0, corruptEvents: 0 });
});
