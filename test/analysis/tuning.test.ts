import { describe, expect, test } from 'vitest';
import { attemptTimeout } from '../../src/analysis/attempt-timeout.js';
import { breakerOpenTime } from '../../src/analysis/breaker-open-time.js';
import { upperBoundMs } from '../../src/analysis/quantile-bounds.js';
import { restartCooldown } from '../../src/analysis/restart-cooldown.js';
import { retryLimit } from '../../src/analysis/retry-limit.js';
import { tuning } from '../../src/analysis/tuning.js';
import { addToBins, type Bins } from '../../src/core/bins.js';
import { LiveState } from '../../src/core/state/live-state.js';
import type { AttemptsOfNumber } from '../../src/core/state/strategy-retries.js';
import { completed, detected, fold } from '../support/events.js';
import { MemoryLog } from '../support/memory-log.js';
import { uniform } from '../support/random.js';

function ofNumbers(...counts: readonly (readonly [number, number])[]): AttemptsOfNumber[] {
  return counts.map(([succeeded, attempts], i) => ({ attempt: i + 1, attempts, succeeded }));
}

function binsOf(values: readonly number[]): Bins {
  const bins: Bins = new Map();
  for (const value of values) addToBins(bins, value);
  return bins;
}

describe('the retry limit', () => {
  test('is the last attempt before one that hardly ever heals', () => {
    const limit = retryLimit(ofNumbers([60, 100], [20, 40], [6, 20], [0, 30]), 'all');
    expect(limit).toMatchObject({ value: 3, verdict: 'known' });
    expect(limit.confidence).toBeGreaterThan(0.9);
    expect(limit.evidence).toMatchObject({ attempts_4: 30, success_rate_4: 0, window: 'all' });
  });

  test('is at least what is known to heal, where the data end', () => {
    const limit = retryLimit(ofNumbers([60, 100], [20, 40], [2, 3]), 'all');
    expect(limit).toMatchObject({ value: 2, verdict: 'at_least' });
  });

  test('is one for a strategy that never heals, and unknown of few attempts', () => {
    expect(retryLimit(ofNumbers([0, 50]), 'all')).toMatchObject({ value: 1, verdict: 'known' });
    expect(retryLimit(ofNumbers([5, 9]), 'all')).toMatchObject({
      value: null,
      verdict: 'insufficient',
      confidence: null,
    });
  });
});

describe('the attempt timeout', () => {
  test('lies above the quantile that the data can bound, with more room the fewer they are', () => {
    const ms = Array.from({ length: 400 }, (_, i) => 100 + i);
    const many = attemptTimeout(binsOf(ms), 'all');
    expect(many.evidence['quantile']).toBe(0.99);
    expect(many.value).toBeGreaterThan(1.5 * 490);
    expect(many.value).toBeLessThan(1.5 * 499 * 1.1);
    expect(attemptTimeout(binsOf(ms.slice(0, 40)), 'all').evidence['room']).toBe(3);
  });

  test('is unknown below 29 successes', () => {
    const few = attemptTimeout(binsOf(new Array<number>(28).fill(5)), '1h');
    expect(few).toMatchObject({ value: null, verdict: 'insufficient' });
    expect(few.why).toBe('at least 29 successes are needed, 28 stand');
  });
});

test('the bound of a quantile holds as often as it says', () => {
  const random = uniform(20_261_123);
  let above = 0;
  const TRIALS = 400;
  for (let i = 0; i < TRIALS; i += 1) {
    const bins = binsOf(Array.from({ length: 100 }, () => -1_000 * Math.log(1 - random())));
    if ((upperBoundMs(bins, { q: 0.5, sure: 0.975 }) ?? 0) >= 1_000 * Math.LN2) above += 1;
  }
  expect(above / TRIALS).toBeGreaterThanOrEqual(0.96);
});

test('the breaker stays open until half of the incidents have recovered', () => {
  const recovered = binsOf(Array.from({ length: 99 }, (_, i) => 1_000 * (i + 1)));
  const censored: Bins = new Map();
  const open = breakerOpenTime({ recovered, censored }, '1d');
  expect(open.verdict).toBe('known');
  expect(open.value).toBeGreaterThan(48_000);
  expect(open.value).toBeLessThan(52_500);
  expect(open.evidence).toMatchObject({ recoveries: 99, window: '1d' });
  expect(Number(open.evidence['p50_lower_ms'])).toBeLessThan(45_000);
  expect(Number(open.evidence['p50_upper_ms'])).toBeGreaterThan(54_000);
  const few = { recovered: binsOf([1, 2]), censored };
  expect(breakerOpenTime(few, '1d').verdict).toBe('insufficient');
});

test('incidents that stay open move the time after which half have recovered', () => {
  const recovered = binsOf(Array.from({ length: 99 }, (_, i) => 1_000 * (i + 1)));
  const some = binsOf(Array.from({ length: 50 }, () => 3_600_000));
  const open = breakerOpenTime({ recovered, censored: some }, '1d');
  // 75 of 149.
  expect(open.value).toBeGreaterThan(71_000);
  expect(open.value).toBeLessThan(80_000);
  expect(open.evidence).toMatchObject({ recoveries: 99, unrecovered: 50 });
  const most = binsOf(Array.from({ length: 150 }, () => 3_600_000));
  expect(breakerOpenTime({ recovered, censored: most }, '1d')).toMatchObject({
    value: null,
    verdict: 'insufficient',
  });
});

describe('the restart cooldown', () => {
  const HOUR = 3_600_000;

  test('covers nine of ten relapses', () => {
    const afterMs = binsOf(Array.from({ length: 50 }, (_, i) => (i + 1) * 1_000));
    const cooldown = restartCooldown({ healed: 200, afterMs }, { window: 'all' });
    expect(cooldown.verdict).toBe('known');
    expect(cooldown.value).toBeGreaterThan(42_000);
    expect(cooldown.value).toBeLessThan(48_000);
  });

  test('is nothing where failures come as evenly soon as late', () => {
    const afterMs = binsOf(Array.from({ length: 48 }, (_, i) => ((i + 0.5) / 2) * HOUR));
    expect(restartCooldown({ healed: 1_000, afterMs }, { window: 'all' })).toMatchObject({
      value: 0,
      verdict: 'known',
    });
  });

  test('is unknown of few healings', () => {
    expect(restartCooldown(undefined, { window: 'all' }).verdict).toBe('insufficient');
  });
});

describe('of agents that fail again whether healed or not', () => {
  const HOUR = 3_600_000;
  const DAY = 24 * HOUR;
  const TRIALS = 200;
  const random = uniform(20_261_128);
  const after = (meanMs: number): number => -meanMs * Math.log(1 - random());

  test.each(
    [24, 12, 8, 2].flatMap((hours) => [60, 300, 1_000].map((healed) => ({ hours, healed }))),
  )('no cooldown is told: a failure every $hours h, $healed healed', ({ hours, healed }) => {
    let told = 0;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const failures = Array.from({ length: healed }, () => after(hours * HOUR));
      const afterMs = binsOf(failures.filter((ms) => ms <= DAY));
      const { value } = restartCooldown({ healed, afterMs }, { window: 'all' });
      if (value !== null && value > 0) told += 1;
    }
    expect(told / TRIALS).toBeLessThanOrEqual(0.05);
  });

  test('those healed only now are not taken for agents that keep well', () => {
    let told = 0;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const afterMs: Bins = new Map();
      const waitedMs: number[] = [];
      for (let i = 0; i < 300; i += 1) {
        const ageMs = 9 * HOUR * random();
        const failedMs = after(24 * HOUR);
        if (failedMs <= ageMs) addToBins(afterMs, failedMs);
        else waitedMs.push(ageMs);
      }
      const { value } = restartCooldown({ healed: 300, afterMs }, { window: 'all', waitedMs });
      if (value !== null && value > 0) told += 1;
    }
    expect(told / TRIALS).toBeLessThanOrEqual(0.05);
  });

  test.each([24, 12, 8])('relapses are found among failures every %d h', (hours) => {
    let found = 0;
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const failures = Array.from({ length: 1_000 }, () =>
        after(random() < 0.2 ? HOUR / 6 : hours * HOUR),
      );
      const afterMs = binsOf(failures.filter((ms) => ms <= DAY));
      const { value } = restartCooldown({ healed: 1_000, afterMs }, { window: 'all' });
      if (value !== null && value > 0 && value < 2 * HOUR) found += 1;
    }
    expect(found / TRIALS).toBeGreaterThanOrEqual(0.9);
  });

  test('what would fail anyway is not known where nearly all fail at once', () => {
    const afterMs = binsOf(Array.from({ length: 100 }, () => after(HOUR / 6)));
    const cooldown = restartCooldown({ healed: 100, afterMs }, { window: 'all' });
    expect(cooldown).toMatchObject({ value: null, verdict: 'insufficient' });
  });
});

describe('from events', () => {
  const events = Array.from({ length: 40 }, (_, i) => [
    detected(100 * i, `f${i}`, { agentId: 'a' }),
    completed(100 * i + 1, `f${i}`, {
      outcome: i % 2 === 0 ? 'succeeded' : 'failed',
      agentId: 'a',
    }),
    ...(i % 2 === 0 ? [] : [completed(100 * i + 2, `f${i}`, { durationMs: 2_000, agentId: 'a' })]),
  ]).flat();

  test('every parameter is told with what it rests on', () => {
    const log = new MemoryLog();
    for (const event of events) log.fold(event);
    const name = 'AgentRestartStrategy';
    const { parameters } = tuning(log.state, log.history(), {
      strategy: name,
      window: 'all',
      nowMs: 0,
    });
    expect(parameters.retry_limit).toMatchObject({
      value: 2,
      verdict: 'at_least',
      evidence: { attempts_1: 40, success_rate_1: 0.5, attempts_2: 20, success_rate_2: 1 },
    });
    expect(parameters.attempt_timeout_ms.verdict).toBe('known');
    expect(parameters.breaker_open_ms.verdict).toBe('known');
    expect(parameters.restart_cooldown_ms.evidence).toMatchObject({ healed: 40 });
  });

  test('a restart in between changes nothing', () => {
    const whole = fold(events).state;
    const half = fold(events.slice(0, 60)).state;
    const restored = LiveState.restore(half.snapshot());
    const { state } = fold(events.slice(60), restored);
    expect(state.experience.snapshot()).toEqual(whole.experience.snapshot());
    expect(state.retries.snapshot()).toEqual(whole.retries.snapshot());
  });

  test('an unknown strategy has no parameter', () => {
    const log = new MemoryLog();
    const { parameters } = tuning(log.state, log.history(), {
      strategy: 'None',
      window: 'all',
      nowMs: 0,
    });
    for (const parameter of Object.values(parameters)) expect(parameter.value).toBeNull();
  });
});
