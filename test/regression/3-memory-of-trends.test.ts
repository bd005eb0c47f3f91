// A strategy's trend took 1.9 KB beside its name after 300 attempts, and 6.3 KB by halves of the day: more than the 1.3 KB
// that are promised of an ordinary one. The page said a kilobyte.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import { SuccessTrends } from '../../src/core/state/success-trend.js';
import { at, attemptEnded } from '../support/events.js';
import { uniform } from '../support/random.js';

const DAY_S = 86_400;
const collect: unknown = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

/** What was measured stays: were it to go meanwhile, what is measured next would seem to take nothing. */
const kept: SuccessTrends[] = [];

/** Heap and what lies beside it, after all that is not held has gone. */
function bytesHeld(): number {
  if (typeof collect !== 'function') throw new Error('no garbage collection to ask for');
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

interface Load {
  readonly strategies: number;
  readonly perDay: number;
  readonly attempts: number;
  readonly byNight: number;
}

/** Trends of strategies whose success rate is 0.95 by day, and what they take, each, without the names. */
function taken({ strategies, perDay, attempts, byNight }: Load) {
  const random = uniform(20_261_001);
  const names = Array.from({ length: strategies }, (_, i) => `Strategy${i}`);
  const before = bytesHeld();
  const trends = new SuccessTrends();
  const secondOf = (n: number): number => (n * DAY_S) / perDay;
  for (let n = 0; n < attempts; n += 1) {
    const p = (secondOf(n) % DAY_S) * 2 < DAY_S ? byNight : 0.95;
    for (const name of names) trends.apply(attemptEnded(name, at(secondOf(n)), random() < p));
  }
  kept.push(trends);
  const bytes = (bytesHeld() - before) / strategies;
  const inForce = names.filter(
    (name) => trends.read(name, at(secondOf(attempts)))?.phases?.inForce === true,
  );
  return { bytes, inForce: inForce.length };
}

beforeAll(() => {
  // Code is compiled as it is used, and takes memory, too.
  taken({ strategies: 20, perDay: 100, attempts: 3_000, byNight: 0.6 });
});

test('a strategy takes at most 1.3 KB after 300 attempts', () => {
  const { bytes } = taken({ strategies: 2_000, perDay: 1_440, attempts: 300, byNight: 0.95 });
  expect(bytes).toBeLessThanOrEqual(1_300);
  // Less than its numbers alone would be a mistake of the measuring.
  expect(bytes).toBeGreaterThan(500);
});

test('one takes at most 1.6 KB after 3,000 attempts', () => {
  const { bytes } = taken({ strategies: 1_000, perDay: 1_440, attempts: 3_000, byNight: 0.95 });
  expect(bytes).toBeLessThanOrEqual(1_600);
  expect(bytes).toBeGreaterThan(500);
});

test('one that is judged by halves of the day takes at most 3 KB after 3,000', () => {
  const load = { strategies: 1_000, perDay: 100, attempts: 3_000, byNight: 0.6 };
  const { bytes, inForce } = taken(load);
  expect(inForce).toBeGreaterThanOrEqual(990);
  expect(bytes).toBeLessThanOrEqual(3_000);
  expect(bytes).toBeGreaterThan(1_000);
});
