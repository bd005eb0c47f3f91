/** All our metrics for a reader of OpenTelemetry's SDK, beside what the application measures itself. */
import { emptyResource } from '@opentelemetry/resources';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import type { MetricsView } from '../../metrics/view.js';
import type { RowWalker } from '../row-walker.js';
import { metricDataOf } from './metric-data.js';

export interface ProducerParts {
  readonly walker: RowWalker;
  /** Undefined while there is no state: then there is nothing to tell. */
  readonly view: () => MetricsView | undefined;
  readonly version: string;
}

const SCOPE_NAME = 'selfhealer-exporter';

/** Cumulative, whatever the reader prefers: a reader does not say. The resource is the reader's own. */
export function createMetricProducer({ walker, view, version }: ProducerParts): MetricProducer {
  const scope = { name: SCOPE_NAME, version };
  return {
    collect() {
      const now = view();
      const metrics = now === undefined ? [] : metricDataOf(walker.read(now), now.nowMs);
      const scopeMetrics = metrics.length === 0 ? [] : [{ scope, metrics }];
      return Promise.resolve({
        resourceMetrics: { resource: emptyResource(), scopeMetrics },
        errors: [],
      });
    },
  };
}
