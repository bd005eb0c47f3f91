/**
 * Which of the metrics an operator wants, and how fine: families that are not shown, labels that are summed over,
 * caps and buckets. What is counted stays the same, but for caps and buckets.
 */
import type { Counts } from '../core/state/counts.js';
import { HistogramFamily } from '../core/state/histogram-family.js';
import { addHistogram, newHistogram, type Histogram } from '../core/state/histogram.js';
import {
  OPEN_SET,
  type Add,
  type Labels,
  type MetricRow,
  type MetricRows,
  type NumberRow,
} from './define.js';
import { SelfCounts } from './self-counts.js';
import type { MetricsView } from './view.js';

/** By metric name. `controlFaults` of the configuration has found nothing wrong with it. */
export interface MetricControl {
  readonly disabled: readonly string[];
  readonly droppedLabels: Readonly<Record<string, readonly string[]>>;
  readonly labelSetsMax: Readonly<Record<string, number>>;
  readonly buckets: Readonly<Record<string, readonly number[]>>;
}

export const NO_CONTROL: MetricControl = {
  disabled: [],
  droppedLabels: {},
  labelSetsMax: {},
  buckets: {},
};

/** The rows as they are wanted. */
export function controlled(rows: MetricRows, control: MetricControl): MetricRows {
  const wanted = Object.entries(rows).flatMap(([name, row]: [string, MetricRow]) => {
    if (control.disabled.includes(name)) return [];
    const buckets = control.buckets[name];
    const divided = row.kind === 'histogram' && buckets !== undefined ? { ...row, buckets } : row;
    const capped =
      divided.kind === 'histogram' ? divided : withCap(divided, control.labelSetsMax[name]);
    return [[name, withoutLabels(capped, control.droppedLabels[name] ?? [])] as const];
  });
  return Object.fromEntries(wanted);
}

/** Sets the caps and buckets of what is counted, before anything is. */
export function prepareCounts(rows: MetricRows, control: MetricControl): (counts: Counts) => void {
  return (counts) => {
    const view = { state: { counts }, self: new SelfCounts() };
    for (const [name, labelSetsMax] of Object.entries(control.labelSetsMax)) {
      rows[name]?.family?.(view).limit(labelSetsMax);
    }
    for (const [name, buckets] of Object.entries(control.buckets)) {
      const family = rows[name]?.family?.(view);
      if (family instanceof HistogramFamily) family.useBounds(buckets);
    }
  };
}

/** Of what is read off other things than a family: that has its cap in the state. */
function withCap(row: NumberRow, labelSetsMax: number | undefined): NumberRow {
  const { bound } = row;
  if (labelSetsMax === undefined || row.family !== undefined || bound === undefined) return row;
  const capped = (view: MetricsView): MetricsView => ({ ...view, labelSetsMax });
  return {
    ...row,
    read: (view, add) => {
      row.read(capped(view), add);
    },
    bound: (view) => bound(capped(view)),
  };
}

function withoutLabels(row: MetricRow, dropped: readonly string[]): MetricRow {
  if (dropped.length === 0) return row;
  const { bound, ...rest } = row;
  const kept = Object.entries(row.labels).filter(([name]) => !dropped.includes(name));
  const names = kept.map(([name]) => name);
  const labels = Object.fromEntries(kept);
  const isBounded = bound !== undefined && Object.values(labels).includes(OPEN_SET);
  if (rest.kind === 'histogram') {
    const read = summedHistograms(rest, names);
    const counted = isBounded ? { bound: boundOf(bound, (view) => countOf(view, read)) } : {};
    return { ...rest, labels, read, ...counted };
  }
  const read = summedNumbers(rest, names);
  const counted = isBounded ? { bound: boundOf(bound, (view) => countOf(view, read)) } : {};
  return { ...rest, labels, read, ...counted };
}

function summedNumbers(row: NumberRow, names: readonly string[]): NumberRow['read'] {
  return (view, add) => {
    const sums = new Sums(names, () => ({ n: 0 }));
    row.read(view, (labels, value, sinceMs) => {
      if (value !== undefined) sums.at(labels, sinceMs).n += value;
    });
    for (const { labels, sum, sinceMs } of sums.all()) add(labels, sum.n, sinceMs);
  };
}

function summedHistograms(
  row: { readonly read: (view: MetricsView, add: Add<Labels, Histogram>) => void } & {
    readonly buckets: readonly number[];
  },
  names: readonly string[],
): (view: MetricsView, add: Add<Labels, Histogram>) => void {
  return (view, add) => {
    const sums = new Sums(names, () => newHistogram(row.buckets));
    row.read(view, (labels, value, sinceMs) => {
      if (value !== undefined) addHistogram(sums.at(labels, sinceMs), value);
    });
    for (const { labels, sum, sinceMs } of sums.all()) add(labels, sum, sinceMs);
  };
}

function countOf<V>(
  view: MetricsView,
  read: (view: MetricsView, add: Add<Labels, V>) => void,
): number {
  let size = 0;
  read(view, () => (size += 1));
  return size;
}

/** What is counted apart stays bounded; what is shown is fewer. */
function boundOf(
  bound: NonNullable<MetricRow['bound']>,
  size: (view: MetricsView) => number,
): NonNullable<MetricRow['bound']> {
  return (view) => {
    const { labelSetsMax, overflows } = bound(view);
    return { size: size(view), labelSetsMax, overflows };
  };
}

interface Sum<V> {
  readonly labels: Labels;
  readonly sum: V;
  /** Of the oldest part. */
  sinceMs: number | undefined;
}

/** Sums by some of the labels, in the order in which they come. */
class Sums<V> {
  readonly #sums = new Map<string, Sum<V>>();

  constructor(
    private readonly names: readonly string[],
    private readonly create: () => V,
  ) {}

  at(labels: Labels, sinceMs: number | undefined): V {
    // No label value holds a line end, so no two keys are the same.
    const key = this.names.map((name) => labels[name]).join('\n');
    let known = this.#sums.get(key);
    if (known === undefined) {
      const kept = Object.fromEntries(this.names.map((name) => [name, labels[name] ?? '']));
      known = { labels: kept, sum: this.create(), sinceMs };
      this.#sums.set(key, known);
    } else if (sinceMs !== undefined && sinceMs < (known.sinceMs ?? Number.POSITIVE_INFINITY)) {
      known.sinceMs = sinceMs;
    }
    return known.sum;
  }

  all(): Iterable<Sum<V>> {
    return this.#sums.values();
  }
}
