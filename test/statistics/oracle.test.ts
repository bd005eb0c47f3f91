/** The rules in use against the same rules computed in the plainest way, on random input. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restrictedMean } from '../../src/analysis/restricted-mean.js';
import { successInterval } from '../../src/analysis/success-interval.js';
import { falseDiscovery } from '../../src/analysis/false-discovery.js';
import { cascades } from '../../src/analysis/cascades.js';
import { coOccurrence, hourly } from '../../src/analysis/co-occurrence.js';
import { addToBins, binMiddleMs, binOf, type Bins } from '../../src/core/bins.js';
import { normalQuantile } from '../../src/core/normal.js';
import { ChangeDetector } from '../../src/core/state/change-detector.js';
import { DurationDetector } from '../../src/core/state/duration-detector.js';
import { markMinute } from '../../src/core/state/failure-minutes.js';
import { uniform } from '../support/random.js';
import { PlainDetector } from './plain-detector.js';

const SEED = 20_261_001;

const RESULTS = 400;
const STREAMS = 60;

/** Four hundred results in stretches, each with a rate of its own. */
const results = fc
  .record({
    ends: fc.uniqueArray(fc.integer({ min: 1, max: RESULTS - 1 }), { maxLength: 5 }),
    rates: fc.array(fc.constantFrom(0, 0.2, 0.5, 0.8, 0.95, 1), { minLength: 6, maxLength: 6 }),
    seed: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ ends, rates, seed }) => {
    const random = uniform(seed);
    return Array.from({ length: RESULTS }, (_, n) => {
      const stretch = ends.filter((end) => end <= n).length;
      return random() < (rates[stretch] ?? 0);
    });
  });

describe('the trend of success', () => {
  test.each([1.5, 3, 6])(
    'raises the same alarms as looking at every moment, with a threshold of %d',
    (threshold) => {
      let alarms = 0;
      fc.assert(
        fc.property(results, (stream) => {
          const ours = new ChangeDetector();
          const plain = new PlainDetector({ everyMoment: true });
          for (const [n, succeeded] of stream.entries()) {
            const change = ours.observe(succeeded, n, threshold);
            const wanted = plain.observe(succeeded, n, threshold);
            expect(change?.timeMs).toBe(wanted?.timeMs);
            expect(change?.direction).toBe(wanted?.direction);
            expect(change?.before).toBe(wanted?.before);
            expect(change?.after).toBe(wanted?.after);
            if (change !== undefined) alarms += 1;
          }
        }),
        { numRuns: STREAMS, seed: SEED },
      );
      expect(alarms).toBeGreaterThan(STREAMS / 2);
    },
  );

  test('finds the evidence of every moment after every result', () => {
    fc.assert(
      fc.property(results, (stream) => {
        const ours = new ChangeDetector();
        const plain = new PlainDetector({ everyMoment: true });
        for (const [n, succeeded] of stream.entries()) {
          ours.observe(succeeded, n, Number.POSITIVE_INFINITY);
          plain.observe(succeeded, n, Number.POSITIVE_INFINITY);
          same(ours.evidence().nats, plain.evidence(), 1e-9);
        }
      }),
      { numRuns: STREAMS, seed: SEED },
    );
  });

  test('finds the same for success and failure exchanged, the other way round', () => {
    let alarms = 0;
    fc.assert(
      // What the design effect looks at, failures in runs, is not symmetric.
      fc.property(results, (stream) => {
        const parts = { designEffect: false };
        const [one, other] = [new PlainDetector(parts), new PlainDetector(parts)];
        for (const [n, succeeded] of stream.entries()) {
          const change = one.observe(succeeded, n, 9);
          const mirrored = other.observe(!succeeded, n, 9);
          same(one.evidence(), other.evidence(), 1e-9);
          expect(change?.timeMs).toBe(mirrored?.timeMs);
          if (change === undefined) continue;
          expect(change.direction).not.toBe(mirrored?.direction);
          alarms += 1;
        }
      }),
      { numRuns: 100, seed: SEED },
    );
    expect(alarms).toBeGreaterThan(50);
  });
});

test('the trend of durations finds the evidence of scores by definition', () => {
  const durations = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 15, maxLength: 160 });
  fc.assert(
    fc.property(durations, fc.integer({ min: 1, max: 5 }), (steady, factor) => {
      const all = [...steady, ...steady.slice(0, 40).map((one) => one * factor)];
      const detector = new DurationDetector();
      for (const [n, one] of all.entries()) detector.observe(one, n, Number.POSITIVE_INFINITY);
      same(detector.evidence().nats, plainDurationEvidence(all), 1e-8);
    }),
    { numRuns: 120, seed: SEED },
  );
});

test("Wilson's bounds are where the true rate is 1.96 standard deviations away", () => {
  const counts = fc
    .integer({ min: 1, max: 5_000 })
    .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n })));
  const correlation = fc.double({ min: 0, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(counts, correlation, ([n, s], rho) => {
      const effective = (n * (1 - rho)) / (1 + rho);
      const rate = s / n;
      const isNear = (p: number): boolean =>
        (rate - p) ** 2 <= (1.959963984540054 ** 2 * p * (1 - p)) / effective;
      const { lower, upper } = successInterval(n, s, rho) ?? { lower: 2, upper: -1 };
      expect(lower).toBeCloseTo(edge(isNear, rate, 0), 7);
      expect(upper).toBeCloseTo(edge(isNear, rate, 1), 7);
    }),
    { numRuns: 300, seed: SEED },
  );
});

test('the restricted mean is the area under the curve of Kaplan and Meier, one incident at a time', () => {
  const HORIZON_MS = 3_600_000;
  const incident = fc.record({
    ms: fc.integer({ min: 1, max: 2 * HORIZON_MS }),
    recovered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(incident, { minLength: 20, maxLength: 120 }), (incidents) => {
      const recovered: Bins = new Map();
      const censored: Bins = new Map();
      for (const one of incidents) addToBins(one.recovered ? recovered : censored, one.ms);
      const found = restrictedMean({ recovered, censored }, HORIZON_MS);
      if (incidents.filter((one) => one.recovered).length < 10) {
        expect(found).toBeUndefined();
        return;
      }
      // Times as the bins know them.
      const known = incidents.map((one) => ({ ...one, ms: binMiddleMs(binOf(one.ms)) }));
      same(found?.meanMs ?? Number.NaN, plainRestrictedMean(known, HORIZON_MS), 1e-6);
      // Either side of a share that is one half but for rounding.
      const [sooner, later] = [1e-9, -1e-9].map((slack) =>
        timesBefore(known, HORIZON_MS).find((ms) => shareAt(known, ms) <= 0.5 + slack),
      );
      expect([sooner, later]).toContain(found?.medianMs);
    }),
    { numRuns: 200, seed: SEED },
  );
});

test('q-values are those of the definition: the least false share of any list that holds the question', () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(p, { minLength: 1, maxLength: 30 }), (all) => {
      const wanted = all.map((own) => {
        const lists = all.filter((limit) => limit >= own);
        const shares = lists.map((limit) => {
          const listed = all.filter((one) => one <= limit).length;
          return (limit * all.length) / listed;
        });
        return Math.min(1, ...shares);
      });
      const found = falseDiscovery(all);
      for (const [i, one] of wanted.entries()) expect(found[i]).toBeCloseTo(one, 12);
    }),
    { numRuns: 200, seed: SEED },
  );
});

test('shared minutes are counted as one would with sets, hour by hour', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 60 * 6 - 1 }), { maxLength: 80 });
  fc.assert(
    fc.property(minutes, minutes, (a, b) => {
      const found = coOccurrence(hourly(bitsOf(a)), hourly(bitsOf(b)));
      let [together, expected, variance] = [0, 0, 0];
      for (let hour = 0; hour < 6; hour += 1) {
        const own = a.filter((one) => Math.floor(one / 60) === hour);
        const other = b.filter((one) => Math.floor(one / 60) === hour);
        const [x, y] = [own.length, other.length];
        together += own.filter((one) => other.includes(one)).length;
        expected += (x * y) / 60;
        variance += (x * (60 - x) * y * (60 - y)) / (60 * 60 * 59);
      }
      expect(found.together).toBe(together);
      expect(found.expected).toBeCloseTo(expected, 9);
      expect(found.variance).toBeCloseTo(variance, 9);
    }),
    { numRuns: 200, seed: SEED },
  );
});

test('what follows a cause within five minutes is counted as one would with sets, over hours and their halves', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 60 * 40 - 1 }), {
    minLength: 50,
    maxLength: 200,
  });
  let found = 0;
  fc.assert(
    fc.property(minutes, (causes) => {
      // Something to find: the effect comes three minutes later.
      const effects = causes.map((minute) => minute + 3);
      const types = new Map([
        ['cause', bitsOf(causes)],
        ['effect', bitsOf(effects)],
      ]);
      const [edge] = cascades(types).filter(({ cause }) => cause === 'cause');
      const wake = new Set(causes.flatMap((minute) => [1, 2, 3, 4, 5].map((lag) => minute + lag)));
      const expected = Array.from({ length: 41 }, (_, hour) => {
        const inHour = (minute: number): boolean => Math.floor(minute / 60) === hour;
        return ([...wake].filter(inHour).length * effects.filter(inHour).length) / 60;
      }).reduce((sum, one) => sum + one, 0);
      if (edge === undefined) return; // too close together for one to be told from the other
      expect(edge.followed).toBe(effects.filter((minute) => wake.has(minute)).length);
      expect(edge.expected).toBeCloseTo(expected, 9);
      found += 1;
    }),
    { numRuns: 100, seed: SEED },
  );
  expect(found).toBeGreaterThan(20);
});

function same(found: number, wanted: number, within: number): void {
  if (!Number.isFinite(wanted)) expect(found).toBe(wanted);
  else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(wanted)));
}

/** Where a condition that holds at `from` ends on the way to `to`. */
function edge(holds: (p: number) => boolean, from: number, to: number): number {
  if (holds(to)) return to;
  let [yes, no] = [from, to];
  for (let i = 0; i < 60; i += 1) {
    const middle = (yes + no) / 2;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

interface Known {
  readonly ms: number;
  readonly recovered: boolean;
}

/** When any recovered, before the horizon, ascending. */
function timesBefore(incidents: readonly Known[], horizonMs: number): number[] {
  return [...new Set(incidents.filter((one) => one.recovered).map(({ ms }) => ms))]
    .filter((ms) => ms < horizonMs)
    .sort((a, b) => a - b);
}

/** The share that has not recovered by `t`. */
function shareAt(incidents: readonly Known[], t: number): number {
  return timesBefore(incidents, Number.POSITIVE_INFINITY)
    .filter((ms) => ms <= t)
    .reduce((product, ms) => {
      const atRisk = incidents.filter((one) => one.ms >= ms).length;
      const ended = incidents.filter((one) => one.recovered && one.ms === ms).length;
      return product * (1 - ended / atRisk);
    }, 1);
}

function plainRestrictedMean(incidents: readonly Known[], horizonMs: number): number {
  const edges = [0, ...timesBefore(incidents, horizonMs), horizonMs];
  return edges.slice(1).reduce((area, to, i) => {
    const from = edges[i] ?? 0;
    return area + (to - from) * shareAt(incidents, from);
  }, 0);
}

/** Over the corners of the path of scores, found by definition. */
function plainDurationEvidence(durations: readonly number[]): number {
  const z = durations.map((one, i) => {
    const reference = durations.slice(0, Math.min(i, 64));
    const less = reference.filter((other) => other < one).length;
    const equal = reference.filter((other) => other === one).length;
    return normalQuantile((less + equal / 2 + 0.5) / (reference.length + 1));
  });
  const upTo = [0];
  for (const one of z) upTo.push((upTo.at(-1) ?? 0) + one);
  const t = z.length;
  const sum = upTo[t] ?? 0;
  const measured = z.reduce((total, one) => total + one * one, 0) - sum ** 2 / t;
  const spread = Math.max(measured, 0.7 * t);
  const terms: number[] = [];
  for (let n0 = 10; n0 <= t - 5; n0 += 1) {
    const n1 = t - n0;
    const s0 = upTo[n0] ?? 0;
    const rise = (sum - s0) / n1 - s0 / n0;
    if (Math.abs(rise) < 0.25) continue;
    const between = Math.min(0.999_999, (((n0 * n1) / t) * rise * rise) / spread);
    const weight = Math.log((Math.min(n0, n1) * 0.25 ** 2) / ((2 * spread) / t));
    for (const turn of [1, -1] as const) {
      if (!isCorner(upTo, n0, turn)) continue;
      terms.push((-(t - 2) / 2) * Math.log(1 - between) + weight);
    }
  }
  if (terms.length === 0) return Number.NEGATIVE_INFINITY;
  const greatest = Math.max(...terms);
  return greatest + Math.log(terms.reduce((total, one) => total + Math.exp(one - greatest), 0));
}

function isCorner(upTo: readonly number[], at: number, turn: 1 | -1): boolean {
  const slope = (a: number, b: number): number =>
    (turn * ((upTo[b] ?? 0) - (upTo[a] ?? 0))) / (b - a);
  const before = Math.max(...upTo.slice(0, at).map((_, i) => slope(i, at)));
  const after = Math.min(...upTo.slice(at + 1).map((_, i) => slope(at, at + 1 + i)));
  return before < after;
}

function bitsOf(minutes: readonly number[]): number[] {
  const rows: number[] = [];
  for (const minute of [...minutes].sort((a, b) => a - b)) markMinute(rows, minute);
  return rows;
}
