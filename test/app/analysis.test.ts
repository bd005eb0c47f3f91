/** The verdicts through the product: events posted over HTTP, read back from the report and from /metrics. */
import { expect, test } from 'vitest';
import { ask, postLines, startExporter, valueOf, type Json } from './exporter-rig.js';
import { uniform } from '../support/random.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function line(type: string, id: string, timeMs: number, data: object): string {
  const time = new Date(timeMs).toISOString();
  const source = '/swarms/test';
  return JSON.stringify({ specversion: '1.0', id, source, type: `selfhealer.${type}`, time, data });
}

function attempt(n: number, timeMs: number, strategy: string, more: object): string {
  const about = { failure_id: `f-${strategy}-${n}`, failure_type: 'agent_down' };
  const data = { ...about, strategy_used: strategy, duration_ms: 100, ...more };
  return line('healing.completed', `${strategy}-${n}`, timeMs, data);
}

/** A worn-out strategy, one that got slow, and one that stays as it is; a minute apart, until now. */
function strategies(nowMs: number): string[] {
  const random = uniform(5);
  const COUNT = 500;
  const CHANGED = 400;
  return Array.from({ length: COUNT }, (_, n) => {
    const timeMs = nowMs - (COUNT - n) * MINUTE_MS;
    const isAfter = n >= CHANGED;
    const usualMs = 100 + 100 * random();
    return [
      attempt(n, timeMs, 'WornOut', { success: random() < (isAfter ? 0.5 : 0.95) }),
      attempt(n, timeMs, 'Slow', { success: true, duration_ms: usualMs * (isAfter ? 3 : 1) }),
      attempt(n, timeMs, 'Steady', { success: random() < 0.95, duration_ms: usualMs }),
    ];
  }).flat();
}

/** Six days in which a full disk is followed by a lost agent, minutes later, and other things happen as they will. */
function cascade(nowMs: number): string[] {
  const random = uniform(6);
  const lines: string[] = [];
  const fail = (type: string, timeMs: number, agent: string): void => {
    const id = `${type}_${lines.length}`;
    const data = { failure_id: id, failure_type: type, agent_id: agent, severity: 'high' };
    lines.push(line('failure.detected', id, timeMs, data));
  };
  for (let n = 0; n < 300; n += 1) {
    const timeMs = nowMs - 6 * DAY_MS + Math.floor(random() * 5.9 * DAY_MS);
    fail('disk_full', timeMs, 'agent-1');
    fail('agent_lost', timeMs + 2 * MINUTE_MS, 'agent-2');
    fail('cache_cold', timeMs, 'agent-3');
    fail('noise', nowMs - Math.floor(random() * 6 * DAY_MS), 'agent-4');
  }
  return lines;
}

test('what was posted is what the verdicts say', async () => {
  const nowMs = Date.now() - MINUTE_MS;
  const { exporter, url } = await startExporter();
  try {
    const events = [...cascade(nowMs), ...strategies(nowMs)];
    const answer = await postLines(url, events);
    expect(answer.json).toMatchObject({ accepted: events.length, duplicates: 0 });
    const again = await postLines(url, events);
    expect(again.json).toMatchObject({ accepted: 0, duplicates: events.length });

    const report = (await ask(`${url}/api/v1/report`)).json;
    const named = new Map<string, Json>(
      report.strategy_effectiveness.map((one: Json) => [one.name, one]),
    );
    expect(named.get('WornOut')).toMatchObject({
      trend: 'degrading',
      trend_cause: { mix_changed: false },
      by_failure_type: { agent_down: { trend: 'degrading' } },
    });
    expect(named.get('Slow')).toMatchObject({
      trend: 'stable',
      duration_trend: { trend: 'slower', by_going_on: false },
    });
    expect(named.get('Steady')).toMatchObject({
      trend: 'stable',
      duration_trend: { trend: 'stable' },
    });
    const patterns = report.failure_patterns;
    const edges = patterns.cascades.pairs.map(({ cause, effect }: Json) => `${cause} ${effect}`);
    expect(edges.sort()).toEqual(['cache_cold agent_lost', 'disk_full agent_lost']);
    const pairs = patterns.agent_correlations.pairs.map(({ agents }: Json) => agents);
    expect(pairs).toEqual([['agent-1', 'agent-3']]);
    expect(patterns.seasonality.hour_of_day).toMatchObject({ found: [], strategies_tested: 0 });
    const hour = (await ask(`${url}/api/v1/patterns?range=1h`)).json.failure_patterns;
    expect(hour.patterns_missing).toMatch(/shorter than the day/);

    await expect
      .poll(
        async () => {
          const { text } = await ask(`${url}/metrics`);
          return [
            'selfhealer_strategy_trend{strategy="WornOut",trend="degrading"}',
            'selfhealer_strategy_duration_trend{strategy="Slow",trend="slower"}',
            'selfhealer_strategy_duration_trend{strategy="Steady",trend="stable"}',
            'selfhealer_mttr_trend{failure_type="noise",trend="insufficient_data"}',
          ].map((series) => valueOf(text, series));
        },
        { timeout: 25_000, interval: 500 },
      )
      .toEqual([1, 1, 1, 1]);
    const { text } = await ask(`${url}/metrics`);
    const lift = 'selfhealer_failure_cascades{cause="disk_full",effect="agent_lost"}';
    expect(valueOf(text, lift)).toBeGreaterThan(3);
  } finally {
    await exporter.close();
  }
}, 60_000);
