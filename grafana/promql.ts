/**
 * PromQL of the dashboards. Names of metrics and labels are the table's, recorded names those of the rules: a
 * rename does not compile.
 */
import type { LabelName, MetricName } from '../src/metrics/table.js';
import type { DurationName } from '../src/rules/promql.js';

/** What the variables of every dashboard choose. */
const OF_INSTANCES = 'job=~"$job",instance=~"$instance"';
const OF_JOBS = 'job=~"$job"';
/** As long as Grafana finds right for the width of the panel. */
const RATE_RANGE = '[$__rate_interval]';
const SHOWN_RANGE = '[$__range]';

/** Values are regular expressions, so a variable of several values fits. */
export type Matchers<N extends MetricName> = Readonly<Partial<Record<LabelName<N>, string>>>;

export function series<N extends MetricName>(name: N, matchers?: Matchers<N>): string {
  return `${name}{${[OF_INSTANCES, ...pairs(matchers)].join(',')}}`;
}

/** What a rule recorded, of all exporters of a job. */
export function ofJob(record: string, matchers?: Readonly<Record<string, string>>): string {
  return `${record}{${[OF_JOBS, ...pairs(matchers)].join(',')}}`;
}

/** Series that the exporter's process or Prometheus itself adds. */
export function ofProcess(name: string): string {
  return `${name}{${OF_INSTANCES}}`;
}

export function rate<N extends MetricName>(name: N, matchers?: Matchers<N>): string {
  return `rate(${series(name, matchers)}${RATE_RANGE})`;
}

/** Increase over all of the time that is shown. */
export function shown<N extends MetricName>(name: N, matchers?: Matchers<N>): string {
  return `increase(${series(name, matchers)}${SHOWN_RANGE})`;
}

/**
 * Events an hour by the hour of the day, UTC, over up to a week: a label made of the clock, times the rate then.
 */
export function byHourOfDay<N extends MetricName>(name: N): string {
  const then = `sum(rate(${series(name)}[5m]))`;
  return `3600 * avg_over_time((count_values("hour", hour()) * on () group_left () ${then})[7d:5m])`;
}

export function sum(expression: string, by: readonly string[] = []): string {
  return aggregated('sum', expression, by);
}

export function max(expression: string, by: readonly string[] = []): string {
  return aggregated('max', expression, by);
}

export function min(expression: string, by: readonly string[] = []): string {
  return aggregated('min', expression, by);
}

/**
 * None has been counted: that is 0, not unknown, because counting began with the exporter. Without `on ()` the 0 would
 * stand beside what was counted by label.
 */
export function orNone(expression: string): string {
  return `${expression}\n  or on ()\nvector(0)`;
}

/** Of a histogram that exists as buckets, as a native one, or as both, depending on who scraped it. */
export function quantile<N extends DurationName | HistogramName>(
  q: number,
  name: N,
  by: readonly LabelName<N>[] = [],
  matchers?: Matchers<N>,
  range = RATE_RANGE,
): string {
  const braces = [OF_INSTANCES, ...pairs(matchers)].join(',');
  const buckets = sum(`rate(${name}_bucket{${braces}}${range})`, [...by, 'le']);
  const native = sum(`rate(${name}{${braces}}${range})`, by);
  return `histogram_quantile(${q}, ${buckets})\n  or\nhistogram_quantile(${q}, ${native})`;
}

/** The same over all of the time that is shown: what has one number, as a table. */
export function quantileShown<N extends DurationName>(
  q: number,
  name: N,
  by: readonly LabelName<N>[],
): string {
  return quantile(q, name, by, undefined, SHOWN_RANGE);
}

/** Observations by size, for a heatmap; of either shape. */
export function spread(name: DurationName): string {
  const buckets = sum(`increase(${name}_bucket{${OF_INSTANCES}}${RATE_RANGE})`, ['le']);
  return `${buckets}\n  or\n${sum(`increase(${name}{${OF_INSTANCES}}${RATE_RANGE})`)}`;
}

/**
 * The word of a state set as its place in `words`, counted from 1. Where exporters say different words, the first
 * of the list goes before.
 */
export function wordNumber<N extends MetricName>(
  name: N,
  label: LabelName<N>,
  words: readonly string[],
  by: readonly LabelName<N>[],
  matchers?: Matchers<N>,
): string {
  const chosen = [OF_INSTANCES, ...pairs(matchers)].join(',');
  return words
    .map((word, i) => {
      const said = `${name}{${chosen},${label}="${word}"} == 1`;
      return `${i + 1} * ${max(said, by)}`;
    })
    .join('\n  or\n');
}

/** Histograms that are shown besides the two long durations. */
type HistogramName = Extract<
  MetricName,
  | 'selfhealer_incident_first_attempt_delay_seconds'
  | 'selfhealer_incident_attempts'
  | 'selfhealer_exporter_event_lag_seconds'
  | 'selfhealer_exporter_store_commit_duration_seconds'
>;

function aggregated(operator: string, expression: string, by: readonly string[]): string {
  return by.length === 0
    ? `${operator}(${expression})`
    : `${operator} by (${by.join(', ')}) (${expression})`;
}

function pairs(matchers: Readonly<Record<string, string | undefined>> = {}): string[] {
  return Object.entries(matchers).flatMap(([label, value]) =>
    value === undefined ? [] : [`${label}=~"${value}"`],
  );
}
