/** What is promised of agents that fail together and of cascades, checked on fleets where both are known. */
import { describe, test } from 'vitest';
import { agentCorrelation } from '../../src/analysis/agent-correlation.js';
import { cascades } from '../../src/analysis/cascades.js';
import { falseDiscovery } from '../../src/analysis/false-discovery.js';
import { normalTail } from '../../src/core/normal.js';
import { markMinute } from '../../src/core/state/failure-minutes.js';
import { normal, poisson, uniform } from '../support/random.js';
import { mean } from './streams.js';
import { atLeast, atMost, mustExceed, told } from './table.js';

interface Load {
  readonly name: string;
  readonly diurnal: number;
  /** Standard deviation of the logarithm, hour by hour. */
  readonly hourly: number;
}

const LOADS: readonly Load[] = [
  { name: 'even load', diurnal: 0, hourly: 0 },
  { name: 'day and night', diurnal: 0.8, hourly: 0 },
  { name: 'day, night and busy hours', diurnal: 0.8, hourly: 0.5 },
];
const CASCADE_LOADS: readonly Load[] = [
  { name: 'even load', diurnal: 0, hourly: 0 },
  { name: 'busy hours', diurnal: 0, hourly: 0.5 },
  { name: 'day, night and busy hours', diurnal: 0.8, hourly: 0.5 },
];
/** What a rule without hours or test must exceed. */
const CONTROL_FDR_MIN = 0.25;

export function fleetChecks({ seed, fleets }: { seed: number; fleets: number }): void {
  describe.each(LOADS)('agents, $name', (load) => {
    test.each([
      [3, 0.8],
      [14, 0.95],
    ])('that fail together over %i days are found, others are not', (length, powerMin) => {
      const results = Array.from({ length: fleets }, (_, i) =>
        agentFleet(length, load, uniform(seed + 31 * length + i)),
      );
      const named = `agents, ${load.name}, ${length} d`;
      atMost(`${named}: false share`, mean(results.map(({ fdr }) => fdr)), 0.05);
      atLeast(`${named}: found`, mean(results.map(({ power }) => power)), powerMin);
      const control = mean(results.map(({ phiFdr }) => phiFdr));
      // In two weeks without busier hours there is little left for it to be misled by: about one in four is false.
      if (load.diurnal === 0 && length > 3) {
        told(`phi correlation, ${named}: false share`, control);
      } else {
        mustExceed(`phi correlation, ${named}: false share`, control, CONTROL_FDR_MIN);
      }
    });
  });

  describe.each(CASCADE_LOADS)('cascades, $name', (load) => {
    test.each([
      [3, undefined],
      [7, 0.9],
      [28, 0.95],
    ])('over %i days are found, in their direction', (length, powerMin) => {
      const results = Array.from({ length: fleets }, (_, i) =>
        cascadeFleet(length, load, uniform(seed + 37 * length + i)),
      );
      const named = `cascades, ${load.name}, ${length} d`;
      atMost(`${named}: false share`, mean(results.map(({ fdr }) => fdr)), 0.1);
      const power = mean(results.map((one) => one.power));
      if (powerMin === undefined) told(`${named}: found`, power);
      else atLeast(`${named}: found`, power, powerMin);
      atMost(`${named}: reversed`, Math.max(...results.map(({ reversed }) => reversed)), 0);
      const strength = mean(results.flatMap(({ strengths }) => strengths));
      atMost(`${named}: mean strength, 0.3 in truth`, strength, 0.3);
      const control = mean(results.map(({ liftFdr }) => liftFdr));
      // Over weeks chance alone hardly ever doubles anything; nights and busy hours do, however long one looks.
      if (length === 28 && load.diurnal === 0) {
        told(`lift of two, ${named}: false share`, control);
      } else {
        mustExceed(`lift of two, ${named}: false share`, control, CONTROL_FDR_MIN);
      }
      const turned = Math.max(...results.map(({ liftReversed }) => liftReversed));
      told(`lift of two, ${named}: most reversed in a fleet`, turned);
    });
  });
}

/** Forty agents of about 14 failures a day, ten pairs of which share a part of them. */
function agentFleet(length: number, load: Load, random: () => number) {
  const AGENTS = 40;
  const PAIRS = 10;
  const busy = loadOf(load, random);
  const minutes = Array.from({ length: AGENTS }, () => new Set<number>());
  for (let hour = 0; hour < 24 * length; hour += 1) {
    const factor = busy(hour);
    for (const [agent, own] of minutes.entries()) {
      const isPaired = agent < 2 * PAIRS;
      const count = poisson(((isPaired ? 9 : 14) / 24) * factor, random);
      for (let i = 0; i < count; i += 1) own.add(60 * hour + Math.floor(60 * random()));
      if (!isPaired || agent % 2 === 1) continue;
      const shared = poisson((5 / 24) * factor, random);
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

const TYPES = 20;
/** Each is caused three times in ten. The first two make a chain, whose ends are not called a false pair. */
const EDGES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 2],
  [4, 5],
  [6, 7],
  [8, 9],
];

/** Twenty types of about 15 failures a day of their own, some of which cause another one some minutes later. */
function cascadeFleet(length: number, load: Load, random: () => number) {
  const busy = loadOf(load, random);
  const minutes = Array.from({ length: TYPES }, () => new Set<number>());
  const fail = (type: number, minute: number): void => {
    minutes[type]?.add(minute);
    for (const [cause, effect] of EDGES) {
      if (cause !== type || random() >= 0.3) continue;
      fail(effect, minute + 1 + Math.floor(4 * random()));
    }
  };
  for (let hour = 0; hour < 24 * length; hour += 1) {
    const factor = busy(hour);
    for (let type = 0; type < TYPES; type += 1) {
      const count = poisson((15 / 24) * factor, random);
      for (let i = 0; i < count; i += 1) fail(type, 60 * hour + Math.floor(60 * random()));
    }
  }
  const found = cascades(new Map(minutes.map((own, type) => [`t${type}`, bitsOf(own)])));
  const edges = found.map(({ cause, effect, strength }) => ({
    pair: [Number(cause.slice(1)), Number(effect.slice(1))] as const,
    strength,
  }));
  const naive = liftPairs(minutes, 24 * 60 * length);
  return {
    fdr: share(edges.filter(({ pair }) => isFalse(pair)).length, edges.length),
    power: edges.filter(({ pair }) => isTrue(pair)).length / EDGES.length,
    reversed: edges.filter(({ pair: [a, b] }) => isTrue([b, a])).length,
    strengths: edges.filter(({ pair }) => isTrue(pair)).map(({ strength }) => strength),
    liftFdr: share(naive.filter(isFalse).length, naive.length),
    liftReversed: naive.filter(([a, b]) => isTrue([b, a])).length,
  };
}

function isTrue([a, b]: readonly [number, number]): boolean {
  return EDGES.some(([cause, effect]) => cause === a && effect === b);
}

function isFalse(pair: readonly [number, number]): boolean {
  return !isTrue(pair) && !(pair[0] === 0 && pair[1] === 2);
}

/** Pairs that follow each other twice as often as by chance, five times at least: no test, no hours. */
function liftPairs(minutes: readonly ReadonlySet<number>[], total: number): [number, number][] {
  const wakes = minutes.map(
    (own) => new Set([...own].flatMap((minute) => [1, 2, 3, 4, 5].map((lag) => minute + lag))),
  );
  return wakes.flatMap((wake, cause) =>
    minutes.flatMap((own, effect): [number, number][] => {
      if (cause === effect) return [];
      const together = [...own].filter((minute) => wake.has(minute)).length;
      const lift = together / ((wake.size * own.size) / total);
      return together >= 5 && lift >= 2 ? [[cause, effect]] : [];
    }),
  );
}

/** How much busier than usual an hour is. */
function loadOf({ diurnal, hourly }: Load, random: () => number): (hour: number) => number {
  const gaussian = normal(random);
  return (hour) =>
    (1 + diurnal * Math.cos((2 * Math.PI * (hour % 24)) / 24)) *
    (hourly === 0 ? 1 : Math.exp(hourly * gaussian() - hourly ** 2 / 2));
}

function bitsOf(minutes: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (const minute of [...minutes].sort((a, b) => a - b)) markMinute(rows, minute);
  return rows;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
