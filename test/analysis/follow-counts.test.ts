/** What was counted at earlier looks is worth as much as counting all of it anew. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cascades, cascadesNow } from '../../src/analysis/cascades.js';
import { chanceOf } from '../../src/analysis/co-occurrence.js';
import { falseDiscovery } from '../../src/analysis/false-discovery.js';
import { FollowCounts } from '../../src/analysis/follow-counts.js';
import { HOUR_MS } from '../../src/core/rollup.js';
import { markMinute } from '../../src/core/state/failure-minutes.js';
import { MemoryLog } from '../support/memory-log.js';
import { uniform } from '../support/random.js';

const NAMES = ['a', 'b', 'c', 'd'];
const HOURS = 5;
const T0 = Date.parse('2026-11-01T00:00:00Z');

/** Failures in a few hours, also late ones; sometimes weeks later, so that the oldest hours are forgotten. */
const looks = fc.array(
  fc.record({
    weeks: fc.constantFrom(0, 0, 0, 0, 2, 4),
    failures: fc.array(
      fc.record({
        type: fc.nat({ max: NAMES.length - 1 }),
        minute: fc.nat({ max: HOURS * 60 - 1 }),
      }),
      { maxLength: 40 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

test('look after look gives what one look at the end gives, whatever has come and gone between', () => {
  let forgotten = 0;
  fc.assert(
    fc.property(looks, (all) => {
      const types = new Map(NAMES.map((name) => [name, new Array<number>()]));
      const counts = new FollowCounts(NAMES);
      let fromMinute = 500_000 * 60;
      for (const { weeks, failures } of all) {
        fromMinute += weeks * 7 * 24 * 60;
        for (const { type, minute } of failures) {
          const rows = types.get(NAMES[type] ?? '') ?? [];
          const oldest = rows[0];
          markMinute(rows, fromMinute + minute);
          if (oldest !== undefined && (rows[0] ?? 0) > oldest) forgotten += 1;
        }
        counts.look(types);
        const anew = new FollowCounts(NAMES);
        anew.look(types);
        expect(everythingIn(counts)).toEqual(everythingIn(anew));
      }
    }),
    { numRuns: 150, seed: 20_261_001 },
  );
  expect(forgotten).toBeGreaterThan(50);
});

test('hours that do not count any more leave what one look at the others gives', () => {
  const minute = fc.record({
    type: fc.nat({ max: NAMES.length - 1 }),
    minute: fc.nat({ max: HOURS * 60 - 1 }),
  });
  let cut = 0;
  fc.assert(
    fc.property(fc.array(minute, { minLength: 20, maxLength: 80 }), (failures) => {
      const rowsFrom = (hour: number) =>
        new Map(
          NAMES.map((name, type) => [
            name,
            rowsOf(
              failures
                .filter((one) => one.type === type && one.minute >= hour * 60)
                .map((one) => one.minute),
            ),
          ]),
        );
      const all = rowsFrom(0);
      const counts = new FollowCounts(NAMES);
      for (const fromHour of [0, 1, 1, 3, HOURS]) {
        const anew = new FollowCounts(NAMES);
        anew.look(rowsFrom(fromHour));
        const before = everythingIn(counts);
        counts.look(all, fromHour);
        expect(everythingIn(counts)).toEqual(everythingIn(anew));
        if (before[0]?.minutes !== counts.minutesOf(0)) cut += 1;
      }
      expect(counts.minutesOf(0)).toBe(0);
    }),
    { numRuns: 100, seed: 20_261_001 },
  );
  expect(cut).toBeGreaterThan(200);
});

test('a type that takes the place of another one is counted as if it had always been there', () => {
  const minutes = fc.uniqueArray(fc.nat({ max: HOURS * 60 - 1 }), { maxLength: 30 });
  const followed = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), minutes), {
    minLength: 20,
    maxLength: 20,
  });
  let taken = 0;
  fc.assert(
    fc.property(followed, (all) => {
      let counts = new FollowCounts([]);
      for (let first = 0; first < all.length - 3; first += 1) {
        const types = new Map(
          all.slice(first, first + 3).map(([name, own]) => [name, rowsOf(own)] as const),
        );
        const names = [...types.keys()];
        if (counts.takePlaces(types)) taken += 1;
        else counts = new FollowCounts(names);
        counts.look(types);
        expect([...counts.names].sort()).toEqual([...names].sort());
        const anew = new FollowCounts(counts.names);
        anew.look(types);
        expect(everythingIn(counts)).toEqual(everythingIn(anew));
      }
    }),
    { numRuns: 50, seed: 20_261_001 },
  );
  expect(taken).toBeGreaterThan(100);
});

test('one look counts what one would count with sets, hour by hour', () => {
  const minutes = fc.uniqueArray(fc.nat({ max: HOURS * 60 - 1 }), { maxLength: 60 });
  fc.assert(
    fc.property(minutes, minutes, (causes, effects) => {
      const counts = new FollowCounts(['cause', 'effect']);
      counts.look(
        new Map([
          ['cause', rowsOf(causes)],
          ['effect', rowsOf(effects)],
        ]),
      );
      const wake = new Set(causes.flatMap((one) => [1, 2, 3, 4, 5].map((lag) => one + lag)));
      let [together, expected, variance] = [0, 0, 0];
      for (let hour = 0; hour <= HOURS; hour += 1) {
        const isIn = (minute: number): boolean => Math.floor(minute / 60) === hour;
        const x = [...wake].filter(isIn).length;
        const y = effects.filter(isIn).length;
        together += effects.filter((one) => isIn(one) && wake.has(one)).length;
        expected += (x * y) / 60;
        variance += (x * (60 - x) * y * (60 - y)) / (60 * 60 * 59);
      }
      const found = counts.read(0, 1);
      expect(found.together).toBe(together);
      expect(found.expected).toBeCloseTo(expected, 9);
      expect(found.variance).toBeCloseTo(variance, 9);
      expect(counts.minutesOf(0)).toBe(causes.length);
    }),
    { numRuns: 200, seed: 20_261_001 },
  );
});

test('the cascades of a state are those of its minutes, as types and hours come', () => {
  const random = uniform(20_261_001);
  const log = new MemoryLog();
  const fail = (failureType: string, minute: number): void => {
    log.add('failure.detected', {
      failure_id: `f${log.state.seq}`,
      failure_type: failureType,
      severity: 'high',
      detected_at: new Date(T0 + minute * 60_000).toISOString(),
    });
  };
  let edges = 0;
  for (let hour = 0; hour < 120; hour += 1) {
    for (let n = 0; n < 2; n += 1) {
      const minute = 60 * hour + Math.floor(60 * random());
      fail('disk_full', minute);
      fail('agent_lost', minute + 3);
      // Comes later than the others, and sometimes late.
      if (hour > 60) fail('noise', 60 * (hour - n) + Math.floor(60 * random()));
    }
    const found = cascadesNow(log.state, T0 + hour * HOUR_MS);
    expect(found).toEqual(cascades(log.state.failureMinutes.types));
    edges += found.length;
  }
  expect(edges).toBeGreaterThan(50);
});

test('the cascades are those that all pairs give, also those that come as often as by chance', () => {
  const random = uniform(20_261_128);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  let [found, pairs] = [0, 0];
  for (let round = 0; round < 30; round += 1) {
    const minutes = new Map(names.map((name) => [name, new Set<number>()]));
    for (let n = 0; n < 800; n += 1) {
      const minute = Math.floor(4_000 * random());
      const at = Math.floor(names.length * random());
      minutes.get(names[at] ?? '')?.add(minute);
      // Some are now and then followed by the next one.
      if (at < 4 && random() < 0.06 * at) minutes.get(names[at + 1] ?? '')?.add(minute + 2);
    }
    const types = new Map([...minutes].map(([name, of]) => [name, rowsOf([...of])]));
    const counts = new FollowCounts(names);
    counts.look(types);
    const all = names.flatMap((cause, i) =>
      names.flatMap((effect, j) =>
        i === j ? [] : [{ cause, effect, p: chanceOf(counts.read(i, j)) }],
      ),
    );
    const q = falseDiscovery(all.map(({ p }) => p));
    const of = (cause: string, effect: string) =>
      q[all.findIndex((one) => one.cause === cause && one.effect === effect)];
    for (const edge of cascades(types)) {
      expect(edge.qValue).toBeCloseTo(of(edge.cause, edge.effect) ?? -1, 12);
      found += 1;
    }
    pairs += q.filter((one) => one <= 0.05).length;
  }
  expect(found).toBeGreaterThan(30);
  // What is sure enough and no cascade goes the other way, or does not lift enough.
  expect(found).toBeLessThanOrEqual(pairs);
});

function everythingIn(counts: FollowCounts) {
  return counts.names.map((_, cause) => ({
    minutes: counts.minutesOf(cause),
    effects: counts.names.map((__, effect) => counts.read(cause, effect)),
  }));
}

function rowsOf(minutes: readonly number[]): number[] {
  const rows: number[] = [];
  for (const minute of [...minutes].sort((a, b) => a - b)) markMinute(rows, minute);
  return rows;
}
