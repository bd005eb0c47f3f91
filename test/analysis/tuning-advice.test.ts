import { describe, expect, test } from 'vitest';
import { attemptTimeout } from '../../src/analysis/attempt-timeout.js';
import { tuningAdvice } from '../../src/analysis/tuning-advice.js';
import type { Recommendation } from '../../src/analysis/recommendation.js';
import { addToBins, type Bins } from '../../src/core/bins.js';
import type { HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold } from '../support/events.js';
import { uniform } from '../support/random.js';

const STRATEGY = 'AgentRestartStrategy';

function adviceOn(events: readonly HealingEvent[], nowSeconds = 4_000): Recommendation[] {
  const { state } = fold([...events].sort((a, b) => a.timeMs - b.timeMs));
  // What a snapshot forgets would be missing after a restart.
  const restored = LiveState.restore(state.snapshot());
  if (restored === undefined) throw new Error('a snapshot of its own should be read');
  const strategies = [
    {
      strategy: STRATEGY,
      attempts: 1,
      succeeded: 1,
      durationMs: 1,
      trend: 'stable' as const,
      changedMs: undefined,
      delta: undefined,
    },
  ];
  return tuningAdvice(restored, { strategies }, at(nowSeconds));
}

function ids(events: readonly HealingEvent[]): string[] {
  return adviceOn(events).map(({ id }) => id);
}

/** Each recovered after `seconds`. */
function healed(count: number, seconds: number): HealingEvent[] {
  return Array.from({ length: count }, (_, i) => [
    detected(10 * i, `healed${i}`),
    completed(10 * i + seconds, `healed${i}`),
  ]).flat();
}

describe('the retry limit', () => {
  const secondAttempts = (count: number): HealingEvent[] =>
    Array.from({ length: count }, (_, i) => [
      detected(20 * i, `f${i}`),
      completed(20 * i + 1, `f${i}`, { outcome: 'failed' }),
      completed(20 * i + 2, `f${i}`, { outcome: 'failed' }),
    ]).flat();

  test('is recommended from ten attempts beyond it on', () => {
    const [one] = adviceOn([...healed(40, 1), ...secondAttempts(10)]);
    expect(one).toMatchObject({
      id: `tuning:retry_limit:${STRATEGY}`,
      severity: 'info',
      action: `Set the retry limit of '${STRATEGY}' to 1.`,
      evidence: { retry_limit: 1, attempts_beyond: 10, window: 'all' },
    });
    expect(ids([...healed(40, 1), ...secondAttempts(9)])).toEqual([]);
  });
});

describe('the attempt timeout', () => {
  const failedAfter = (count: number, durationMs: number): HealingEvent[] =>
    Array.from({ length: count }, (_, i) => [
      detected(20 * i, `f${i}`),
      completed(20 * i + 15, `f${i}`, { outcome: 'failed', durationMs }),
    ]).flat();

  test('is recommended from ten failures that went on for longer', () => {
    const [one] = adviceOn([...healed(40, 1), ...failedAfter(10, 12_000)]);
    expect(one).toMatchObject({
      id: `tuning:attempt_timeout:${STRATEGY}`,
      kind: 'tuning',
      evidence: { successes: 40, failed_beyond: 10, quantile: 0.9, room: 3, window: 'all' },
    });
    // A second, by bins of 8 % and buckets of 2 %, three times.
    expect(one?.evidence['attempt_timeout_ms']).toBeGreaterThan(2_850);
    expect(one?.evidence['attempt_timeout_ms']).toBeLessThan(3_400);
    expect(ids([...healed(40, 1), ...failedAfter(9, 12_000)])).toEqual([]);
  });

  test('is not where failures end as soon as successes, nor while it is unknown', () => {
    expect(ids([...healed(40, 1), ...failedAfter(40, 1_500)])).toEqual([]);
    expect(ids([...healed(28, 1), ...failedAfter(10, 12_000)])).toEqual([]);
  });
});

describe('the attempt timeout of any durations', () => {
  const random = uniform(20_261_128);
  const bins: Bins = new Map();

  test('is recommended just where ten failures are longer than it', () => {
    let [given, withheld] = [0, 0];
    for (let round = 0; round < 80; round += 1) {
      const spread = 3 * random();
      const lengths = (count: number, typicalMs: number): number[] =>
        Array.from({ length: count }, () => typicalMs * Math.exp(spread * (random() - 0.5)));
      const succeeded = lengths(29 + Math.floor(300 * random()), 1_000);
      const failed = lengths(10 + Math.floor(40 * random()), 1_000 * Math.exp(4 * random() - 1));
      const events = [...succeeded, ...failed].map((durationMs, i) =>
        completed(20 * i, `f${i}`, {
          durationMs,
          outcome: i < succeeded.length ? 'succeeded' : 'failed',
        }),
      );
      bins.clear();
      for (const durationMs of succeeded) addToBins(bins, durationMs);
      const timeoutMs = attemptTimeout(bins, 'all').value ?? 0;
      // Durations are known to a few per cent: where that decides, it may be either.
      const beyond = (ms: number): number => failed.filter((one) => one > ms).length;
      const isGiven = ids(events).includes(`tuning:attempt_timeout:${STRATEGY}`);
      if (beyond(timeoutMs * 1.15) >= 10) expect(isGiven).toBe(true);
      else if (beyond(timeoutMs / 1.15) < 10) expect(isGiven).toBe(false);
      else continue;
      if (isGiven) given += 1;
      else withheld += 1;
    }
    expect(given).toBeGreaterThan(15);
    expect(withheld).toBeGreaterThan(15);
  });
});

describe('the open time of breakers', () => {
  /** Trials of one breaker, each after it was open for so long. */
  const trials = (
    count: number,
    openSeconds: number,
    to: 'open' | 'closed',
    circuit = 'c',
  ): HealingEvent[] =>
    Array.from({ length: count }, (_, i) => {
      const startSeconds = i * 200;
      const moved = (seconds: number, state: 'open' | 'half_open' | 'closed'): HealingEvent => ({
        ...envelope(startSeconds + seconds),
        type: 'selfhealer.circuit.changed',
        circuit,
        state,
        strategy: STRATEGY,
      });
      return [
        moved(0, 'closed'),
        moved(1, 'open'),
        moved(1 + openSeconds, 'half_open'),
        moved(2 + openSeconds, to),
      ];
    }).flat();

  test('is recommended from ten trials on that failed before half of the incidents recover', () => {
    const [one] = adviceOn([...healed(40, 60), ...trials(10, 5, 'open')]);
    expect(one).toMatchObject({
      id: `tuning:breaker_open_time:${STRATEGY}`,
      kind: 'tuning',
      evidence: { recoveries: 40, trials: 10, failed_trials: 10, window: '1d' },
    });
    expect(one?.evidence['breaker_open_ms']).toBeGreaterThan(57_000);
    expect(one?.evidence['breaker_open_ms']).toBeLessThan(63_000);
    expect(one?.evidence['failed_after_p50_ms']).toBeLessThan(5_300);
    expect(ids([...healed(40, 60), ...trials(9, 5, 'open')])).toEqual([]);
  });

  test('is not where most trials pass, where they come late enough, nor while recovery is unknown', () => {
    const passed = trials(11, 5, 'closed', 'other');
    expect(ids([...healed(40, 60), ...trials(10, 5, 'open'), ...passed])).toEqual([]);
    expect(ids([...healed(40, 60), ...trials(10, 70, 'open')])).toEqual([]);
    expect(ids([...healed(29, 60), ...trials(10, 5, 'open')])).toEqual([]);
  });
});

describe('the restart cooldown', () => {
  /** Of forty agents that were healed, so many failed again ten seconds later. */
  const relapsed = (count: number): HealingEvent[] =>
    Array.from({ length: 40 }, (_, i) => {
      const about = { agentId: `a${i}` };
      const healing = [detected(20 * i, `f${i}`, about), completed(20 * i + 1, `f${i}`, about)];
      return i < count ? [...healing, detected(20 * i + 11, `again${i}`, about)] : healing;
    }).flat();

  test('is recommended from five relapses on', () => {
    const dayLater = 86_400;
    const [one] = adviceOn(relapsed(5), dayLater);
    expect(one).toMatchObject({
      id: `tuning:restart_cooldown:${STRATEGY}`,
      kind: 'tuning',
      evidence: { healed: 40, failed_again_within_6h: 5, window: 'all' },
    });
    expect(one?.evidence['restart_cooldown_ms']).toBeGreaterThan(9_500);
    expect(one?.evidence['restart_cooldown_ms']).toBeLessThan(10_600);
    expect(adviceOn(relapsed(4), dayLater)).toEqual([]);
    expect(adviceOn(relapsed(5), 4_000)).toEqual([]); // nobody knows yet how the others will fare
  });
});
