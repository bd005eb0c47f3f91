/** A push as protobuf. Field numbers are those of opentelemetry-proto's metrics.proto. */
import type { Labels } from '../../metrics/define.js';
import { PAUSE_EVERY } from '../metrics-writer.js';
import { MessageBuffer } from '../protobuf/message-buffer.js';
import type { HistogramFamily, HistogramValue, MetricFamily } from '../row-walker.js';
import {
  isExponential,
  startOf,
  temporalityOf,
  type OtlpRequest,
  type OtlpWriter,
} from './otlp-writer.js';
import { otlpExemplarsOf, type OtlpExemplar } from './told-exemplars.js';

const METRIC = { gauge: 5, sum: 7, histogram: 9, exponential: 10 } as const;
const ATTRIBUTES = { number: 7, histogram: 9, exponential: 1 } as const;
const EXEMPLARS = { histogram: 8, exponential: 11 } as const;
/** Of a time or a value with its tag. */
const NUMBER_BYTES = 9;
const NO_LABELS: Labels = {};

/** What a point begins with is the same at every writing for as long as its series lives. */
interface Head {
  readonly labels: Labels;
  readonly startMs: number;
  /** Attributes and start. */
  readonly bytes: Uint8Array;
}

/** Keep one for as long as its walker: it remembers the attributes of every series. */
export class ProtobufRequestWriter implements OtlpWriter {
  readonly contentType = 'application/x-protobuf';
  /** By family, in the order of its points. */
  readonly #heads = new Map<string, Head[]>();
  readonly #scratch = new MessageBuffer();
  readonly #out = new MessageBuffer();

  *write(request: OtlpRequest): Generator<void, Uint8Array> {
    const out = this.#out;
    // What an abandoned writing has left.
    out.lend();
    const resourceMetrics = out.open(1);
    const resource = out.open(1);
    writeAttributes(out, 1, Object.entries(request.resource));
    out.close(resource);
    const scopeMetrics = out.open(2);
    const scope = out.open(1);
    out.string(1, request.scope.name);
    out.string(2, request.scope.version);
    out.close(scope);
    for (const family of request.families) yield* this.#family(request, family);
    out.close(scopeMetrics);
    out.close(resourceMetrics);
    return out.lend();
  }

  *#family(request: OtlpRequest, family: MetricFamily): Generator<void, void> {
    const { row } = family;
    if (row === undefined || family.kind === 'summary') return;
    const out = this.#out;
    const metric = out.open(2);
    out.string(1, row.otel);
    out.string(2, row.help);
    if (row.unit !== '') out.string(3, row.unit);
    if (family.kind === 'histogram')
      yield* this.#histograms(request, family, isExponential(request, row));
    else yield* this.#numbers(request, family, row.kind);
    out.close(metric);
  }

  *#numbers(
    request: OtlpRequest,
    family: Exclude<MetricFamily, { kind: 'histogram' | 'summary' }>,
    kind: string,
  ): Generator<void, void> {
    const out = this.#out;
    const { nowMs } = request;
    const data = out.open(kind === 'gauge' ? METRIC.gauge : METRIC.sum);
    const headOf = this.#headsOf(family, ATTRIBUTES.number);
    const { points } = family;
    for (let place = 0; place < points.length; place += 1) {
      const { value = 0, sinceMs } = points[place] ?? {};
      const head = headOf(place, startOf(sinceMs, nowMs));
      out.head(1, head.length + 2 * NUMBER_BYTES);
      out.raw(head);
      out.nanos(3, nowMs);
      out.double(4, value);
      if ((place + 1) % PAUSE_EVERY === 0) yield;
    }
    if (kind !== 'gauge') {
      out.uint(2, temporalityOf(request, family));
      out.uint(3, kind === 'counter' ? 1 : 0);
    }
    out.close(data);
  }

  *#histograms(
    request: OtlpRequest,
    family: HistogramFamily,
    asExponential: boolean,
  ): Generator<void, void> {
    const out = this.#out;
    const data = out.open(asExponential ? METRIC.exponential : METRIC.histogram);
    const field = asExponential ? ATTRIBUTES.exponential : ATTRIBUTES.histogram;
    const headOf = this.#headsOf(family, field);
    const exemplars = asExponential ? EXEMPLARS.exponential : EXEMPLARS.histogram;
    let written = 0;
    let place = 0;
    for (const { value, sinceMs } of family.points) {
      const point = out.open(1);
      out.raw(headOf(place, startOf(sinceMs, request.nowMs)));
      place += 1;
      out.nanos(3, request.nowMs);
      out.fixed64(4, value.count);
      out.double(5, value.sum);
      if (asExponential) writeExponential(out, value.exponential);
      else writeExplicit(out, family.bounds, value);
      for (const exemplar of otlpExemplarsOf(value)) writeExemplar(out, exemplars, exemplar);
      out.close(point);
      written += 20;
      if (written < PAUSE_EVERY) continue;
      written = 0;
      yield;
    }
    out.uint(2, temporalityOf(request, family));
    out.close(data);
  }

  /** `field`: of the attributes; the start has the same in every kind of point. */
  #headsOf(
    { name, points }: MetricFamily,
    field: number,
  ): (place: number, startMs: number) => Uint8Array {
    const known = this.#heads.get(name) ?? [];
    this.#heads.set(name, known);
    known.length = Math.min(known.length, points.length);
    return (place, startMs) => {
      const labels = points[place]?.labels ?? NO_LABELS;
      const there = known[place];
      if (there?.labels === labels && there.startMs === startMs) return there.bytes;
      writeAttributes(this.#scratch, field, Object.entries(labels));
      this.#scratch.nanos(2, startMs);
      // Small ones lie together in one piece of memory.
      const bytes = Buffer.from(this.#scratch.lend());
      known[place] = { labels, startMs, bytes };
      return bytes;
    };
  }
}

function writeAttributes(
  out: MessageBuffer,
  field: number,
  attributes: readonly (readonly [key: string, value: string])[],
): void {
  for (const [key, value] of attributes) {
    const pair = out.open(field);
    out.string(1, key);
    const any = out.open(2);
    out.string(1, value);
    out.close(any);
    out.close(pair);
  }
}

function writeExponential(
  out: MessageBuffer,
  { scale, zeros, offset, counts }: HistogramValue['exponential'],
): void {
  out.sint(6, scale);
  out.fixed64(7, zeros);
  const positive = out.open(8);
  // Ours are numbered by the bound that ends them, OpenTelemetry's by the one that begins them.
  out.sint(1, offset - 1);
  out.packedUints(2, counts);
  out.close(positive);
}

function writeExplicit(
  out: MessageBuffer,
  bounds: readonly number[],
  { counts }: HistogramValue,
): void {
  // OTLP knows histograms without buckets: neither counts nor bounds.
  if (counts.length === 0) return;
  out.packedFixed64s(6, counts);
  out.packedDoubles(7, bounds);
}

function writeExemplar(
  out: MessageBuffer,
  field: number,
  { failureId, trace, value, timeMs }: OtlpExemplar,
): void {
  const exemplar = out.open(field);
  out.nanos(2, timeMs);
  out.double(3, value);
  if (trace !== undefined) {
    out.bytes(4, Buffer.from(trace.spanId, 'hex'));
    out.bytes(5, Buffer.from(trace.traceId, 'hex'));
  }
  writeAttributes(out, 7, [['failure_id', failureId]]);
  out.close(exemplar);
}
