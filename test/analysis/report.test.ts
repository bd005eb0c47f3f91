import { describe, expect, test } from 'vitest';
import { openIncidentsPart, partOf, REPORT_PARTS } from '../../src/analysis/parts.js';
import { EVERYTHING, parseRange, type UsedRange } from '../../src/analysis/range.js';
import { buildReport } from '../../src/analysis/report.js';
import type { Report } from '../../src/analysis/report-json.js';
import { splitRange } from '../../src/analysis/series.js';
import type { Filters } from '../../src/core/ports.js';
import { MemoryLog } from '../support/memory-log.js';

const T0 = Date.parse('2026-11-23T12:00:00Z');
const NOW = T0 + 3_600_000;

function time(seconds: number): string {
  return new Date(T0 + seconds * 1000).toISOString();
}

function heal(log: MemoryLog, seconds: number, data: Record<string, unknown>): void {
  log.add('healing.completed', {
    failure_id: `f${seconds}`,
    failure_type: 'agent_down',
    strategy_used: 'Restart',
    success: true,
    duration_ms: 1_000,
    timestamp: time(seconds),
    ...data,
  });
}

function detect(log: MemoryLog, seconds: number, data: Record<string, unknown>): void {
  log.add('failure.detected', { failure_type: 'agent_down', detected_at: time(seconds), ...data });
}

function reportOf(log: MemoryLog, filters: Filters = {}, range: UsedRange = EVERYTHING): Report {
  return buildReport({
    state: log.state,
    history: log.history(range.range, filters),
    timeline: log.timeline(20),
    range,
    filters,
    nowMs: NOW,
  });
}

describe('of nothing', () => {
  const report = reportOf(new MemoryLog());

  test('counts are 0, and what is unknown is null', () => {
    expect(report.overall_stats).toEqual({
      total_failures: 0,
      total_healings: 0,
      success_count: 0,
      failure_count: 0,
      skipped: 0,
      success_rate: null,
      avg_healing_time_ms: null,
      mttr_ms: null,
      mttr_restricted_ms: null,
      recovered: 0,
      expired: 0,
      open_incidents: 0,
      by_strategy: {},
      by_failure_type: {},
    });
    expect(report.strategy_effectiveness).toEqual([]);
    expect(report.failure_patterns).toEqual({
      most_common_failures: [],
      failure_frequency: 0,
      time_of_day_patterns: {},
      agent_patterns: {},
      agent_rates: {},
      agents_left_out: { agents: 0, failures: 0 },
      anomalies: [],
      anomaly_types_left_out: 0,
      patterns_missing: 'the range is shorter than the day that they need',
    });
    expect(report.recent_timeline).toEqual([]);
  });

  test('it is about everything, and all is well', () => {
    expect(report.range).toEqual({ requested: null, from: null, to: null });
    expect(report.generated_at).toBe('2026-11-23T13:00:00.000Z');
    expect(report.recommendations).toEqual(['System is performing well. Continue monitoring.']);
  });
});

describe('of skipped healing', () => {
  const log = new MemoryLog();
  detect(log, 0, { failure_id: 'f', severity: 'high', agent_id: 'a1' });
  heal(log, 5, { failure_id: 'f', outcome: 'skipped', success: false, reason: 'declined' });
  const report = reportOf(log);

  test('skipped attempts have their own count and no rate', () => {
    expect(report.overall_stats).toMatchObject({
      total_failures: 1,
      total_healings: 0,
      skipped: 1,
      success_rate: null,
      avg_healing_time_ms: null,
      by_strategy: {},
      open_incidents: 1,
    });
    expect(report.strategy_effectiveness).toMatchObject([
      { name: 'Restart', skipped: 1, success_rate: null, success_rate_lower: null, present: null },
    ]);
  });

  test('they stand in the timeline, with success null and the agent of the incident', () => {
    expect(report.recent_timeline).toMatchObject([
      { outcome: 'skipped', success: null, reason: 'declined', agent_id: 'a1' },
    ]);
  });

  test('the incident is listed as open, oldest first', () => {
    detect(log, 60, { failure_id: 'g', severity: 'low' });
    const range = EVERYTHING;
    const part = openIncidentsPart({ state: log.state, range, filters: {}, limit: 1, nowMs: NOW });
    expect(part).toMatchObject({
      total: 2,
      incidents: [
        { failure_id: 'f', state: 'open', severity: 'high', agent_id: 'a1', age_ms: 3_600_000 },
      ],
    });
  });
});

describe('of several attempts at one failure', () => {
  const log = new MemoryLog();
  detect(log, 0, { failure_id: 'f', agent_id: 'a1' });
  heal(log, 10, { failure_id: 'f', success: false, duration_ms: 2_000 });
  heal(log, 30, { failure_id: 'f', strategy_used: 'Rebalance', duration_ms: 4_000 });
  detect(log, 40, { failure_id: 'task_1', failure_type: 'task_timeout' });

  test('it is one failure, and its recovery runs from detection through all attempts', () => {
    expect(reportOf(log).overall_stats).toMatchObject({
      total_failures: 2,
      total_healings: 2,
      success_rate: 0.5,
      avg_healing_time_ms: 3_000,
      mttr_ms: 30_000,
      recovered: 1,
      open_incidents: 1,
    });
  });

  test('the failures of a strategy are those it was tried on', () => {
    const report = reportOf(log, { strategy: 'Restart' });
    expect(report.filters).toEqual({ strategy: 'Restart' });
    expect(report.overall_stats).toMatchObject({
      total_failures: 1,
      total_healings: 1,
      success_rate: 0,
      mttr_ms: null,
      by_failure_type: { agent_down: 1 },
    });
    expect(report.failure_patterns.agent_patterns).toEqual({ a1: 1 });
    expect(report.strategy_effectiveness.map(({ name }) => name)).toEqual(['Restart']);
  });

  test('a failure type narrows everything down', () => {
    const { overall_stats, mttr } = reportOf(log, { failureType: 'task_timeout' });
    expect(overall_stats).toMatchObject({
      total_failures: 1,
      total_healings: 0,
      open_incidents: 1,
    });
    expect(Object.keys(mttr.by_failure_type)).toEqual(['task_timeout']);
  });

  test('recommendations name what they rest on', () => {
    const { recommendations, recommendation_details: details } = reportOf(log);
    expect(details.map(({ message }) => message)).toEqual(recommendations);
    expect(details.find(({ kind }) => kind === 'circuit_breaker')?.evidence.window).toBe('all');
    expect(details.find(({ kind }) => kind === 'prevention')).toHaveProperty('failure_type');
  });
});

describe('of a range', () => {
  const log = new MemoryLog();
  for (let i = 0; i < 120; i += 1) heal(log, i * 60, { success: i % 4 !== 0 });
  const parsed = parseRange({ from: time(1_200), to: time(2_400) }, NOW);
  const range = parsed.ok ? parsed.used : EVERYTHING;

  test('only what happened in it counts, and the answer says which it was', () => {
    const report = reportOf(log, {}, range);
    expect(report.overall_stats).toMatchObject({ total_healings: 20, success_count: 15 });
    expect(report.range).toEqual({ requested: null, from: time(1_200), to: time(2_400) });
  });

  test('the trend is the live verdict all the same', () => {
    const [strategy] = reportOf(log, {}, range).strategy_effectiveness;
    expect(strategy).toMatchObject({ trend: 'stable', present: { attempts: 120 } });
  });

  test('a range widened by retention is told as it was summed', () => {
    const widened = { fromMs: T0, toMs: T0 + 3_600_000 };
    const report = buildReport({
      state: log.state,
      history: { ...log.history(widened), range: widened },
      timeline: [],
      range,
      filters: {},
      nowMs: NOW,
    });
    expect(report.range).toMatchObject({ from: time(0), to: time(3_600) });
  });

  test('the course over time is told in steps, where they are handed in', () => {
    const steps = splitRange(range.range ?? { fromMs: 0, toMs: 0 });
    const report = buildReport({
      state: log.state,
      history: log.history(range.range),
      timeline: [],
      range,
      filters: {},
      nowMs: NOW,
      series: steps.map((step) => ({ range: step, history: log.history(step) })),
    });
    expect(report.mttr.over_time).toHaveLength(20);
    expect(report.mttr.over_time?.[0]).toEqual({
      from: time(1_200),
      to: time(1_260),
      total_failures: 1,
      total_healings: 1,
      success_rate: 0,
      recovered: 0,
      mttr_ms: null,
      mttr_restricted_ms: null,
      mttr_restricted_lower_ms: null,
      mttr_restricted_upper_ms: null,
      mttr_restricted_missing: 'fewer than 10 incidents that began in it have recovered',
      unrecovered: null,
    });
    expect(reportOf(log, {}, range).mttr).not.toHaveProperty('over_time');
  });

  test('a step in which every second incident stays open is told as slow as it is', () => {
    const halfOpen = new MemoryLog();
    for (let i = 0; i < 160; i += 1) {
      const failure_type = i % 4 < 2 ? 'crash' : 'leak';
      const failure = { failure_id: `o${i}`, agent_id: `agent-${i}`, failure_type };
      detect(halfOpen, i * 40, failure);
      // In the first hour all recover within 30 s, in the second one every other stays open.
      if (i < 90 || i % 2 === 0) heal(halfOpen, i * 40 + 30, { failure_id: `o${i}` });
    }
    const hours = [0, 1].map((n) => ({
      fromMs: T0 + n * 3_600_000,
      toMs: T0 + (n + 1) * 3_600_000,
    }));
    const nowMs = T0 + 8 * 3_600_000;
    const overTime = (filters: { failureType?: string }) =>
      buildReport({
        state: halfOpen.state,
        history: halfOpen.history(undefined, filters),
        timeline: [],
        range: { requested: 'all', range: undefined, roundedTo: undefined },
        filters,
        nowMs,
        series: hours.map((hour) => ({ range: hour, history: halfOpen.history(hour, filters) })),
      }).mttr.over_time ?? [];
    for (const filters of [{}, { failureType: 'leak' }]) {
      const [first, second] = overTime(filters);
      expect(first?.mttr_restricted_ms).toBeLessThan(40_000);
      expect(second?.mttr_ms).toBe(30_000);
      // About half of them last for the whole horizon of four hours.
      expect(second?.mttr_restricted_ms).toBeGreaterThan(60 * 60_000);
      expect(second?.unrecovered).toBeGreaterThan(10);
    }
  });
});

describe('time to recovery with incidents still open', () => {
  const log = new MemoryLog();
  for (let i = 0; i < 40; i += 1) {
    detect(log, i * 60, { failure_id: `a${i}`, agent_id: `agent-${i}` });
    if (i % 2 === 0) heal(log, i * 60 + 30, { failure_id: `a${i}` });
  }

  test('the plain mean knows only the quick half', () => {
    const { overall_stats, mttr } = reportOf(log);
    expect(overall_stats.mttr_ms).toBe(30_000);
    expect(overall_stats.mttr_restricted_ms).toBeGreaterThan(60 * 60_000);
    expect(mttr.by_failure_type.agent_down).toMatchObject({ open_incidents: 20, recovered: 20 });
    const half = (mttr.mttr_restricted_p50_ms ?? 0) / 30_000;
    expect(Math.abs(half - 1)).toBeLessThan(0.04);
  });

  test('the live window gives what the gauge gives', () => {
    const parsed = parseRange({ range: '1d' }, NOW);
    const { mttr } = reportOf(log, {}, parsed.ok ? parsed.used : EVERYTHING);
    expect(mttr.horizon_ms).toBe(4 * 3_600_000);
    expect(mttr.mttr_restricted_ms).toBeCloseTo(
      mttr.by_failure_type.agent_down?.mttr_restricted_ms ?? 0,
      6,
    );
  });
});

test('every part says when, of which range, under the keys of the report', () => {
  const report = reportOf(new MemoryLog());
  for (const part of [
    'stats',
    'strategies',
    'mttr',
    'patterns',
    'recommendations',
    'timeline',
  ] as const) {
    const about = ['generated_at', 'range', 'filters', 'other_windows', 'not_filtered'];
    const keys = [...about, ...REPORT_PARTS[part]];
    expect(Object.keys(partOf(report, part))).toEqual(keys);
  }
});

test('every answer names the fields that do not go by its range; they are fields of it', () => {
  const log = new MemoryLog();
  heal(log, 0, {});
  const report = reportOf(log);
  expect(partOf(report, 'stats').other_windows).toEqual({});
  expect(partOf(report, 'predictions').other_windows).toEqual({ predictions: 'all' });
  expect(partOf(report, 'strategies').other_windows).toMatchObject({
    'strategy_effectiveness.trend': 'now',
    'strategy_effectiveness.present': 'since_last_change',
  });
  const [strategy] = report.strategy_effectiveness;
  const [ofType] = Object.values(report.mttr.by_failure_type);
  const known = new Set([
    ...Object.keys(report),
    ...Object.keys(strategy ?? {}).map((field) => `strategy_effectiveness.${field}`),
    ...Object.keys(ofType ?? {}).map((field) => `mttr.by_failure_type.${field}`),
    ...Object.keys(report.failure_patterns).map((field) => `failure_patterns.${field}`),
    'recommendation_details.evidence',
    'recommendation_details.evidence.trend',
  ]);
  for (const field of Object.keys(report.other_windows)) expect(known).toContain(field);
  const filters = { failureType: 'agent_down', strategy: 'A', agentId: 'a', source: '/s' };
  const { not_filtered: left } = reportOf(log, filters);
  for (const field of left) expect(known).toContain(field);
});

test('agents have their failures per hour and their success rate beside their counts', () => {
  const log = new MemoryLog();
  for (let i = 0; i < 4; i += 1) {
    const about = { failure_id: `r${i}`, agent_id: i < 3 ? 'often' : 'seldom' };
    detect(log, i * 2_400, about);
    heal(log, i * 2_400 + 1, { ...about, success: i !== 1 });
  }
  const { agent_rates: rates } = reportOf(log).failure_patterns;
  expect(rates['often']).toMatchObject({ failures_per_hour: 1.5, attempts: 3 });
  expect(rates['often']?.success_rate).toBeCloseTo(2 / 3, 10);
  expect(rates['seldom']).toMatchObject({ failures_per_hour: 0.5, success_rate: 1 });
  expect(rates['seldom']?.success_rate_lower).toBeLessThan(0.5);
  expect(reportOf(log, { strategy: 'Restart' }).failure_patterns.agent_rates).toMatchObject({
    often: { failures_per_hour: null, attempts: 3 },
  });
});

test('what the filters do not narrow is named, by what they are', () => {
  const log = new MemoryLog();
  expect(reportOf(log).not_filtered).toEqual([]);
  const ofType = reportOf(log, { failureType: 'agent_down' });
  expect(ofType.not_filtered).toContain('predictions');
  expect(ofType.not_filtered).toContain('strategy_effectiveness.trend');
  expect(ofType.not_filtered).not.toContain('failure_patterns.anomalies');
  const ofSource = reportOf(log, { source: '/swarms/alpha' });
  expect(ofSource.not_filtered).toContain('failure_patterns.anomalies');
  expect(partOf(ofSource, 'mttr').not_filtered).toEqual(['mttr.by_failure_type.trend']);
  expect(reportOf(log, { strategy: 'A' }).not_filtered).not.toContain(
    'strategy_effectiveness.trend',
  );
});

test('names that are dangerous as keys of an object are names like others', () => {
  const log = new MemoryLog();
  heal(log, 0, { strategy_used: '__proto__', failure_type: 'constructor', agent_id: '__proto__' });
  const text = JSON.stringify(reportOf(log));
  expect(text).toContain('"by_strategy":{"__proto__":1}');
  expect(text).toContain('"by_failure_type":{"constructor":1}');
  expect(text).toContain('"agent_patterns":{"__proto__":1}');
});
