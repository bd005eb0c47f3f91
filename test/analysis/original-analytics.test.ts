/** The histories of the original analytics, and what it answered for them (docs/analysis.md says where we differ). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVERYTHING } from '../../src/analysis/range.js';
import { buildReport, REPORT_TIMELINE_LENGTH } from '../../src/analysis/report.js';
import { MemoryLog } from '../support/memory-log.js';

interface Vector {
  readonly history: Record<string, unknown>[];
  readonly mttr_by_failure_type: Record<string, number | null>;
  readonly report: {
    readonly overall_stats: Record<string, unknown>;
    readonly strategy_effectiveness: Record<string, unknown>[];
    readonly failure_patterns: {
      readonly most_common_failures: { type: string; count: number }[];
      readonly failure_frequency: number;
      readonly time_of_day_patterns: Record<string, number>;
      readonly agent_patterns: Record<string, number>;
    };
    readonly recommendations: string[];
    readonly recent_timeline: (Record<string, unknown> & { timestamp: string })[];
  };
}

const vectors = JSON.parse(
  readFileSync(new URL('../fixtures/original-analytics.json', import.meta.url), 'utf8'),
) as Vector[];

describe.each(vectors)('a history of the original', ({ history, report, mttr_by_failure_type }) => {
  const log = new MemoryLog();
  for (const result of history) log.add('healing.completed', result);
  const ours = buildReport({
    state: log.state,
    history: log.history(),
    timeline: log.timeline(REPORT_TIMELINE_LENGTH),
    range: EVERYTHING,
    filters: {},
    nowMs: Date.UTC(2026, 10, 2, 6),
  });

  test('has the same overall stats', () => {
    const { by_strategy, by_failure_type, ...numbers } = report.overall_stats;
    expectClose(ours.overall_stats, numbers);
    expect(ours.overall_stats.by_strategy).toEqual(by_strategy);
    expect(ours.overall_stats.by_failure_type).toEqual(by_failure_type);
  });

  test('has the same counts, rates and mean times per strategy, best first', () => {
    const theirs = report.strategy_effectiveness;
    expect(ours.strategy_effectiveness).toHaveLength(theirs.length);
    for (const { name, success_count, failure_count, success_rate, avg_time_ms } of theirs) {
      const one = ours.strategy_effectiveness.find((strategy) => strategy.name === name);
      expectClose(one, { success_count, failure_count, success_rate, avg_time_ms });
    }
    const rates = ours.strategy_effectiveness.map(({ success_rate }) => success_rate);
    expect(rates).toEqual(theirs.map(({ success_rate }) => success_rate));
  });

  test('has the same failure patterns', () => {
    const { most_common_failures, failure_frequency, ...counts } = report.failure_patterns;
    expect(ours.failure_patterns).toMatchObject(counts);
    expect(ours.failure_patterns.failure_frequency).toBeCloseTo(failure_frequency, 9);
    const byType = (list: readonly { type: string; count: number }[]) =>
      new Map(list.map(({ type, count }) => [type, count]));
    expect(byType(ours.failure_patterns.most_common_failures)).toEqual(
      byType(most_common_failures),
    );
  });

  test('has the same mean time to recovery per failure type, null where there is none', () => {
    const byType = Object.entries(ours.mttr.by_failure_type).map(
      ([type, { mttr_ms }]) => [type, mttr_ms] as const,
    );
    expect(Object.fromEntries(byType)).toEqual(
      Object.fromEntries(
        Object.entries(mttr_by_failure_type).map(([type, ms]) => [
          type,
          ms === null ? null : expect.closeTo(ms, 6),
        ]),
      ),
    );
  });

  test('has the same timeline', () => {
    const sameTime = ({ timestamp, ...rest }: Record<string, unknown>) => ({
      ...rest,
      timestamp: Date.parse(String(timestamp)),
    });
    const shown = ours.recent_timeline.map(
      ({ timestamp, failure_id, strategy, success, duration_ms, actions }) =>
        sameTime({ timestamp, failure_id, strategy, success, duration_ms, actions }),
    );
    expect(shown).toEqual(report.recent_timeline.map(sameTime));
  });

  test('has every recommendation that the original gave, but for its trends', () => {
    const theirs = report.recommendations.filter((text) => !text.includes('is degrading'));
    expect(ours.recommendations).toEqual(expect.arrayContaining(theirs));
  });

  test('calls no steady strategy improving or degrading', () => {
    for (const { trend } of ours.strategy_effectiveness) {
      expect(['stable', 'insufficient_data']).toContain(trend);
    }
  });
});

/** Equal, up to the rounding of a sum. */
function expectClose(got: unknown, wanted: Readonly<Record<string, unknown>>): void {
  const close = Object.entries(wanted).map(([key, value]) => [
    key,
    typeof value === 'number' ? expect.closeTo(value, 6) : value,
  ]);
  expect(got).toMatchObject(Object.fromEntries(close));
}
