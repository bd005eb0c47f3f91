import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../src/core/facts.js';
import type { Derived, Filters, History, TimeRange } from '../../src/core/ports.js';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  emptyCell,
  mergeCell,
  type MinuteCell,
} from '../../src/core/rollup.js';
import { AGENTS_MAX } from '../../src/store/agents.js';
import {
  RESOLUTION,
  answerable,
  bucketMs,
  segmentsOf,
  type Detail,
} from '../../src/store/segments.js';
import {
  appendTo,
  attempt,
  cellsOf,
  groupOf,
  heartbeats,
  memoryStore,
  NOON_MS,
} from './support.js';

const SOURCES = ['/a', '/b'];
const TYPES = ['agent_down', 'task_timeout', 'unknown'];
const STRATEGIES = ['Restart', 'Retry'];
const AGENTS = ['agent-1', 'agent-2', 'ågent', undefined];

const time = fc
  .record({
    days: fc.integer({ min: -40, max: 2 }),
    ms: fc.oneof(fc.integer({ min: 0, max: DAY_MS }), fc.constantFrom(0, 59_999.5, HOUR_MS - 1)),
  })
  .map(({ days, ms }) => NOON_MS + days * DAY_MS + ms);
const about = {
  source: fc.constantFrom(...SOURCES),
  failureType: fc.constantFrom(...TYPES),
  agentId: fc.constantFrom(...AGENTS),
  timeMs: time,
};
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({
    ...about,
    kind: fc.constant('incident_opened' as const),
    detected: fc.boolean(),
    failureId: fc.constant('f'),
    severity: fc.constant('unknown' as const),
  }),
  fc
    .record({
      ...about,
      strategy: fc.constantFrom(...STRATEGIES),
      outcome: fc.constantFrom('succeeded' as const, 'failed' as const, 'skipped' as const),
      durationMs: fc.integer({ min: 0, max: 100_000 }).map((ms) => ms / 4),
      firstOfStrategy: fc.boolean(),
    })
    .map(attempt),
  fc
    .record({
      ...about,
      strategy: fc.constantFrom(...STRATEGIES, undefined),
      recoveryMs: fc.constantFrom(0, 12.5, 4000, undefined),
    })
    .map((resolved) => ({
      ...resolved,
      kind: 'incident_resolved' as const,
      failureId: 'f',
      severity: 'unknown' as const,
      detectedMs: 0,
      resolution: 'healed' as const,
      attempts: 1,
    })),
);
const maybe = <T>(values: readonly T[]) => fc.constantFrom(...values, undefined);
const filters = fc
  .record({
    failureType: maybe([...TYPES, 'never_heard_of']),
    strategy: maybe([...STRATEGIES, '']),
    agentId: maybe(['agent-1', 'ågent']),
    source: maybe(SOURCES),
  })
  .map((given): Filters =>
    Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)),
  );
const range = fc.option(
  fc
    .tuple(time, time)
    .map(([a, b]): TimeRange => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) })),
  { nil: undefined },
);

/** The same sums, made the plain way. */
function expected(
  cells: readonly MinuteCell[],
  given: Filters,
  asked: TimeRange | undefined,
): History {
  const wanted = cells.filter(
    (cell) =>
      (asked === undefined ||
        (cell.minute >= Math.floor(asked.fromMs / MINUTE_MS) &&
          cell.minute < Math.ceil(asked.toMs / MINUTE_MS))) &&
      Object.entries(given).every(([name, value]) => Reflect.get(cell, name) === value),
  );
  const byLabels = new Map<string, History['cells'][number]>();
  const agents = new Map<string, History['agents'][number]>();
  for (const { failureType, strategy, agentId, cell } of wanted) {
    const key = `${failureType},${strategy}`;
    const sum = byLabels.get(key) ?? { failureType, strategy, cell: emptyCell() };
    mergeCell(sum.cell, cell);
    byLabels.set(key, sum);
    if (agentId === '' || cell.failures + cell.succeeded + cell.failed === 0) continue;
    const known = agents.get(agentId) ?? { agentId, failures: 0, succeeded: 0, failed: 0 };
    agents.set(agentId, {
      agentId,
      failures: known.failures + cell.failures,
      succeeded: known.succeeded + cell.succeeded,
      failed: known.failed + cell.failed,
    });
  }
  return {
    cells: [...byLabels.values()],
    agents: [...agents.values()],
    agentsLeftOut: { agents: 0, failures: 0 },
  };
}

const sorted = ({ cells, agents, agentsLeftOut }: History) => ({
  cells: [...cells].sort((a, b) =>
    `${a.failureType},${a.strategy}` < `${b.failureType},${b.strategy}` ? -1 : 1,
  ),
  agents: [...agents].sort((a, b) => (a.agentId < b.agentId ? -1 : 1)),
  agentsLeftOut,
});

describe('history', () => {
  test('equals adding up the facts, for any range and filter, stored or on their way', () => {
    const flushes = fc.array(fc.array(fact, { maxLength: 25 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        flushes,
        filters,
        range,
        fc.nat(4),
        fc.nat(5),
        (batches, given, asked, stored, rolled) => {
          const store = memoryStore();
          const derived = batches.map((facts, i): Derived => ({
            throughSeq: i + 1,
            cells: cellsOf(facts),
            labels: [],
          }));
          appendTo(store, [groupOf(heartbeats(0, 1, NOON_MS - 20 * DAY_MS))]);
          for (const [i, one] of derived.slice(0, stored).entries()) {
            appendTo(store, [], one);
            // Brings the agents' hours, days and totals up to date, and deletes nothing.
            if (i === rolled) store.retainStep({ ageMs: Infinity, sizeBytes: Infinity }, NOON_MS);
          }
          const answer = store.history({ range: asked, filters: given, pending: derived });
          const cells = derived.flatMap((one) => one.cells);
          expect(sorted(answer)).toEqual(sorted(expected(cells, given, asked)));
          const failures = answer.agents.map((agent) => agent.failures);
          expect(failures).toEqual([...failures].sort((a, b) => b - a));
          store.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  test('lists the thousand agents with the most failures and counts the rest', () => {
    const store = memoryStore();
    const opened = (agentId: string, times: number): Fact[] =>
      Array.from({ length: times }, () => ({
        kind: 'incident_opened',
        detected: true,
        source: '/a',
        timeMs: NOON_MS,
        failureId: 'f',
        failureType: 'agent_down',
        severity: 'unknown',
        agentId,
      }));
    const name = (n: number) => `agent-${String(n).padStart(4, '0')}`;
    const facts = Array.from({ length: 1200 }, (_, n) => opened(name(n), n === 7 ? 5 : 2)).flat();
    appendTo(store, [], { throughSeq: 1, cells: cellsOf(facts), labels: [] });
    const more = { throughSeq: 2, cells: cellsOf(opened(name(1100), 2)), labels: [] };
    const { agents, agentsLeftOut } = store.history({
      range: undefined,
      filters: {},
      pending: [more],
    });
    expect(agents).toHaveLength(AGENTS_MAX);
    expect(agents.slice(0, 3).map(({ agentId, failures }) => [agentId, failures])).toEqual([
      [name(7), 5],
      [name(1100), 4],
      [name(0), 2],
    ]);
    expect(agentsLeftOut).toEqual({ agents: 200, failures: 400 });
  });
});

describe('segments', () => {
  test('cover a range once, with few buckets', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        const asked = { fromMs: Math.min(a, b), toMs: Math.max(a, b) };
        const wide = answerable(asked, { minutesFromMs: undefined, hoursFromMs: undefined });
        const parts = segmentsOf(wide)
          .map(({ resolution, from, to }) => [
            from * bucketMs(resolution),
            to * bucketMs(resolution),
          ])
          .sort(([x = 0], [y = 0]) => x - y);
        let at = wide.fromMs;
        for (const [from, to] of parts) {
          expect(from).toBe(at);
          at = to ?? NaN;
        }
        expect(at).toBe(wide.toMs);
        expect(parts.length).toBeLessThanOrEqual(5);
      }),
    );
  });

  test('take coarser buckets where nothing lies beyond the ends of the range', () => {
    const day = Math.floor(NOON_MS / DAY_MS);
    const range = {
      fromMs: day * DAY_MS + HOUR_MS + MINUTE_MS,
      toMs: (day + 1) * DAY_MS - 90 * MINUTE_MS,
    };
    const detail = { minutesFromMs: undefined, hoursFromMs: undefined };
    const withEventAt = (eventMs: number, kept: Detail = detail) =>
      segmentsOf(range, (_, fromMs, toMs) => fromMs <= eventMs && eventMs < toMs, kept);
    expect(withEventAt(range.fromMs)).toEqual([{ resolution: RESOLUTION.total, from: 0, to: 1 }]);
    const ofDay = [{ resolution: RESOLUTION.day, from: day, to: day + 1 }];
    expect(withEventAt((day - 1) * DAY_MS)).toEqual(ofDay);
    expect(withEventAt((day + 1) * DAY_MS)).toEqual(ofDay);
    // Just before the range, and just behind it.
    const hour = 24 * day;
    expect(withEventAt(range.fromMs - 1)).toEqual([
      { resolution: RESOLUTION.minute, from: 60 * hour + 61, to: 60 * hour + 120 },
      { resolution: RESOLUTION.hour, from: hour + 2, to: hour + 24 },
    ]);
    expect(withEventAt(range.toMs).map(({ resolution }) => resolution)).toEqual([
      RESOLUTION.hour,
      RESOLUTION.minute,
    ]);
    // What lay before may stand in no minute any more.
    const kept = { minutesFromMs: day * DAY_MS + HOUR_MS, hoursFromMs: undefined };
    expect(withEventAt(range.fromMs, kept)).toEqual([
      { resolution: RESOLUTION.hour, from: hour + 1, to: hour + 24 },
    ]);
  });

  test('where minutes are gone, a range is widened to hours; where hours are gone, to days', () => {
    const day = Math.floor(NOON_MS / DAY_MS) * DAY_MS;
    const detail = { minutesFromMs: day + DAY_MS, hoursFromMs: day };
    const minute = 61.5 * MINUTE_MS;
    expect(answerable({ fromMs: day + minute, toMs: day + DAY_MS + minute }, detail)).toEqual({
      fromMs: day + HOUR_MS,
      toMs: day + DAY_MS + 62 * MINUTE_MS,
    });
    expect(answerable({ fromMs: day - minute, toMs: day + minute }, detail)).toEqual({
      fromMs: day - DAY_MS,
      toMs: day + 2 * HOUR_MS,
    });
    expect(answerable({ fromMs: day, toMs: day + DAY_MS }, detail).toMs).toBe(day + DAY_MS);
  });
});
