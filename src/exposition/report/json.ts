/** A report as JSON, indented: it is read by people as often as by programs. */
import type { ReportWriter } from './report-writer.js';

export const JSON_WRITER: ReportWriter = {
  format: 'json',
  contentType: 'application/json; charset=utf-8',
  write: (report) => `${JSON.stringify(report, null, 2)}\n`,
};
