/** A push as JSON, as OTLP writes protobuf's: numbers of 64 bits are strings, names of enums their numbers. */
import type { Labels } from '../../metrics/define.js';
import { PAUSE_EVERY } from '../metrics-writer.js';
import type { HistogramFamily, HistogramValue, MetricFamily, Point } from '../row-walker.js';
import { startOf, temporalityOf, type OtlpRequest, type OtlpWriter } from './otlp-writer.js';
import { otlpExemplarsOf } from './told-exemplars.js';

/** Keep one for as long as its walker: it remembers the attributes of every series. */
export class JsonRequestWriter implements OtlpWriter {
  readonly contentType = 'application/json';
  readonly #attributes = new WeakMap<Labels, string>();

  *write(request: OtlpRequest): Generator<void, Uint8Array> {
    const metrics: string[] = [];
    for (const family of request.families) {
      const { row } = family;
      if (row === undefined || family.kind === 'summary') continue;
      const about = `"name":${text(row.otel)},"description":${text(row.help)},"unit":${text(row.unit)}`;
      const data = yield* this.#data(request, family, row.kind, row.unit === 's');
      metrics.push(`{${about},${data}}`);
    }
    const scope = JSON.stringify(request.scope);
    const resource = `{"attributes":${attributesText(request.resource)}}`;
    const scopeMetrics = `[{"scope":${scope},"metrics":[${metrics.join(',')}]}]`;
    return Buffer.from(
      `{"resourceMetrics":[{"resource":${resource},"scopeMetrics":${scopeMetrics}}]}`,
    );
  }

  *#data(
    request: OtlpRequest,
    family: Exclude<MetricFamily, { kind: 'summary' }>,
    kind: string,
    isDuration: boolean,
  ): Generator<void, string> {
    const points: string[] = [];
    const ofValue = family.kind === 'histogram' ? valueText(family, isDuration) : numberText;
    let written = 0;
    for (const { labels, value, sinceMs } of allPoints(family)) {
      const times = `"startTimeUnixNano":"${nanos(startOf(sinceMs, request.nowMs))}"`;
      points.push(
        `{"attributes":${this.#attributesOf(labels)},${times},` +
          `"timeUnixNano":"${nanos(request.nowMs)}",${ofValue(value)}}`,
      );
      written += typeof value === 'number' ? 1 : 20;
      if (written < PAUSE_EVERY) continue;
      written = 0;
      yield;
    }
    const dataPoints = `"dataPoints":[${points.join(',')}]`;
    if (kind === 'gauge') return `"gauge":{${dataPoints}}`;
    const temporality = `"aggregationTemporality":${temporalityOf(request, family)}`;
    if (kind === 'histogram') {
      const name = isDuration ? 'exponentialHistogram' : 'histogram';
      return `"${name}":{${dataPoints},${temporality}}`;
    }
    return `"sum":{${dataPoints},${temporality},"isMonotonic":${String(kind === 'counter')}}`;
  }

  #attributesOf(labels: Labels): string {
    const known = this.#attributes.get(labels);
    if (known !== undefined) return known;
    const made = attributesText(labels);
    this.#attributes.set(labels, made);
    return made;
  }
}

type Value = number | HistogramValue;

function allPoints(family: Exclude<MetricFamily, { kind: 'summary' }>): readonly Point<Value>[] {
  return family.points;
}

function valueText({ bounds }: HistogramFamily, isDuration: boolean): (value: Value) => string {
  return (value) => {
    if (typeof value === 'number') return numberText(value);
    const { count, sum, counts, exponential } = value;
    const totals = `"count":"${count}","sum":${number(sum)}${exemplarsText(value)}`;
    if (!isDuration) {
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

function numberText(value: Value): string {
  return typeof value === 'number' ? `"asDouble":${number(value)}` : '';
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
