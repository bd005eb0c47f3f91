/** Differences over a change of configuration: what is told adds up to what was counted. */
import { expect, test } from 'vitest';
import { Deltas } from '../../../src/exposition/otlp/delta.js';
import { RowWalker, type MetricFamily } from '../../../src/exposition/row-walker.js';
import { NO_CONTROL } from '../../../src/metrics/control.js';
import { metricRows } from '../../../src/metrics/table.js';
import type { LiveState } from '../../../src/core/state/live-state.js';
import { completed, fold } from '../../support/events.js';
import { viewOf } from '../../metrics/scrape.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';
const DURATIONS = 'selfhealer_healing_duration_seconds';

type Told = Exclude<MetricFamily, { kind: 'summary' }>;

function read(state: LiveState, name: string, droppedLabels: Record<string, string[]>): Told {
  const walker = new RowWalker(metricRows([], { ...NO_CONTROL, droppedLabels }));
  const family = walker.read(viewOf(state)).find((one) => one.name === name);
  if (family === undefined || family.kind === 'summary') throw new Error(`no ${name}`);
  return family;
}

/** What one push tells, all series together; it is taken. */
function push(deltas: Deltas, family: Told, nowMs: number): number {
  const { points } = deltas.since(family, nowMs);
  deltas.advance({ families: [family], nowMs }, [family]);
  return points.reduce(
    (sum, { value }) => sum + (typeof value === 'number' ? value : value.count),
    0,
  );
}

function attempts(state: LiveState, from: number, to: number): void {
  for (let n = from; n < to; n += 1) {
    const durationMs = 10 ** (n % 6);
    fold([completed(n, `f${n}`, { strategy: `S${n % 3}`, durationMs })], state);
  }
}

test.each([
  [ATTEMPTS, ['strategy']],
  [ATTEMPTS, ['strategy', 'failure_type', 'trigger']],
  [DURATIONS, ['strategy']],
  [DURATIONS, ['outcome', 'strategy']],
])('%s: dropping %j later loses nothing and tells nothing twice', (name, labels) => {
  const { state } = fold([]);
  const deltas = new Deltas(undefined);
  attempts(state, 0, 20);
  expect(push(deltas, read(state, name, {}), 1)).toBe(20);
  attempts(state, 20, 30);
  // As after a restart: from what was written down.
  const later = new Deltas(structuredClone(deltas.base));
  expect(push(later, read(state, name, { [name]: labels }), 2)).toBe(10);
  attempts(state, 30, 37);
  expect(push(later, read(state, name, { [name]: labels }), 3)).toBe(7);
  expect(push(later, read(state, name, { [name]: labels }), 4)).toBe(0);
});

test('the buckets of what is told after a label was dropped are those of what came since', () => {
  const { state } = fold([]);
  const deltas = new Deltas(undefined);
  attempts(state, 0, 20);
  push(deltas, read(state, DURATIONS, {}), 1);
  fold([completed(20, 'f20', { strategy: 'S1', durationMs: 3000 })], state);
  const dropped = read(state, DURATIONS, { [DURATIONS]: ['strategy', 'outcome'] });
  const told = deltas.since(dropped, 2);
  if (told.kind !== 'histogram') expect.fail('no histogram');
  const [value] = told.points.map((point) => point.value);
  if (value === undefined) expect.fail('no point');
  const counted = value.counts.map((count, i) => ({ bound: told.bounds[i], count }));
  expect(counted.filter(({ count }) => count !== 0)).toEqual([{ bound: 5, count: 1 }]);
  expect(value.exponential.counts.filter((count) => count !== 0)).toEqual([1]);
  expect(value.sum).toBeCloseTo(3, 9);
});

test('a label that comes back starts its metric, and is told from then on', () => {
  const { state } = fold([]);
  const deltas = new Deltas(undefined);
  attempts(state, 0, 20);
  push(deltas, read(state, ATTEMPTS, { [ATTEMPTS]: ['strategy'] }), 1);
  attempts(state, 20, 30);
  expect(push(deltas, read(state, ATTEMPTS, {}), 2)).toBe(0);
  attempts(state, 30, 35);
  expect(push(deltas, read(state, ATTEMPTS, {}), 3)).toBe(5);
});
