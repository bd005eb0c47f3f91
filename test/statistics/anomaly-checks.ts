/** What is promised of anomalies of the failure rate, checked on types of many levels. */
import { describe, test } from 'vitest';
import { FailureRates } from '../../src/core/state/failure-rates.js';
import { drawGamma, poisson, uniform } from '../support/random.js';
import { atLeast, atMost, mustExceed, told } from './table.js';

const FALSE_MAX = 15;
/** A day of steps that the controls look back on. */
const LOOK_BACK = 288;

/** `steps` of five minutes after the week of training. */
export function anomalyChecks({ seed, steps }: { seed: number; steps: number }): void {
  const regimes = [0.2, 2, 10, 30].flatMap((level) =>
    [0, 0.3].flatMap((phi) => [0, 0.8].map((diurnal) => ({ level, phi, diurnal }))),
  );

  describe('anomalies', () => {
    test.each(regimes)(
      'mean $level, dispersion $phi, day and night $diurnal: at most 15 false in 10,000',
      ({ level, phi, diurnal }) => {
        const alarms = anomalyRun({ level, phi, diurnal, steps }, uniform(seed));
        const named = `anomalies, mean ${level}, phi ${phi}, diurnal ${diurnal}`;
        atMost(`${named}: false in 10,000`, (10_000 * alarms.false) / steps, FALSE_MAX);
        told(`${named}: false in 10,000 at one in 10,000`, (10_000 * alarms.grave) / steps);
      },
    );

    test('three standard deviations above the mean of a day, or of its median, are too many', () => {
      const world = { level: 10, phi: 0.3, diurnal: 0.8, steps, controls: true };
      const alarms = anomalyRun(world, uniform(seed));
      const named = 'anomalies, mean 10, phi 0.3, diurnal 0.8: false in 10,000';
      mustExceed(`three sigma, ${named}`, (10_000 * alarms.threeSigma) / steps, FALSE_MAX);
      mustExceed(
        `median deviation, ${named}`,
        (10_000 * alarms.medianDeviation) / steps,
        FALSE_MAX,
      );
    });

    test.each([0, 0.8])('a step of three times as many is seen, day and night %d', (diurnal) => {
      const world = { level: 30, phi: 0, diurnal, steps, spikes: true };
      const { hits, spikes } = anomalyRun(world, uniform(seed + 5));
      atLeast(`anomalies, mean 30, phi 0, diurnal ${diurnal}: spikes seen`, hits / spikes, 0.8);
    });

    // Where levels vary as much as this from step to step, a rise to three times as many is often one of them.
    test.each([0, 0.8])('of varying levels it is seen less often, day and night %d', (diurnal) => {
      const world = { level: 30, phi: 0.3, diurnal, steps, spikes: true };
      const { hits, spikes } = anomalyRun(world, uniform(seed + 5));
      told(`anomalies, mean 30, phi 0.3, diurnal ${diurnal}: spikes seen`, hits / spikes);
    });
  });
}

interface RateWorld {
  readonly level: number;
  readonly phi: number;
  readonly diurnal: number;
  readonly steps: number;
  readonly spikes?: boolean;
  /** Judge by the simple rules, too. */
  readonly controls?: boolean;
}

function anomalyRun(
  { level, phi, diurnal, steps, spikes = false, controls = false }: RateWorld,
  random: () => number,
) {
  const STEP_MS = 300_000;
  const TRAINING = 2_100;
  const rates = new FailureRates();
  const start = Date.UTC(2026, 0, 1);
  const alarms = { false: 0, grave: 0, hits: 0, spikes: 0, threeSigma: 0, medianDeviation: 0 };
  const recent: number[] = [];
  for (let step = 0; step < TRAINING + steps; step += 1) {
    const timeMs = start + step * STEP_MS;
    const wave = 1 + diurnal * Math.cos((2 * Math.PI * ((timeMs / 3_600_000) % 24)) / 24);
    const mixed = phi === 0 ? 1 : drawGamma(1 / phi, random) * phi;
    const isSpike = spikes && step > TRAINING && step % 100 === 0;
    const usual = poisson(level * wave * mixed, random);
    const count = isSpike ? 3 * usual + 3 : usual;
    for (let i = 0; i < count; i += 1) rates.apply(opened(timeMs));
    const before = controls ? [...recent] : [];
    recent.push(count);
    if (recent.length > LOOK_BACK) recent.shift();
    if (step < TRAINING) continue;
    if (controls) {
      if (isBeyondThreeSigma(count, before)) alarms.threeSigma += 1;
      if (isBeyondMedianDeviation(count, before)) alarms.medianDeviation += 1;
    }
    const reading = rates.read('t', timeMs);
    const alarm = reading?.stepMs === timeMs && reading.probability < 1e-3;
    if (isSpike) alarms.spikes += 1;
    if (isSpike && alarm) alarms.hits += 1;
    if (!isSpike && alarm) alarms.false += 1;
    if (!isSpike && alarm && reading.probability < 1e-4) alarms.grave += 1;
  }
  return alarms;
}

function opened(timeMs: number) {
  return {
    kind: 'incident_opened',
    source: '/s',
    timeMs,
    failureId: 'f',
    failureType: 't',
    severity: 'high',
    agentId: undefined,
    detected: true,
  } as const;
}

function isBeyondThreeSigma(count: number, recent: readonly number[]): boolean {
  const usual = recent.reduce((sum, one) => sum + one, 0) / recent.length;
  const square = recent.reduce((sum, one) => sum + (one - usual) ** 2, 0) / recent.length;
  return count > usual + 3 * Math.sqrt(square);
}

/** The robust z-score of 3.5 that textbooks give. */
function isBeyondMedianDeviation(count: number, recent: readonly number[]): boolean {
  const usual = middleOf(recent);
  const deviation = middleOf(recent.map((one) => Math.abs(one - usual)));
  return 0.6745 * (count - usual) > 3.5 * deviation;
}

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
