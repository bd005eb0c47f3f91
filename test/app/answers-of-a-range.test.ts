/**
 * Every answer about a range, through the product: what does not go by the range says so, and what is unusual now is
 * told of the type that is asked for.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { REPORT_PARTS } from '../../src/analysis/parts.js';
import { uniform } from '../support/random.js';
import { ask, postLines, startExporter, type ExporterRig, type Json } from './exporter-rig.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 3);
const DAYS = 9;

/** Two ranges of more than a day, in both of which everything happens, but not alike. */
const RANGES = ['from=2026-11-12T00:00:00Z&to=2026-11-14T00:00:00Z', 'range=3d'] as const;
const ABOUT = ['generated_at', 'range', 'filters', 'other_windows', 'not_filtered'];
/** Fields of the report that hold the same whatever the range: names, and what a verdict would need. */
const OF_NO_TIME = [
  /^strategy_effectiveness\.name$/,
  /^failure_patterns\.most_common_failures\.type$/,
  /^failure_patterns\.(agent_correlations|cascades)\.pairs\.(agents|cause|effect)/,
  /^mttr(\.by_failure_type)?\.horizon_ms$/,
  /^failure_patterns\.seasonality\.\w+\.needs\./,
];
/** Names of what the answers are about: keys that are no fields. */
const NAMES = new Set([
  ...[
    'Restart',
    'WornOut',
    'agent_lost',
    'disk_full',
    'quiet',
    'queue',
    'alpha',
    'beta',
    'gamma',
    'Late',
  ],
]);

let rig: ExporterRig;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS });
  rig = await startExporter();
  const lines = history();
  const { json } = await postLines(rig.url, lines);
  expect(json).toEqual({ accepted: lines.length, duplicates: 0, rejected: [] });
});
afterAll(async () => {
  await rig.exporter.close();
  vi.useRealTimers();
});

/** Nine days, ever busier; at the end two types fail ten times as often as usual. */
function history(): string[] {
  const random = uniform(7);
  const lines: string[] = [];
  const line = (type: string, timeMs: number, data: object): void => {
    const time = new Date(Math.round(timeMs)).toISOString();
    const about = {
      specversion: '1.0',
      id: `e${lines.length}`,
      source: '/swarms/test',
      time,
      data,
    };
    lines.push(JSON.stringify({ ...about, type: `selfhealer.${type}` }));
  };
  const fail = (failureType: string, timeMs: number, day: number): void => {
    const data = {
      failure_id: `${failureType}_${lines.length}`,
      failure_type: failureType,
      agent_id: day > 5 && random() < 0.1 ? 'gamma' : random() < 0.3 + day / 20 ? 'alpha' : 'beta',
      severity: 'high',
    };
    line('failure.detected', timeMs, data);
    if (random() < 0.1) return;
    const usual = random() < 0.4 + day / 30 ? 'Restart' : 'WornOut';
    const strategy = day > 5 && random() < 0.1 ? 'Late' : usual;
    const success = random() < (strategy === 'Restart' ? 0.92 - day / 50 : 0.9 - day / 12);
    const tookMs = (1 + day) * 1_000 * (0.5 + random());
    line('healing.completed', timeMs + tookMs, {
      ...data,
      strategy_used: strategy,
      duration_ms: tookMs / 2,
      ...(random() < 0.02 + day / 60 ? { success: false, outcome: 'skipped' } : { success }),
    });
  };
  for (let minute = 0; minute < DAYS * 1_440; minute += 5) {
    const timeMs = NOW_MS - 3 * MINUTE_MS - DAYS * DAY_MS + minute * MINUTE_MS;
    const day = minute / 1_440;
    for (const failureType of ['disk_full', 'agent_lost', 'quiet']) {
      if (random() < 0.25 + day / 40) fail(failureType, timeMs + 1_000 * random(), day);
    }
    if (minute % 240 === 0) {
      line('failure.predicted', timeMs, {
        prediction_id: `p-${minute}`,
        failure_type: 'disk_full',
        confidence: 0.7,
        expected_time_ms: 10 * MINUTE_MS,
        source: 'queue',
      });
    }
  }
  for (let n = 0; n < 24; n += 1) {
    fail(n % 2 === 0 ? 'disk_full' : 'agent_lost', NOW_MS - MINUTE_MS, DAYS);
  }
  return lines;
}

interface Leaf {
  /** By names, so that the same of two answers is found. */
  readonly place: string;
  /** The same by fields alone. */
  readonly field: string;
  readonly value: unknown;
}

function leavesOf(json: Json, place = '', field = ''): Leaf[] {
  if (typeof json !== 'object' || json === null) return [{ place, field, value: json }];
  return Object.entries(json).flatMap(([key, value]): Leaf[] => {
    const isName = NAMES.has(key) || /^\d+$/.test(key);
    const name = Array.isArray(json) ? nameOf(value) : key;
    const below = isName ? field : field === '' ? key : `${field}.${key}`;
    return leavesOf(value, `${place}/${String(name)}`, below);
  });
}

/** Of an entry of a list; entries of the timeline are told apart by their failure. */
function nameOf(entry: Json): string {
  if (typeof entry !== 'object') return String(entry);
  const { failure_id: failure, failure_type: type, agents, cause, effect } = entry;
  const pair = agents?.join() ?? (cause === undefined ? undefined : `${cause}, ${effect}`);
  return String(failure ?? entry.name ?? entry.type ?? type ?? pair ?? entry.from);
}

function isWithin(field: string, windows: Iterable<string>): boolean {
  return [...windows].some((window) => field === window || field.startsWith(`${window}.`));
}

/** Nothing to tell: it says nothing about time. */
function isNothing(value: unknown): boolean {
  return value === null || value === 0 || value === false || value === '';
}

async function answersTo(path: string): Promise<Json[]> {
  const answers = RANGES.map((range) => ask(`${rig.url}${path}?${range}`));
  return (await Promise.all(answers)).map(({ json }) => json);
}

describe.each([
  ['report', Object.values(REPORT_PARTS).flat()],
  ...Object.entries(REPORT_PARTS),
] as const)('GET /api/v1/%s', (name, keys) => {
  test('says of every field that is the same for any range what it is of', async () => {
    const [early, late] = await answersTo(`/api/v1/${name}`);
    expect(Object.keys(late).sort()).toEqual([...ABOUT, ...keys].sort());
    const windows = Object.keys(late.other_windows);
    const before = new Map(leavesOf(early).map((leaf) => [leaf.place, leaf.value]));
    const shared = leavesOf(late).filter(({ place, field }) => {
      const [key = ''] = field.split('.');
      return before.has(place) && !ABOUT.includes(key) && !key.startsWith('recommendation');
    });
    if (name !== 'recommendations' && name !== 'timeline') {
      expect(shared.length).toBeGreaterThan(5);
    }
    const silent = shared.filter(({ place, field, value }) => {
      if (isWithin(field, windows) || isNothing(value)) return false;
      return before.get(place) === value && !OF_NO_TIME.some((known) => known.test(field));
    });
    expect(silent.map(({ place, value }) => `${place} is ${String(value)} in both`)).toEqual([]);
    const untrue = shared.filter(
      ({ place, field, value }) => isWithin(field, windows) && before.get(place) !== value,
    );
    expect(untrue.map(({ place }) => `${place} differs, and is told as of another time`)).toEqual(
      [],
    );
  });
});

test('every advice names the time that its numbers are of', async () => {
  const [early, late] = await answersTo('/api/v1/recommendations');
  const before = new Map<string, Json>(
    early.recommendation_details.map((one: Json) => [one.id, one.evidence]),
  );
  expect(before.size).toBeGreaterThan(3);
  for (const { id, evidence } of late.recommendation_details) {
    expect(evidence.window, id).toBeTypeOf('string');
    const known = before.get(id);
    if (known === undefined) continue;
    // The same name for two ranges is one of the fixed windows: then the numbers are the same, and otherwise not.
    if (evidence.window === known.window) expect(numbersOf(evidence), id).toEqual(numbersOf(known));
    else expect(numbersOf(evidence), id).not.toEqual(numbersOf(known));
  }
});

test('what is unusual now is told of every type, and of one where one is asked for', async () => {
  const all = (await ask(`${rig.url}/api/v1/report?range=1d`)).json;
  const unusual = all.failure_patterns.anomalies.filter((one: Json) => one.is_anomalous);
  expect(unusual.map((one: Json) => one.failure_type).sort()).toEqual(['agent_lost', 'disk_full']);
  expect(adviceIds(all)).toEqual(['prevention:anomaly:agent_lost', 'prevention:anomaly:disk_full']);

  const one = (await ask(`${rig.url}/api/v1/report?range=1d&failure_type=disk_full`)).json;
  const ofAll = all.failure_patterns.anomalies.find((of: Json) => of.failure_type === 'disk_full');
  // With the q-value of all types that were looked at together.
  expect(one.failure_patterns.anomalies).toEqual([ofAll]);
  expect(adviceIds(one)).toEqual(['prevention:anomaly:disk_full']);
  expect(one.not_filtered).not.toContain('failure_patterns.anomalies');

  const calm = (await ask(`${rig.url}/api/v1/patterns?range=1d&failure_type=quiet`)).json;
  expect(calm.failure_patterns.anomalies).toMatchObject([
    { failure_type: 'quiet', is_anomalous: false },
  ]);
  const advice = (await ask(`${rig.url}/api/v1/recommendations?range=1d&failure_type=quiet`)).json;
  expect(adviceIds(advice)).toEqual([]);

  // An agent is no type: anomalies are those of all, and the answer says so.
  const ofAgent = (await ask(`${rig.url}/api/v1/patterns?range=1d&agent_id=alpha`)).json;
  expect(ofAgent.failure_patterns.anomalies).toEqual(all.failure_patterns.anomalies);
  expect(ofAgent.not_filtered).toContain('failure_patterns.anomalies');
});

function numbersOf(evidence: Json): Json {
  const names = ['window', 'report_window'];
  return Object.fromEntries(Object.entries(evidence).filter(([name]) => !names.includes(name)));
}

function adviceIds(answer: Json): string[] {
  const ids: string[] = answer.recommendation_details.map(({ id }: Json) => id);
  return ids.filter((id) => id.startsWith('prevention:anomaly:')).sort();
}
