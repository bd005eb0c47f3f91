/** All our metrics for a reader of OpenTelemetry's SDK, beside what the application measures itself. */
import type { MetricData, MetricProducer, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { MetricsView } from '../../metrics/view.js';
import type { MetricFamily, RowWalker } from '../row-walker.js';

export interface ProducerParts {
  readonly walker: RowWalker;
  /** Undefined while there is no state: then there is nothing to tell. */
  readonly view: () => MetricsView | undefined;
  readonly version: string;
}

/** What was read for one collection. */
export interface Reading {
  /** Only those with a row and a point. */
  readonly families: readonly MetricFamily[];
  /** When it was read, Unix milliseconds. */
  readonly nowMs: number;
}

const SCOPE_NAME = 'selfhealer-exporter';

const readings = new WeakMap<ScopeMetrics, Reading>();

/** Cumulative, whatever the reader prefers: a reader does not say. The resource is the reader's own. */
export function createMetricProducer({ walker, view, version }: ProducerParts): MetricProducer {
  const scope = { name: SCOPE_NAME, version };
  return {
    async collect() {
      // The SDK is nearly a megabyte of code, and most exporters are never asked.
      const { emptyResource } = await import('@opentelemetry/resources');
      const { metricDataOf } = await import('./metric-data.js');
      const now = view();
      const families = now === undefined ? [] : walker.read(now).filter(isTold);
      const reading = { families, nowMs: now?.nowMs ?? 0 };
      const scopeMetrics =
        families.length === 0 ? [] : [scopeMetricsOf(scope, reading, metricDataOf)];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

/** What a collection of ours was made of; undefined for somebody else's. */
export function readingOf(scopeMetrics: ScopeMetrics): Reading | undefined {
  return readings.get(scopeMetrics);
}

/** Families without a row are other people's. */
function isTold({ row, points }: MetricFamily): boolean {
  return row !== undefined && points.length > 0;
}

/** The SDK's objects are made when somebody looks at them: our own push writes the reading itself. */
function scopeMetricsOf(
  scope: ScopeMetrics['scope'],
  reading: Reading,
  metricDataOf: (families: readonly MetricFamily[], nowMs: number) => MetricData[],
): ScopeMetrics {
  let made: MetricData[] | undefined;
  const lazily: ScopeMetrics = {
    scope,
    get metrics() {
      made ??= metricDataOf(reading.families, reading.nowMs);
      return made;
    },
  };
  readings.set(lazily, reading);
  return lazily;
}
