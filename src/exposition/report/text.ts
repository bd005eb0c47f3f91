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
export type DashboardReport = Pick<Report, 'recommendations'> & {
  readonly overall_stats: Pick<
    Report['overall_stats'],
    'total_healings' | 'success_rate' | 'avg_healing_time_ms' | 'mttr_ms'
  >;
  /** A verdict is a word; one of a later release may be a new word. */
  readonly strategy_effectiveness: readonly (Pick<
    Report['strategy_effectiveness'][number],
    'name' | 'success_rate'
  > & { readonly trend: string; readonly recommendation: string })[];
  readonly failure_patterns: Pick<Report['failure_patterns'], 'most_common_failures'>;
};

/** Seventy columns, but for names and recommendations that are longer. */
export function dashboard(report: DashboardReport): string {
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
  const shown = lines.length === 0 ? ['-'] : lines.map(oneLine);
  return [title, '-'.repeat(WIDTH), ...shown, ''];
}

/** Whoever wrote a line is not trusted with the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

function word(verdict: string): string {
  return verdict === 'insufficient_data' ? UNKNOWN : verdict;
}

/** One decimal, as in the recommendations. */
function percent(rate: number | null): string {
  return rate === null ? UNKNOWN : `${fixed(rate * 100, 1)}%`;
}

function milliseconds(durationMs: number | null): string {
  return durationMs === null ? UNKNOWN : `${fixed(durationMs, 0)}ms`;
}

/** As the original prints: halfway between two, the even one. `toFixed` takes the greater. */
function fixed(value: number, digits: 0 | 1): string {
  // Halfway is only what is a whole number and a half (a quarter, three quarters) in binary too.
  const isHalfway = (value * 2 ** (digits + 1)) % 2 === 1;
  if (!isHalfway) return value.toFixed(digits);
  const scale = 10 ** digits;
  const below = Math.floor(value * scale);
  return ((below % 2 === 0 ? below : below + 1) / scale).toFixed(digits);
}
