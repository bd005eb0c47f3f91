/** The restricted mean of ranges, filters and hours of a stream that does not change, against the true one. */
import { describe, expect, test } from 'vitest';
import { EVERYTHING, parseRange } from '../../src/analysis/range.js';
import { buildReport } from '../../src/analysis/report.js';
import { splitRange } from '../../src/analysis/series.js';
import type { Filters } from '../../src/core/ports.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { MemoryLog } from '../support/memory-log.js';
import { normal, uniform } from '../support/random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-11-23T14:33:20Z');
const HOURS = 54;
const PER_HOUR = 300;
/** Means of lognormal durations of half an hour, sigma 1.2, restricted to four hours and to two. */
const TRUE_MS = 53.2 * MINUTE;
const TRUE_OF_TWO_HOURS_MS = 44.6 * MINUTE;

const log = steady();

/** Two types alike, from one swarm; quick ones of another swarm beside them. */
function steady(): MemoryLog {
  const random = uniform(7);
  const gaussian = normal(random);
  const events: { readonly timeMs: number; readonly add: (log: MemoryLog) => void }[] = [];
  const incident = (id: string, startMs: number, durationMs: number, type: string): void => {
    const at = (ms: number) => new Date(ms).toISOString();
    const source = type === 'quick' ? '/quick' : '/slow';
    const about = { failure_id: id, failure_type: type };
    const detected = { ...about, detected_at: at(startMs) };
    const endMs = startMs + durationMs;
    const healed = { ...about, strategy_used: 'S', success: true, duration_ms: 1 };
    events.push({
      timeMs: startMs,
      add: (to) => {
        to.add('failure.detected', detected, source);
      },
    });
    if (endMs > NOW) return;
    events.push({
      timeMs: endMs,
      add: (to) => {
        to.add('healing.completed', { ...healed, timestamp: at(endMs) }, source);
      },
    });
  };
  for (let i = 0; i < HOURS * PER_HOUR; i += 1) {
    const startMs = NOW - random() * HOURS * HOUR;
    const durationMs = 30 * MINUTE * Math.exp(1.2 * gaussian());
    incident(`f${i}`, startMs, durationMs, i % 2 === 0 ? 'crash' : 'leak');
  }
  for (let i = 0; i < 400; i += 1) incident(`q${i}`, NOW - random() * 6 * HOUR, 5_000, 'quick');
  events.sort((a, b) => a.timeMs - b.timeMs);
  const told = new MemoryLog();
  for (const { add } of events) add(told);
  return told;
}

function mttrOf(asked: string, filters: Filters, overTime = false) {
  const parsed = parseRange({ range: asked }, NOW);
  const used = parsed.ok ? parsed.used : EVERYTHING;
  const steps = overTime && used.range !== undefined ? splitRange(used.range) : [];
  return buildReport({
    state: log.state,
    history: log.history(used.range, filters),
    timeline: [],
    range: used,
    filters,
    nowMs: NOW,
    series: steps.map((range) => ({ range, history: log.history(range, filters) })),
  }).mttr;
}

const SLOW = { failureType: 'crash' };

describe('a range is about the incidents that began in it', () => {
  test.each([
    ['2h', TRUE_OF_TWO_HOURS_MS, 0.15],
    ['4h', TRUE_MS, 0.12],
    ['6h', TRUE_MS, 0.1],
    ['24h', TRUE_MS, 0.05],
    ['36h', TRUE_MS, 0.05],
    ['2d', TRUE_MS, 0.05],
  ])('%s', (range, trueMs, near) => {
    const mttr = mttrOf(range, SLOW);
    expect(mttr.mttr_restricted_missing).toBeNull();
    expect(mttr.mttr_restricted_lower_ms).toBeLessThan(trueMs);
    expect(mttr.mttr_restricted_upper_ms).toBeGreaterThan(trueMs);
    expect(Math.abs((mttr.mttr_restricted_ms ?? 0) / trueMs - 1)).toBeLessThan(near);
    const ofType = mttr.by_failure_type.crash;
    expect(ofType?.mttr_restricted_ms).toBe(mttr.mttr_restricted_ms);
  });

  test('a day is a day, however it is put', () => {
    expect(mttrOf('24h', {}).mttr_restricted_ms).toBe(mttrOf('1d', {}).mttr_restricted_ms);
    expect(mttrOf('60m', {}).mttr_restricted_ms).toBe(mttrOf('1h', {}).mttr_restricted_ms);
  });
});

describe('a point is about the incidents that began in its step', () => {
  test.each(['24h', '2d'])('hours of %s', (range) => {
    const points = (mttrOf(range, SLOW, true).over_time ?? []).flatMap((point) => {
      const { mttr_restricted_ms: ms } = point;
      return ms === null ? [] : [{ ...point, ms }];
    });
    expect(points.length).toBeGreaterThan(22);
    const ratios = points.map(({ ms }) => ms / TRUE_MS);
    const mean = ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.05);
    const held = points.filter(
      ({ mttr_restricted_lower_ms: lower, mttr_restricted_upper_ms: upper }) =>
        lower === null || upper === null || (lower < TRUE_MS && TRUE_MS < upper),
    );
    expect(held.length / points.length).toBeGreaterThan(0.85);
    // The last hours, too, most of whose incidents were open for less than the horizon.
    const last = ratios.slice(-4);
    expect(Math.abs(last.reduce((sum, one) => sum + one, 0) / last.length - 1)).toBeLessThan(0.12);
  });
});

describe('what is not kept by beginning', () => {
  test('slow recoveries of a source say what is missing', () => {
    const mttr = mttrOf('6h', { source: '/slow' });
    expect(mttr.mttr_restricted_ms).toBeNull();
    expect(mttr.mttr_restricted_missing).toContain('by agent and source');
    expect(mttr.mttr_ms).toBeGreaterThan(0);
  });

  test('quick ones are told by their ends: hardly any began before', () => {
    const mttr = mttrOf('6h', { source: '/quick' });
    expect(Math.abs((mttr.mttr_restricted_ms ?? 0) / 5_000 - 1)).toBeLessThan(0.05);
    expect(mttr.mttr_restricted_missing).toBeNull();
  });

  test('a strategy says what is missing', () => {
    expect(mttrOf('6h', { strategy: 'S' }).mttr_restricted_missing).toContain('another');
  });
});

test('a snapshot keeps the hours, and one of an older release does not pretend to', () => {
  const text = log.state.snapshot();
  const restored = LiveState.restore(text);
  expect(restored?.recoveryHours.snapshot()).toEqual(log.state.recoveryHours.snapshot());
  const lines = text.split('\n');
  const { recoveryHours, ...older } = JSON.parse(lines.pop() ?? '{}');
  expect(recoveryHours).toBeDefined();
  const without = LiveState.restore([...lines, JSON.stringify(older)].join('\n'));
  expect(without?.recoveryHours.knownFromMs).toBe(Infinity);
});
