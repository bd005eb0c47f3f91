/**
 * The report for a terminal: the dashboard of the original analytics, line for line, from the
 * report's JSON.
 */
import { z } from 'zod';
import { ExporterError } from '../../core/errors.js';

const WIDTH = 70;
/** Absent is not zero. */
const UNKNOWN = 'n/a';

/** What is shown of the report. Further fields stand beside these. */
const reportSchema = z.object({
  overall_stats: z.object({
    total_healings: z.number(),
    success_rate: z.number().nullish(),
    avg_healing_time_ms: z.number().nullish(),
    mttr_ms: z.number().nullish(),
  }),
  strategy_effectiveness: z.array(
    z.object({
      name: z.string(),
      success_rate: z.number().nullish(),
      trend: z.string().nullish(),
      recommendation: z.string().nullish(),
    }),
  ),
  failure_patterns: z.object({
    most_common_failures: z.array(z.object({ type: z.string(), count: z.number() })),
  }),
  recommendations: z.array(z.string()),
});

/** Throws ExporterError INTERNAL when it is no report. */
export function renderReport(report: unknown): string {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new ExporterError('INTERNAL', `report: ${where}: ${issue?.message ?? 'not a report'}`);
  }
  const { overall_stats: stats, strategy_effectiveness: strategies } = parsed.data;
  const { most_common_failures: failures } = parsed.data.failure_patterns;
  const title = 'HEALING ANALYTICS DASHBOARD';
  return [
    '='.repeat(WIDTH),
    `${' '.repeat(20)}${title}`,
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
        const shownTrend = (trend ?? UNKNOWN).padStart(10);
        const shown = `${name.padEnd(30)} ${percent(rate).padStart(6)}  ${shownTrend}`;
        return `${shown}  ${recommendation ?? UNKNOWN}`;
      }),
    ),
    ...section(
      'FAILURE PATTERNS',
      failures.slice(0, 5).map(({ type, count }) => {
        return `  ${type.padEnd(30)} ${String(count).padStart(5)} occurrences`;
      }),
    ),
    ...section(
      'RECOMMENDATIONS',
      parsed.data.recommendations.map((text, i) => `${i + 1}. ${text}`),
    ),
    '='.repeat(WIDTH),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  const shown = lines.length === 0 ? ['(none)'] : lines.map(oneLine);
  return [title, '-'.repeat(WIDTH), ...shown, ''];
}

/** 0.7225 is 72.2%. */
function percent(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? UNKNOWN : `${fixed(ratio * 100, 1)}%`;
}

function milliseconds(durationMs: number | null | undefined): string {
  return durationMs === null || durationMs === undefined ? UNKNOWN : `${fixed(durationMs, 0)}ms`;
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

/** A server is not trusted with the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
