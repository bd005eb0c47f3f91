// The number of attempts to a false alarm went by the attempts since the first one for a strategy on a failure type, and
// by those of the last week for a strategy: who had become busier had many times the false alarms of the budget.
import { expect, test } from 'vitest';
import { DurationTrends, timedAttempt } from '../../src/core/state/duration-trend.js';
import { PairTrends } from '../../src/core/state/pair-trends.js';
import { SuccessTrends } from '../../src/core/state/success-trend.js';
import { at, attemptEnded } from '../support/events.js';
import { uniform } from '../support/random.js';

const DAY_S = 86_400;

/** False alarms of one steady strategy over stretches of so many attempts a day. */
function falseAlarms(
  stretches: readonly (readonly [perDay: number, days: number])[],
  seed: number,
) {
  const random = uniform(seed);
  const pairs = new PairTrends();
  const strategies = new SuccessTrends();
  const raised = { pair: 0, strategy: 0 };
  let seconds = 0;
  let known: number | undefined;
  for (const [perDay, days] of stretches) {
    for (let n = 0; n < perDay * days; n += 1) {
      const fact = attemptEnded('S', at(seconds), random() < 0.9);
      if (pairs.apply(fact) !== undefined) raised.pair += 1;
      strategies.apply(fact);
      if (n % 100 === 99) {
        const before = strategies.read('S', fact.timeMs)?.before;
        if (before !== known) raised.strategy += 1;
        known = before;
      }
      seconds += DAY_S / perDay;
    }
  }
  return raised;
}

function sumOver(streams: number, stretches: Parameters<typeof falseAlarms>[0]) {
  const all = Array.from({ length: streams }, (_, i) => falseAlarms(stretches, 20_261_001 + i));
  return {
    pair: all.reduce((sum, { pair }) => sum + pair, 0),
    strategy: all.reduce((sum, { strategy }) => sum + strategy, 0),
  };
}

test('a strategy that becomes a thousand times busier keeps to the budget, by failure type too', () => {
  const { pair, strategy } = sumOver(40, [
    [2, 300],
    [2_000, 10],
  ]);
  // 13 by the budget of the busy days, 12 or so by the least of a thousand attempts in the calm ones.
  expect(pair).toBeLessThanOrEqual(40);
  expect(strategy).toBeLessThanOrEqual(40);
});

test('durations that become a thousand times more often keep to the budget', () => {
  let alarms = 0;
  for (let stream = 0; stream < 40; stream += 1) {
    const random = uniform(20_261_101 + stream);
    const trends = new DurationTrends(timedAttempt);
    let seconds = 0;
    let known: number | undefined;
    for (const [perDay, days] of [
      [2, 300],
      [2_000, 10],
    ] as const) {
      for (let n = 0; n < perDay * days; n += 1) {
        const timeMs = at(seconds);
        trends.apply(attemptEnded('S', timeMs, true, 1_000 * (0.5 + random())));
        if (n % 100 === 99) {
          const { beforeMs } = trends.read('S', timeMs) ?? {};
          if (beforeMs !== known) alarms += 1;
          known = beforeMs;
        }
        seconds += DAY_S / perDay;
      }
    }
  }
  // 25 as above, and those that follow an alarm, as its change begins with what looked most extreme.
  expect(alarms).toBeLessThanOrEqual(50);
});

test('the first hours of a busy strategy on a failure type keep to the budget', () => {
  // 0.4 by the budget, and the little that the first hour brings.
  expect(sumOver(60, [[100_000, 0.2]]).pair).toBeLessThanOrEqual(5);
});
