/**
 * A reading of all metrics in the shapes of OpenTelemetry's SDK: counters as monotonic sums, state sets as sums that
 * may fall, gauges, durations as exponential histograms and other histograms by their bounds. All cumulative.
 */
import { ValueType, type HrTime } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type MetricDescriptor,
} from '@opentelemetry/sdk-metrics';
import type { MetricRow } from '../../metrics/define.js';
import type {
  HistogramFamily,
  HistogramValue,
  MetricFamily,
  NumberFamily,
  Point,
} from '../row-walker.js';

/** Families without a row are other people's, and without a point there is nothing to tell. */
export function metricDataOf(families: readonly MetricFamily[], nowMs: number): MetricData[] {
  const metrics: MetricData[] = [];
  for (const family of families) {
    const { row } = family;
    if (row === undefined || family.points.length === 0) continue;
    if (family.kind === 'histogram') metrics.push(histogramData(family, row, nowMs));
    else if (family.kind !== 'summary') metrics.push(numberData(family, row, nowMs));
  }
  return metrics;
}

function numberData({ points }: NumberFamily, row: MetricRow, nowMs: number): MetricData {
  const common = commonOf(row);
  const dataPoints = points.map((point) => dataPointOf(point, point.value, nowMs));
  if (row.kind === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
  const isMonotonic = row.kind === 'counter';
  return { ...common, dataPointType: DataPointType.SUM, isMonotonic, dataPoints };
}

function histogramData(family: HistogramFamily, row: MetricRow, nowMs: number): MetricData {
  const common = commonOf(row);
  if (row.unit === 's') {
    const dataPoints = family.points.map((point) =>
      dataPointOf(point, exponentialOf(point.value), nowMs),
    );
    return { ...common, dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, dataPoints };
  }
  const dataPoints = family.points.map((point) =>
    dataPointOf(point, explicitOf(point.value, family.bounds), nowMs),
  );
  return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
}

function commonOf(row: MetricRow): {
  readonly descriptor: MetricDescriptor;
  readonly aggregationTemporality: AggregationTemporality;
} {
  return {
    descriptor: {
      name: row.otel,
      description: row.help,
      unit: row.unit,
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function dataPointOf<V>(point: Point<unknown>, value: V, nowMs: number): DataPoint<V> {
  const { labels, sinceMs } = point;
  return {
    // The clock may have gone back since.
    startTime: hrTimeOf(Math.min(sinceMs ?? nowMs, nowMs)),
    endTime: hrTimeOf(nowMs),
    attributes: labels,
    value,
  };
}

function exponentialOf({ count, sum, exponential }: HistogramValue): ExponentialHistogram {
  const { scale, zeros, offset, counts } = exponential;
  return {
    count,
    sum,
    scale,
    zeroCount: zeros,
    // Ours are numbered by the bound that ends them, OpenTelemetry's by the one that begins them.
    positive: { offset: offset - 1, bucketCounts: [...counts] },
    negative: { offset: 0, bucketCounts: [] },
  };
}

function explicitOf({ count, sum, counts }: HistogramValue, bounds: readonly number[]): Histogram {
  return { count, sum, buckets: { boundaries: [...bounds], counts: [...counts] } };
}

function hrTimeOf(timeMs: number): HrTime {
  const seconds = Math.floor(timeMs / 1000);
  return [seconds, Math.round((timeMs - seconds * 1000) * 1e6)];
}
