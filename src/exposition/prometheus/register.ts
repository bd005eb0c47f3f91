/** Puts the metric table into a registry. */
import { ExporterError } from '../../core/errors.js';
import type { MetricRows, OptIn } from '../../metrics/define.js';
import { metricRows } from '../../metrics/table.js';
import type { MetricsView } from '../../metrics/view.js';
import { registerProcessMetrics } from './process-metrics.js';
import type { MetricRegistry } from './registry.js';
import { TableMetric } from './table-metric.js';

export interface RegisterOptions {
  /** Metrics that are shown only when asked for. Default: none. */
  readonly optIns?: readonly OptIn[];
  /** Instead of `optIns`: the rows themselves, as `metricRows` gives them. */
  readonly rows?: MetricRows;
  /** `process_*` and `nodejs_*`, where the registry does not have them. Default: false. */
  readonly processMetrics?: boolean;
}

/**
 * Registers fresh metric objects, which read `view()` at every scrape. Returns what takes them out again.
 * Throws ExporterError('INVALID_REQUEST'), and registers nothing, when the registry has one of our names.
 */
export function registerMetrics(
  registry: MetricRegistry,
  view: () => MetricsView,
  { optIns = [], rows: given, processMetrics = false }: RegisterOptions = {},
): () => void {
  const rows = Object.entries(given ?? metricRows(optIns));
  for (const [name] of rows) {
    if (registry.getSingleMetric(name) === undefined) continue;
    throw new ExporterError('INVALID_REQUEST', `registry: it has a metric named ${name} already`);
  }
  for (const [name, row] of rows) {
    registry.registerMetric(new TableMetric({ name, row, view, registry }));
  }
  if (processMetrics) registerProcessMetrics(registry);
  return () => {
    for (const [name] of rows) registry.removeSingleMetric(name);
  };
}
