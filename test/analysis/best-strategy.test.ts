import { expect, test } from 'vitest';
import {
  armsOfHistory,
  armsOfState,
  bestStrategy,
  type Arm,
} from '../../src/analysis/best-strategy.js';
import { completed } from '../support/events.js';
import { MemoryLog } from '../support/memory-log.js';
import { uniform } from '../support/random.js';

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

/** Two gammas make a beta. */
function drawBeta(a: number, b: number, random: () => number): number {
  const x = drawGamma(a, random);
  return x / (x + drawGamma(b, random));
}

/** Marsaglia and Tsang. */
function drawGamma(shape: number, random: () => number): number {
  if (shape < 1) return drawGamma(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
