/** Differences over a change of configuration: what is told adds up to what was counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addHistogram, newHistogram, type Histogram } from '../../../src/core/state/histogram.js';
import { Deltas } from '../../../src/exposition/otlp/delta.js';
import {
  RowWalker,
  type HistogramValue,
  type MetricFamily,
} from '../../../src/exposition/row-walker.js';
import { NO_CONTROL } from '../../../src/metrics/control.js';
import { METRICS, metricRows } from '../../../src/metrics/table.js';
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

test('differences of a histogram add up to it, bucket by bucket, also while its buckets grow wider', () => {
  const duration = fc.double({ min: -5, max: 9.4, noNaN: true }).map((power) => 10 ** power);
  const pushes = fc.array(fc.array(duration, { maxLength: 20 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(pushes, (all) => {
      const { state } = fold([]);
      const deltas = new Deltas(undefined);
      const sum = newHistogram(METRICS[DURATIONS].buckets);
      for (const [push, durations] of all.entries()) {
        for (const [i, durationMs] of durations.entries()) {
          fold([completed(push, `f${push}_${i}`, { durationMs })], state);
        }
        const family = read(state, DURATIONS, {});
        for (const value of succeeded(deltas.since(family, push))) {
          const { counts, exponential } = value;
          expect(Math.min(...counts, ...exponential.counts, exponential.zeros, 0)).toBe(0);
          addHistogram(sum, histogramOf(value));
        }
        deltas.advance({ families: [family], nowMs: push }, [family]);
      }
      const [whole] = succeeded(read(state, DURATIONS, {}));
      if (whole === undefined) return;
      expect(trimmed(sum)).toEqual(trimmed(histogramOf(whole)));
      expect(sum.sum).toBeCloseTo(whole.sum, 3);
    }),
    { seed: 6, numRuns: 60 },
  );
});

function succeeded(family: Told): HistogramValue[] {
  if (family.kind !== 'histogram') return [];
  const points = family.points.filter(({ labels }) => labels['outcome'] === 'succeeded');
  return points.map(({ value }) => value);
}

function histogramOf({ counts, count, sum, exponential }: HistogramValue): Histogram {
  const { scale, zeros, offset, counts: buckets } = exponential;
  return { counts: [...counts], count, sum, zeros, scale, offset, exponential: [...buckets] };
}

/** Without empty buckets at the ends, which mean nothing. */
function trimmed({ counts, count, zeros, scale, offset, exponential }: Histogram): unknown {
  const found = exponential.flatMap((n, i) => (n === 0 ? [] : [[offset + i, n]]));
  return { counts, count, zeros, scale: found.length === 0 ? 0 : scale, found };
}

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
