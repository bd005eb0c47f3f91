import { describe, expect, test } from 'vitest';
import { agentFaults, bursts, outages, storms, taskFault, type Fault } from '../../demo/plan.js';
import { Random } from '../../demo/prng.js';

const life = { agentId: 'agent-1', index: 0, incarnation: 1 };

function take<T>(count: number, generator: Generator<T, void>): T[] {
  const items: T[] = [];
  while (items.length < count) {
    const { value } = generator.next();
    if (value !== undefined) items.push(value);
  }
  return items;
}

describe('the plan', () => {
  test('the same seed plans the same, another seed something else', () => {
    const faults = (seed: number): Fault[] => take(20, agentFaults({ seed, pace: 1 }, life));
    expect(faults(1)).toEqual(faults(1));
    expect(faults(1)).not.toEqual(faults(2));
  });

  test('each life of an agent has its own faults', () => {
    const plan = { seed: 1, pace: 1 };
    expect(take(5, agentFaults(plan, life))).not.toEqual(
      take(5, agentFaults(plan, { ...life, incarnation: 2 })),
    );
  });

  test('twice the pace is half the time between faults', () => {
    const gaps = (pace: number): number[] =>
      take(50, agentFaults({ seed: 1, pace }, life)).map(({ afterMs }) => afterMs);
    for (const [n, gap] of gaps(2).entries()) expect(gap).toBeCloseTo((gaps(1)[n] ?? 0) / 2);
  });

  test('every kind of fault comes up', () => {
    const kinds = take(300, agentFaults({ seed: 1, pace: 1 }, life)).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(
      new Set(['crash', 'hang', 'leak', 'warm_up', 'false_alarm', 'drift']),
    );
  });

  test('a storm takes the majority, and not all', () => {
    for (const { victims } of take(20, storms({ seed: 1, pace: 1 }, 5))) {
      expect(victims.size).toBe(3);
      for (const index of victims) expect([0, 1, 2, 3, 4]).toContain(index);
    }
  });

  test('stretches of trouble come one after the other', () => {
    for (const plan of [outages, bursts]) {
      const stretches = take(20, plan({ seed: 1, pace: 1 }));
      const times = stretches.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  test('about one first run of twenty goes wrong at pace 1, and one retry of eight at any pace', () => {
    const share = (pace: number, attempt: number): number => {
      const tasks = Array.from({ length: 4000 }, (_, task) => task);
      const bad = tasks.filter(
        (task) => taskFault({ seed: 1, pace }, { task, attempt }) !== 'none',
      );
      return bad.length / tasks.length;
    };
    expect(share(1, 0)).toBeCloseTo(0.045, 1);
    expect(share(1, 1)).toBeCloseTo(0.12, 1);
    expect(share(10, 1)).toBeCloseTo(0.12, 1);
  });
});

test('random numbers are spread evenly, from neighbouring seeds too', () => {
  const firsts = Array.from({ length: 2000 }, (_, seed) => new Random(seed).next());
  expect(firsts.reduce((sum, x) => sum + x, 0) / firsts.length).toBeCloseTo(0.5, 1);
  expect(firsts.filter((x) => x < 0.1).length / firsts.length).toBeCloseTo(0.1, 1);
});
