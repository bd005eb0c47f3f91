/** What seasons, correlated agents, cascades and anomalies promise, checked on simulated failures. */
import { describe, expect, test } from 'vitest';
import { agentCorrelation } from '../../src/analysis/agent-correlation.js';
import { cascades } from '../../src/analysis/cascades.js';
import { falseDiscovery } from '../../src/analysis/false-discovery.js';
import { DAILY, seasonality, type Cycle } from '../../src/analysis/seasonality.js';
import { normalTail } from '../../src/core/normal.js';
import { markMinute } from '../../src/core/state/failure-minutes.js';
import { FailureRates } from '../../src/core/state/failure-rates.js';
import { normal, uniform } from '../support/random.js';
import { mean } from './streams.js';
import { atLeast, atMost } from './table.js';

export interface PatternSizes {
  readonly seed: number;
  readonly seasons: number;
  readonly fleets: number;
  /** Steps of five minutes after the week of training. */
  readonly steps: number;
}

export function patternChecks({ seed, seasons, fleets, steps }: PatternSizes): void {
  describe('seasons', () => {
    const rejected = (world: SeasonWorld): number => {
      const random = uniform(seed + 11 * world.days);
      let count = 0;
      for (let i = 0; i < seasons; i += 1) {
        const season = seasonality(days(world, random), DAILY);
        if (season !== undefined && season.pValue <= 0.01) count += 1;
      }
      return count / seasons;
    };

    // Three standard errors of the share come on top of what is promised.
    const nullMax = 0.015 + 3 * Math.sqrt((0.01 * 0.99) / seasons);

    test.each([14, 28, 56])('%i days without one are rarely said to have one', (length) => {
      const volume = rejected({ days: length, volume: 0.8, bursts: 0, sine: 0, spike: 0 });
      atMost(`season, none, volume by hour, ${length} d`, volume, nullMax);
      const bursts = rejected({ days: length, volume: 0, bursts: 1, sine: 0, spike: 0 });
      atMost(`season, none, bursts, ${length} d`, bursts, nullMax);
    });

    test('a wave and a bad hour are found in 28 days', () => {
      const sine = rejected({ days: 28, volume: 0, bursts: 1, sine: 0.8, spike: 0 });
      atLeast('season, sine 0.8 with bursts, 28 d', sine, 0.95);
      const spike = rejected({ days: 28, volume: 0, bursts: 1, sine: 0, spike: 2.5 });
      atLeast('season, spike 2.5 with bursts, 28 d', spike, 0.7);
    });
  });

  describe('agents', () => {
    test.each([
      [3, 0.8],
      [14, 0.95],
    ])('that fail together over %i days are found, others are not', (length, powerMin) => {
      const results = Array.from({ length: fleets }, (_, i) =>
        agentFleet(length, uniform(seed + 31 * length + i)),
      );
      atMost(`agents, ${length} d: false share`, mean(results.map(({ fdr }) => fdr)), 0.05);
      const power = mean(results.map((one) => one.power));
      atLeast(`agents, ${length} d: found`, power, powerMin);
      const control = mean(results.map(({ phiFdr }) => phiFdr));
      atLeast(`agents, ${length} d: control, phi's false share`, control, 0.25);
    });
  });

  test('cascades over 7 days are found, in their direction', () => {
    const results = Array.from({ length: fleets }, (_, i) => cascadeFleet(7, uniform(seed + i)));
    atMost('cascades, 7 d: false share', mean(results.map(({ fdr }) => fdr)), 0.1);
    atLeast('cascades, 7 d: found', mean(results.map(({ power }) => power)), 0.9);
    atMost('cascades, 7 d: reversed', Math.max(...results.map(({ reversed }) => reversed)), 0);
  });

  describe('anomalies', () => {
    const regimes = [0.2, 2, 10, 30].flatMap((level) =>
      [0, 0.3].flatMap((phi) => [0, 0.8].map((diurnal) => ({ level, phi, diurnal }))),
    );

    test.each(regimes)(
      'mean $level, dispersion $phi, day and night $diurnal: at most 15 false in 10,000',
      ({ level, phi, diurnal }) => {
        const alarms = anomalyRun({ level, phi, diurnal, steps, spikes: false }, uniform(seed));
        const limit = 15 + (steps < 30_000 ? 3 * Math.sqrt(10 * (10_000 / steps)) : 0);
        const check = `anomalies, mean ${level}, phi ${phi}, diurnal ${diurnal}: false in 10,000`;
        atMost(check, (10_000 * alarms.false) / steps, limit);
      },
    );

    test('a step of three times as many is seen', () => {
      const world = { level: 30, phi: 0, diurnal: 0, steps, spikes: true };
      const alarms = anomalyRun(world, uniform(seed + 5));
      atLeast('anomalies, mean 30: spikes seen', alarms.hits / alarms.spikes, 0.8);
    });
  });

  test('the adjustment for many questions is that of its definition', () => {
    expect(falseDiscovery([0.01, 0.04, 0.03, 0.5])).toEqual([
      0.04,
      expect.closeTo(0.16 / 3, 12),
      expect.closeTo(0.16 / 3, 12),
      0.5,
    ]);
  });
}

interface SeasonWorld {
  readonly days: number;
  readonly volume: number;
  readonly bursts: number;
  readonly sine: number;
  readonly spike: number;
}

/** About 200 attempts a day at a failure rate of one in ten. */
function days({ days: count, volume, bursts, sine, spike }: SeasonWorld, random: () => number) {
  return Array.from({ length: count }, (): Cycle => {
    const burst = random() < 0.3 * bursts ? Math.floor(random() * 22) : -9;
    return Array.from({ length: 24 }, (_, hour) => {
      const wave = Math.cos((2 * Math.PI * (hour - 14)) / 24);
      const attempts = poisson((200 / 24) * (1 + volume * wave), random);
      const inBurst = hour >= burst && hour < burst + 3 ? 2.5 : 0;
      const logit = Math.log(0.1 / 0.9) + sine * wave + (hour === 9 ? spike : 0) + inBurst;
      const rate = 1 / (1 + Math.exp(-logit));
      let failures = 0;
      for (let i = 0; i < attempts; i += 1) if (random() < rate) failures += 1;
      return { attempts, failures };
    });
  });
}

/** Forty agents, ten pairs of which share a part of their failures; load differs by hour and time of day. */
function agentFleet(length: number, random: () => number) {
  const AGENTS = 40;
  const PAIRS = 10;
  const gaussian = normal(random);
  const minutes = Array.from({ length: AGENTS }, () => new Set<number>());
  for (let hour = 0; hour < 24 * length; hour += 1) {
    const wave = 1 + 0.8 * Math.cos((2 * Math.PI * (hour % 24)) / 24);
    const load = wave * Math.exp(0.5 * gaussian() - 0.125);
    for (const [agent, own] of minutes.entries()) {
      const isPaired = agent < 2 * PAIRS;
      const count = poisson(((isPaired ? 9 : 14) / 24) * load, random);
      for (let i = 0; i < count; i += 1) own.add(60 * hour + Math.floor(60 * random()));
      if (!isPaired || agent % 2 === 1) continue;
      const shared = poisson((5 / 24) * load, random);
      for (let i = 0; i < shared; i += 1) {
        const minute = 60 * hour + Math.floor(60 * random());
        own.add(minute);
        minutes[agent + 1]?.add(minute);
      }
    }
  }
  const bits = new Map(minutes.map((own, agent) => [`a${agent}`, bitsOf(own)]));
  const isTrue = ([a, b]: readonly [string, string]): boolean => {
    const [one, other] = [Number(a.slice(1)), Number(b.slice(1))].sort((x, y) => x - y);
    return one !== undefined && one % 2 === 0 && other === one + 1 && one < 2 * PAIRS;
  };
  const { pairs } = agentCorrelation(bits);
  const found = pairs.map(({ agents }) => agents);
  const phi = phiPairs(minutes, 24 * 60 * length);
  return {
    fdr: share(found.filter((pair) => !isTrue(pair)).length, found.length),
    power: found.filter(isTrue).length / PAIRS,
    phiFdr: share(phi.filter((pair) => !isTrue(pair)).length, phi.length),
  };
}

/** Correlation of the minutes of all hours together, tested as if no hour were busier than another. */
function phiPairs(minutes: readonly ReadonlySet<number>[], total: number): [string, string][] {
  const tests: { pair: [string, string]; p: number }[] = [];
  for (const [i, a] of minutes.entries()) {
    for (let j = i + 1; j < minutes.length; j += 1) {
      const b = minutes[j] ?? new Set();
      let both = 0;
      for (const minute of a) if (b.has(minute)) both += 1;
      const expected = (a.size * b.size) / total;
      const p = both === 0 ? 1 : normalTail((both - expected) / Math.sqrt(expected));
      tests.push({ pair: [`a${i}`, `a${j}`], p });
    }
  }
  const q = falseDiscovery(tests.map(({ p }) => p));
  return tests.filter((_, i) => (q[i] ?? 1) <= 0.05).map(({ pair }) => pair);
}

/** Twenty types, five of which cause another one three times in ten, some minutes later. */
function cascadeFleet(length: number, random: () => number) {
  const TYPES = 20;
  const EDGES = 5;
  const gaussian = normal(random);
  const minutes = Array.from({ length: TYPES }, () => new Set<number>());
  for (let hour = 0; hour < 24 * length; hour += 1) {
    const load = Math.exp(0.5 * gaussian() - 0.125);
    for (const [type, own] of minutes.entries()) {
      const count = poisson((20 / 24) * load, random);
      for (let i = 0; i < count; i += 1) {
        const minute = 60 * hour + Math.floor(60 * random());
        own.add(minute);
        if (type < 2 * EDGES && type % 2 === 0 && random() < 0.3) {
          minutes[type + 1]?.add(minute + 1 + Math.floor(4 * random()));
        }
      }
    }
  }
  const found = cascades(new Map(minutes.map((own, type) => [`t${type}`, bitsOf(own)])));
  const edges = found.map(({ cause, effect }) => [Number(cause.slice(1)), Number(effect.slice(1))]);
  const isTrue = ([a = -1, b = -1]: number[]) => a % 2 === 0 && b === a + 1 && a < 2 * EDGES;
  return {
    fdr: share(edges.filter((edge) => !isTrue(edge)).length, edges.length),
    power: edges.filter(isTrue).length / EDGES,
    reversed: edges.filter(([a, b]) => isTrue([b ?? -1, a ?? -1])).length,
  };
}

interface RateWorld {
  readonly level: number;
  readonly phi: number;
  readonly diurnal: number;
  readonly steps: number;
  readonly spikes: boolean;
}

function anomalyRun({ level, phi, diurnal, steps, spikes }: RateWorld, random: () => number) {
  const STEP_MS = 300_000;
  const TRAINING = 2_100;
  const rates = new FailureRates();
  const start = Date.UTC(2026, 0, 1);
  const alarms = { false: 0, hits: 0, spikes: 0 };
  for (let step = 0; step < TRAINING + steps; step += 1) {
    const timeMs = start + step * STEP_MS;
    const wave = 1 + diurnal * Math.cos((2 * Math.PI * ((timeMs / 3_600_000) % 24)) / 24);
    const mixed = phi === 0 ? 1 : gamma(1 / phi, random) * phi;
    const isSpike = spikes && step > TRAINING && step % 100 === 0;
    const usual = poisson(level * wave * mixed, random);
    const count = isSpike ? 3 * usual + 3 : usual;
    for (let i = 0; i < count; i += 1) rates.apply(opened(timeMs));
    if (step < TRAINING) continue;
    const reading = rates.read('t', timeMs);
    const alarm = reading?.stepMs === timeMs && reading.probability < 1e-3;
    if (isSpike) alarms.spikes += 1;
    if (isSpike && alarm) alarms.hits += 1;
    if (!isSpike && alarm) alarms.false += 1;
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

function bitsOf(minutes: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (const minute of [...minutes].sort((a, b) => a - b)) markMinute(rows, minute);
  return rows;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function poisson(meanCount: number, random: () => number): number {
  if (meanCount > 60) {
    return Math.max(0, Math.round(meanCount + Math.sqrt(meanCount) * normal(random)()));
  }
  const floor = Math.exp(-meanCount);
  let product = random();
  let n = 0;
  while (product > floor) {
    product *= random();
    n += 1;
  }
  return n;
}

/** Gamma of a shape of at least one, scale 1: Marsaglia and Tsang. */
function gamma(shape: number, random: () => number): number {
  const gaussian = normal(random);
  const d = shape - 1 / 3;
  for (;;) {
    const x = gaussian();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
