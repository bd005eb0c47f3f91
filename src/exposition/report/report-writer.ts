/** How a report becomes a file. */
import type { Report } from '../../analysis/report-json.js';

export interface ReportWriter {
  /** As it stands in `?format=`. */
  readonly format: string;
  readonly contentType: string;
  write(report: Report): string | Uint8Array;
}
