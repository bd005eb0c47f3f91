/** Every format that a report can be had in. */
import { JSON_WRITER } from './json.js';
import type { ReportWriter } from './report-writer.js';
import { TEXT_WRITER } from './text.js';

export const REPORT_WRITERS: readonly ReportWriter[] = [JSON_WRITER, TEXT_WRITER];

/** Undefined when there is no such format. */
export function writerOf(format: string): ReportWriter | undefined {
  return REPORT_WRITERS.find((writer) => writer.format === format);
}
