/** What cannot be done to the metrics, each with its reason: found before anything starts. */
import { describeValue } from '../../core/decode/describe.js';
import { HistogramFamily } from '../../core/state/histogram-family.js';
import { LiveState } from '../../core/state/live-state.js';
import { OPEN_SET, type MetricRow, type MetricRows, type OptIn } from '../../metrics/define.js';
import { SelfCounts } from '../../metrics/self-counts.js';
import { METRICS } from '../../metrics/table.js';
import { didYouMean } from './suggest.js';

/** The group `metrics` of the settings, of the right types. */
export interface MetricsInput {
  readonly opt_in: readonly OptIn[];
  readonly disable: readonly string[];
  readonly drop_labels: Readonly<Record<string, readonly string[]>>;
  readonly label_sets_max: Readonly<Record<string, number>>;
  readonly buckets: Readonly<Record<string, readonly number[]>>;
}

export interface MetricFault {
  /** Inside of the group. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const BUCKETS_MAX = 100;
const ROWS: MetricRows = METRICS;
const NAMES = Object.keys(METRICS);

export function metricFaults(input: MetricsInput): MetricFault[] {
  const faults: MetricFault[] = [];
  const find = (name: string, path: readonly (string | number)[]): MetricRow | undefined => {
    const fault = familyFault(name, input);
    if (fault !== undefined) faults.push({ path, message: fault });
    return fault === undefined ? ROWS[name] : undefined;
  };
  for (const [i, name] of input.disable.entries()) find(name, ['disable', i]);
  for (const [name, labels] of Object.entries(input.drop_labels)) {
    const row = find(name, ['drop_labels', name]);
    for (const [i, label] of labels.entries()) {
      const message = row === undefined ? undefined : dropFault(row, label);
      if (message !== undefined) faults.push({ path: ['drop_labels', name, i], message });
    }
  }
  for (const [name, cap] of Object.entries(input.label_sets_max)) {
    const row = find(name, ['label_sets_max', name]);
    const message = row === undefined ? undefined : capFault(row, cap);
    if (message !== undefined) faults.push({ path: ['label_sets_max', name], message });
  }
  for (const [name, buckets] of Object.entries(input.buckets)) {
    const row = find(name, ['buckets', name]);
    const message = row === undefined ? undefined : bucketFault(row, buckets);
    if (message !== undefined) faults.push({ path: ['buckets', name], message });
  }
  for (const name of input.disable) {
    for (const key of ['drop_labels', 'label_sets_max', 'buckets'] as const) {
      if (!Object.hasOwn(input[key], name)) continue;
      const message = `expected nothing more about ${name}, because metrics.disable takes it away`;
      faults.push({ path: [key, name], message });
    }
  }
  return faults;
}

function familyFault(name: string, { opt_in: optIns }: MetricsInput): string | undefined {
  const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
  if (row === undefined) {
    const near = didYouMean(name, NAMES);
    return `expected the name of a metric of this exporter, got ${describeValue(name)}${near}`;
  }
  if (row.optIn === undefined || optIns.includes(row.optIn)) return undefined;
  return `expected a metric that is shown, got ${name}: metrics.opt_in does not name ${row.optIn}`;
}

function dropFault(row: MetricRow, label: string): string | undefined {
  const known = Object.keys(row.labels);
  if (label === 'le' && row.kind === 'histogram') {
    return 'expected a label that can be summed over, got "le": it divides a histogram into buckets; metrics.buckets sets these';
  }
  if (!known.includes(label)) {
    const names = known.length === 0 ? 'no label (it has none)' : `one of ${known.join(', ')}`;
    return `expected ${names}, got ${describeValue(label)}${didYouMean(label, known)}`;
  }
  const got = `expected a label that can be summed over, got ${describeValue(label)}`;
  if (row.kind === 'state_set') {
    return `${got}: the metric is a state set, whose series say one thing together`;
  }
  if (row.kind !== 'gauge' || row.additive === true) return undefined;
  return `${got}: the metric is a gauge whose values (ratios, means, times, flags) have no sum`;
}

function capFault(row: MetricRow, cap: number): string | undefined {
  if (row.bound === undefined || !Object.values(row.labels).includes(OPEN_SET)) {
    return 'expected a metric with labels that events bring, got one with closed labels only: it cannot grow';
  }
  if (row.capOf !== undefined) {
    return `expected a metric with label sets of its own, got one with those of ${row.capOf}`;
  }
  const together = seriesTogether(row);
  // Below 1 it is refused already.
  if (cap >= together || cap < 1) return undefined;
  return `expected at least ${together}, because so many series of this metric belong together, got ${cap}`;
}

/** Of what is read off other things than a family: with less room than for one name, nothing would be shown. */
function seriesTogether({ family, labels }: MetricRow): number {
  if (family !== undefined) return 1;
  return Object.values(labels).reduce(
    (product, values) => (values === OPEN_SET ? product : product * values.length),
    1,
  );
}

function bucketFault(row: MetricRow, buckets: readonly number[]): string | undefined {
  if (row.kind !== 'histogram') return `expected a histogram, got a ${row.kind.replace('_', ' ')}`;
  const family = row.family?.({ state: new LiveState(), self: new SelfCounts() });
  if (!(family instanceof HistogramFamily)) {
    return 'expected a histogram of what the log holds, got one of the exporter itself: its buckets are fixed';
  }
  if (buckets.length === 0 || buckets.length > BUCKETS_MAX) {
    return `expected 1 to ${BUCKETS_MAX} upper bounds, got ${describeValue(buckets)}`;
  }
  const odd = buckets.findIndex((bound, i) => bound <= (buckets[i - 1] ?? 0));
  if (odd < 0) return undefined;
  return `expected upper bounds each above the one before, got ${buckets[odd]} after ${buckets[odd - 1]}`;
}
