/** What retry limit, attempt timeout and open time promise, checked where the truth is known. */
import { describe, expect, test } from 'vitest';
import { attemptTimeout } from '../../src/analysis/attempt-timeout.js';
import { breakerOpenTime } from '../../src/analysis/breaker-open-time.js';
import { retryLimit } from '../../src/analysis/retry-limit.js';
import { addToBins, quantileMs, type Bins } from '../../src/core/bins.js';
import { normalQuantile } from '../../src/core/normal.js';
import type { AttemptsOfNumber } from '../../src/core/state/strategy-retries.js';
import { drawBeta, normal, uniform } from '../support/random.js';
import { cohort, WORLDS, type World } from './recovery-checks.js';
import { mean, median } from './streams.js';
import { atLeast, atMost, mustExceed, mustFallShortOf } from './table.js';

const WORTH_RATE = 0.1;
/** A limit is told with a probability of at least 0.8. */
const CUT_OFF_MAX = 0.2;
const NUMBERS = 8;

export interface ParameterSizes {
  readonly seed: number;
  readonly runs: number;
}

export function parameterChecks(sizes: ParameterSizes): void {
  describe('retry limit', () => {
    retryLimitChecks(sizes);
  });
  describe('attempt timeout', () => {
    timeoutChecks(sizes);
  });
  describe('open time of a breaker', () => {
    openTimeChecks(sizes);
  });
}

function retryLimitChecks({ seed, runs }: ParameterSizes): void {
  test.each([
    { rate: 0.5, incidents: 300 },
    { rate: 0.15, incidents: 300 },
    { rate: 0.15, incidents: 60 },
  ])('attempts that go on healing $rate of $incidents are not cut off', ({ rate, incidents }) => {
    const random = uniform(seed + incidents);
    const rates = Array.from({ length: NUMBERS }, () => rate);
    const all = Array.from({ length: runs }, () => experienceOf(rates, incidents, random));
    const named = `retry limit, each attempt heals ${rate}, ${incidents} incidents: cut off`;
    const cut = all.filter((one) => retryLimit(one, 'all').verdict === 'known').length;
    atMost(named, cut / runs, CUT_OFF_MAX);
    if (incidents !== 60) return;
    // The same by the bare rate of each number.
    const naive = all.filter((one) => one.some((of) => of.succeeded / of.attempts < WORTH_RATE));
    mustExceed(`bare rates, ${named}`, naive.length / runs, CUT_OFF_MAX);
  });

  test('attempts that heal no more are found', () => {
    const random = uniform(seed + 1);
    const rates = [0.6, 0.4, 0.3, 0.02, 0.02, 0.02, 0.02, 0.02];
    const right = Array.from({ length: runs }, () =>
      retryLimit(experienceOf(rates, 1_000, random), 'all'),
    ).filter(({ value, verdict }) => verdict === 'known' && value === 3);
    atLeast(
      'retry limit, attempts beyond the third heal 0.02, 1000 incidents: three told',
      right.length / runs,
      0.95,
    );
  });

  test('what is told with a probability holds as often', () => {
    const random = uniform(seed + 2);
    const bins = [
      { from: 0.8, to: 0.9, said: 0, was: 0, n: 0 },
      { from: 0.9, to: 1, said: 0, was: 0, n: 0 },
    ];
    for (let i = 0; i < 20 * runs; i += 1) {
      const rates = Array.from({ length: NUMBERS }, () => drawBeta(0.5, 0.5, random));
      const incidents = 15 + Math.floor(200 * random());
      const told = retryLimit(experienceOf(rates, incidents, random), 'all');
      const number = Number(/attempt (\d)/.exec(told.why)?.[1]);
      const bin = bins.findLast(({ from }) => (told.confidence ?? 0) >= from);
      if (bin === undefined || told.verdict === 'insufficient') continue;
      const rate = rates[number - 1] ?? Number.NaN;
      const holds = told.verdict === 'known' ? rate < WORTH_RATE : rate >= WORTH_RATE;
      bin.said += told.confidence ?? 0;
      bin.was += holds ? 1 : 0;
      bin.n += 1;
    }
    for (const { from, to, said, was, n } of bins) {
      expect(n).toBeGreaterThanOrEqual(200);
      const named = `retry limit, said with ${from} to ${to}`;
      atMost(`${named}: said less was`, Math.abs(said - was) / n, 0.05);
    }
  });
}

function timeoutChecks({ seed, runs }: ParameterSizes): void {
  test.each([29, 59, 299, 1_000])('what %i successes are said to end within holds', (successes) => {
    const random = uniform(seed + successes);
    const gaussian = normal(random);
    let holds = 0;
    let bare = 0;
    for (let i = 0; i < runs; i += 1) {
      const durations: Bins = new Map();
      for (let n = 0; n < successes; n += 1) addToBins(durations, 3_000 * Math.exp(gaussian()));
      const { bound_ms: bound, quantile } = attemptTimeout(durations, 'all').evidence;
      const q = Number(quantile);
      const truth = 3_000 * Math.exp(normalQuantile(q));
      if (Number(bound) >= truth) holds += 1;
      if ((quantileMs(durations, q) ?? 0) >= truth) bare += 1;
    }
    const named = `attempt timeout, ${successes} successes: bound holds`;
    atLeast(named, holds / runs, 0.95);
    mustFallShortOf(`quantile of the sample, ${named}`, bare / runs, 0.95);
  });
}

function openTimeChecks({ seed, runs }: ParameterSizes): void {
  describe.each(WORLDS)('$name', (world) => {
    test.each([
      { incidents: world.few, coverageMin: 0.89 },
      { incidents: 100, coverageMin: 0.92 },
      { incidents: 300, coverageMin: 0.92 },
    ])('the interval of $incidents incidents holds the median', ({ incidents, coverageMin }) => {
      const random = uniform(seed + incidents);
      const truth = trueMedian(world);
      const told = Array.from({ length: runs }, () =>
        breakerOpenTime(cohort(world, incidents, random), 'all'),
      ).filter(({ verdict }) => verdict === 'known');
      expect(told.length).toBeGreaterThan(runs / 2);
      const named = `open time, ${world.name}, ${incidents} incidents`;
      const covered = told.filter(({ evidence: { p50_lower_ms: lower, p50_upper_ms: upper } }) => {
        // Where the upper end is not reached within what was watched, everything above counts.
        return Number(lower) <= truth && truth <= (upper === null ? Infinity : Number(upper));
      });
      atLeast(`${named}: coverage`, covered.length / told.length, coverageMin);
      // Of few incidents those with thirty recoveries are the quicker ones.
      if (incidents < 100) return;
      const off = Math.abs(mean(told.map(({ value }) => Math.log(value ?? 0))) - Math.log(truth));
      atMost(`${named}: off by a share of`, off, 0.04);
    });
  });

  test.each(WORLDS.filter(({ never, windowMs }) => never > 0 || windowMs < 86_400_000))(
    '$name: the median of the recovered is too low',
    (world) => {
      const random = uniform(seed + 3);
      const medians = Array.from(
        { length: runs },
        () => quantileMs(cohort(world, 300, random).recovered, 0.5) ?? 0,
      );
      const check = `median of the recovered, ${world.name}: too low by a share of`;
      mustExceed(check, 1 - median(medians) / trueMedian(world), 0.04);
    },
  );
}

/** Incident after incident, until one attempt heals it or eight have failed. */
function experienceOf(rates: readonly number[], incidents: number, random: () => number) {
  let open = incidents;
  return rates.flatMap((rate, i): AttemptsOfNumber[] => {
    if (open === 0) return [];
    let succeeded = 0;
    for (let n = 0; n < open; n += 1) if (random() < rate) succeeded += 1;
    const attempts = open;
    open -= succeeded;
    return [{ attempt: i + 1, attempts, succeeded }];
  });
}

/** Of the lognormal time to recovery, those that never recover counted in. */
function trueMedian({ sigma, never }: World): number {
  return 30 * 60_000 * Math.exp(sigma * normalQuantile(0.5 / (1 - never)));
}
