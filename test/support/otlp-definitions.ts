/** A push as opentelemetry-proto's own definitions read it. */
// Generated from the definitions, in a release of the SDK that still came with them.
import root from 'otlp-definitions/build/src/generated/root.js';

/** As the definitions say it, with numbers in place of longs. */
export interface Push {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly PushedMetric[];
    }[];
  }[];
}

export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

export interface PushedMetric {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  readonly gauge?: { readonly dataPoints: readonly PushedPoint[] };
  readonly sum?: PushedData & { readonly isMonotonic: boolean };
  readonly histogram?: PushedData;
  readonly exponentialHistogram?: PushedData;
}

interface PushedData {
  readonly dataPoints: readonly PushedPoint[];
  readonly aggregationTemporality: number;
}

export interface PushedPoint {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly positive?: { readonly offset?: number; readonly bucketCounts: readonly string[] };
  readonly exemplars?: readonly PushedExemplar[];
}

export interface PushedExemplar {
  readonly filteredAttributes: readonly Attribute[];
  readonly timeUnixNano: string;
  readonly asDouble: number;
  /** Bytes in protobuf, hexadecimal in JSON. */
  readonly spanId?: Uint8Array | string;
  readonly traceId?: Uint8Array | string;
}

// Its types say less than it holds.
const request = Reflect.get(root, 'opentelemetry').proto.collector.metrics.v1
  .ExportMetricsServiceRequest;

export function decodePush(body: Uint8Array): Push {
  return request.toObject(request.decode(body), { longs: String });
}

export function metricsOf(push: Push): readonly PushedMetric[] {
  return push.resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics),
  );
}

export function dataPointsOf(metric: PushedMetric): readonly PushedPoint[] {
  const data = metric.gauge ?? metric.sum ?? metric.histogram ?? metric.exponentialHistogram;
  return data?.dataPoints ?? [];
}

export function labelsOf(point: PushedPoint): Record<string, string> {
  return Object.fromEntries(
    (point.attributes ?? []).map(({ key, value }) => [key, value.stringValue]),
  );
}
