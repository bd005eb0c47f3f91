/**
 * Whatever way the same events take into the exporter, the verdicts are the same: in one delivery or in many, some
 * of them sent again, with restarts in between, and with those of the same moment in another order.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { uniform } from '../support/random.js';
import { ask, postLines, startExporter, type Json } from './exporter-rig.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 10, 20, 12);

const ANSWERS = [
  '/api/v1/report',
  '/api/v1/report?range=1d',
  '/api/v1/report?range=16d',
  '/api/v1/report?range=7d&strategy=WornOut',
  '/api/v1/patterns?range=16d',
  '/api/v1/predictions',
  '/api/v1/strategies/best?failure_type=agent_down',
  '/api/v1/strategies/best?failure_type=agent_down&severity=high&attempt=1',
  '/api/v1/strategies/WornOut/tuning',
  '/api/v1/strategies/Restart/tuning',
];

beforeAll(() => {
  // Ages and ranges end now: it is to be the same now each time.
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS });
});
afterAll(() => {
  vi.useRealTimers();
});

/** What happened at one moment: events that do not depend on each other. */
type Moment = readonly string[];

interface Way {
  readonly moments: readonly Moment[];
  /** Of the events that are in the log already, one in so many is sent again. */
  readonly again: number;
  readonly deliveries: number;
  /** Share of deliveries after which the process ends and another one goes on. */
  readonly restarts: number;
}

/** Sixteen days of a small fleet: changes, seasons, cascades, predictions, open incidents. */
function history(): Moment[] {
  const random = uniform(20_261_001);
  let ids = 0;
  const line = (type: string, timeMs: number, data: object): string => {
    ids += 1;
    const time = new Date(timeMs).toISOString();
    const about = { specversion: '1.0', id: `e${ids}`, source: '/swarms/test', time, data };
    return JSON.stringify({ ...about, type: `selfhealer.${type}` });
  };
  const moments: Moment[] = [];
  for (let n = 0; n < 16 * 24 * 3; n += 1) {
    const timeMs = NOW_MS - 16 * DAY_MS + n * 20 * MINUTE_MS;
    const isLate = n > 1_090;
    const attempt = (strategy: string, rate: number, usualMs: number): string => {
      const failureId = `${strategy}-${n}`;
      return line('healing.completed', timeMs, {
        failure_id: failureId,
        failure_type: n % 3 === 0 ? 'queue_full' : 'agent_down',
        agent_id: `${strategy}-${n % 5}`,
        severity: n % 2 === 0 ? 'high' : 'low',
        strategy_used: strategy,
        success: random() < rate,
        duration_ms: Math.round(usualMs * (0.5 + random())),
      });
    };
    const moment = [
      attempt('WornOut', isLate ? 0.5 : 0.95, 1_000),
      attempt('Restart', 0.9, isLate ? 9_000 : 3_000),
      attempt('Steady', 0.8, 500),
    ];
    const hour = new Date(timeMs).getUTCHours();
    if (random() < (hour === 9 ? 0.9 : 0.15)) {
      const failure = { failure_id: `d-${n}`, failure_type: 'disk_full', agent_id: 'agent-7' };
      moment.push(line('failure.detected', timeMs, { ...failure, severity: 'high' }));
      moment.push(
        line('failure.predicted', timeMs, {
          prediction_id: `p-${n}`,
          failure_type: 'agent_lost',
          confidence: 0.8,
          expected_time_ms: 4 * MINUTE_MS,
          source: 'trend',
        }),
      );
      moments.push(moment);
      const lost = { failure_id: `l-${n}`, failure_type: 'agent_lost', agent_id: 'agent-8' };
      const soonMs = timeMs + 2 * MINUTE_MS;
      moments.push([line('failure.detected', soonMs, { ...lost, severity: 'low' })]);
      // Some stay open.
      if (n < 1_140) {
        const healed = { strategy_used: 'Steady', success: true, duration_ms: 2_000 };
        const laterMs = soonMs + Math.round(10 * MINUTE_MS * random());
        moments.push([line('healing.completed', laterMs, { ...lost, ...healed })]);
      }
    } else {
      moments.push(moment);
    }
  }
  return moments.sort((a, b) => timeOf(a) - timeOf(b));
}

function timeOf([first = '{}']: Moment): number {
  return Date.parse(JSON.parse(first).time);
}

/** Every answer after the events have come this way. */
async function answersAfter(way: Way, random: () => number): Promise<Record<string, Json>> {
  const folder = mkdtempSync(join(tmpdir(), 'same-verdicts-'));
  const store = { path: join(folder, 'events.db') };
  let rig = await startExporter({ store });
  try {
    const lines = way.moments.flat();
    const cuts = Array.from({ length: way.deliveries - 1 }, () =>
      Math.floor(random() * lines.length),
    ).sort((a, b) => a - b);
    let from = 0;
    for (const to of [...cuts, lines.length]) {
      const again = lines.slice(0, from).filter(() => random() * way.again < 1 / way.deliveries);
      const part = [...again, ...lines.slice(from, to)];
      const { json } = await postLines(rig.url, part);
      expect(json).toEqual({ accepted: to - from, duplicates: again.length, rejected: [] });
      from = to;
      if (random() >= way.restarts) continue;
      await rig.exporter.close();
      rig = await startExporter({ store });
    }
    // What was due is ended at the start.
    await rig.exporter.close();
    rig = await startExporter({ store });
    const answers: Record<string, Json> = {};
    for (const path of ANSWERS) {
      const { status, json } = await ask(`${rig.url}${path}`);
      expect(status, path).toBe(200);
      answers[path] = json;
    }
    return answers;
  } finally {
    await rig.exporter.close();
    rmSync(folder, { recursive: true });
  }
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** The list of attempts tells them as they came; those of one moment are put in one order here. */
function withoutOrder(answers: Record<string, Json>): Record<string, Json> {
  const entries = Object.entries(answers).map(([path, answer]) => {
    if (!Array.isArray(answer.recent_timeline)) return [path, answer];
    const recent: string[] = answer.recent_timeline.map((one: Json) => JSON.stringify(one));
    return [path, { ...answer, recent_timeline: recent.sort() }];
  });
  return Object.fromEntries(entries);
}

test('the same events, however they came, give the same verdicts', async () => {
  const moments = history();
  const random = uniform(7);
  const straight = { moments, again: Infinity, deliveries: 1, restarts: 0 };
  const wanted = await answersAfter(straight, random);

  // The history says something: without that, equal answers would prove little.
  const report = wanted['/api/v1/report'];
  const found = report.strategy_effectiveness.map((one: Json) => [one.name, one.trend]);
  expect(Object.fromEntries(found)).toEqual({
    WornOut: 'degrading',
    Restart: 'stable',
    Steady: 'stable',
  });
  const restart = report.strategy_effectiveness.find((one: Json) => one.name === 'Restart');
  expect(restart.duration_trend.trend).toBe('slower');
  expect(report.overall_stats.open_incidents).toBeGreaterThan(0);
  expect(report.mttr.by_failure_type.agent_lost.mttr_restricted_ms).toBeGreaterThan(0);
  expect(report.predictions.by_source.trend.chance.verdict).toBe('better_than_chance');
  const patterns = wanted['/api/v1/patterns?range=16d'].failure_patterns;
  expect(patterns.cascades.pairs).toContainEqual(
    expect.objectContaining({ cause: 'disk_full', effect: 'agent_lost' }),
  );
  expect(wanted['/api/v1/strategies/best?failure_type=agent_down'].strategy).toBe('Restart');

  const pieces = { moments, again: 3, deliveries: 6, restarts: 0.5 };
  expect(await answersAfter(pieces, random)).toEqual(wanted);
  const mixed = moments.map((moment) => shuffled(moment, random));
  const shuffledWay = await answersAfter(
    { moments: mixed, again: 5, deliveries: 4, restarts: 0.4 },
    random,
  );
  expect(withoutOrder(shuffledWay)).toEqual(withoutOrder(wanted));
}, 120_000);

test('within a delivery the order does not matter, not even of attempts of one strategy at the same moment', async () => {
  const random = uniform(11);
  // By the hour: each strategy has three attempts at each moment, and incidents begin and end at once.
  const lines = history()
    .flat()
    .map((line) => {
      const event: Json = JSON.parse(line);
      const hour = Math.floor(Date.parse(event.time) / HOUR_MS) * HOUR_MS;
      return JSON.stringify({ ...event, time: new Date(hour).toISOString() });
    });
  const way = { again: Infinity, deliveries: 1, restarts: 0 };
  const wanted = await answersAfter({ ...way, moments: [lines] }, random);
  const worn = wanted['/api/v1/report?range=7d&strategy=WornOut'].strategy_effectiveness[0];
  expect(worn).toMatchObject({ name: 'WornOut', trend: 'degrading' });
  for (let trial = 0; trial < 2; trial += 1) {
    const mixed = shuffled(lines, random);
    expect(await answersAfter({ ...way, moments: [mixed] }, random)).toEqual(wanted);
  }
}, 120_000);
