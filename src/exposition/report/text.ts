/** A report for a terminal: the dashboard of the original analytics, line for line. */
import type { Report } from '../../analysis/report-json.js';
import type { ReportWriter } from './report-writer.js';

const WIDTH = 70;
const TITLE = 'HEALING ANALYTICS DASHBOARD';
const TITLE_INDENT = 20;
/** Unknown is not zero. */
const UNKNOWN = 'n/a';

export const TEXT_WRITER: ReportWriter = {
  format: 'text',
  contentType: 'text/plain; charset=utf-8',
  write: dashboard,
};

/** The parts of a report that the dashboard shows. */
type DashboardReport = Pick<Report, 'recommendations'> & {
  readonly overall_stats: Pick<
    Report['overall_stats'],
    'total_healings' | 'success_rate' | 'avg_healing_time_ms' | 'mttr_ms'
  >;
  readonly strategy_effectiveness: readonly Pick<
    Report['strategy_effectiveness'][number],
    'name' | 'success_rate' | 'trend' | 'recommendation'
  >[];
  readonly failure_patterns: Pick<Report['failure_patterns'], 'most_common_failures'>;
};

/** Seventy columns, but for names and recommendations that are longer. */
function dashboard(report: DashboardReport): string {
  const { overall_stats: stats, strategy_effectiveness: strategies, recommendations } = report;
  const { most_common_failures: failures } = report.failure_patterns;
  return [
    '='.repeat(WIDTH),
    ' '.repeat(TITLE_INDENT) + TITLE,
    '='.repeat(WIDTH),
    '',
    ...section('OVERALL STATISTICS', [
      `Total Healings:       ${stats.total_healings}`,
      `Success Rate:         ${percent(stats.success_rate)}`,
      `Avg Healing Time:     ${milliseconds(stats.avg_healing_time_ms)}`,
      `MTTR:                 ${milliseconds(stats.mttr_ms)}`,
    ]),
    ...section(
      'STRATEGY EFFECTIVENESS',
      strategies.map(({ name, success_rate: rate, trend, recommendation }) => {
        const figures = `${percent(rate).padStart(6)}  ${word(trend).padStart(10)}`;
        return `${name.padEnd(30)} ${figures}  ${word(recommendation)}`;
      }),
    ),
    ...section(
      'FAILURE PATTERNS',
      failures.map(({ type, count }) => {
        return `  ${type.padEnd(30)} ${String(count).padStart(5)} occurrences`;
      }),
    ),
    ...section(
      'RECOMMENDATIONS',
      recommendations.map((text, i) => `${i + 1}. ${text}`),
    ),
    '='.repeat(WIDTH),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return [title, '-'.repeat(WIDTH), ...(lines.length === 0 ? ['-'] : lines), ''];
}

function word(verdict: string): string {
  return verdict === 'insufficient_data' ? UNKNOWN : verdict;
}

/** One decimal, as in the recommendations. */
function percent(rate: number | null): string {
  return rate === null ? UNKNOWN : `${(rate * 100).toFixed(1)}%`;
}

function milliseconds(durationMs: number | null): string {
  return durationMs === null ? UNKNOWN : `${durationMs.toFixed(0)}ms`;
}
