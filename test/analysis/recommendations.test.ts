import { describe, expect, test } from 'vitest';
import { situationNow } from '../../src/analysis/situation.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { at, completed, detected, envelope, fold, started } from '../support/events.js';
import type { Recommendation } from '../../src/analysis/recommendation.js';
import { recommendations } from '../../src/analysis/recommendations.js';
import type { Situation, StrategySituation } from '../../src/analysis/situation.js';

const WELL = 'System is performing well. Continue monitoring.';

const QUIET: Situation = {
  window: '1h',
  attempts: 100,
  succeeded: 90,
  mttrMs: 800,
  restricted: undefined,
  recovered: 90,
  strategies: [],
  failureTypes: [],
  predictors: new Map(),
  best: new Map(),
  bestWindow: '1d',
  anomalies: [],
  cascades: [],
  knownStrategies: new Set(),
};

function strategy(more: Partial<StrategySituation>): StrategySituation {
  return {
    strategy: 'TaskRetryStrategy',
    attempts: 100,
    succeeded: 90,
    durationMs: 0,
    trend: 'stable',
    changedMs: undefined,
    delta: undefined,
    ...more,
  };
}

function failures(...counts: readonly (readonly [string, number])[]): Situation['failureTypes'] {
  return counts.map(([failureType, n]) => ({
    failureType,
    failures: n,
    attempts: n,
    skipped: 0,
  }));
}

function advise(more: Partial<Situation>): Recommendation[] {
  return recommendations({ ...QUIET, ...more });
}

function messages(more: Partial<Situation>): string[] {
  return advise(more).map(({ message }) => message);
}

describe('overall', () => {
  test('a low rate', () => {
    expect(messages({ succeeded: 65 })).toEqual([
      'Overall success rate is low (65.0%). Consider reviewing strategy configurations.',
    ]);
  });

  test('a rate that is surely below one half is critical, of a few attempts it is not', () => {
    expect(advise({ succeeded: 30 })[0]?.severity).toBe('critical');
    expect(advise({ attempts: 4, succeeded: 1 })[0]?.severity).toBe('warning');
  });

  test('an excellent rate', () => {
    expect(messages({ succeeded: 98 })).toEqual([
      'Excellent success rate (98.0%). Current strategies are effective.',
      WELL,
    ]);
  });

  test.each([70, 90, 95])('%i %% is neither', (succeeded) => {
    expect(messages({ succeeded })).toEqual([WELL]);
  });

  test('without attempts nothing is said about a rate', () => {
    expect(messages({ attempts: 0, succeeded: 0, mttrMs: undefined })).toEqual([WELL]);
  });
});

describe('strategies', () => {
  test('one that mostly fails', () => {
    const [one] = advise({ strategies: [strategy({ succeeded: 45 })] });
    expect(one).toMatchObject({
      id: 'strategy:low_success_rate:TaskRetryStrategy',
      kind: 'strategy',
      severity: 'warning',
      strategy: 'TaskRetryStrategy',
      message:
        "Strategy 'TaskRetryStrategy' has low success rate (45.0%). Consider replacing or redesigning.",
      evidence: { success_rate: 0.45, attempts: 100, window: '1h' },
    });
  });

  test('one that surely does is critical', () => {
    expect(advise({ strategies: [strategy({ succeeded: 20 })] })[0]?.severity).toBe('critical');
  });

  test('one that is degrading', () => {
    const degrading = strategy({
      strategy: 'AgentRestartStrategy',
      trend: 'degrading',
      changedMs: Date.UTC(2026, 10, 23),
      delta: -0.2,
      change: { nats: 12.5, before: 0.9, after: 0.6 },
    });
    expect(advise({ strategies: [degrading] })[0]).toMatchObject({
      message:
        "Strategy 'AgentRestartStrategy' is degrading. Review and tune configuration parameters.",
      evidence: {
        success_delta: -0.2,
        changed_at: '2026-11-23T00:00:00.000Z',
        trend_window: 'now',
        trend_evidence_nats: 12.5,
        rate_before: 0.9,
        rate_after: 0.6,
        mix_changed: null,
      },
    });
  });

  test('one that is given other failures is not to be tuned', () => {
    const mix = { before: 0.9, after: 0.6, byMix: -0.25, byRates: -0.05, isMix: true };
    const [one] = advise({ strategies: [strategy({ trend: 'degrading', mix: { shift: mix } })] });
    expect(one?.message).toMatch(/is degrading because it is given other failures/);
    expect(`${one?.message} ${one?.action}`).not.toMatch(/tune/i);
    expect(one?.evidence).toMatchObject({ mix_changed: true, delta_by_mix: -0.25 });
    const own = advise({
      strategies: [strategy({ trend: 'degrading', mix: { shift: { ...mix, isMix: false } } })],
    });
    expect(own[0]?.message).toMatch(/tune configuration parameters/);
    expect(own[0]?.action).toMatch(/^Look at what changed/);
  });

  test('where the mix was not looked into, it is to be looked at first', () => {
    const mix = { missing: 'only some are looked into' };
    const [one] = advise({ strategies: [strategy({ trend: 'degrading', mix })] });
    expect(one?.action).toMatch(/^See first whether .* is given other failures than before\./);
    expect(one?.evidence).toMatchObject({ mix_changed: null, trend_cause_missing: mix.missing });
  });

  test('one that does well, and one that was only skipped, call for nothing', () => {
    const skipped = strategy({ attempts: 0, succeeded: 0, trend: 'insufficient_data' });
    expect(messages({ strategies: [strategy({}), skipped] })).toEqual([WELL]);
  });
});

test('a high MTTR, in whole milliseconds', () => {
  expect(messages({ mttrMs: 6500.4 })).toEqual([
    'MTTR is high (6500ms). Consider optimizing healing strategies for faster recovery.',
  ]);
  expect(messages({ mttrMs: 5000 })).toEqual([WELL]);
});

test('the most common failure, for information', () => {
  const advice = advise({ failureTypes: failures(['agent_failure', 24], ['x', 3]) });
  expect(advice[0]).toMatchObject({
    kind: 'prevention',
    severity: 'info',
    failureType: 'agent_failure',
    message: 'Most common failure: agent_failure (24 occurrences). Implement preventive measures.',
    evidence: { failures: 24, share_of_failures: 24 / 27 },
  });
  expect(advice[1]?.message).toBe(WELL);
});

describe('resource exhaustion', () => {
  const TEXT = 'Resource exhaustion detected 12 times. Enable GradualDegradationStrategy.';

  test.each([
    ['resource_exhaustion'],
    ['resource'],
    ['resource_token'],
    ['memory-exhausted'],
    ['ResourceExhaustion'],
  ])('%s', (failureType) => {
    expect(messages({ failureTypes: failures([failureType, 12]) })).toContain(TEXT);
  });

  test('several such types together', () => {
    expect(
      messages({ failureTypes: failures(['resource_cpu', 7], ['resource_ram', 5]) }),
    ).toContain(TEXT);
  });

  test('not for other types, and not for one or two', () => {
    const failureTypes = failures(['resourceful', 12], ['agent', 9], ['resource', 2]);
    expect(messages({ failureTypes }).join()).not.toContain('exhaustion');
  });

  test('no warning where the strategy is in use', () => {
    const knownStrategies = new Set(['GradualDegradationStrategy']);
    const advice = advise({ failureTypes: failures(['resource', 12]), knownStrategies });
    expect(advice.find(({ kind }) => kind === 'resource')?.severity).toBe('info');
    expect(advice.at(-1)?.message).toBe(WELL);
  });
});

describe('timeouts', () => {
  const TEXT =
    'Timeout failures detected. Enable CircuitBreakerStrategy to prevent cascading failures.';

  test.each([['timeout'], ['task_timeout'], ['timeout_db'], ['TaskTimeout']])('%s', (type) => {
    const advice = advise({ failureTypes: failures([type, 1]) });
    expect(advice.find(({ kind }) => kind === 'circuit_breaker')).toMatchObject({
      message: TEXT,
      severity: 'warning',
      evidence: { failure_types: type, failures: 1, strategy_enabled: false },
    });
  });

  test('not for other types', () => {
    expect(messages({ failureTypes: failures(['task', 9]) })).not.toContain(TEXT);
  });
});

test('a strategy is proposed for a type that nothing was tried on', () => {
  const failureTypes = [{ failureType: 'disk_full', failures: 3, attempts: 0, skipped: 3 }];
  expect(advise({ failureTypes }).find(({ kind }) => kind === 'proposal')).toMatchObject({
    severity: 'warning',
    failureType: 'disk_full',
  });
});

test('no strategy is asked for where one is registered, or where attempts were started and hang', () => {
  const failures = [0, 1, 2].flatMap((i) => [
    detected(i, `h${i}`, { failureType: 'hang' }),
    detected(i, `r${i}`, { failureType: 'registered' }),
    detected(i, `n${i}`, { failureType: 'neither' }),
  ]);
  const { state } = fold([
    {
      ...envelope(0),
      type: 'selfhealer.strategy.registered',
      strategy: 'Registered',
      failureTypes: ['registered', 'hang'],
    },
    ...failures,
    started(10, 'h0', { strategy: 'Hanging' }),
  ]);
  const restored = LiveState.restore(state.snapshot());
  const proposed = recommendations(situationNow(restored ?? new LiveState(), at(20)))
    .filter(({ kind }) => kind === 'proposal')
    .map(({ id, message, action }) => [id, `${message} ${action}`] as const);
  expect(proposed.map(([id]) => id).sort()).toEqual([
    'proposal:no_strategy:neither',
    'proposal:not_ended:hang',
    'proposal:not_tried:registered',
  ]);
  const texts = new Map(proposed);
  expect(texts.get('proposal:not_ended:hang')).toMatch(/^Attempts .*'Hanging'.* have not ended/);
  expect(texts.get('proposal:not_tried:registered')).toMatch(/^'Registered' is registered/);
  expect(texts.get('proposal:not_ended:hang')).not.toMatch(/Register a/);
  expect(texts.get('proposal:not_tried:registered')).not.toMatch(/Register a/);
});

test('what was started and has ended hangs no more', () => {
  const { state } = fold([
    detected(0, 'h0', { failureType: 'hang' }),
    started(1, 'h0', { strategy: 'Slow' }),
    completed(9, 'h0', { strategy: 'Slow', failureType: 'hang' }),
  ]);
  expect([...state.registry.started]).toEqual([]);
});

test('ids are distinct and stay the same', () => {
  const situation: Partial<Situation> = {
    succeeded: 40,
    mttrMs: 9_000,
    strategies: [strategy({ succeeded: 1 }), strategy({ strategy: 'B', trend: 'degrading' })],
    failureTypes: failures(['resource', 12], ['timeout', 2]),
  };
  const ids = advise(situation).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([
    'overall:low_success_rate',
    'strategy:low_success_rate:TaskRetryStrategy',
    'strategy:degrading:B',
    'mttr:high',
    'prevention:most_common:resource',
    'resource:exhaustion',
    'circuit_breaker:timeouts',
  ]);
});
