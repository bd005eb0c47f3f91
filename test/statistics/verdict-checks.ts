/** What intervals, words and the probability of being best promise, checked on simulated results. */
import { expect, test } from 'vitest';
import { fleetPrior, posteriors } from '../../src/analysis/best-probability.js';
import { bestStrategy } from '../../src/analysis/best-strategy.js';
import { ChangeDetector } from '../../src/core/state/change-detector.js';
import { nextWord, type RecommendationWord } from '../../src/core/state/recommendation-word.js';
import { drawBeta, uniform } from '../support/random.js';
import { intervalChecks } from './interval-checks.js';
import { independent, type Results } from './streams.js';
import { atMost, mustExceed, told } from './table.js';

/** Results of a stream over which words are counted. */
const RESULTS = 2_000;

export interface VerdictSizes {
  readonly seed: number;
  readonly streams: number;
  readonly intervals: number;
  readonly comparisons: number;
  /** Runs of who chooses a strategy ten thousand times. */
  readonly bandits: number;
}

export function verdictChecks({
  seed,
  streams,
  intervals,
  comparisons,
  bandits,
}: VerdictSizes): void {
  intervalChecks({ seed, intervals });

  test.each([0.97, 0.9, 0.8, 0.6, 0.45])(
    'the word of a steady %d changes at most twice in 1,000 results',
    (p) => {
      const random = uniform(seed + 1);
      let changes = 0;
      for (let i = 0; i < streams; i += 1) changes += wordChanges(independent(p, random), RESULTS);
      const flips = changes / streams / (RESULTS / 1_000);
      atMost(`word of a steady ${p}: changes in 1,000`, flips, 2);
    },
  );

  test('a rule on the point rate would change its word ten times as often', () => {
    const random = uniform(seed + 2);
    let changes = 0;
    for (let i = 0; i < streams; i += 1)
      changes += naiveWordChanges(independent(0.9, random), RESULTS);
    const flips = changes / streams / (RESULTS / 1_000);
    mustExceed('thresholds on the bare rate, steady 0.9: changes in 1,000', flips, 2);
    expect(flips).toBeGreaterThanOrEqual(20);
  });

  const wordShare = (p: number, attempts: number, word: RecommendationWord): number => {
    const random = uniform(seed + 3);
    const trials = 10 * streams;
    let given = 0;
    for (let i = 0; i < trials; i += 1) {
      if (wordAfter(independent(p, random), attempts) === word) given += 1;
    }
    return given / trials;
  };

  test.each([0.6, 0.7])('ten attempts of a strategy of %d hardly ever say replace', (p) => {
    atMost(`rate ${p}, 10 attempts: called replace`, wordShare(p, 10, 'replace'), 0.03);
  });

  test.each([20, 50, 100])('after %i attempts good and bad ones are called so', (attempts) => {
    told(`rate 0.95, ${attempts} attempts: called keep`, wordShare(0.95, attempts, 'keep'));
    told(`rate 0.3, ${attempts} attempts: called replace`, wordShare(0.3, attempts, 'replace'));
  });

  test('a strategy said to be best with probability p is the best in a share p of cases', () => {
    const random = uniform(seed + 4);
    const bins = Array.from({ length: 10 }, () => ({ said: 0, was: 0, n: 0 }));
    for (let i = 0; i < comparisons; i += 1) {
      // Rates spread as the fleet's: that is what the prior is fitted to.
      const rates = Array.from({ length: 12 }, () => 0.4 + 0.55 * random());
      const arms = rates.map((rate, j) => {
        const attempts = 15 + Math.floor(random() * 35);
        const { successes } = regimeOf(independent(rate, random), attempts);
        const failureType = `type-${Math.floor(j / 3)}`;
        return { failureType, strategy: `S${j}`, attempts, succeeded: successes };
      });
      const { candidates } = bestStrategy(arms, 'type-0');
      const best = rates.indexOf(Math.max(...rates.slice(0, 3)));
      const [first] = candidates;
      const bin = bins[Math.min(9, Math.floor((first?.probability ?? 0) * 10))];
      if (bin === undefined || first === undefined) continue;
      bin.said += first.probability;
      bin.was += first.strategy === `S${best}` ? 1 : 0;
      bin.n += 1;
    }
    const filled = bins.filter(({ n }) => n >= 200);
    expect(filled.length).toBeGreaterThanOrEqual(4);
    for (const [i, { said, was, n }] of bins.entries()) {
      if (n < 200) continue;
      atMost(
        `best, said with ${i / 10} to ${(i + 1) / 10}: said less was`,
        Math.abs(said - was) / n,
        0.05,
      );
    }
  });

  test.each([5, 15, 50])('of about %i attempts each, who is named loses less', (usual) => {
    const random = uniform(seed + 6);
    const lost = { named: 0, plain: 0 };
    for (let i = 0; i < comparisons / 4; i += 1) {
      const rates = Array.from({ length: 12 }, () => 0.4 + 0.55 * random());
      const arms = rates.map((rate, j) => {
        const attempts = Math.max(1, Math.round(2 * usual * random()));
        const { successes } = regimeOf(independent(rate, random), attempts);
        return { failureType: `type-${j >> 2}`, strategy: `S${j}`, attempts, succeeded: successes };
      });
      const [first] = bestStrategy(arms, 'type-0').candidates;
      const own = arms.slice(0, 4);
      const plain = own.reduce((a, b) =>
        b.succeeded / b.attempts > a.succeeded / a.attempts ? b : a,
      );
      const best = Math.max(...rates.slice(0, 4));
      lost.named += best - (rates[Number(first?.strategy.slice(1))] ?? 0);
      lost.plain += best - (rates[Number(plain.strategy.slice(1))] ?? 0);
    }
    const check = `${usual} attempts each: loss of the named by that of the highest bare rate`;
    atMost(check, lost.named / lost.plain, 1);
  });

  test.each([
    ['0.9 and 0.8', [0.9, 0.8]],
    ['0.6, 0.5, 0.4 and 0.3', [0.6, 0.5, 0.4, 0.3]],
  ])('choosing at random by the posteriors of %s costs at most C ln T', (name, rates) => {
    const random = uniform(seed + 5);
    const T = 10_000;
    const best = Math.max(...rates);
    const bound = rates.reduce(
      (sum, p) => (p === best ? sum : sum + (best - p) / divergence(p, best)),
      0,
    );
    const perRun = (draw: Draw): number => {
      let regret = 0;
      for (let run = 0; run < bandits; run += 1) regret += regretOf(rates, T, random, draw);
      return regret / bandits / (bound * Math.log(T));
    };
    const check = `choosing among ${name}: regret by C ln T`;
    atMost(check, perRun(drawBeta), 1);
    mustExceed(
      `always the highest mean, ${check}`,
      perRun((a, b) => a / (a + b)),
      1,
    );
  });
}

/** What is looked at of a posterior, Beta(a, b). */
type Draw = (a: number, b: number, random: () => number) => number;

/** Lost successes of who always takes the strategy that a draw from the posteriors shows as the best. */
function regretOf(rates: readonly number[], T: number, random: () => number, drawOf: Draw): number {
  const arms = rates.map((_, i) => ({
    failureType: 'x',
    strategy: `S${i}`,
    attempts: 0,
    succeeded: 0,
  }));
  const best = Math.max(...rates);
  let regret = 0;
  for (let t = 0; t < T; t += 1) {
    let chosen = { strategy: '', draw: -1 };
    for (const { arm, a, b } of posteriors(arms, fleetPrior(arms))) {
      const draw = drawOf(a, b, random);
      if (draw > chosen.draw) chosen = { strategy: arm.strategy, draw };
    }
    const i = Number(chosen.strategy.slice(1));
    const arm = arms[i];
    const rate = rates[i] ?? 0;
    if (arm === undefined) continue;
    arm.attempts += 1;
    if (random() < rate) arm.succeeded += 1;
    regret += best - rate;
  }
  return regret;
}

function divergence(p: number, q: number): number {
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
}

function regimeOf(results: Results, count: number) {
  const detector = new ChangeDetector();
  for (let n = 0; n < count; n += 1) detector.observe(results(), n, Number.POSITIVE_INFINITY);
  return detector.regime;
}

/** As it is told attempt by attempt, each word by the one before. */
function wordAfter(results: Results, count: number): RecommendationWord {
  let word: RecommendationWord = 'insufficient_data';
  let successes = 0;
  for (let attempts = 1; attempts <= count; attempts += 1) {
    if (results()) successes += 1;
    word = nextWord(word, { attempts, successes, degrading: false });
  }
  return word;
}

function wordChanges(results: Results, count: number): number {
  let word: RecommendationWord = 'insufficient_data';
  let successes = 0;
  let changes = 0;
  for (let attempts = 1; attempts <= count; attempts += 1) {
    if (results()) successes += 1;
    const next = nextWord(word, { attempts, successes, degrading: false });
    if (next !== word && word !== 'insufficient_data') changes += 1;
    word = next;
  }
  return changes;
}

/** Thresholds on the point rate of the last hundred results. */
function naiveWordChanges(results: Results, count: number): number {
  const last: boolean[] = [];
  let word = '';
  let changes = 0;
  for (let n = 1; n <= count; n += 1) {
    last.push(results());
    if (last.length > 100) last.shift();
    const rate = last.filter(Boolean).length / last.length;
    const next = rate < 0.5 ? 'replace' : rate >= 0.9 ? 'keep' : 'monitor';
    if (next !== word && n > 10) changes += 1;
    word = next;
  }
  return changes;
}
