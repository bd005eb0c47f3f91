/** What an application with OpenTelemetry's SDK gets of our metrics. */
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { createMetricProducer } from '../../../src/exposition/otlp/metric-producer.js';
import { instrument } from '../../../src/exposition/otlp/instrument.js';
import { RowWalker } from '../../../src/exposition/row-walker.js';
import { metricRows } from '../../../src/metrics/table.js';
import type { MetricsView } from '../../../src/metrics/view.js';
import { deriveGauges } from '../../../src/analysis/derived.js';
import { at, completed, detected, fold } from '../../support/events.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { viewOf } from '../../metrics/scrape.js';

const rows = metricRows([]);

/** What a reader with our producer exports. */
async function produced(view: () => MetricsView | undefined): Promise<readonly MetricData[]> {
  const producer = createMetricProducer({ walker: new RowWalker(rows), view, version: '0.1.0' });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [producer] });
  const provider = new MeterProvider({ readers: [reader] });
  await provider.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  await provider.shutdown();
  return metrics.flatMap((scope) => scope.metrics);
}

function named(metrics: readonly MetricData[], name: string): MetricData {
  const found = metrics.find(({ descriptor }) => descriptor.name === name);
  if (found === undefined) throw new Error(`${name} is not among ${metrics.length} metrics`);
  return found;
}

function everything(): MetricsView {
  const { state } = fold(oneOfEverything());
  return viewOf(state, { report: deriveGauges(state, at(30)) });
}

test('every row that has a series goes out once, under its dotted name', async () => {
  const view = everything();
  const metrics = await produced(() => view);
  const shown = new RowWalker(rows).read(view).filter(({ points }) => points.length > 0);
  expect(metrics.map(({ descriptor }) => descriptor.name)).toEqual(
    shown.map(({ row }) => row?.otel),
  );
});

test('counters are monotonic sums that began with their first event', async () => {
  const { state } = fold([detected(1, 'f1')]);
  const metrics = await produced(() => viewOf(state));
  const failures = named(metrics, 'selfhealer.failures');
  expect(failures).toMatchObject({ dataPointType: DataPointType.SUM, isMonotonic: true });
  expect(failures.dataPoints.map(({ value }) => value)).toContain(1);
});

test('state sets are sums that may fall, exactly one state of each is 1', async () => {
  const metrics = await produced(everything);
  const trend = named(metrics, 'selfhealer.strategy.trend');
  expect(trend).toMatchObject({ dataPointType: DataPointType.SUM, isMonotonic: false });
  const sums = new Map<unknown, number>();
  for (const { attributes, value } of trend.dataPoints) {
    sums.set(attributes['strategy'], (sums.get(attributes['strategy']) ?? 0) + Number(value));
  }
  expect([...sums.values()]).toEqual([...sums.values()].map(() => 1));
});

test('a duration lies in the bucket of its exponential histogram that covers it', async () => {
  const durationMs = 3_000;
  const { state } = fold([detected(1, 'f1'), completed(5, 'f1', { durationMs })]);
  const metrics = await produced(() => viewOf(state));
  const duration = named(metrics, 'selfhealer.healing.duration');
  if (duration.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) throw new Error('wrong type');
  const value = duration.dataPoints.map((point) => point.value).find(({ count }) => count === 1);
  if (value === undefined) throw new Error('no observation');
  const base = 2 ** (2 ** -value.scale);
  const index = value.positive.offset + value.positive.bucketCounts.indexOf(1);
  expect(value.sum).toBe(3);
  // OpenTelemetry: bucket i covers (base^i, base^(i+1)].
  expect(base ** index).toBeLessThan(3);
  expect(base ** (index + 1)).toBeGreaterThanOrEqual(3);
});

test('nothing goes out while there is no state', async () => {
  expect(await produced(() => undefined)).toEqual([]);
});

test('a meter shows counters, gauges and state sets, and no longer when they are taken out', async () => {
  const view = everything();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('application');
  const walker = new RowWalker(rows);
  let reads = 0;
  const counted = (): MetricsView => {
    reads += 1;
    return view;
  };
  const takeOut = instrument({ meter, rows, walker, view: counted, attributes: {} });
  await provider.forceFlush();
  const shown = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  const metrics = shown.flatMap((scope) => scope.metrics);
  expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual(
    walker
      .read(view)
      .filter(({ kind, points }) => kind !== 'histogram' && points.length > 0)
      .map(({ row }) => row?.otel ?? '')
      .sort(),
  );
  takeOut();
  reads = 0;
  await provider.forceFlush();
  expect(reads).toBe(0);
  await provider.shutdown();
});

test('two exporters on one meter need something to tell them apart', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter })],
  });
  const meter = provider.getMeter('application');
  const put = (failures: number, attributes: Record<string, string>): (() => void) => {
    const events = Array.from({ length: failures }, (_, i) => detected(i + 1, `f${i}`));
    const view = viewOf(fold(events).state);
    return instrument({ meter, rows, walker: new RowWalker(rows), view: () => view, attributes });
  };
  const takeOut = put(1, {});
  expect(() => put(2, {})).toThrow(/a meter of its own/);
  put(3, { swarm: 'beta' });
  await provider.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  const shown = named(
    metrics.flatMap((scope) => scope.metrics),
    'selfhealer.failures',
  ).dataPoints;
  expect(
    shown
      .map(({ value }) => value)
      .filter((value) => value !== 0)
      .sort(),
  ).toEqual([1, 3]);
  takeOut();
  expect(() => put(2, {})).not.toThrow();
  await provider.shutdown();
});
