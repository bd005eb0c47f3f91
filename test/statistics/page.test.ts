/** Figures of docs/analysis.md are those of docs/statistics.md, which a long run holds against what it measures. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPage, withDelays } from './page.js';

const page = readPage();
const analysis = readFileSync('docs/analysis.md', 'utf8');
const prose = analysis.replaceAll(/\s+/g, ' ');

/** Everything measured in the checks whose names match. */
function measured(check: RegExp): number[] {
  const found = [...page].filter(([name]) => check.test(name));
  expect(found.length, String(check)).toBeGreaterThan(0);
  return found.flatMap(([, row]) => row.measured.split(' / ').map(Number));
}

function percent(value: number, digits = 0): string {
  return (100 * value).toFixed(digits);
}

/** The share that is promised, in words; what was measured, and the limits that it is held to, must be within it. */
function oneIn(check: RegExp): string {
  const within = [...page].filter(([name]) => check.test(name)).map(([, { limit }]) => limit);
  const most = Math.max(...measured(check), ...within.map((limit) => Number(limit.slice(2))));
  const [words] = [['twenty', 0.05] as const, ['ten', 0.1] as const].find(
    ([, share]) => most <= share,
  ) ?? ['none that is told'];
  return words;
}

const least = (check: RegExp): number => Math.min(...measured(check));
const most = (check: RegExp): number => Math.max(...measured(check));
const middle = (check: RegExp): number => {
  const all = measured(check);
  return all.reduce((sum, one) => sum + one, 0) / all.length;
};

const STEPS_A_DAY = 288;

/** The least and the most days between two false ones, of those in 10,000 steps of five minutes. */
function daysBetween(check: RegExp): string {
  const days = [most(check), least(check)].map((seen) => 10_000 / STEPS_A_DAY / seen);
  return days.map((one) => one.toFixed(0)).join(' to ');
}

describe('docs/analysis.md', () => {
  test('tells the delays that were measured', () => {
    expect(withDelays(analysis, page)).toBe(analysis);
  });

  const NOT_STABLE = /^trend: steady .*: share of looks not stable/;
  const naive = (p: number): string =>
    percent(middle(new RegExp(`means of two windows, steady ${p}:`)));
  const keep = (n: number): string =>
    percent(middle(new RegExp(`rate 0.95, ${n} attempts: called keep`)));
  const replace = (n: number): string =>
    percent(middle(new RegExp(`rate 0.3, ${n} attempts: called replace`)));
  const EVEN = /^pattern: anomalies, .*, phi 0, .*: false in 10,000$/;
  const SCATTERED = /^pattern: anomalies, .*, phi 0.3, .*: false in 10,000$/;
  const AGENTS = /^pattern: agents, .*: false share$/;
  const CASCADES = /^pattern: cascades, .*: false share$/;
  const HOLDS = /^recovery: (?!mutant|control).*(100|300) incidents: coverage/;

  test.each<[string, () => string]>([
    [
      'how long a trend stands that is none',
      () =>
        `a trend stood ${percent(least(NOT_STABLE), 1)}–${percent(most(NOT_STABLE), 1)} % of the time`,
    ],
    [
      'what the rule of two windows makes of it',
      () =>
        `improving or degrading ${naive(0.95)} % of the time at a rate of 0.95, ` +
        `${naive(0.9)} % at 0.9 and ${naive(0.7)} % at 0.7`,
    ],
    [
      'what failures in runs do',
      () => {
        const length =
          Math.round(middle(/^trend: .*correlation 0.4: results to a false alarm$/) / 100) * 100;
        return `brought γ = 10,000 down to about ${length.toLocaleString('en-US')}`;
      },
    ],
    [
      'how often an interval holds the rate',
      () => {
        const corrected = percent(middle(/: Wilson, 200 results, correlation 0.4: coverage/));
        const plain = percent(middle(/no design effect, 200 results, correlation 0.4: coverage/));
        return `with ρ = 0.4 it is about ${corrected} %, where the uncorrected formula would give ${plain} %`;
      },
    ],
    [
      'what halves of the day are for',
      () => {
        const one = middle(/control, one detector, 333 a day, .*: alarms in 10,000/).toFixed(1);
        const two = middle(/^phase: 333 a day, [^:]*: alarms in 10,000/).toFixed(1);
        return `one detector raises ${one} false alarms in 10,000 attempts, the two ${two}`;
      },
    ],
    [
      'what they cost',
      () => {
        const whole = middle(/^phase: 333 a day, .*at all hours: median delay/);
        const night = middle(/^phase: 333 a day, .*by night: median delay/);
        return `takes ${whole} attempts to be found in the median, one by night alone ${night}`;
      },
    ],
    [
      'how often halves are seen where there are none',
      () => {
        const share = percent(most(/^phase: no pattern, .*: confirmed in a year/), 1);
        return `at most ${share} % are taken for one in a year`;
      },
    ],
    [
      'when a word is given',
      () => `after 20, 50 and 100 attempts in ${keep(20)}, ${keep(50)} and ${keep(100)} % of cases`,
    ],
    [
      'when replace is given',
      () => `is called \`replace\` in ${replace(20)}, ${replace(50)} and ${replace(100)} %`,
    ],
    [
      'how often replace is wrong',
      () =>
        `wrongly called \`replace\` in about ${percent(middle(/rate 0.6, 10 attempts: called replace/))} % of cases`,
    ],
    [
      'how far off the mean of the recovered is',
      () => {
        const hours = percent(middle(/control, mean of the recovered, two hours: too low/));
        const day = percent(middle(/control, mean of the recovered, a day, 5 % never .*: too low/));
        return `the plain mean is ${hours} % too low; over a day with one incident in twenty that never recovers, ${day} %`;
      },
    ],
    [
      'how far off the restricted mean is',
      () => {
        const bias = percent(most(/bias of the restricted mean/), 1);
        return `the bias stays within ${bias} %`;
      },
    ],
    [
      'how often its interval holds the truth',
      () => `in ${percent(least(HOLDS))} to ${percent(most(HOLDS))} % of cases`,
    ],
    [
      'how often what goes on is called slower where nothing has changed',
      () => {
        const share = 100 * most(/^duration: going on, .*: share of looks called slower by it/);
        return `it called less than ${Math.max(1, Math.ceil(share))} % of looks slower`;
      },
    ],
    [
      'when what hangs is called slower',
      () => {
        const hours = /^duration: .* (50|100) % hang: median hours until called slower/;
        return `after ${Math.floor(least(hours))} to ${Math.ceil(most(hours))} hours in the median (half`;
      },
    ],
    [
      'what learning costs who chooses at random',
      () => {
        const cost = middle(/^verdict: choosing among .*: regret by C ln T/);
        return Math.round(10 * cost) === 5
          ? 'that costs about half of the least'
          : `that costs ${cost.toFixed(1)} of the least`;
      },
    ],
    [
      'when slow durations are seen',
      () => {
        const delay = Math.round(middle(/lognormal, sigma 1, twice as slow after 1000/));
        return `twice as slow is seen after about ${delay} durations`;
      },
    ],
    [
      'how often a word changes',
      () => {
        const changes = most(/^verdict: word of a steady .*: changes in 1,000/);
        const bare = middle(/thresholds on the bare rate, steady 0.9: changes in 1,000/);
        return (
          `at most ${changes} changes in 1,000 attempts on strategies that do not change, ` +
          `where thresholds on the bare rate change ${bare.toFixed(0)} times at a rate of 0.9`
        );
      },
    ],
    [
      'how often a type that is as ever is called anomalous',
      () =>
        `once in ${daysBetween(EVEN)} days where its failures come independently of each other, ` +
        `and once in ${daysBetween(SCATTERED)} days where their number scatters more than that`,
    ],
    [
      'when not to believe an anomaly',
      () =>
        `reaches a score of 1 once in ${daysBetween(/^pattern: anomalies, .*: false in 10,000$/)} days`,
    ],
    [
      'how often a cooldown is told where there is none to tell',
      () => {
        const told = percent(most(/^tuning: no relapses, .*: cooldown told$/), 1);
        return `at most ${told} % of strategies are told a cooldown`;
      },
    ],
    [
      'how many of the patterns listed are there by chance',
      () =>
        `at most one in ${oneIn(AGENTS)} of the seasons and of the agents that fail together ` +
        `is there by chance, of those listed, and one in ${oneIn(CASCADES)} of the cascades`,
    ],
    [
      'not to believe all of them',
      () =>
        `One in ${oneIn(AGENTS)} of the pairs of agents and one in ${oneIn(CASCADES)} of the cascades listed`,
    ],
    [
      'when tied durations are seen',
      () => {
        const delay = middle(/tied, 1 ms in place of 0 in 3 %, then in 20 %, after 1000/);
        return `one from 3 to 20 % that take longer after about ${delay} durations`;
      },
    ],
    [
      'what a share that never ends is called',
      () => {
        const share = percent(most(/^duration: \d+ an hour, \d+ % never end: share/), 1);
        return `at most ${Number(share)} % of looks were called slower`;
      },
    ],
    [
      'when a share that ends no more is seen',
      () => {
        const hours = /^duration: .* of which 10 % and then 60 % never end: median hours/;
        return `was said after ${least(hours)} to ${most(hours)} hours in the median`;
      },
    ],
    [
      'what guessers are called',
      () => {
        const better = percent(most(/^prediction: predictions guessed .*: called better/), 1);
        const none = /predictions guessed .*: called no better/;
        return (
          `were called better in at most ${better} % of cases and no better in ` +
          `${percent(least(none))} to ${percent(most(none))} %`
        );
      },
    ],
    [
      'what those who know are called',
      () => `${percent(least(/^prediction: predictions, half of 300 know/))} % were called better`,
    ],
  ])('tells %s', (_, phrase) => {
    const words = phrase();
    expect(prose.includes(words), `docs/analysis.md: expected "${words}"`).toBe(true);
  });
});
