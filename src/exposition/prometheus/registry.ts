/** Registries of prom-client: of the process metrics, or of an embedding application. */
import { Registry } from 'prom-client';

/** Of the Prometheus text format. */
export const TEXT_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;
export const OPENMETRICS_CONTENT_TYPE = Registry.OPENMETRICS_CONTENT_TYPE;

/** What we need of a prom-client 15 registry. It may come from another installed copy of that package. */
export interface MetricRegistry {
  readonly contentType: string;
  /** Throws when another metric of that name is registered. */
  registerMetric(metric: object): void;
  getSingleMetric(name: string): object | undefined;
  removeSingleMetric(name: string): void;
  /** Every metric object. Each answers `get()` with its values. */
  getMetricsAsArray(): readonly object[];
  metrics(): Promise<string>;
}

/** A registry of its own, never the global one: two exporters in a process share nothing. */
export function createRegistry(): MetricRegistry {
  return new Registry();
}
