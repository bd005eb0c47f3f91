// One way to a push over OTLP, in a process of its own: our rows through a MeterProvider's reader and our writers, or
// instruments of the SDK that hold the same series and its own serializers; as protobuf or as JSON.
import type { Counter, Gauge, UpDownCounter } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import {
  AggregationType,
  DataPointType,
  MeterProvider,
  MetricReader,
  type MetricProducer,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { createMetricProducer, readingOf } from '../../src/exposition/otlp/metric-producer.js';
import { JsonRequestWriter } from '../../src/exposition/otlp/json-request.js';
import type { OtlpWriter } from '../../src/exposition/otlp/otlp-writer.js';
import { ProtobufRequestWriter } from '../../src/exposition/otlp/protobuf-request.js';
import { ToldExemplars } from '../../src/exposition/otlp/told-exemplars.js';
import { RowWalker } from '../../src/exposition/row-walker.js';
import { metricRows } from '../../src/metrics/table.js';
import type { MetricsView } from '../../src/metrics/view.js';
import { stateOf, viewOf } from './scraped-state.js';
import { offer } from './turns.js';

class PulledReader extends MetricReader {
  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Some 10,000 data points; as text, where a histogram has a line for each bucket, more than twice as many. */
const STRATEGIES = 165;
const EXPORTS_PER_TURN = 20;

const rows = metricRows([]);
const view = viewOf(stateOf(STRATEGIES));
const [, , name = ''] = process.argv;
const { collect, bytesOf } = contestantOf(name);
const bytes = await exported();

offer({
  about: { points: pointsOf(await collect()), lines: linesOf(), bytes, exports: EXPORTS_PER_TURN },
  turn: async () => {
    for (let i = 0; i < EXPORTS_PER_TURN; i += 1) await exported();
    return undefined;
  },
});

async function exported(): Promise<number> {
  return bytesOf(await collect());
}

interface Way {
  readonly collect: () => Promise<ResourceMetrics>;
  /** How long the body becomes. */
  readonly bytesOf: (collected: ResourceMetrics) => number;
}

function contestantOf(name: string): Way {
  switch (name) {
    case 'protobuf':
      return ours(new ProtobufRequestWriter());
    case 'json':
      return ours(new JsonRequestWriter());
    case 'sdk-protobuf':
      return theirs(ProtobufMetricsSerializer);
    case 'sdk-json':
      return theirs(JsonMetricsSerializer);
    default:
      throw new Error(`bench: no contestant is called ${name}`);
  }
}

function ours(writer: OtlpWriter): Way {
  const exemplars = new ToldExemplars();
  const walker = new RowWalker(rows);
  const producer = createMetricProducer({ walker, view: () => view, version: '0.1.0' });
  const { collect } = readerOf(producer);
  return { collect, bytesOf: (collected) => written(collected, writer, exemplars) };
}

function theirs(serializer: typeof ProtobufMetricsSerializer): Way {
  const { provider, collect } = readerOf(undefined);
  fill(provider, view);
  return { collect, bytesOf: (collected) => serializer.serializeRequest(collected)?.length ?? 0 };
}

function readerOf(producer: MetricProducer | undefined): {
  readonly provider: MeterProvider;
  readonly collect: () => Promise<ResourceMetrics>;
} {
  const reader = new PulledReader({
    metricProducers: producer === undefined ? [] : [producer],
    cardinalitySelector: () => 100_000,
  });
  const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
  const durations = Object.values(rows).filter(({ kind, unit }) => {
    return kind === 'histogram' && unit === 's';
  });
  const views = durations.map(({ otel }) => ({ instrumentName: otel, aggregation }));
  const provider = new MeterProvider({ readers: [reader], views });
  return { provider, collect: async () => (await reader.collect()).resourceMetrics };
}

/** As the push writes it: of the exemplars, those that it has not told. */
function written(
  { scopeMetrics }: ResourceMetrics,
  writer: OtlpWriter,
  exemplars: ToldExemplars,
): number {
  const [one] = scopeMetrics;
  const reading = one === undefined ? undefined : readingOf(one);
  if (reading === undefined) throw new Error('bench: nothing was read');
  const writing = writer.write({
    ...reading,
    families: reading.families.map((family) =>
      family.kind === 'histogram' ? exemplars.since(family) : family,
    ),
    deltas: new Set(),
    resource: { 'service.name': 'bench' },
    scope: { name: 'bench', version: '0.1.0' },
    durationsAs: 'exponential',
  });
  for (;;) {
    const step = writing.next();
    if (step.done !== true) continue;
    exemplars.advance(reading.families);
    return step.value.length;
  }
}

function pointsOf({ scopeMetrics }: ResourceMetrics): number {
  let found = 0;
  for (const { metrics } of scopeMetrics) {
    for (const { dataPoints, dataPointType } of metrics) {
      // An empty histogram is there in ours; the SDK has none before its first value.
      for (const { value } of dataPoints) {
        const isHistogram =
          dataPointType === DataPointType.HISTOGRAM ||
          dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM;
        if (!isHistogram || typeof value === 'number' || value.count > 0) found += 1;
      }
    }
  }
  return found;
}

function linesOf(): number {
  let lines = 0;
  for (const family of new RowWalker(rows).read(view)) {
    const each = family.kind === 'histogram' ? family.bounds.length + 3 : 1;
    lines += family.points.length * each;
  }
  return lines;
}

/** The SDK's own instruments with the series of ours in them. */
function fill(provider: MeterProvider, from: MetricsView): void {
  const meter = provider.getMeter('bench');
  for (const row of Object.values(rows)) {
    const options = { description: row.help, unit: row.unit };
    if (row.kind === 'histogram') {
      const advice = { explicitBucketBoundaries: [...row.buckets] };
      const metric = meter.createHistogram(row.otel, { ...options, advice });
      row.read(from, (labels, value) => {
        for (let n = 0; n < (value?.count ?? 0); n += 1)
          metric.record(n === 0 ? 0.5 : 0.25, labels);
      });
      continue;
    }
    const metric: Counter | Gauge | UpDownCounter =
      row.kind === 'counter'
        ? meter.createCounter(row.otel, options)
        : row.kind === 'gauge'
          ? meter.createGauge(row.otel, options)
          : meter.createUpDownCounter(row.otel, options);
    row.read(from, (labels, value) => {
      if (value === undefined || !Number.isFinite(value)) return;
      if ('record' in metric) metric.record(value, labels);
      else metric.add(value, labels);
    });
  }
}
