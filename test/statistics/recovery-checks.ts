/** What the restricted mean promises, checked on simulated incidents. */
import { describe, expect, test } from 'vitest';
import { restrictedMean } from '../../src/analysis/restricted-mean.js';
import { addToBins, type Bins } from '../../src/core/bins.js';
import { normal, uniform } from '../support/random.js';
import { mean } from './streams.js';
import { atLeast, atMost, mustExceed, mutantExceeds } from './table.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface World {
  readonly name: string;
  readonly windowMs: number;
  readonly horizonMs: number;
  /** Of the lognormal time to recovery; its median is 30 minutes. */
  readonly sigma: number;
  /** Share that never recovers. */
  readonly never: number;
  /** Fewest incidents of which 30 have recovered, so that there is an interval. */
  readonly few: number;
}

const DAY = { windowMs: 24 * HOUR, horizonMs: 4 * HOUR, sigma: 1.2, never: 0, few: 36 };
/** Windows that incidents are looked at in. */
export const WORLDS: readonly World[] = [
  { ...DAY, name: 'a day' },
  { ...DAY, name: 'a day, 5 % never recover', never: 0.05 },
  { ...DAY, name: 'a day, long tail', sigma: 2, few: 40 },
  { ...DAY, name: 'two hours', windowMs: 2 * HOUR, horizonMs: 2 * HOUR, few: 60 },
];
const BIAS_MAX = 0.03;

export function recoveryChecks({ seed, repeats }: { seed: number; repeats: number }): void {
  describe.each(WORLDS)('$name', (world) => {
    test.each([
      { incidents: world.few, coverageMin: 0.89 },
      { incidents: 100, coverageMin: 0.92 },
      { incidents: 300, coverageMin: 0.92 },
    ])('bias and coverage of $incidents incidents', ({ incidents, coverageMin }) => {
      const random = uniform(seed + incidents);
      const truth = trueMean(world);
      const cohorts = Array.from({ length: repeats }, () => cohort(world, incidents, random));
      const found = cohorts.flatMap(({ recovered, censored }) => {
        const one = restrictedMean({ recovered, censored }, world.horizonMs);
        return one?.lowerMs === undefined || one.upperMs === undefined ? [] : [one];
      });
      expect(found.length).toBeGreaterThan(repeats / 2);
      const named = `${world.name}, ${incidents} incidents`;
      const bias = mean(found.map(({ meanMs }) => meanMs)) / truth - 1;
      atMost(`${named}: bias of the restricted mean`, Math.abs(bias), BIAS_MAX);
      const covered = found.filter(
        ({ lowerMs = 0, upperMs = 0 }) => lowerMs <= truth && truth <= upperMs,
      );
      atLeast(`${named}: coverage`, covered.length / found.length, coverageMin);
    });
  });

  const hiding = WORLDS.filter(({ windowMs, never }) => never > 0 || windowMs < DAY.windowMs);
  test.each(hiding)('$name: the mean of the recovered ones is far off', (world) => {
    const random = uniform(seed + 1);
    const cohorts = Array.from({ length: repeats }, () => cohort(world, 300, random));
    const plain = 1 - mean(cohorts.map(({ plainMs }) => plainMs)) / trueMean(world);
    mustExceed(`mean of the recovered, ${world.name}: too low by a share of`, plain, BIAS_MAX);
    // Open incidents left out, all else the same.
    const closed = cohorts.flatMap(({ recovered }) => {
      const one = restrictedMean({ recovered, censored: new Map() }, world.horizonMs);
      return one === undefined ? [] : [one.meanMs];
    });
    const bias = 1 - mean(closed) / trueMean(world);
    mutantExceeds(`open incidents left out, ${world.name}: too low by a share of`, bias, BIAS_MAX);
  });

  test.each(WORLDS.filter(({ never }) => never === 0))(
    '$name: against the mean without a horizon',
    (world) => {
      const random = uniform(seed + 2);
      const plain = mean(Array.from({ length: repeats }, () => cohort(world, 300, random).plainMs));
      const whole = 30 * MINUTE * Math.exp(world.sigma ** 2 / 2);
      const check = `mean of the recovered, ${world.name}: below the mean without a horizon by`;
      mustExceed(check, 1 - plain / whole, BIAS_MAX);
    },
  );
}

export interface Cohort {
  readonly recovered: Bins;
  readonly censored: Bins;
  /** Mean of the recovered ones. */
  readonly plainMs: number;
}

/** Incidents that start at any moment of the window, looked at when it ends. */
export function cohort(
  { windowMs, sigma, never }: World,
  incidents: number,
  random: () => number,
): Cohort {
  const gaussian = normal(random);
  const recovered: Bins = new Map();
  const censored: Bins = new Map();
  let sumMs = 0;
  let count = 0;
  for (let i = 0; i < incidents; i += 1) {
    const watchedMs = random() * windowMs;
    const durationMs = 30 * MINUTE * Math.exp(sigma * gaussian());
    if (random() < never || durationMs > watchedMs) {
      addToBins(censored, watchedMs);
    } else {
      addToBins(recovered, durationMs);
      sumMs += durationMs;
      count += 1;
    }
  }
  return { recovered, censored, plainMs: sumMs / count };
}

/** ∫ P(T > t) dt up to the horizon, by the normal distribution of ln T. */
function trueMean({ horizonMs, sigma, never }: World): number {
  const STEPS = 20_000;
  let area = 0;
  for (let i = 0; i < STEPS; i += 1) {
    const t = ((i + 0.5) * horizonMs) / STEPS;
    const z = Math.log(t / (30 * MINUTE)) / sigma;
    area += never + (1 - never) * (1 - normalCdf(z));
  }
  return (area * horizonMs) / STEPS;
}

/** Abramowitz and Stegun 26.2.17, within 7.5e-8. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z > 0 ? 1 - tail : tail;
}
