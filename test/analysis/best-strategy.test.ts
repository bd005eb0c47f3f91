import { expect, test } from 'vitest';
import type { Arm } from '../../src/analysis/best-probability.js';
import {
  armsOfHistory,
  armsOfState,
  bestStrategies,
  bestStrategy,
} from '../../src/analysis/best-strategy.js';
import { completed } from '../support/events.js';
import { MemoryLog } from '../support/memory-log.js';
import { drawBeta, uniform } from '../support/random.js';

function arm(strategy: string, succeeded: number, attempts: number, failureType = 'x'): Arm {
  return { failureType, strategy, attempts, succeeded };
}

test('a clearly better strategy is named, with how sure that is', () => {
  const best = bestStrategy([arm('A', 45, 50), arm('B', 20, 50)], 'x');
  expect(best).toMatchObject({ strategy: 'A', verdict: 'best' });
  expect(best.probability).toBeGreaterThan(0.99);
  expect(best.why).toContain('45 of 50');
});

test('two alike are not told apart', () => {
  const best = bestStrategy([arm('A', 40, 50), arm('B', 40, 50)], 'x');
  expect(best).toMatchObject({ strategy: null, verdict: 'insufficient' });
  expect(best.candidates.map(({ probability }) => probability)).toEqual([
    expect.closeTo(0.5, 6),
    expect.closeTo(0.5, 6),
  ]);
});

test('an unknown type, one strategy alone, and few attempts are insufficient', () => {
  expect(bestStrategy([arm('A', 9, 9)], 'y')).toEqual({
    strategy: null,
    probability: null,
    verdict: 'insufficient',
    why: "no strategy has been tried on 'y'",
    candidates: [],
    candidatesLeftOut: 0,
  });
  const alone = bestStrategy([arm('A', 100, 100)], 'x');
  expect(alone).toMatchObject({ strategy: null, verdict: 'insufficient' });
  expect(alone.candidates).toHaveLength(1);
  expect(bestStrategy([arm('A', 9, 9), arm('B', 0, 9)], 'x').strategy).toBeNull();
});

test('what a strategy does on other types says little about this one', () => {
  const arms = [arm('A', 1, 20), arm('B', 18, 20), arm('A', 500, 500, 'other')];
  expect(bestStrategy(arms, 'x').strategy).toBe('B');
});

test('the probabilities are those that drawing from the posteriors gives', () => {
  const arms = [arm('A', 14, 20), arm('B', 17, 20), arm('C', 60, 80), arm('D', 1, 2)];
  const { candidates } = bestStrategy(arms, 'x');
  const random = uniform(1);
  const wins = new Map<string, number>();
  const DRAWS = 8_000;
  const weight = priorWeight(candidates);
  for (let i = 0; i < DRAWS; i += 1) {
    let best = { strategy: '', rate: -1 };
    for (const { strategy, attempts, expectedRate } of candidates) {
      const total = attempts + weight;
      const rate = drawBeta(expectedRate * total, (1 - expectedRate) * total, random);
      if (rate > best.rate) best = { strategy, rate };
    }
    wins.set(best.strategy, (wins.get(best.strategy) ?? 0) + 1);
  }
  for (const { strategy, probability } of candidates) {
    expect(Math.abs(probability - (wins.get(strategy) ?? 0) / DRAWS)).toBeLessThan(0.02);
  }
});

test('millions of attempts and fifty strategies are no trouble', () => {
  const many = Array.from({ length: 50 }, (_, i) => arm(`S${i}`, 900_000 + i * 1_000, 1_000_000));
  expect(bestStrategy(many, 'x')).toMatchObject({ strategy: 'S49', verdict: 'best' });
});

test('what is found for all types at once is what is found for each', () => {
  const random = uniform(7);
  const arms = Array.from({ length: 400 }, (_, i) => {
    const attempts = Math.floor(60 * random());
    return arm(`S${i % 20}`, Math.floor(attempts * random()), attempts, `type-${i % 40}`);
  });
  const all = bestStrategies(arms);
  for (let i = 0; i < 40; i += 1) {
    const one = bestStrategy(arms, `type-${i}`);
    expect(all.get(`type-${i}`)).toEqual(one.verdict === 'best' ? one : undefined);
  }
  expect(all.size).toBeGreaterThan(5);
});

test('history and state tell the same', () => {
  const log = new MemoryLog();
  for (let i = 0; i < 30; i += 1) {
    const outcome = i % 3 === 0 ? 'failed' : i % 7 === 0 ? 'skipped' : 'succeeded';
    const trigger = i % 2 === 0 ? 'reactive' : 'preventive';
    log.fold(completed(i, `f${i}`, { strategy: `S${i % 2}`, outcome, trigger }));
  }
  const sorted = (arms: Arm[]) => arms.sort((a, b) => (a.strategy < b.strategy ? -1 : 1));
  expect(sorted(armsOfHistory(log.history()))).toEqual(sorted(armsOfState(log.state)));
});

/** How many attempts the prior weighs: read off a candidate, as posteriors add it to their own. */
function priorWeight(candidates: ReturnType<typeof bestStrategy>['candidates']): number {
  const [a, b] = candidates;
  if (a === undefined || b === undefined) return 0;
  // mean = (m w + s) / (w + n) for both, with the same m w: two equations, solved for w.
  const x = a.succeeded - a.expectedRate * a.attempts;
  const y = b.succeeded - b.expectedRate * b.attempts;
  return (x - y) / (a.expectedRate - b.expectedRate);
}

test('what is left out of the comparison is counted', () => {
  const arms = Array.from({ length: 23 }, (_, i) => ({
    failureType: 'x',
    strategy: `S${i}`,
    attempts: 20,
    succeeded: i === 0 ? 20 : 5,
  }));
  const best = bestStrategy(arms, 'x');
  expect(best.strategy).toBe('S0');
  expect(best.candidates).toHaveLength(20);
  expect(best.candidatesLeftOut).toBe(3);
});
