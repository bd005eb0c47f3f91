/**
 * Metrics of a prom-client registry that are not ours (of the process, or of an embedding application), as every
 * writer takes them.
 */
import type { Labels } from '../../metrics/define.js';
import type { MetricRegistry } from './registry.js';
import { TableMetric } from './table-metric.js';
import type {
  HistogramFamily,
  HistogramValue,
  MetricFamily,
  NumberFamily,
  Point,
  SummaryFamily,
  SummaryValue,
} from '../row-walker.js';

/** What prom-client's metrics answer when asked for JSON. */
export interface ForeignMetric {
  readonly name: string;
  readonly help: string;
  /** A word; older releases of the types say a number. */
  readonly type: unknown;
  readonly values: readonly ForeignValue[];
}

interface ForeignValue {
  readonly value: number;
  readonly metricName?: string | undefined;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
}

const NO_EXPONENTIAL: HistogramValue['exponential'] = { scale: 0, zeros: 0, offset: 0, counts: [] };

/** All but ours. The default labels of a registry are its own affair: they stand in what it renders itself. */
export async function foreignMetrics(registry: MetricRegistry): Promise<ForeignMetric[]> {
  const answers = registry.getMetricsAsArray().flatMap((metric) => {
    const isAsked = !(metric instanceof TableMetric) && isAnswering(metric);
    return isAsked ? [Promise.resolve(metric.get())] : [];
  });
  return (await Promise.all(answers)).filter(isForeignMetric);
}

/** What prom-client does not know how to describe is shown without a type. */
export function foreignFamily(metric: ForeignMetric): MetricFamily {
  switch (metric.type) {
    case 'histogram':
      return histogramOf(metric);
    case 'summary':
      return summaryOf(metric);
    default:
      return numbersOf(metric);
  }
}

function numbersOf({ name, help, type, values }: ForeignMetric): NumberFamily {
  const kind = type === 'counter' || type === 'gauge' ? type : 'untyped';
  const points = values.map(({ value, labels }) => pointOf(textOf(labels), value));
  return { kind, name, help, points, row: undefined };
}

function histogramOf({ name, help, values }: ForeignMetric): HistogramFamily {
  const bounds = new Set<number>();
  for (const { labels } of values) {
    const bound = boundOf(labels['le']);
    if (bound !== undefined && Number.isFinite(bound)) bounds.add(bound);
  }
  const sorted = [...bounds].sort((a, b) => a - b);
  const points = grouped(values, 'le').map(({ labels, parts }) => {
    const cumulative = [...sorted, Number.POSITIVE_INFINITY].map((bound) => {
      return parts.find(({ labels: { le } }) => boundOf(le) === bound)?.value ?? 0;
    });
    const counts = cumulative.map((below, i) => below - (cumulative[i - 1] ?? 0));
    const { sum, count } = totalsOf(name, parts);
    return pointOf(labels, {
      counts,
      sum,
      count,
      exponential: NO_EXPONENTIAL,
      exemplars: undefined,
    });
  });
  return {
    kind: 'histogram',
    name,
    help,
    bounds: sorted,
    isNative: false,
    points,
    row: undefined,
  };
}

function summaryOf({ name, help, values }: ForeignMetric): SummaryFamily {
  const points = grouped(values, 'quantile').map(({ labels, parts }): Point<SummaryValue> => {
    const quantiles = parts.flatMap(({ labels: { quantile }, value }) => {
      return quantile === undefined ? [] : [{ quantile: Number(quantile), value }];
    });
    return pointOf(labels, { quantiles, ...totalsOf(name, parts) });
  });
  return { kind: 'summary', name, help, points, row: undefined };
}

function pointOf<V>(labels: Labels, value: V): Point<V> {
  return { labels, value, sinceMs: undefined };
}

interface Group {
  readonly labels: Labels;
  readonly parts: ForeignValue[];
}

/** The samples that are one series but for a label of their own. */
function grouped(values: readonly ForeignValue[], own: string): Group[] {
  const groups = new Map<string, Group>();
  for (const value of values) {
    const labels = Object.fromEntries(
      Object.entries(textOf(value.labels)).filter(([name]) => name !== own),
    );
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key) ?? { labels, parts: [] };
    groups.set(key, group);
    group.parts.push(value);
  }
  return [...groups.values()];
}

function totalsOf(
  name: string,
  parts: readonly ForeignValue[],
): { readonly sum: number; readonly count: number } {
  const of = (suffix: string): number =>
    parts.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
  return { sum: of('sum'), count: of('count') };
}

function boundOf(le: string | number | undefined): number | undefined {
  if (le === undefined) return undefined;
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
}

function textOf(labels: ForeignValue['labels'], without?: string): Labels {
  const entries = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined || name === without ? [] : [[name, String(value)] as const],
  );
  return Object.fromEntries(entries);
}

function isAnswering(metric: object): metric is { get(): unknown } {
  return 'get' in metric && typeof metric.get === 'function';
}

/** As far as prom-client's own metrics may differ from it. */
function isForeignMetric(answer: unknown): answer is ForeignMetric {
  if (typeof answer !== 'object' || answer === null) return false;
  if (!('name' in answer && 'help' in answer && 'values' in answer)) return false;
  return typeof answer.name === 'string' && Array.isArray(answer.values);
}
