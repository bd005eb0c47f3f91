/** What two readings of one walker have in common, and what they must not. */
import { expect, test } from 'vitest';
import { RowWalker, type MetricFamily } from '../../src/exposition/row-walker.js';
import { NO_CONTROL } from '../../src/metrics/control.js';
import { metricRows } from '../../src/metrics/table.js';
import { completed, fold } from '../support/events.js';
import { viewOf } from '../metrics/scrape.js';

const DURATIONS = 'selfhealer_healing_duration_seconds';
const ATTEMPTS = 'selfhealer_healing_attempts_total';
const FIRST = completed(0, 'f-1', { durationMs: 250 });
const SECOND = completed(0, 'f-2', { durationMs: 250 });

function familyOf(families: readonly MetricFamily[], name: string): MetricFamily {
  const family = families.find((one) => one.name === name);
  if (family === undefined) throw new Error(`no ${name}`);
  return family;
}

test('a point that is as it was is the same object at the next reading', () => {
  const { state } = fold([FIRST]);
  const walker = new RowWalker(metricRows([]));
  const before = walker.read(viewOf(state));
  const after = walker.read(viewOf(state));
  for (const name of [DURATIONS, ATTEMPTS]) {
    const [point] = familyOf(before, name).points;
    expect(point).toBeDefined();
    expect(familyOf(after, name).points[0]).toBe(point);
  }
});

test('what was counted since is in the next reading, and the one before stays as it was', () => {
  const { state } = fold([FIRST]);
  const walker = new RowWalker(metricRows([]));
  const before = familyOf(walker.read(viewOf(state)), DURATIONS);
  const then = structuredClone(before.points);
  fold([SECOND], state);
  const after = familyOf(walker.read(viewOf(state)), DURATIONS);
  expect(before.points).toEqual(then);
  const [point] = after.points;
  expect(point).toMatchObject({ value: { count: 2, sum: 0.5 } });
  // The bucket is the same: its exemplar is the newer one.
  expect(JSON.stringify(point)).toContain('"f-2"');
  expect(point?.labels).toBe(before.points[0]?.labels);
});

test('another state with as many observations is read anew', () => {
  const walker = new RowWalker(metricRows([]));
  walker.read(viewOf(fold([FIRST]).state));
  const [point] = familyOf(walker.read(viewOf(fold([SECOND]).state)), DURATIONS).points;
  expect(JSON.stringify(point)).toContain('"f-2"');
});

test('a histogram that is summed over a label is read anew', () => {
  const droppedLabels = { [DURATIONS]: ['strategy'] };
  const { state } = fold([FIRST]);
  const walker = new RowWalker(metricRows([], { ...NO_CONTROL, droppedLabels }));
  walker.read(viewOf(state));
  fold([SECOND], state);
  const [point] = familyOf(walker.read(viewOf(state)), DURATIONS).points;
  expect(point).toMatchObject({ labels: { outcome: 'succeeded' }, value: { count: 2, sum: 0.5 } });
});
