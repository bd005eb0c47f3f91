/** A push as JSON, as OTLP writes protobuf's: numbers of 64 bits are strings, names of enums their numbers. */
import type { Labels, MetricRow } from '../../metrics/define.js';
import { PAUSE_EVERY } from '../metrics-writer.js';
import type { HistogramFamily, HistogramValue, MetricFamily, Point } from '../row-walker.js';
import {
  isExponential,
  startOf,
  temporalityOf,
  type OtlpRequest,
  type OtlpWriter,
} from './otlp-writer.js';
import { TextBuffer } from './text-buffer.js';
import { otlpExemplarsOf } from './told-exemplars.js';

/** Before its value, a point is the same at every writing for as long as its series lives. */
interface Head {
  readonly labels: Labels;
  readonly startMs: number;
  readonly bytes: Uint8Array;
}

/** Keep one for as long as its walker: it remembers the attributes of every series. */
export class JsonRequestWriter implements OtlpWriter {
  readonly contentType = 'application/json';
  /** By family, in the order of its points. */
  readonly #heads = new Map<string, Head[]>();
  readonly #out = new TextBuffer();

  *write(request: OtlpRequest): Generator<void, Uint8Array> {
    const out = this.#out;
    // What an abandoned writing has left.
    out.lend();
    const resource = `{"attributes":${attributesText(request.resource)}}`;
    const scope = JSON.stringify(request.scope);
    out.utf8(
      `{"resourceMetrics":[{"resource":${resource},"scopeMetrics":[{"scope":${scope},"metrics":[`,
    );
    let isFirst = true;
    for (const family of request.families) {
      const { row } = family;
      if (row === undefined || family.kind === 'summary') continue;
      const about = `"name":${text(row.otel)},"description":${text(row.help)},"unit":${text(row.unit)}`;
      out.utf8(`${isFirst ? '' : ','}{${about},"${dataName(request, row)}":{"dataPoints":[`);
      isFirst = false;
      yield* this.#points(request, family, isExponential(request, row));
      out.ascii(']');
      if (row.kind !== 'gauge') {
        out.ascii(`,"aggregationTemporality":${temporalityOf(request, family)}`);
        if (row.kind !== 'histogram') {
          out.ascii(`,"isMonotonic":${String(row.kind === 'counter')}`);
        }
      }
      out.ascii('}}');
    }
    out.ascii(']}]}]}');
    return out.lend();
  }

  *#points(request: OtlpRequest, family: Told, asExponential: boolean): Generator<void, void> {
    const out = this.#out;
    const { nowMs } = request;
    const headOf = this.#headsOf(family);
    const time = Buffer.from(`,"timeUnixNano":"${nanos(nowMs)}",`);
    const ofHistogram =
      family.kind === 'histogram' ? histogramText(family, asExponential) : undefined;
    let written = 0;
    for (const [place, { labels, value, sinceMs }] of allPoints(family).entries()) {
      if (place > 0) out.ascii(',');
      out.raw(headOf(place, labels, startOf(sinceMs, nowMs)));
      out.raw(time);
      if (typeof value === 'number') {
        out.ascii('"asDouble":');
        out.ascii(number(value));
      } else if (ofHistogram !== undefined) {
        out.utf8(ofHistogram(value));
      }
      out.ascii('}');
      written += typeof value === 'number' ? 1 : 20;
      if (written < PAUSE_EVERY) continue;
      written = 0;
      yield;
    }
  }

  #headsOf({ name, points }: Told): (place: number, labels: Labels, startMs: number) => Uint8Array {
    const known = this.#heads.get(name) ?? [];
    this.#heads.set(name, known);
    known.length = Math.min(known.length, points.length);
    return (place, labels, startMs) => {
      const there = known[place];
      if (there?.labels === labels && there.startMs === startMs) return there.bytes;
      const start = `"startTimeUnixNano":"${nanos(startMs)}"`;
      const bytes = Buffer.from(`{"attributes":${attributesText(labels)},${start}`);
      known[place] = { labels, startMs, bytes };
      return bytes;
    };
  }
}

type Value = number | HistogramValue;
type Told = Exclude<MetricFamily, { kind: 'summary' }>;

function allPoints(family: Told): readonly Point<Value>[] {
  return family.points;
}

function dataName(request: OtlpRequest, row: MetricRow): string {
  if (row.kind === 'gauge') return 'gauge';
  if (row.kind === 'histogram')
    return isExponential(request, row) ? 'exponentialHistogram' : 'histogram';
  return 'sum';
}

function histogramText(
  { bounds }: HistogramFamily,
  asExponential: boolean,
): (value: HistogramValue) => string {
  return (value) => {
    const { count, sum, counts, exponential } = value;
    const totals = `"count":"${count}","sum":${number(sum)}${exemplarsText(value)}`;
    if (!asExponential) {
      // OTLP knows histograms without buckets: neither counts nor bounds.
      if (counts.length === 0) return totals;
      return `${totals},"bucketCounts":${strings(counts)},"explicitBounds":${JSON.stringify(bounds)}`;
    }
    const { scale, zeros, offset } = exponential;
    // Ours are numbered by the bound that ends them, OpenTelemetry's by the one that begins them.
    const positive = `{"offset":${offset - 1},"bucketCounts":${strings(exponential.counts)}}`;
    return `${totals},"scale":${scale},"zeroCount":"${zeros}","positive":${positive}`;
  };
}

/** With the comma before it; nothing for none. */
function exemplarsText(value: HistogramValue): string {
  const exemplars = otlpExemplarsOf(value).map(({ failureId, trace, value: observed, timeMs }) => {
    const ids =
      trace === undefined ? '' : `"spanId":"${trace.spanId}","traceId":"${trace.traceId}",`;
    const attributes = attributesText({ failure_id: failureId });
    return `{"timeUnixNano":"${nanos(timeMs)}","asDouble":${number(observed)},${ids}"filteredAttributes":${attributes}}`;
  });
  return exemplars.length === 0 ? '' : `,"exemplars":[${exemplars.join(',')}]`;
}

function attributesText(attributes: Labels): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => `{"key":${text(key)},"value":{"stringValue":${text(value)}}}`,
  );
  return `[${pairs.join(',')}]`;
}

function strings(counts: readonly number[]): string {
  return counts.length === 0 ? '[]' : `["${counts.join('","')}"]`;
}

/** A sum may have grown beyond all numbers. */
function number(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function nanos(timeMs: number): string {
  return `${Math.max(0, Math.round(timeMs))}000000`;
}

function text(value: string): string {
  return JSON.stringify(value);
}
