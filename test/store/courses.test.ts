import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../src/core/facts.js';
import type { Courses, Derived } from '../../src/core/ports.js';
import { DAY_MS, MINUTE_MS } from '../../src/core/rollup.js';
import { FailingMinutes } from '../../src/store/failing-minutes.js';
import type { Store } from '../../src/store/store.js';
import { appendTo, cellsOf, memoryStore, NOON_MS } from './support.js';

const RANGE = { fromMs: NOON_MS - 3 * DAY_MS, toMs: NOON_MS + DAY_MS };

const failure: fc.Arbitrary<Fact> = fc.record({
  kind: fc.constant('incident_opened' as const),
  detected: fc.constant(true),
  source: fc.constantFrom('/a', '/b'),
  timeMs: fc
    .integer({ min: 0, max: 5 * 60 })
    .map((minute) => NOON_MS - 2 * DAY_MS + minute * MINUTE_MS),
  failureId: fc.constant('f'),
  failureType: fc.constantFrom('agent_down', 'task_timeout'),
  severity: fc.constant('unknown' as const),
  agentId: fc.constantFrom('agent-1', 'ågent', undefined),
});
const batches = fc
  .array(fc.array(failure, { maxLength: 10 }), { maxLength: 5 })
  .map((all) =>
    all.map((facts, i): Derived => ({ throughSeq: i + 1, cells: cellsOf(facts), labels: [] })),
  );

describe('courses', () => {
  test('are the same however often they were asked for while the store was written to', () => {
    fc.assert(
      fc.property(batches, fc.constantFrom({}, { source: '/a' }), (derived, filters) => {
        const asked = (store: Store): Courses =>
          store.courses({ range: RANGE, filters, pending: [] });
        const agents = (store: Store) => store.history({ range: RANGE, filters, pending: [] });
        const often = memoryStore();
        for (const [i, one] of derived.entries()) {
          appendTo(often, [], one);
          asked(often);
          agents(often);
          // Brings the agents' hours, days and totals up to date, and deletes nothing.
          if (i === 2) often.retainStep({ ageMs: Infinity, sizeBytes: Infinity }, NOON_MS);
        }
        const once = memoryStore();
        for (const one of derived) appendTo(once, [], one);
        expect(asked(often)).toEqual(asked(once));
        expect(agents(often)).toEqual(agents(once));
        expect(plain(asked(once))).toEqual(marked(derived, filters));
        often.close();
        once.close();
      }),
    );
  });
});

describe('failing minutes', () => {
  test('forget the hours that were read first where there are too many names', () => {
    const reads: number[] = [];
    const names = 50_000;
    const failing = new FailingMinutes((hour, mark) => {
      reads.push(hour);
      for (let no = 0; no < names; no += 1) mark(no, 60 * hour + 59);
    });
    for (const hour of [1, 2, 3, 4, 4, 1]) {
      const marks = failing.ofHour(hour);
      expect(marks).toHaveLength(3 * names);
      expect([...marks.subarray(3, 6)]).toEqual([1, 0, 1 << 29]);
    }
    expect(reads).toEqual([1, 2, 3, 4, 1]);
  });
});

/** Name to minutes, of types and agents alike. */
type Minutes = Record<string, number[]>;

function plain({ types, agents }: Courses): Minutes {
  const minutes: Minutes = {};
  for (const [name, rows] of [...types, ...agents]) {
    const found: number[] = [];
    for (let at = 0; at < rows.length; at += 3) {
      for (let minute = 0; minute < 60; minute += 1) {
        const half = rows[at + (minute < 30 ? 1 : 2)] ?? 0;
        if ((half & (1 << (minute % 30))) !== 0) found.push(60 * (rows[at] ?? 0) + minute);
      }
    }
    minutes[name] = found;
  }
  return minutes;
}

/** The same, made the plain way. */
function marked(derived: readonly Derived[], { source }: { readonly source?: string }): Minutes {
  const minutes: Minutes = {};
  for (const cell of derived.flatMap(({ cells }) => cells)) {
    if (source !== undefined && cell.source !== source) continue;
    for (const name of [cell.failureType, cell.agentId]) {
      if (name !== '') minutes[name] = [...(minutes[name] ?? []), cell.minute];
    }
  }
  for (const [name, all] of Object.entries(minutes)) {
    minutes[name] = [...new Set(all)].sort((a, b) => a - b);
  }
  return minutes;
}
