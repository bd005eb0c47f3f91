/**
 * One reading of every metric, for all who show them: the text writers, the protobuf writer and the push.
 *
 * `RowWalker.read(view)` copies every value in one moment, without a pause, so that what is shown belongs
 * together however long the writing takes. Writers then take their time: they walk the families in order, and
 * may pause between any two points.
 *
 * Keep one walker for as long as the exporter lives. The `Labels` object of a series is the same object at every
 * reading while its labels stay the same: a writer keeps what it has written for it in a `WeakMap` by that object.
 * The walker holds its last reading: points never change, so readings share those that are alike.
 */
import type { Histogram } from '../core/state/histogram.js';
import { copyExemplars, type Exemplars } from '../core/state/exemplars.js';
import type { HistogramRow, Labels, MetricRow, MetricRows, NumberRow } from '../metrics/define.js';
import type { MetricsView } from '../metrics/view.js';

/** One series. */
export interface Point<V> {
  /** The same object at every reading. Without `le`. Values are as they came: writers escape them. */
  readonly labels: Labels;
  /** A finite number, or a histogram: the copy of this reading. */
  readonly value: V;
  /** Where a counter or histogram began, Unix milliseconds; undefined when that is not known. */
  readonly sinceMs: number | undefined;
}

interface FamilyOf<K extends string, V> {
  readonly kind: K;
  /** As Prometheus' text shows it: counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Series in the order of the row. May be none. */
  readonly points: readonly Point<V>[];
  /** Undefined for a metric of the embedding application or of the process: those have no row. */
  readonly row: MetricRow | undefined;
}

export type NumberFamily = FamilyOf<'counter' | 'gauge' | 'untyped', number>;
export interface HistogramFamily extends FamilyOf<'histogram', HistogramValue> {
  /** Upper bounds, ascending, without infinity. */
  readonly bounds: readonly number[];
  /** Shown as an exponential histogram too. */
  readonly isNative: boolean;
}
export type SummaryFamily = FamilyOf<'summary', SummaryValue>;
export type MetricFamily = NumberFamily | HistogramFamily | SummaryFamily;

export interface HistogramValue {
  /**
   * One per bound, not cumulative, and a last one for what lies above all of them. None at all in a difference from what
   * was told in other buckets.
   */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
  /** Bucket i covers (2^((offset+i-1)/2^scale), 2^((offset+i)/2^scale)]; zeros apart. */
  readonly exponential: {
    readonly scale: number;
    readonly zeros: number;
    readonly offset: number;
    readonly counts: readonly number[];
  };
  /** The newest of each fixed bucket, by its place in `counts`. */
  readonly exemplars: Exemplars | undefined;
}

/** Only of other people's metrics. */
export interface SummaryValue {
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
  readonly count: number;
  readonly sum: number;
}

export class RowWalker {
  readonly #walks: readonly ((view: MetricsView) => MetricFamily)[];

  /** `rows` as `metricRows` gives them: what an exporter shows. */
  constructor(rows: MetricRows) {
    this.#walks = Object.entries(rows).map(([name, row]: [string, MetricRow]) =>
      row.kind === 'histogram' ? histogramWalk(name, row) : numberWalk(name, row),
    );
  }

  /** Every family of the table, in its order, as of now. Unknown values have no point. */
  read(view: MetricsView): readonly MetricFamily[] {
    return this.#walks.map((walk) => walk(view));
  }
}

/**
 * What is not finite is not known: no series, rather than one that spoils every sum over it.
 *
 * A point that is as it was at the last reading is the same object again: from one reading to the next most of them are,
 * and what was not made need not be collected.
 */
function numberWalk(name: string, row: NumberRow): (view: MetricsView) => NumberFamily {
  const names = Object.keys(row.labels);
  const kind = row.kind === 'counter' ? 'counter' : 'gauge';
  let before: readonly Point<number>[] = [];
  return (view) => {
    const points: Point<number>[] = [];
    row.read(view, (labels, value, since) => {
      if (value === undefined || !Number.isFinite(value)) return;
      const sinceMs = begun(view, since);
      const known = sameSeries(before[points.length], labels, names);
      const isSame = known?.value === value && known.sinceMs === sinceMs;
      points.push(isSame ? known : { labels: known?.labels ?? labels, value, sinceMs });
    });
    before = points;
    return { kind, name, help: row.help, points, row };
  };
}

function histogramWalk(name: string, row: HistogramRow): (view: MetricsView) => HistogramFamily {
  const names = Object.keys(row.labels);
  const { help, buckets: bounds } = row;
  const isNative = row.native ?? false;
  let before: readonly Point<HistogramValue>[] = [];
  /** What the points before are copies of. Every observation counts: with the same count, it is still the same. */
  const originals: Histogram[] = [];
  return (view) => {
    const points: Point<HistogramValue>[] = [];
    row.read(view, (labels, value, since) => {
      if (value === undefined) return;
      const place = points.length;
      const sinceMs = begun(view, since);
      const known = sameSeries(before[place], labels, names);
      const isSame =
        originals[place] === value &&
        known?.value.count === value.count &&
        known.sinceMs === sinceMs;
      originals[place] = value;
      points.push(
        isSame ? known : { labels: known?.labels ?? labels, value: copied(value), sinceMs },
      );
    });
    before = points;
    originals.length = points.length;
    return { kind: 'histogram', name, help, bounds, isNative, points, row };
  };
}

/**
 * The point at this place of the last reading, where it is of the same series. Series keep their order, so it nearly
 * always is, also where a row makes new label objects at every reading. No closure: this is asked for every series.
 */
function sameSeries<V>(
  before: Point<V> | undefined,
  labels: Labels,
  names: readonly string[],
): Point<V> | undefined {
  if (before === undefined || before.labels === labels) return before;
  for (const name of names) if (before.labels[name] !== labels[name]) return undefined;
  return before;
}

/** Series that were there before the first event began with it, or with the process. */
function begun({ state, startedMs }: MetricsView, sinceMs: number | undefined): number | undefined {
  return sinceMs === undefined || sinceMs === 0 ? (state.sinceMs ?? startedMs) : sinceMs;
}

function copied(histogram: Histogram): HistogramValue {
  const { counts, count, sum, zeros, scale, offset, exponential, exemplars } = histogram;
  return {
    counts: counts.slice(),
    count,
    sum,
    exponential: { scale, zeros, offset, counts: exponential.slice() },
    exemplars: exemplars === undefined ? undefined : copyExemplars(exemplars),
  };
}
