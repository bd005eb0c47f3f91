/** What there is too much of to be followed is said where its verdict would stand. */
import { expect, test } from 'vitest';
import { EVERYTHING } from '../../src/analysis/range.js';
import { buildReport } from '../../src/analysis/report.js';
import { tuning } from '../../src/analysis/tuning.js';
import { bestStrategyAlike } from '../../src/app/answers.js';
import { MemoryLog } from '../support/memory-log.js';

const T0 = Date.parse('2026-11-23T12:00:00Z');
const FOLLOWED = 10_000;
/** So many events take seconds, and many of them on a machine that has other work. */
const PATIENCE_MS = 120_000;

function heal(log: MemoryLog, n: number, strategy: string, failureType: string): void {
  log.add('healing.completed', {
    failure_id: `f${n}`,
    failure_type: failureType,
    strategy_used: strategy,
    success: true,
    agent_id: `agent-${n}`,
    duration_ms: 1_000,
    timestamp: new Date(T0 + n * 100).toISOString(),
  });
}

/** Each strategy for a type of its own. */
function logOf(strategies: number): MemoryLog {
  const log = new MemoryLog();
  for (let n = 0; n < strategies; n += 1) heal(log, n, `S${n}`, `t${n}`);
  return log;
}

/** Of one type, so that it is short, however much the state holds. */
function reportOf(log: MemoryLog, failureType: string) {
  const filters = { failureType };
  return buildReport({
    state: log.state,
    history: log.history(undefined, filters),
    timeline: [],
    range: EVERYTHING,
    filters,
    nowMs: T0 + 3_600_000,
  });
}

test(
  'strategies, pairs and recoveries beyond ten thousand are told as not followed, others not',
  () => {
    const log = logOf(FOLLOWED);
    heal(log, FOLLOWED, 'Late', 'late');
    heal(log, FOLLOWED + 1, 'S0', 'late');
    const { strategy_effectiveness: strategies, mttr } = reportOf(log, 'late');
    const early = reportOf(log, 't1');
    const byName = new Map(strategies.map((one) => [one.name, one]));
    const FIRST_STRATEGIES = 'only the first 10,000 strategies are followed';
    expect(byName.get('Late')).toMatchObject({
      trend: 'insufficient_data',
      trend_missing: FIRST_STRATEGIES,
      failure_types_left_out: 1,
      duration_trend: { samples: 0, missing: FIRST_STRATEGIES },
    });
    expect(byName.get('S0')).toMatchObject({
      trend_missing: null,
      failure_types_left_out: 1,
      duration_trend: { samples: 2, missing: null },
    });
    expect(early.strategy_effectiveness).toMatchObject([
      { name: 'S1', trend_missing: null, failure_types_left_out: 0 },
    ]);
    expect(mttr.by_failure_type['late']?.trend.missing).toBe(
      'only the first 10,000 failure types are followed',
    );
    expect(early.mttr.by_failure_type['t1']?.trend.missing).toBeNull();
    expect(bestStrategyAlike(log.state, 'late', {}).candidatesMissing).toBe(
      'only the first 10,000 pairs of failure type and strategy are followed',
    );
    const asked = { window: 'all', nowMs: T0 + 3_600_000 };
    const late = tuning(log.state, log.history(), { ...asked, strategy: 'Late' }).parameters;
    expect(late.retry_limit).toMatchObject({ verdict: 'insufficient', why: FIRST_STRATEGIES });
    const first = tuning(log.state, log.history(), { ...asked, strategy: 'S0' }).parameters;
    expect(first.retry_limit.why).toContain('stand');
  },
  PATIENCE_MS,
);

test('a tuning says what it does not follow, and of a strategy that never ran that nothing stands', () => {
  const log = logOf(2_000);
  heal(log, 2_000, 'Late', 'late');
  const asked = { window: 'all', nowMs: T0 + 3_600_000 };
  const late = tuning(log.state, log.history(), { ...asked, strategy: 'Late' }).parameters;
  expect(late.restart_cooldown_ms).toMatchObject({
    verdict: 'insufficient',
    why: 'only the first 1,000 strategies that healed are followed',
  });
  for (const strategy of ['S0', 'Never']) {
    const known = tuning(log.state, log.history(), { ...asked, strategy }).parameters;
    expect(known.retry_limit.why).toContain('stand');
    expect(known.restart_cooldown_ms.why).toContain('stand');
  }
});

test('while there is room nothing is said to be missing, whatever was only skipped', () => {
  const log = logOf(3);
  log.add('healing.completed', {
    failure_id: 's',
    failure_type: 't0',
    strategy_used: 'Skipped',
    success: false,
    outcome: 'skipped',
    duration_ms: 0,
    timestamp: new Date(T0 + 60_000).toISOString(),
  });
  for (const one of reportOf(log, 't0').strategy_effectiveness) {
    expect(one).toMatchObject({ trend_missing: null, failure_types_left_out: 0 });
    expect(one.duration_trend.missing).toBeNull();
  }
  expect(bestStrategyAlike(log.state, 't0', {}).candidatesMissing).toBeNull();
});
