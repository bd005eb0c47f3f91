// Ranges from before the minutes that are kept, and filters that leave nothing to compare, got empty patterns with
// counts of 0, as if all had been looked at and nothing found; the windows of the former ended before they began.
import { expect, test } from 'vitest';
import { coursePatterns } from '../../src/analysis/course-patterns.js';
import { coursePatternsJson, type CoursePatternsJson } from '../../src/analysis/patterns-json.js';
import type { IncidentOpened } from '../../src/core/facts.js';
import type { Derived, Filters } from '../../src/core/ports.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/rollup.js';
import type { Store } from '../../src/store/store.js';
import {
  appendTo,
  attempt,
  cellsOf,
  groupOf,
  heartbeats,
  memoryStore,
  NOON_MS,
  snapshotTo,
} from '../store/support.js';

/** A whole hour, as what is kept begins at one. */
const NOW_MS = Math.floor(NOON_MS / HOUR_MS) * HOUR_MS;
const DAYS = 500;
const NOTHING_PENDING: readonly Derived[] = [];

const failure = (timeMs: number, failureType: string, agentId: string): IncidentOpened => ({
  kind: 'incident_opened',
  source: '/swarms/alpha',
  timeMs,
  failureId: `${failureType}_${timeMs}`,
  failureType,
  agentId,
  severity: 'high',
  detected: true,
});

/** One minute in each of the hours of which the range is made: two agents, a cascade, an attempt. */
function cellsAt(daysAgo: readonly number[]) {
  return cellsOf(
    daysAgo.flatMap((days) => {
      const timeMs = NOW_MS - days * DAY_MS;
      return [
        failure(timeMs, 'disk_full', 'alpha'),
        failure(timeMs, 'agent_lost', 'beta'),
        attempt({ timeMs, failureType: 'disk_full', agentId: 'alpha', outcome: 'failed' }),
      ];
    }),
  );
}

/** Sixteen months, an hour with failures a day; the retention has run. */
function store(): Store {
  const kept = memoryStore();
  appendTo(kept, [groupOf(heartbeats(0, 1, NOW_MS))]);
  const cells = cellsAt(Array.from({ length: DAYS }, (_, days) => days));
  snapshotTo(kept, { seq: 1, state: '{}' }, { throughSeq: 1, cells, labels: [] });
  while (!kept.retainStep({ ageMs: Infinity, sizeBytes: Infinity }, NOW_MS).done);
  return kept;
}

interface Question {
  /** Days ago. */
  readonly from: number;
  readonly to: number;
  readonly filters?: Filters;
  readonly pending?: readonly Derived[];
}

function patternsOf(kept: Store, question: Question): CoursePatternsJson {
  const { from, to, filters = {}, pending = NOTHING_PENDING } = question;
  const range = { fromMs: NOW_MS - from * DAY_MS, toMs: NOW_MS - to * DAY_MS + HOUR_MS };
  return coursePatternsJson(coursePatterns(kept.courses({ range, filters, pending })));
}

function missingOf({ seasonality, agent_correlations, cascades }: CoursePatternsJson) {
  return [seasonality, agent_correlations, cascades].map(({ missing }) => missing);
}

test('what ends before the minutes that are kept says so, and from when on they are', () => {
  const patterns = patternsOf(store(), { from: 60, to: 40 });
  const keptFrom = new Date(NOW_MS - 31 * DAY_MS).toISOString().slice(0, 16);
  for (const part of [patterns.agent_correlations, patterns.cascades]) {
    expect(part).toMatchObject({ window: null, pairs: [] });
    expect(part.missing).toContain('minutes are kept from');
    expect(part.missing).toContain(keptFrom);
  }
  expect(patterns.agent_correlations).toMatchObject({
    agents_compared: null,
    agents_left_out: null,
  });
  expect(patterns.cascades.types_left_out).toBeNull();
  expect(patterns.seasonality.missing).toBeNull();
  expect(patterns.seasonality.hour_of_day.strategies_left_out).toBe(1);
});

test('what ends before the hours that are kept has no seasons either', () => {
  const { seasonality } = patternsOf(store(), { from: 450, to: 410 });
  expect(seasonality.window).toBeNull();
  expect(seasonality.missing).toContain('hours are kept from');
  expect(seasonality.hour_of_day).toMatchObject({
    found: [],
    strategies_tested: null,
    strategies_left_out: null,
  });
});

test('what reaches into the minutes that are kept has the window that it was looked for in', () => {
  const patterns = patternsOf(store(), { from: 45, to: 20 });
  expect(missingOf(patterns)).toEqual([null, null, null]);
  expect(Date.parse(patterns.cascades.window?.from ?? '')).toBe(NOW_MS - 31 * DAY_MS);
  expect(Date.parse(patterns.cascades.window?.to ?? '')).toBe(NOW_MS - 20 * DAY_MS + HOUR_MS);
  expect(patterns.agent_correlations.agents_compared).toBe(2);
  expect(patterns.seasonality.hour_of_day.strategies_left_out).toBe(1);
});

test.each<[string, Filters, readonly (string | null)[]]>([
  ['one agent', { agentId: 'alpha' }, ['agent_id', 'agent_id', 'agent_id']],
  ['one strategy', { strategy: 'AgentRestartStrategy' }, [null, 'strategy', 'strategy']],
  ['one failure type', { failureType: 'disk_full' }, [null, null, 'failure_type']],
  ['one source', { source: '/swarms/alpha' }, [null, null, null]],
])('%s leaves parts with nothing to compare, which they say', (_, filters, expected) => {
  // Events on their way to the store count no more than those in it.
  const timeMs = NOW_MS + MINUTE_MS;
  const cells = cellsOf([attempt({ timeMs, agentId: 'alpha' })]);
  const pending = [{ throughSeq: 2, cells, labels: [] }];
  const kept = store();
  const patterns = patternsOf(kept, { from: 30, to: 0, filters, pending });
  const parts = missingOf(patterns);
  for (const [i, word] of expected.entries()) {
    if (word === null) expect(parts[i]).toBeNull();
    else expect(parts[i]).toContain(`ask without ${word}`);
  }
  const { hour_of_day } = patterns.seasonality;
  expect(hour_of_day.strategies_left_out).toBe(expected[0] === null ? 1 : null);
  expect(patterns.agent_correlations.agents_compared === null).toBe(expected[1] !== null);
  expect(patterns.cascades.types_left_out === null).toBe(expected[2] !== null);
  const range = { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS + HOUR_MS };
  const courses = kept.courses({ range, filters, pending });
  expect(courses.hours.length > 0).toBe(expected[0] === null);
});
