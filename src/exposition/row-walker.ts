/**
 * One reading of every metric, for all who show them: the text writers, the protobuf writer and the push.
 *
 * `RowWalker.read(view)` copies every value in one moment, without a pause, so that what is shown belongs
 * together however long the writing takes. Writers then take their time: they walk the families in order, and
 * may pause between any two points.
 *
 * Keep one walker for as long as the exporter lives. The `Labels` object of a series is the same object at every
 * reading while its labels stay the same: a writer keeps what it has written for it in a `WeakMap` by that object.
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
  /** One per bound, not cumulative, and a last one for what lies above all of them. */
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

/** What is not finite is not known: no series, rather than one that spoils every sum over it. */
function numberWalk(name: string, row: NumberRow): (view: MetricsView) => NumberFamily {
  const lasting = new LastingLabels(row);
  const kind = row.kind === 'counter' ? 'counter' : 'gauge';
  return (view) => {
    const points: Point<number>[] = [];
    row.read(view, (labels, value, sinceMs) => {
      if (value === undefined || !Number.isFinite(value)) return;
      const same = lasting.at(points.length, labels);
      points.push({ labels: same, value, sinceMs: begun(view, sinceMs) });
    });
    lasting.trim(points.length);
    return { kind, name, help: row.help, points, row };
  };
}

function histogramWalk(name: string, row: HistogramRow): (view: MetricsView) => HistogramFamily {
  const lasting = new LastingLabels(row);
  const { help, buckets: bounds } = row;
  const isNative = row.native ?? false;
  return (view) => {
    const points: Point<HistogramValue>[] = [];
    row.read(view, (labels, value, sinceMs) => {
      if (value === undefined) return;
      const same = lasting.at(points.length, labels);
      points.push({ labels: same, value: copied(value), sinceMs: begun(view, sinceMs) });
    });
    lasting.trim(points.length);
    return { kind: 'histogram', name, help, bounds, isNative, points, row };
  };
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

/**
 * The label objects of a row by place: series keep their order, so the one at a place is nearly always the one of
 * the last reading, also where a row makes new objects at every reading.
 */
class LastingLabels {
  readonly #names: readonly string[];
  readonly #known: Labels[] = [];

  constructor(row: MetricRow) {
    this.#names = Object.keys(row.labels);
  }

  at(place: number, labels: Labels): Labels {
    const known = this.#known[place];
    if (known === labels) return labels;
    if (known !== undefined && this.#areAlike(known, labels)) return known;
    this.#known[place] = labels;
    return labels;
  }

  trim(length: number): void {
    if (this.#known.length > length) this.#known.length = length;
  }

  /** Asked for every series of most rows: no closure is made for it. */
  #areAlike(known: Labels, labels: Labels): boolean {
    for (const name of this.#names) if (known[name] !== labels[name]) return false;
    return true;
  }
}
