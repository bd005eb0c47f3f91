// One short, fast life of the demo: real processes, and a listener that hears everything. The tests
// look at what it heard.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SelfHealer } from '../../demo/healer.js';
import { defaultStrategies } from '../../demo/strategies/defaults.js';
import { Swarm } from '../../demo/swarm.js';
import type { TallySnapshot } from '../../demo/tally.js';
import { compileDemo } from './compiled-demo.js';
import { countBy, Recorder } from './recorder.js';

/** Restarts before and after the lease table gets tight: enough to tell the two apart. */
const RESTARTS = { early: 6, late: 18 };

const demo = compileDemo();
const swarm = new Swarm({ seed: 7, pace: 12, wearAfter: 9, workerScript: demo.url('worker.js') });
const healer = new SelfHealer({ swarm, strategies: defaultStrategies(swarm) });
const recorder = new Recorder(healer);
const pids = new Set<number>();
let tally: TallySnapshot;
let firstFailureMs = Infinity;

const restarts = () =>
  recorder
    .of('healing.completed')
    .filter((event) => event.strategyUsed === 'AgentRestartStrategy')
    .map(({ outcome, actionsTaken }) => ({ isHealed: outcome === 'succeeded', actionsTaken }));

const outcomes = () => recorder.of('prediction.resolved').map(({ outcome }) => outcome);
const circuitStates = () => recorder.of('circuit.changed').map(({ state }) => state);
const levels = () => recorder.of('degradation.changed').map(({ level }) => level);
const skipReasons = () => recorder.of('healing.completed').map(({ reason }) => reason);

beforeAll(async () => {
  const startMs = performance.now();
  healer.once('failure.detected', () => (firstFailureMs = performance.now() - startMs));
  await healer.start();
  await vi.waitFor(
    () => {
      for (const pid of swarm.supervisor.pids()) pids.add(pid);
      expect(recorder.missing()).toEqual([]);
      expect(restarts().length).toBeGreaterThan(RESTARTS.early + RESTARTS.late);
      expect(outcomes()).toEqual(expect.arrayContaining(['occurred', 'false_positive']));
      expect(circuitStates()).toEqual(expect.arrayContaining(['open', 'half_open']));
      expect(levels().some((level) => level > 0)).toBe(true);
      expect(skipReasons()).toEqual(
        expect.arrayContaining(['no_strategy', 'declined', 'circuit_open']),
      );
    },
    { timeout: 50_000, interval: 50 },
  );
  await healer.stop();
  tally = healer.tally();
});

afterAll(async () => {
  await healer.stop();
  demo.remove();
});

describe('what the healer says', () => {
  test('every type of event is said', () => {
    expect(recorder.missing()).toEqual([]);
  });

  test('the first failure comes within seconds', () => {
    expect(firstFailureMs).toBeLessThan(5000);
  });

  test('strategies are registered before anything is healed', () => {
    const first = recorder.heard.findIndex(({ name }) => name !== 'strategy.registered');
    expect(first).toBe(6);
    expect(recorder.of('strategy.registered').flatMap((event) => event.failureTypes)).toContain(
      'agent_crash',
    );
  });

  test('a failure is detected once, before it is healed or resolved', () => {
    const known = new Set<string>();
    for (const { name, event } of recorder.heard) {
      if (!('failureId' in event) || typeof event.failureId !== 'string') continue;
      if (event.failureId.startsWith('preventive_')) continue;
      expect(known.has(event.failureId)).toBe(name !== 'failure.detected');
      known.add(event.failureId);
    }
    expect(known.size).toBe(recorder.of('failure.detected').length);
  });

  test('a failure ends once, healed or resolved, and none is left when the healer has stopped', () => {
    const ends = [
      ...recorder.of('failure.resolved').map(({ failureId }) => failureId),
      ...recorder
        .of('healing.completed')
        .filter(({ outcome, trigger }) => outcome === 'succeeded' && trigger === 'reactive')
        .map(({ failureId }) => failureId),
    ];
    const detected = recorder.of('failure.detected').map(({ failureId }) => failureId);
    expect(ends.sort()).toEqual(detected.sort());
  });

  test('a prediction is settled once, and none is left', () => {
    const predicted = recorder.of('failure.predicted').map(({ predictionId }) => predictionId);
    const settled = recorder.of('prediction.resolved').map(({ predictionId }) => predictionId);
    expect(settled.sort()).toEqual(predicted.sort());
  });

  test('an attempt that ran has begun; one that was skipped has not, and says why', () => {
    const keyOf = (event: { failureId: string; strategyUsed: string }): string =>
      `${event.failureId}/${event.strategyUsed}`;
    const completed = recorder.of('healing.completed');
    for (const { outcome, reason } of completed) {
      expect(reason === undefined).toBe(outcome !== 'skipped');
    }
    const ran = completed.filter(({ outcome }) => outcome !== 'skipped').map(keyOf);
    const begun = countBy(recorder.of('healing.started'), keyOf);
    for (const [key, count] of Object.entries(countBy(ran, (text) => text))) {
      // One more may have begun: the healer was stopped in the midst of it.
      expect((begun[key] ?? 0) - count).toBeOneOf([0, 1]);
    }
  });

  test('times rise from event to event, so that their order survives sorting', () => {
    const times = recorder.heard.map(({ event }) =>
      'detectedAt' in event ? event.detectedAt : 'timestamp' in event ? event.timestamp : '',
    );
    expect(times).toEqual([...new Set(times)].sort());
  });
});

describe("the healer's own count", () => {
  test('failures, resolutions and predictions are as many as were heard of', () => {
    expect(tally.failures).toEqual(
      countBy(recorder.of('failure.detected'), ({ failureType }) => failureType),
    );
    expect(tally.predictions).toEqual(
      countBy(recorder.of('prediction.resolved'), ({ outcome }) => outcome),
    );
    const { healed, ...resolved } = tally.resolved;
    expect(resolved).toEqual(
      countBy(recorder.of('failure.resolved'), ({ resolution }) => resolution),
    );
    expect(healed).toBe(
      recorder
        .of('healing.completed')
        .filter(({ outcome, trigger }) => outcome === 'succeeded' && trigger === 'reactive').length,
    );
  });

  test('attempts by strategy and outcome are as many as were heard of', () => {
    const heard = countBy(
      recorder.of('healing.completed'),
      ({ strategyUsed, outcome }) => `${strategyUsed} ${outcome}`,
    );
    const counted = Object.entries(tally.attempts).flatMap(([strategy, outcomes]) =>
      Object.entries(outcomes)
        .filter(([, count]) => count > 0)
        .map(([outcome, count]) => [`${strategy} ${outcome}`, count]),
    );
    expect(Object.fromEntries(counted)).toEqual(heard);
  });
});

describe('the wear', () => {
  const share = (results: readonly { isHealed: boolean }[]): number =>
    results.filter(({ isHealed }) => isHealed).length / results.length;

  test('restarting works at first, and later often does not', () => {
    const early = restarts().slice(0, RESTARTS.early);
    const late = restarts().slice(-RESTARTS.late);
    expect(share(early)).toBeGreaterThanOrEqual(0.6);
    expect(share(late)).toBeLessThan(0.85);
  });

  test('it fails for one reason only: the table of leases is full', () => {
    const reasons = restarts()
      .filter(({ isHealed }) => !isHealed)
      .map(({ actionsTaken }) => actionsTaken.at(-1));
    expect(new Set(reasons)).toEqual(new Set(['Start failed: found no free lease']));
  });

  test('retries have bad luck now and then, but do not get worse', () => {
    const retries = recorder
      .of('healing.completed')
      .filter((event) => event.strategyUsed === 'TaskRetryStrategy' && event.outcome !== 'skipped')
      .map(({ outcome }) => ({ isHealed: outcome === 'succeeded' }));
    const half = Math.floor(retries.length / 2);
    expect(share(retries.slice(half))).toBeGreaterThan(share(retries.slice(0, half)) - 0.3);
  });

  test('no other strategy knows its reason', () => {
    const others = recorder
      .of('healing.completed')
      .filter(({ strategyUsed }) => strategyUsed !== 'AgentRestartStrategy')
      .flatMap(({ actionsTaken }) => actionsTaken);
    expect(others.filter((action) => action.includes('lease')).sort()).toEqual(
      others.filter((action) => /^Took \d+ leases from dead processes$/.test(action)).sort(),
    );
  });
});

test('no process is left behind', () => {
  expect(pids.size).toBeGreaterThan(6);
  expect([...pids].filter(isAlive)).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
