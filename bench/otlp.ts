// What a push over OTLP costs: our rows through a MeterProvider's reader to protobuf and JSON beside instruments of the SDK that
// hold the same series, through its own serializers, in one process, in turns.
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
import { createMetricProducer, readingOf } from '../src/exposition/otlp/metric-producer.js';
import { JsonRequestWriter } from '../src/exposition/otlp/json-request.js';
import type { OtlpWriter } from '../src/exposition/otlp/otlp-writer.js';
import { ProtobufRequestWriter } from '../src/exposition/otlp/protobuf-request.js';
import { ToldExemplars } from '../src/exposition/otlp/told-exemplars.js';
import { RowWalker } from '../src/exposition/row-walker.js';
import { metricRows } from '../src/metrics/table.js';
import type { MetricsView } from '../src/metrics/view.js';
import { cpuMicros, isShort, publish, ratioOf } from './support/measure.js';
import { stateOf, viewOf } from './support/scraped-state.js';

const ROUNDS = isShort() ? 3 : 15;
/** The first ones are those of code that is not compiled yet; a push goes on for days. */
const WARM_UP_ROUNDS = isShort() ? 2 : 10;
const EXPORTS_PER_ROUND = 20;
const RATIO_MAX = 0.5;
/** Some 10,000 data points; as text, where a histogram has a line for each bucket, more than twice as many. */
const STRATEGIES = 165;

class PulledReader extends MetricReader {
  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const rows = metricRows([]);
const view = viewOf(stateOf(STRATEGIES));
const ours = readerOf(
  createMetricProducer({ walker: new RowWalker(rows), view: () => view, version: '0.1.0' }),
);
const theirs = readerOf(undefined);
fill(theirs.provider, view);
const protobuf = new ProtobufRequestWriter();
const json = new JsonRequestWriter();
const toldInProtobuf = new ToldExemplars();
const toldInJson = new ToldExemplars();
const contestants = [
  { name: 'protobuf', bytes: async () => written(await ours.collect(), protobuf, toldInProtobuf) },
  {
    name: "the SDK's instruments",
    bytes: async () => ProtobufMetricsSerializer.serializeRequest(await theirs.collect())?.length,
  },
  { name: 'JSON', bytes: async () => written(await ours.collect(), json, toldInJson) },
  {
    name: "the SDK's, in JSON",
    bytes: async () => JsonMetricsSerializer.serializeRequest(await theirs.collect())?.length,
  },
].map((one) => ({ ...one, millis: [] as number[] }));

const points = pointsOf(await ours.collect());
const pointsOfSdk = pointsOf(await theirs.collect());
if (points !== pointsOfSdk) throw new Error(`bench: ${points} points and ${pointsOfSdk}`);
const sizes: string[] = [];
for (const { name, bytes } of contestants) sizes.push(`${name} ${await bytes()}`);

for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
  for (let n = 0; n < contestants.length; n += 1) {
    const turn = contestants[(n + round + WARM_UP_ROUNDS) % contestants.length];
    if (turn === undefined) continue;
    // What an export leaves to be collected is part of its cost: nothing is collected for it beforehand.
    const before = cpuMicros(process.pid);
    for (let i = 0; i < EXPORTS_PER_ROUND; i += 1) await turn.bytes();
    const millis = (cpuMicros(process.pid) - before) / 1000 / EXPORTS_PER_ROUND;
    if (round >= 0) turn.millis.push(millis);
  }
}

const [ofOurs = [], ofSdk = [], ofJson = [], ofSdkJson = []] = contestants.map(
  ({ millis }) => millis,
);
publish({
  name: `An OTLP export of ${points} points (${linesOf()} series of text), processor time`,
  contestants: contestants.map(({ name, millis }) => ({ name, unit: 'ms', values: millis })),
  limits: [
    ratioOf('protobuf / SDK', ofOurs, ofSdk, RATIO_MAX),
    ratioOf('JSON / SDK in JSON', ofJson, ofSdkJson, RATIO_MAX),
  ],
  notes: [`bytes: ${sizes.join(', ')}`],
});

function readerOf(producer: MetricProducer | undefined): {
  readonly provider: MeterProvider;
  collect(): Promise<ResourceMetrics>;
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
