import { describe, expect, test } from 'vitest';
import { bestStrategies } from '../../src/analysis/best-strategy.js';
import { betterStrategies, preventable, timeSpent } from '../../src/analysis/improvement-advice.js';
import type { Recommendation } from '../../src/analysis/recommendation.js';
import { situationNow, type Situation } from '../../src/analysis/situation.js';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, detected, fold } from '../support/events.js';
import { poisson, uniform } from '../support/random.js';

const HOUR = 3_600;
const EMPTY = situationNow(new LiveState(), at(0));

function situationAfter(events: readonly HealingEvent[], nowSeconds: number): Situation {
  return situationNow(fold(events).state, at(nowSeconds));
}

describe('another strategy', () => {
  const situation = (used: number, better: number, attempts = 100): Situation => ({
    ...EMPTY,
    best: bestStrategies([
      { failureType: 'x', strategy: 'Used', attempts: 2 * attempts, succeeded: 2 * used },
      { failureType: 'x', strategy: 'Better', attempts, succeeded: better },
    ]),
    failureTypes: [{ failureType: 'x', failures: 3, attempts: 3, skipped: 0 }],
  });

  test('is proposed where it is surely better by five points', () => {
    expect(betterStrategies(situation(70, 90))).toMatchObject([
      {
        id: 'proposal:better_strategy:x',
        kind: 'proposal',
        severity: 'warning',
        strategy: 'Better',
        evidence: { success_rate: 0.9, used_success_rate: 0.7, association: true },
      },
    ]);
  });

  test('is not where it is better by less, may be so by chance, or where the type hardly fails', () => {
    expect(betterStrategies(situation(84, 92))).toEqual([]);
    expect(betterStrategies(situation(7, 9, 10))).toEqual([]);
    const [rare] = situation(70, 90).failureTypes;
    const failureTypes = rare === undefined ? [] : [{ ...rare, failures: 2 }];
    expect(betterStrategies({ ...situation(70, 90), failureTypes })).toEqual([]);
  });
});

describe('healing time', () => {
  const strategy = (name: string, durationMs: number, succeeded: number) => ({
    strategy: name,
    attempts: 30,
    succeeded,
    durationMs,
    trend: 'stable' as const,
    changedMs: undefined,
    delta: undefined,
  });
  const spent = (slowMs: number, healedBySlow: number, attempts = 30) => {
    const strategies = [strategy('Slow', slowMs, healedBySlow), strategy('Quick', 500, 30)];
    return timeSpent({ ...EMPTY, attempts, strategies });
  };

  test('of which one takes half, and heals half of that share, is better spent elsewhere', () => {
    expect(spent(500, 10)).toMatchObject([
      {
        id: 'resource:healing_time:Slow',
        kind: 'resource',
        severity: 'info',
        strategy: 'Slow',
        evidence: { share_of_time: 0.5, share_of_successes: 0.25, duration_ms: 500 },
      },
    ]);
  });

  test('is not talked about just below', () => {
    expect(spent(499, 10)).toEqual([]);
    expect(spent(500, 11)).toEqual([]);
    expect(spent(500, 10, 29)).toEqual([]);
  });
});

describe('an anomaly', () => {
  const steps = 8 * 288;

  /** Two failures in five minutes for eight days, then so many in the last five minutes. */
  function failing(last: number): Recommendation[] {
    const random = uniform(20_261_128);
    const events: HealingEvent[] = [];
    const fail = (step: number, count: number): void => {
      for (let i = 0; i < count; i += 1) {
        const seconds = 300 * step + (300 * i) / count;
        events.push(detected(seconds, `f${events.length}`, { failureType: 'x' }));
      }
    };
    for (let step = 0; step < steps; step += 1) fail(step, poisson(2, random));
    fail(steps, last);
    return preventable(situationAfter(events, 300 * (steps + 1) - 1));
  }

  test('calls for prevention, what happens now and then does not', () => {
    const [advice, ...more] = failing(20);
    expect(more).toEqual([]);
    expect(advice).toMatchObject({ id: 'prevention:anomaly:x', severity: 'warning' });
    expect(failing(6)).toEqual([]);
  });

  test('says what it rests on: how many, how many were to be expected, and when', () => {
    const { evidence } = failing(20)[0] ?? {};
    expect(evidence).toMatchObject({
      failures: 20,
      window: '5m',
      from: new Date(at(300 * steps)).toISOString(),
    });
    const { expected, probability, anomaly_score: score, q_value: qValue } = evidence ?? {};
    expect(expected).toBeGreaterThan(1);
    expect(expected).toBeLessThan(3);
    expect(score).toBeCloseTo(-Math.log10(Number(probability)) / 3, 10);
    expect(qValue).toBe(probability); // of one type
  });
});

describe('a cascade', () => {
  /** The cause once in two hours, at changing minutes; the effect three minutes later. */
  function following(causes: number): string[] {
    const random = uniform(20_261_128);
    const events = Array.from({ length: causes }, (_, i) => {
      const seconds = 2 * HOUR * i + 60 * Math.floor(50 * random());
      return [
        detected(seconds, `a${i}`, { failureType: 'cause' }),
        detected(seconds + 180, `b${i}`, { failureType: 'effect' }),
      ];
    }).flat();
    return preventable(situationAfter(events, 2 * HOUR * causes)).map(({ id }) => id);
  }

  test('calls for prevention from fifty causes on', () => {
    expect(following(50)).toEqual(['prevention:cascade:cause:effect']);
    expect(following(49)).toEqual([]);
  });
});
