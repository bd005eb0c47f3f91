/** Differences over a change of configuration: what is told adds up to what was counted. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addHistogram, newHistogram, type Histogram } from '../../../src/core/state/histogram.js';
import { Deltas } from '../../../src/exposition/otlp/delta.js';
import {
  RowWalker,
  type HistogramValue,
  type MetricFamily,
} from '../../../src/exposition/row-walker.js';
import { baseLine, parseBaseLine, type Base } from '../../../src/exposition/otlp/delta-base.js';
import { NO_CONTROL, prepareCounts } from '../../../src/metrics/control.js';
import { METRICS, metricRows } from '../../../src/metrics/table.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { completed, fold } from '../../support/events.js';
import { viewOf } from '../../metrics/scrape.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';
const DURATIONS = 'selfhealer_healing_duration_seconds';
const TRIES = 'selfhealer_incident_attempts';

type Told = Exclude<MetricFamily, { kind: 'summary' }>;

function read(
  state: LiveState,
  name: string,
  droppedLabels: Record<string, string[]>,
  buckets: Record<string, number[]> = {},
): Told {
  const walker = new RowWalker(metricRows([], { ...NO_CONTROL, droppedLabels, buckets }));
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

describe('after a restart with other buckets', () => {
  /** As a file holds it: without `bounds` as releases before they were kept have written it. */
  const reread = (base: Base | undefined, isOld: boolean): Base => {
    if (base === undefined) expect.fail('no base');
    const families = base.families.map((family) => {
      const text = baseLine(isOld ? { ...family, bounds: undefined } : family);
      return parseBaseLine(text) ?? expect.fail('no family');
    });
    return { ...base, families };
  };

  test.each([
    { name: TRIES, bounds: [2, 3, 4, 5, 6, 7], of: 'as many others' },
    { name: DURATIONS, bounds: [1, 2], of: 'others' },
    { name: DURATIONS, bounds: [1, 2], of: 'others, with a label dropped,', dropped: ['strategy'] },
    { name: TRIES, bounds: METRICS[TRIES].buckets, of: 'the same, of a base without them,' },
  ])('of $name, $of all is told that came', ({ name, bounds, dropped = [], of }) => {
    const { state } = fold([]);
    attempts(state, 0, 20);
    const deltas = new Deltas(undefined);
    push(deltas, read(state, name, {}), 1);

    const buckets = { [name]: [...bounds] };
    const prepare = prepareCounts(METRICS, { ...NO_CONTROL, buckets });
    const recounted = new LiveState(prepare);
    attempts(recounted, 0, 30);
    const later = new Deltas(reread(deltas.base, of.includes('without')));
    const now = (): Told => read(recounted, name, { [name]: dropped }, buckets);
    const told = histogramsOf(later.since(now(), 2));
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(10);
    // No buckets: what was told in others cannot be divided into these.
    for (const value of told.filter(({ count }) => count > 0)) expect(value.counts).toEqual([]);
    for (const { count, exponential } of told) {
      expect(Math.min(0, ...exponential.counts)).toBe(0);
      expect(exponential.counts.reduce((sum, n) => sum + n, exponential.zeros)).toBe(count);
    }

    push(later, now(), 2);
    attempts(recounted, 30, 37);
    const next = histogramsOf(later.since(now(), 3));
    expect(next.flatMap(({ counts }) => counts).reduce((sum, n) => sum + n, 0)).toBe(7);
  });

  test('what the log has lost stays without buckets until it has grown beyond', () => {
    const { state } = fold([]);
    attempts(state, 0, 20);
    const deltas = new Deltas(undefined);
    push(deltas, read(state, TRIES, {}), 1);
    const buckets = { [TRIES]: [2, 3, 4, 5, 6, 7] };
    const recounted = new LiveState(prepareCounts(METRICS, { ...NO_CONTROL, buckets }));
    attempts(recounted, 0, 15);
    expect(push(deltas, read(recounted, TRIES, {}, buckets), 2)).toBe(0);
    attempts(recounted, 15, 26);
    const [value] = histogramsOf(deltas.since(read(recounted, TRIES, {}, buckets), 3));
    expect(value).toMatchObject({ count: 6, counts: [] });
  });
});

function histogramsOf(family: Told): HistogramValue[] {
  return family.kind === 'histogram' ? family.points.map(({ value }) => value) : [];
}
