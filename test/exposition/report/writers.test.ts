import { expect, test } from 'vitest';
import { EVERYTHING } from '../../../src/analysis/range.js';
import { buildReport } from '../../../src/analysis/report.js';
import { REPORT_WRITERS, writerOf } from '../../../src/exposition/report/writers.js';
import { completed } from '../../support/events.js';
import { MemoryLog } from '../../support/memory-log.js';

function reportOf(log: MemoryLog) {
  return buildReport({
    state: log.state,
    history: log.history(),
    timeline: [],
    range: EVERYTHING,
    filters: {},
    nowMs: Date.UTC(2026, 10, 23, 13),
  });
}

test('the text is the dashboard of the original, line for line', () => {
  const log = new MemoryLog();
  for (let i = 0; i < 8; i += 1) {
    const outcome = i < 5 ? 'succeeded' : 'failed';
    log.fold(completed(i, `f${i}`, { outcome, durationMs: 6_500 }));
  }
  log.fold(completed(9, 'x', { strategy: 'Never', outcome: 'skipped', failureType: 'disk' }));
  expect(writerOf('text')?.write(reportOf(log))).toBe(
    [
      '======================================================================',
      '                    HEALING ANALYTICS DASHBOARD',
      '======================================================================',
      '',
      'OVERALL STATISTICS',
      '----------------------------------------------------------------------',
      'Total Healings:       8',
      'Success Rate:         62.5%',
      'Avg Healing Time:     6500ms',
      'MTTR:                 6500ms',
      '',
      'STRATEGY EFFECTIVENESS',
      '----------------------------------------------------------------------',
      'AgentRestartStrategy            62.5%         n/a  n/a',
      'Never                             n/a         n/a  n/a',
      '',
      'FAILURE PATTERNS',
      '----------------------------------------------------------------------',
      '  agent_down                         8 occurrences',
      '  disk                               1 occurrences',
      '',
      'RECOMMENDATIONS',
      '----------------------------------------------------------------------',
      '1. Overall success rate is low (62.5%). Consider reviewing strategy configurations.',
      '2. MTTR is high (6500ms). Consider optimizing healing strategies for faster recovery.',
      '3. Most common failure: agent_down (8 occurrences). Implement preventive measures.',
      '',
      '======================================================================',
      '',
    ].join('\n'),
  );
});

test('unknown values are said to be unknown', () => {
  const text = writerOf('text')?.write(reportOf(new MemoryLog()));
  expect(text).toContain('Success Rate:         n/a\n');
  expect(text).toContain('MTTR:                 n/a\n');
  expect(text).toContain('STRATEGY EFFECTIVENESS\n' + '-'.repeat(70) + '\n-\n');
});

test('JSON reads back as the report', () => {
  const report = reportOf(new MemoryLog());
  const text = writerOf('json')?.write(report);
  expect(JSON.parse(String(text))).toEqual(report);
});

test('formats are distinct, and an unknown one has no writer', () => {
  expect(REPORT_WRITERS.map(({ format }) => format)).toEqual(['json', 'text']);
  expect(writerOf('pdf')).toBeUndefined();
});
