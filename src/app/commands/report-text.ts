/** The report for a terminal from what a server calls its report: checked, then shown. */
import { z } from 'zod';
import { ExporterError } from '../../core/errors.js';
import { dashboard } from '../../exposition/report/text.js';

const known = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const verdict = z
  .string()
  .nullish()
  .transform((word) => word ?? 'insufficient_data');

/** What is shown of the report. Further fields stand beside these. */
const reportSchema = z.object({
  overall_stats: z.object({
    total_healings: z.number(),
    success_rate: known,
    avg_healing_time_ms: known,
    mttr_ms: known,
  }),
  strategy_effectiveness: z.array(
    z.object({
      name: z.string(),
      success_rate: known,
      trend: verdict,
      recommendation: verdict,
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
  return dashboard(parsed.data);
}
