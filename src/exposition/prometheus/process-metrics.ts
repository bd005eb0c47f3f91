/** Memory, CPU, event loop and garbage collection of the process, as prom-client collects them. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricRegistry } from './registry.js';

/** Gauges that are named like counters: `promtool check metrics` refuses them. */
const MISNAMED = /^nodejs_active_\w+_total$/;

/** Adds those that the registry does not have: an embedding application may collect them itself. */
export function registerProcessMetrics(registry: MetricRegistry): void {
  const collected = new Registry();
  collectDefaultMetrics({ register: collected });
  for (const metric of collected.getMetricsAsArray()) {
    if (MISNAMED.test(metric.name) || registry.getSingleMetric(metric.name) !== undefined) continue;
    registry.registerMetric(metric);
  }
}
