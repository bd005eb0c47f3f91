// The parts of the demo whose rules are easier to see without processes.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Circuit, type CircuitState } from '../../demo/circuit.js';
import type { PredictionOutcome } from '../../demo/events.js';
import { LeaseTable } from '../../demo/leases.js';
import { parseOptions } from '../../demo/options.js';
import { Predictions, type Prediction } from '../../demo/predictions.js';
import { Random } from '../../demo/prng.js';
import { ServiceLevel, type Level } from '../../demo/service-level.js';
import { formatTally, Tally } from '../../demo/tally.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the circuit breaker', () => {
  const fails = () => Promise.resolve(false);
  const works = () => Promise.resolve(true);

  async function opened(): Promise<{ circuit: Circuit; states: CircuitState[] }> {
    const circuit = new Circuit('ledger');
    const states: CircuitState[] = [];
    circuit.on('changed', (state) => states.push(state));
    for (let n = 0; n < 3; n++) await circuit.call(fails);
    return { circuit, states };
  }

  test('opens after three failures in a row, and refuses', async () => {
    const { circuit, states } = await opened();
    expect(states).toEqual(['open']);
    expect(await circuit.call(works)).toBe('refused');
  });

  test('lets one call try after a while, and closes when it works', async () => {
    const { circuit, states } = await opened();
    vi.advanceTimersByTime(1500);
    expect(await circuit.call(works)).toBe('ok');
    expect(states).toEqual(['open', 'half_open', 'closed']);
  });

  test('opens again when the try fails', async () => {
    const { circuit, states } = await opened();
    vi.advanceTimersByTime(1500);
    expect(await circuit.call(fails)).toBe('failed');
    expect(states).toEqual(['open', 'half_open', 'open']);
  });

  test('a success between failures keeps it closed', async () => {
    const circuit = new Circuit('ledger');
    for (const action of [fails, fails, works, fails, fails]) await circuit.call(action);
    expect(circuit.state).toBe('closed');
  });
});

describe('predictions', () => {
  const prediction: Prediction = {
    id: 'pred-1',
    issuedMs: 0,
    source: 'trend',
    failureType: 'memory_leak',
    agentId: 'agent-1',
    confidence: 0.5,
    expectedTimeMs: 1000,
    reasoning: '',
    recommendedAction: '',
  };

  function standing(): { predictions: Predictions; outcomes: PredictionOutcome[] } {
    const outcomes: PredictionOutcome[] = [];
    const predictions = new Predictions((_, outcome) => outcomes.push(outcome));
    predictions.add(prediction);
    return { predictions, outcomes };
  }

  test('the failure of another agent settles nothing', () => {
    const { predictions, outcomes } = standing();
    predictions.occurred('memory_leak', 'agent-2');
    expect(outcomes).toEqual([]);
  });

  test('a prediction is settled once', () => {
    const { predictions, outcomes } = standing();
    predictions.occurred('memory_leak', 'agent-1');
    predictions.settle(prediction, 'prevented');
    predictions.close();
    expect(outcomes).toEqual(['occurred']);
  });

  test('one that does not come true was false, and one looked at too late has expired', () => {
    for (const [atMs, outcome] of [
      [1700, 'false_positive'],
      [2000, 'expired'],
    ] as const) {
      const { predictions, outcomes } = standing();
      predictions.settleOverdue(1500);
      expect(outcomes).toEqual([]);
      predictions.settleOverdue(atMs);
      expect(outcomes).toEqual([outcome]);
    }
  });
});

describe('the table of leases', () => {
  test('fills, and then gives no more, until the dead have given theirs', () => {
    const table = LeaseTable.create(6);
    try {
      expect(table.capacity).toBe(10);
      for (let n = 0; n < 200; n++) table.claim(new Random(n));
      expect(table.used()).toBe(10);
      expect(table.claim(new Random('late'))).toBeUndefined();
      expect(table.stale(new Set([process.pid]))).toEqual([]);

      const [oldest] = table.stale(new Set());
      table.release(oldest?.slot ?? -1);
      expect(table.used()).toBe(9);
    } finally {
      table.remove();
    }
  });
});

test('the service level goes down at once and comes back a step at a time', () => {
  const service = new ServiceLevel();
  const levels: Level[] = [];
  service.on('changed', (level) => levels.push(level));
  service.set(2);
  for (let n = 0; n < 30; n++) {
    service.observe(true);
    vi.advanceTimersByTime(250);
  }
  expect(levels).toEqual([2, 1, 0]);
});

test('the tally lists a strategy that has done nothing', () => {
  const tally = new Tally();
  tally.strategy('TaskRetryStrategy');
  tally.failure('task_error');
  expect(formatTally(tally.snapshot()).split('\n')).toEqual([
    '  failure     task_error                   1',
    '  attempts    TaskRetryStrategy            0 succeeded, 0 failed, 0 skipped',
  ]);
});

describe('options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toEqual({
      pace: 1,
      seed: 1,
      wearAfter: 110,
      durationSeconds: Infinity,
      listenAddress: '127.0.0.1:9464',
      insecureNoAuth: false,
      storagePath: './data',
    });
  });

  test('say what is wrong with a number', () => {
    expect(() => parseOptions(['--pace=fast'])).toThrow(
      '--pace: expected a number of 0.01 to 50, got "fast"',
    );
    expect(() => parseOptions(['--pase=1'])).toThrow(/pase/);
  });
});
