/** What a push says, read by opentelemetry-proto's own definitions and as JSON. */
import { expect, test } from 'vitest';
import { deriveGauges } from '../../../src/analysis/derived.js';
import { DURATION_BUCKETS } from '../../../src/core/state/histogram.js';
import { JsonRequestWriter } from '../../../src/exposition/otlp/json-request.js';
import type { OtlpRequest, OtlpWriter } from '../../../src/exposition/otlp/otlp-writer.js';
import { ProtobufRequestWriter } from '../../../src/exposition/otlp/protobuf-request.js';
import { RowWalker, type MetricFamily } from '../../../src/exposition/row-walker.js';
import { metricRows } from '../../../src/metrics/table.js';
import { at, completed, fold } from '../../support/events.js';
import {
  dataPointsOf,
  decodePush,
  labelsOf,
  metricsOf,
  type PushedMetric,
  type PushedPoint,
} from '../../support/otlp-definitions.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { viewOf } from '../../metrics/scrape.js';

const { state } = fold(oneOfEverything());
const view = viewOf(state, { report: deriveGauges(state, at(30)) });
const walker = new RowWalker(metricRows([]));
const families = walker.read(view).filter(({ points }) => points.length > 0);

function requestOf(of: readonly MetricFamily[], deltas = new Set<MetricFamily>()): OtlpRequest {
  return {
    families: of,
    deltas,
    nowMs: view.nowMs,
    resource: { 'service.name': 'exporter "ä"' },
    scope: { name: 'scope', version: '1' },
    durationsAs: 'exponential',
  };
}

function bodyOf(writer: OtlpWriter, request: OtlpRequest): Buffer {
  const writing = writer.write(request);
  for (;;) {
    const step = writing.next();
    if (step.done === true) return Buffer.from(step.value);
  }
}

test('every point of every row arrives with its labels, value, unit and kind', () => {
  const writer = new ProtobufRequestWriter();
  // The second time from what the first one has kept.
  bodyOf(writer, requestOf(families));
  const push = decodePush(bodyOf(writer, requestOf(families)));
  expect(push.resourceMetrics[0]?.resource.attributes).toMatchObject([
    { key: 'service.name', value: { stringValue: 'exporter "ä"' } },
  ]);
  const metrics = metricsOf(push);
  expect(metrics.map(({ name }) => name)).toEqual(families.map(({ row }) => row?.otel));
  for (const [i, family] of families.entries()) expectSame(metrics[i], family);
});

function expectSame(metric: PushedMetric | undefined, family: MetricFamily): void {
  if (metric === undefined || family.row === undefined) throw new Error('no metric');
  expect(metric.description).toBe(family.row.help);
  expect(metric.unit ?? '').toBe(family.row.unit);
  const { kind } = family.row;
  expect(metric.sum?.isMonotonic).toBe(
    kind === 'gauge' || kind === 'histogram' ? undefined : kind === 'counter',
  );
  const points = dataPointsOf(metric);
  expect(points.map(labelsOf)).toEqual(family.points.map(({ labels }) => labels));
  for (const [i, { value, sinceMs }] of family.points.entries()) {
    const point = points[i];
    expect(point?.timeUnixNano).toBe(`${view.nowMs}000000`);
    expect(point?.startTimeUnixNano).toBe(`${Math.min(sinceMs ?? view.nowMs, view.nowMs)}000000`);
    if (typeof value === 'number') expect(point?.asDouble).toBe(value);
    else if ('counts' in value) {
      expect(Number(point?.count)).toBe(value.count);
      expect(point?.sum).toBe(value.sum);
      expect(countedIn(point)).toBe(value.count);
    }
  }
}

function countedIn(point: PushedPoint | undefined): number {
  const counts = point?.bucketCounts ?? point?.positive?.bucketCounts ?? [];
  return counts.reduce((sum, count) => sum + Number(count), Number(point?.zeroCount ?? 0));
}

test.each(['exponential', 'explicit'] as const)(
  'JSON says what protobuf says, durations %s',
  (as) => {
    const request: OtlpRequest = { ...requestOf(families), durationsAs: as };
    const fromJson = metricsOf(JSON.parse(bodyOf(new JsonRequestWriter(), request).toString()));
    const fromProtobuf = metricsOf(decodePush(bodyOf(new ProtobufRequestWriter(), request)));
    expect(fromJson.map(({ name }) => name)).toEqual(fromProtobuf.map(({ name }) => name));
    for (const [i, metric] of fromJson.entries()) {
      const other = fromProtobuf[i];
      if (other === undefined) throw new Error('no metric');
      expect(metric.sum?.aggregationTemporality).toBe(other.sum?.aggregationTemporality);
      expect(metric.sum?.isMonotonic).toBe(other.sum?.isMonotonic);
      expect(dataPointsOf(metric).map(plain)).toEqual(dataPointsOf(other).map(plain));
    }
  },
);

test('durations have the buckets of the text where the receiver takes no exponential ones', () => {
  const request: OtlpRequest = { ...requestOf(families), durationsAs: 'explicit' };
  const metrics = metricsOf(decodePush(bodyOf(new ProtobufRequestWriter(), request)));
  expect(metrics.filter((one) => one.exponentialHistogram !== undefined)).toEqual([]);
  const durations = metrics.find(({ name }) => name === 'selfhealer.healing.duration');
  const [point] = durations === undefined ? [] : dataPointsOf(durations);
  expect(point?.explicitBounds).toEqual([...DURATION_BUCKETS]);
  expect(countedIn(point)).toBe(Number(point?.count));
});

test('a difference from what was told in other buckets has neither counts nor bounds', () => {
  const [family] = families.filter(({ row }) => row?.kind === 'histogram' && row.unit !== 's');
  if (family?.kind !== 'histogram') expect.fail('no histogram');
  const points = family.points.map((one) => ({ ...one, value: { ...one.value, counts: [] } }));
  const request = requestOf([{ ...family, points }]);
  for (const push of [
    decodePush(bodyOf(new ProtobufRequestWriter(), request)),
    JSON.parse(bodyOf(new JsonRequestWriter(), request).toString()),
  ]) {
    const told = metricsOf(push).flatMap(dataPointsOf);
    expect(told.map(({ count }) => Number(count))).toEqual(points.map(({ value }) => value.count));
    for (const { bucketCounts = [], explicitBounds = [] } of told) {
      expect([...bucketCounts, ...explicitBounds]).toEqual([]);
    }
  }
});

function plain(point: PushedPoint): unknown {
  return {
    ...point,
    exemplars: exemplarsOf(point),
    attributes: labelsOf(point),
    bucketCounts: point.bucketCounts?.map(Number),
    explicitBounds: point.explicitBounds,
    positive: {
      offset: point.positive?.offset,
      counts: (point.positive?.bucketCounts ?? []).map(Number),
    },
  };
}

/** In the words of JSON. */
function exemplarsOf({ exemplars = [] }: PushedPoint): unknown {
  const hex = (id: Uint8Array | string | undefined): string =>
    typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');
  return exemplars.map(({ filteredAttributes, spanId, traceId, ...rest }) => ({
    ...rest,
    labels: filteredAttributes.map(({ key, value }) => [key, value.stringValue]),
    trace: hex(traceId),
    span: hex(spanId),
  }));
}

test('an exemplar leads to the trace and the failure, however long its name is, oldest first', () => {
  const trace = 'a'.repeat(32);
  const span = 'b'.repeat(16);
  const long = 'f'.repeat(200);
  const events = [
    { ...completed(9, 'late', { durationMs: 3 }), traceparent: `00-${trace}-${span}-01` },
    completed(8, long, { durationMs: 90_000 }),
  ];
  const read = new RowWalker(metricRows([])).read(viewOf(fold(events).state));
  const told = read.filter(({ name }) => name === 'selfhealer_healing_duration_seconds');
  for (const writer of [new ProtobufRequestWriter(), new JsonRequestWriter()]) {
    const body = bodyOf(writer, requestOf(told));
    const isJson = writer instanceof JsonRequestWriter;
    const [pushed] = metricsOf(isJson ? JSON.parse(body.toString()) : decodePush(body));
    const points = pushed === undefined ? [] : dataPointsOf(pushed);
    const point = points.find((one) => labelsOf(one)['outcome'] === 'succeeded');
    expect(point === undefined ? [] : exemplarsOf(point)).toEqual([
      {
        labels: [['failure_id', long]],
        timeUnixNano: `${at(8)}000000`,
        asDouble: 90,
        trace: '',
        span: '',
      },
      {
        labels: [['failure_id', 'late']],
        timeUnixNano: `${at(9)}000000`,
        asDouble: 0.003,
        trace,
        span,
      },
    ]);
  }
});

test('attributes with quotes, line ends, NUL, half a character and a megabyte arrive as they are', () => {
  const [counter] = families.filter(({ kind }) => kind === 'counter');
  if (counter?.kind !== 'counter') throw new Error('no counter');
  const values = ['a"b', 'a\\b', 'a\nb', 'a\0b', '', '\u{1f600}', 'x'.repeat(2 ** 20)];
  const points = values.map((value) => ({ labels: { odd: value }, value: 1, sinceMs: 0 }));
  const request = requestOf([{ ...counter, points }]);
  const fromProtobuf = metricsOf(decodePush(bodyOf(new ProtobufRequestWriter(), request)));
  const fromJson = metricsOf(JSON.parse(bodyOf(new JsonRequestWriter(), request).toString()));
  for (const [pushed] of [fromProtobuf, fromJson]) {
    const got = pushed === undefined ? [] : dataPointsOf(pushed);
    expect(got.map((point) => labelsOf(point)['odd'])).toEqual(values);
  }
  const half = { ...counter, points: [{ labels: { odd: 'a\ud800' }, value: 1, sinceMs: 0 }] };
  const [pushed] = metricsOf(decodePush(bodyOf(new ProtobufRequestWriter(), requestOf([half]))));
  const [point] = pushed === undefined ? [] : dataPointsOf(pushed);
  expect(point === undefined ? {} : labelsOf(point)).toEqual({ odd: 'a\ufffd' });
});

test('differences say that they are some', () => {
  const [counter] = families.filter(({ kind }) => kind === 'counter');
  if (counter === undefined) throw new Error('no counter');
  const request = requestOf([counter], new Set([counter]));
  const [pushed] = metricsOf(decodePush(bodyOf(new ProtobufRequestWriter(), request)));
  expect(pushed?.sum?.aggregationTemporality).toBe(1);
});

test('a point that began after now begins now', () => {
  const [counter] = families.filter(({ kind }) => kind === 'counter');
  if (counter?.kind !== 'counter') throw new Error('no counter');
  const points = counter.points.map((point) => ({ ...point, sinceMs: view.nowMs + 5000 }));
  const request = requestOf([{ ...counter, points }]);
  const [pushed] = metricsOf(decodePush(bodyOf(new ProtobufRequestWriter(), request)));
  const [point] = pushed === undefined ? [] : dataPointsOf(pushed);
  expect(point?.startTimeUnixNano).toBe(point?.timeUnixNano);
});
