import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Derived, Filters, TimeRange } from '../../src/core/ports.js';
import { DAY_MS } from '../../src/core/rollup.js';
import {
  appendTo,
  attempt,
  cellsOf,
  completed,
  groupOf,
  heartbeats,
  memoryStore,
  NOON_MS,
  type TestEvent,
} from './support.js';
import { idsOf } from '../support/group-ids.js';

interface Given {
  readonly event: TestEvent;
  readonly timeMs: number;
  readonly source: string;
  readonly failureType: string;
  readonly strategy: string;
  readonly agentId: string | undefined;
  /** The labels come from the incident, not from the event. */
  readonly labelled: boolean;
}

const TYPES = ['agent_down', 'task_timeout'];
const STRATEGIES = ['Restart', 'Retry'];
const AGENTS = ['agent-1', 'agent-2', undefined];
const SOURCES = ['/a', '/b'];
const time = fc
  .tuple(fc.integer({ min: -3, max: 0 }), fc.integer({ min: 0, max: 200 }))
  .map(([days, n]) => NOON_MS + days * DAY_MS + n * 31_000.5);
const given = fc
  .record({
    timeMs: time,
    source: fc.constantFrom(...SOURCES),
    failureType: fc.constantFrom(...TYPES),
    strategy: fc.constantFrom(...STRATEGIES),
    agentId: fc.constantFrom(...AGENTS),
    labelled: fc.boolean(),
    inMetadata: fc.boolean(),
  })
  .map(({ inMetadata, ...of }) =>
    of.labelled ? { ...of, inMetadata: false } : { ...of, inMetadata },
  );

const appends = fc.array(fc.array(given, { maxLength: 12 }), { maxLength: 5 }).map((all) =>
  all.map((events, a) =>
    events.map(({ inMetadata, ...of }, i): Given => {
      const agent = of.agentId === undefined || of.labelled ? {} : { agent_id: of.agentId };
      const type = of.labelled ? {} : { failure_type: of.failureType };
      const data = {
        strategy_used: of.strategy,
        ...type,
        ...(inMetadata ? { metadata: agent } : agent),
      };
      const event = { ...completed(`${a}-${i}`, of.timeMs, data), source: of.source };
      return { ...of, event };
    }),
  ),
);
const maybe = <T>(values: readonly T[]) => fc.constantFrom(...values, undefined, undefined);
const filters = fc
  .record({
    failureType: maybe(TYPES),
    strategy: maybe([...STRATEGIES, 'Never']),
    agentId: maybe(['agent-1', 'agent-2']),
    source: maybe(SOURCES),
  })
  .map((all): Filters =>
    Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)),
  );
const range = fc.option(
  fc
    .tuple(time, time)
    .map(([a, b]): TimeRange => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) })),
  { nil: undefined },
);

function derivedOf(events: readonly Given[], firstSeq: number): Derived {
  return {
    throughSeq: firstSeq + events.length - 1,
    cells: cellsOf(events.map((of) => attempt(of))),
    labels: events.flatMap(({ labelled, failureType, agentId }, i) =>
      labelled ? [{ seq: firstSeq + i, failureType, agentId }] : [],
    ),
  };
}

describe('the timeline', () => {
  test('equals sorting all attempts, late ones too, for any filter, range and limit', () => {
    const limit = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(appends, filters, range, limit, fc.nat(5), (all, by, asked, most, rolled) => {
        const store = memoryStore();
        const derived: Derived[] = [];
        const rows: (Given & { seq: number })[] = [];
        for (const events of all) {
          const firstSeq = rows.length + 1;
          appendTo(store, [groupOf(events.map(({ event }) => event))]);
          if (events.length === 0) continue;
          derived.push(derivedOf(events, firstSeq));
          rows.push(...events.map((of, i) => ({ ...of, seq: firstSeq + i })));
        }
        for (const [i, one] of derived.slice(0, rolled).entries()) {
          appendTo(store, [], one);
          if (i === 1) store.retainStep({ ageMs: Infinity, sizeBytes: Infinity }, NOON_MS);
        }
        const expected = rows
          .filter(
            (row) =>
              (asked === undefined || (row.timeMs >= asked.fromMs && row.timeMs < asked.toMs)) &&
              Object.entries(by).every(([name, value]) => Reflect.get(row, name) === value),
          )
          .sort((a, b) => b.timeMs - a.timeMs || b.seq - a.seq)
          .slice(0, most)
          .map(({ seq, failureType, agentId }) => ({ seq, failureType, agentId }));
        const found = store
          .timeline({ range: asked, filters: by, limit: most, pending: derived })
          .map(({ seq, failureType, agentId }) => ({ seq, failureType, agentId }));
        expect(found).toEqual(expected);
        store.close();
      }),
      { numRuns: 200 },
    );
  });

  test('a type that nothing names is the front of the failure id, else unknown', () => {
    const store = memoryStore();
    const ids = ['agent_down_1', 'x', '_y'];
    const events = ids.map((id, i) => completed(`${i}`, NOON_MS - i, { failure_id: id }));
    appendTo(store, [groupOf(events)]);
    const rows = store.timeline({ range: undefined, filters: {}, limit: 10, pending: [] });
    expect(rows.map(({ failureType }) => failureType)).toEqual(['agent', 'unknown', 'unknown']);
  });

  test('tells how each attempt came in, and its event as it was sent', () => {
    const store = memoryStore();
    const [event] = [completed('1', NOON_MS, { note: 'ü' })];
    appendTo(store, [
      groupOf(heartbeats(0, 50)),
      groupOf([event], { input: 'file', receivedMs: NOON_MS + 5 }),
    ]);
    const [row] = store.timeline({ range: undefined, filters: {}, limit: 10, pending: [] });
    expect(row).toMatchObject({ seq: 51, receivedMs: NOON_MS + 5, input: 'file' });
    expect(JSON.parse(row?.event ?? '')).toMatchObject({ id: '1', data: { note: 'ü' } });
  });
});

describe('a filter', () => {
  test('finds words however JSON writes them, and labels that the event does not hold', () => {
    const store = memoryStore();
    const plain = groupOf([
      ...heartbeats(0, 30, NOON_MS),
      completed('1', NOON_MS, { agent_id: 'ägent/1', note: 'a "quoted" word' }),
      completed('2', NOON_MS, { agent_id: 'ägent/1' }),
      completed('3', NOON_MS),
      completed('4', NOON_MS, { agent_id: 'agent-2' }),
    ]);
    const text = Buffer.from(plain.bytes)
      .toString()
      .replace('ägent/1","note', '\\u00e4gent\\/1","note');
    const lines = text.split('\n');
    const bytes = Buffer.from(text);
    let end = -1;
    const spans = Uint32Array.from(
      lines.flatMap((line) => {
        const start = end + 1;
        end = start + Buffer.byteLength(line);
        return [start, end];
      }),
    );
    const facts = ['ägent/1', 'ägent/1', 'ägent/1', 'agent-2'].map((agentId) =>
      attempt({ agentId }),
    );
    // The ids stand elsewhere now.
    const otherIds = new Map(idsOf(plain).entries());
    const idSpans = new Uint32Array(2 * otherIds.size);
    appendTo(store, [{ ...plain, bytes, spans, idSpans, otherIds }], {
      throughSeq: 34,
      cells: cellsOf(facts),
      labels: [{ seq: 33, failureType: 'agent_down', agentId: 'ägent/1' }],
    });
    const query = { range: undefined, filters: { agentId: 'ägent/1' }, limit: 10, pending: [] };
    expect(store.timeline(query).map(({ seq }) => seq)).toEqual([33, 32, 31]);
  });
});
