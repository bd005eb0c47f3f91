/** Our metrics for the OpenTelemetry of an application, and for the push. */
import type { Attributes, Meter } from '@opentelemetry/api';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { instrument } from '../exposition/otlp/instrument.js';
import { createMetricProducer } from '../exposition/otlp/metric-producer.js';
import { RowWalker } from '../exposition/row-walker.js';
import type { MetricRows } from '../metrics/define.js';
import type { MetricsView } from '../metrics/view.js';
import { BUILD } from './build.js';

export interface OpenTelemetry {
  metricProducer(): MetricProducer;
  /** Returns what takes the instruments out again. */
  instrument(meter: Meter, options?: InstrumentOptions): () => void;
}

export interface InstrumentOptions {
  /** Put on every series, such as `{ swarm: 'beta' }`: two exporters on one meter need different ones. */
  readonly attributes?: Attributes;
}

interface OpenTelemetryParts {
  readonly rows: MetricRows;
  /** Undefined while there is no state. */
  readonly view: () => MetricsView | undefined;
}

/** Whoever reads gets a walker of their own: two readers do not disturb each other. */
export function createOpenTelemetry({ rows, view }: OpenTelemetryParts): OpenTelemetry {
  return {
    metricProducer: () =>
      createMetricProducer({ walker: new RowWalker(rows), view, version: BUILD.version }),
    instrument: (meter, { attributes = {} } = {}) =>
      instrument({ meter, rows, walker: new RowWalker(rows), view, attributes }),
  };
}
