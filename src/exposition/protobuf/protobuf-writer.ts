/**
 * Prometheus' protobuf format: `io.prometheus.client.MetricFamily`, each with its length before it. Durations go
 * out as native histograms with the classic buckets beside them. Field numbers are those of metrics.proto.
 */
import type { Labels } from '../../metrics/define.js';
import { exemplarOf } from '../exemplar.js';
import { PAUSE_EVERY, type MetricsWriter } from '../metrics-writer.js';
import type {
  HistogramFamily,
  HistogramValue,
  MetricFamily,
  Point,
  SummaryValue,
} from '../row-walker.js';
import { MessageBuffer } from './message-buffer.js';
import { spansOf } from './spans.js';

const TYPE = { counter: 0, gauge: 1, summary: 2, untyped: 3, histogram: 4 } as const;

/**
 * The width of the bucket of zero, as Go's client has it. Never 0: that is how an empty native histogram is told
 * from a classic one.
 */
const ZERO_THRESHOLD = 2 ** -128;

/** Keep one for as long as its walker. */
export class ProtobufWriter implements MetricsWriter {
  readonly contentType =
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
  readonly #labels = new WeakMap<Labels, Uint8Array>();
  readonly #scratch = new MessageBuffer();

  *write(families: readonly MetricFamily[]): Generator<void, readonly Uint8Array[]> {
    const out = new MessageBuffer();
    const pieces: Uint8Array[] = [];
    let written = 0;
    for (const family of families) {
      // A family without series says nothing here.
      if (family.points.length === 0) continue;
      const start = out.openDelimited();
      out.string(1, family.name);
      out.string(2, family.help);
      out.uint(3, TYPE[family.kind]);
      for (const point of family.points) {
        const metric = out.open(4);
        out.raw(this.#labelBytes(point.labels));
        writeValue(out, family, point);
        out.close(metric);
        written += typeof point.value === 'number' ? 1 : 20;
        if (written < PAUSE_EVERY) continue;
        written = 0;
        yield;
      }
      out.close(start);
      pieces.push(out.take());
    }
    return pieces;
  }

  #labelBytes(labels: Labels): Uint8Array {
    const known = this.#labels.get(labels);
    if (known !== undefined) return known;
    writeLabels(this.#scratch, Object.entries(labels));
    const bytes = this.#scratch.take();
    this.#labels.set(labels, bytes);
    return bytes;
  }
}

function writeLabels(
  out: MessageBuffer,
  labels: readonly (readonly [name: string, value: string])[],
): void {
  for (const [name, value] of labels) {
    const pair = out.open(1);
    out.string(1, name);
    out.string(2, value);
    out.close(pair);
  }
}

function writeValue(
  out: MessageBuffer,
  family: MetricFamily,
  { value, sinceMs }: Point<number | HistogramValue | SummaryValue>,
): void {
  if (typeof value === 'number') writeNumber(out, family, value, sinceMs);
  else if ('quantiles' in value) writeSummary(out, value, sinceMs);
  else if (family.kind === 'histogram') writeHistogram(out, family, value, sinceMs);
}

function writeNumber(
  out: MessageBuffer,
  { kind }: MetricFamily,
  value: number,
  sinceMs: number | undefined,
): void {
  const message = out.open(kind === 'counter' ? 3 : kind === 'gauge' ? 2 : 5);
  out.double(1, value);
  if (kind === 'counter') writeTime(out, 3, sinceMs);
  out.close(message);
}

function writeSummary(out: MessageBuffer, value: SummaryValue, sinceMs: number | undefined): void {
  const message = out.open(4);
  out.uint(1, value.count);
  out.double(2, value.sum);
  for (const quantile of value.quantiles) {
    const inner = out.open(3);
    out.double(1, quantile.quantile);
    out.double(2, quantile.value);
    out.close(inner);
  }
  writeTime(out, 4, sinceMs);
  out.close(message);
}

function writeHistogram(
  out: MessageBuffer,
  { bounds, isNative }: HistogramFamily,
  value: HistogramValue,
  sinceMs: number | undefined,
): void {
  const message = out.open(7);
  out.uint(1, value.count);
  out.double(2, value.sum);
  const exemplars = value.exemplars === undefined ? undefined : exemplarBytes(value);
  let below = 0;
  for (let i = 0; i < bounds.length; i += 1) {
    below += value.counts[i] ?? 0;
    writeBucket(out, below, bounds[i] ?? 0, exemplars?.[i]);
  }
  // Infinity has no bucket here, but where it carries an exemplar.
  const last = exemplars?.[bounds.length];
  if (last !== undefined) writeBucket(out, value.count, Number.POSITIVE_INFINITY, last);
  if (isNative) writeNative(out, value);
  writeTime(out, 15, sinceMs);
  if (isNative) for (const exemplar of exemplars ?? []) if (exemplar) out.bytes(16, exemplar);
  out.close(message);
}

function writeNative(out: MessageBuffer, { exponential }: HistogramValue): void {
  out.sint(5, exponential.scale);
  out.double(6, ZERO_THRESHOLD);
  out.uint(7, exponential.zeros);
  const { spans, deltas } = spansOf(exponential.offset, exponential.counts);
  for (const { gap, length } of spans) {
    const span = out.open(12);
    out.sint(1, gap);
    out.uint(2, length);
    out.close(span);
  }
  if (deltas.length > 0) out.packedSints(13, deltas);
}

function writeBucket(
  out: MessageBuffer,
  below: number,
  bound: number,
  exemplar: Uint8Array | undefined,
): void {
  const bucket = out.open(3);
  out.uint(1, below);
  out.double(2, bound);
  if (exemplar !== undefined) out.bytes(3, exemplar);
  out.close(bucket);
}

const scratch = new MessageBuffer();

/** By bucket. Each stands in the answer twice: in its bucket, and with the native histogram. */
function exemplarBytes(value: HistogramValue): readonly (Uint8Array | undefined)[] {
  return value.counts.map((_, bucket) => {
    const exemplar = exemplarOf(value, bucket);
    if (exemplar === undefined) return undefined;
    writeLabels(scratch, exemplar.labels);
    scratch.double(2, exemplar.value);
    writeTime(scratch, 3, exemplar.timeMs);
    return scratch.take();
  });
}

/** A `google.protobuf.Timestamp`. */
function writeTime(out: MessageBuffer, field: number, timeMs: number | undefined): void {
  if (timeMs === undefined) return;
  const message = out.open(field);
  const seconds = Math.floor(timeMs / 1000);
  out.uint(1, seconds);
  out.uint(2, Math.round((timeMs - seconds * 1000) * 1e6) % 1e9);
  out.close(message);
}
