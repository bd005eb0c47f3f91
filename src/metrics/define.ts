/**
 * What a metric is: one row with its name, help, labels and the way to read it. The helpers tie a row's
 * types together: a label that the row does not declare, a missing one or a wrong value does not compile.
 * Prometheus text, documentation and everything else that shows metrics come from these rows.
 */
import { LabelTree } from '../core/label-tree.js';
import { OVERFLOW, type Family } from '../core/state/family.js';
import type { Count } from '../core/state/counts.js';
import type { Histogram } from '../core/state/histogram.js';
import type { CountedView, MetricsView } from './view.js';

/** Marks a label without a list of values. Where they come from events, the row is bounded. */
export const OPEN_SET = 'open';
export type LabelSpec = Readonly<Record<string, typeof OPEN_SET | readonly string[]>>;

/** Metrics that are shown only when asked for. */
export const OPT_INS = ['agents', 'circuits'] as const;
export type OptIn = (typeof OPT_INS)[number];

export type Labels = Readonly<Record<string, string>>;
/**
 * Takes one series of a row. An unknown value is undefined: the series is then absent, never 0. `sinceMs` is where
 * a counter or histogram began, Unix milliseconds; without it, or 0: with the log.
 */
export type Add<L, V> = (labels: L, value: V | undefined, sinceMs?: number) => void;

/** How many label sets a row has, may have, and what came beyond. A `Family` is one. */
export interface Bound {
  readonly size: number;
  readonly labelSetsMax: number;
  /** Never falls. */
  readonly overflows: number;
}

interface About {
  /** The dotted name for OpenTelemetry; its translation is the row's name. */
  readonly otel: string;
  /** UCUM, as OpenTelemetry wants it; '' where a unit would change the name. */
  readonly unit: string;
  /** One sentence, with its full stop. */
  readonly help: string;
  /** When it, or one of its series, is absent: a sentence for the documentation. */
  readonly absent?: string;
  readonly optIn?: OptIn;
  /** The metric whose label sets it has, and so its cap. */
  readonly capOf?: string;
}

interface Row<V, L extends LabelSpec = LabelSpec> extends About {
  readonly labels: L;
  /** Hands every series that has a value to `add`, each label set once. */
  readonly read: (view: MetricsView, add: Add<Labels, V>) => void;
  /** Only of rows with an open label. */
  readonly bound?: (view: MetricsView) => Bound;
  /** What it is read off, or has its cap from. */
  readonly family?: (view: CountedView) => Family<unknown>;
}

export interface CounterRow<L extends LabelSpec = LabelSpec> extends Row<number, L> {
  readonly kind: 'counter';
}
export interface GaugeRow<L extends LabelSpec = LabelSpec> extends Row<number, L> {
  readonly kind: 'gauge';
  /** A number of things: the sum over a label is their number too. */
  readonly additive?: boolean;
}
/** One series per state: 1 for the present one, 0 for the others. */
export interface StateSetRow<L extends LabelSpec = LabelSpec> extends Row<number, L> {
  readonly kind: 'state_set';
  readonly stateLabel: string;
}
export interface HistogramRow<L extends LabelSpec = LabelSpec> extends Row<Histogram, L> {
  readonly kind: 'histogram';
  readonly buckets: readonly number[];
  /** Shown as an exponential histogram too, wherever the format has one. */
  readonly native?: boolean;
}
export type NumberRow = CounterRow | GaugeRow | StateSetRow;
export type MetricRow = NumberRow | HistogramRow;
/** Rows by metric name. */
export type MetricRows = Readonly<Record<string, MetricRow>>;

type LabelsOf<L extends LabelSpec> = {
  readonly [K in keyof L]: L[K] extends readonly string[] ? L[K][number] : string;
};

/** A row is read off a family of the state, whose labels stand in the order of the row's, or in its own way. */
type Reading<L extends LabelSpec, V, Kept> =
  | {
      readonly family: (view: CountedView) => Family<Kept>;
      readonly read?: undefined;
      readonly bound?: undefined;
      readonly capped?: undefined;
    }
  | {
      readonly family?: undefined;
      readonly read: (view: MetricsView, add: Add<LabelsOf<L>, V>) => void;
      readonly bound?: (view: MetricsView) => Bound;
      /** Has the cap of the row, where a family does. */
      readonly capped?: (view: CountedView) => Family<unknown>;
    };

type Given<L extends LabelSpec, V, Kept> = About & { readonly labels: L } & Reading<L, V, Kept>;

export function counter<const L extends LabelSpec>(given: Given<L, number, Count>): CounterRow<L> {
  return { kind: 'counter', ...completed(given, numberOf) };
}

export function gauge<const L extends LabelSpec>(
  given: Given<L, number, Count> & Pick<GaugeRow, 'additive'>,
): GaugeRow<L> {
  return { kind: 'gauge', ...completed(given, numberOf) };
}

export function histogram<const L extends LabelSpec>(
  given: Given<L, Histogram, Histogram> & Pick<HistogramRow, 'buckets' | 'native'>,
): HistogramRow<L> {
  return { kind: 'histogram', buckets: given.buckets, ...completed(given, itself) };
}

/** `read` tells the present state of each label set; the row has one series per state in `states`. */
export function stateSet<const L extends LabelSpec, const K extends string, const S extends string>(
  given: About & {
    readonly labels: L;
    readonly stateLabel: K;
    readonly states: readonly S[];
    readonly read: (view: MetricsView, add: Add<LabelsOf<L>, S>) => void;
    readonly bound?: (view: MetricsView) => Bound;
  },
): StateSetRow<L & Readonly<Record<K, readonly S[]>>> {
  const { stateLabel, states, labels, read, ...about } = given;
  const names = Object.keys(labels);
  // Label sets are bounded and stay: their objects are made once.
  const known = new LabelTree<readonly Labels[]>();
  const labelsPerState = (of: Labels): readonly Labels[] => {
    const key = names.map((name) => of[name] ?? '');
    const [first, second, third] = key;
    const there = known.get(first, second, third);
    if (there !== undefined) return there;
    const made = states.map((state) => ({ ...of, [stateLabel]: state }));
    known.set(key, made);
    return made;
  };
  return {
    ...about,
    kind: 'state_set',
    stateLabel,
    labels: { ...labels, [stateLabel]: states },
    read: (view, add) => {
      read(view, (of, present) => {
        if (present === undefined) return;
        const shown = states.indexOf(present);
        let i = 0;
        for (const one of labelsPerState(of)) add(one, i++ === shown ? 1 : 0);
      });
    },
  };
}

/** The first of `names`, in their order, as many as a row with `seriesEach` series for each may show. */
export interface FirstCome {
  has(name: string): boolean;
  readonly bound: Bound;
}

/** A set of names, or a map by name. */
interface Names {
  readonly size: number;
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** As OpenTelemetry bounds a metric. */
const LABEL_SETS_MAX = 2_000;

/**
 * Bounds what is read off other things than a family. `names` come in the order of the log and never leave, so
 * those that are shown stay the same for ever.
 */
export function firstCome(
  names: Names,
  seriesEach: number,
  labelSetsMax = LABEL_SETS_MAX,
): FirstCome {
  const namesMax = Math.floor(labelSetsMax / seriesEach);
  const { size } = names;
  const bound: Bound = {
    size: Math.min(size, namesMax) * seriesEach,
    labelSetsMax: namesMax * seriesEach,
    overflows: Math.max(0, size - namesMax) * seriesEach,
  };
  if (size <= namesMax) return { has: (name) => names.has(name), bound };
  const first = new Set<string>();
  for (const name of names.keys()) {
    if (first.size === namesMax) break;
    first.add(name);
  }
  return { has: (name) => first.has(name), bound };
}

/** The series of a family that stand for themselves: what has no sum leaves the rest out. */
export function* apart<V>(
  family: Family<V>,
): Generator<{ readonly labels: readonly string[]; readonly value: V }> {
  for (const series of family.values()) {
    if (!series.labels.includes(OVERFLOW)) yield series;
  }
}

function completed<L extends LabelSpec, V, Kept>(
  given: Given<L, V, Kept>,
  valueOf: (kept: Kept) => V,
): Row<V, L> {
  const { family, read, bound, capped, ...about } = given;
  if (family !== undefined) {
    const isOpen = Object.values(given.labels).includes(OPEN_SET);
    const readFamily = familyReader(Object.keys(given.labels), family, valueOf);
    return { ...about, family, read: readFamily, ...(isOpen ? { bound: family } : {}) };
  }
  // A row takes exactly its own labels. From here on it is read by what only knows that labels are text.
  const erased = read as unknown as Row<V>['read'];
  return {
    ...about,
    read: erased,
    ...(bound === undefined ? {} : { bound }),
    ...(capped === undefined ? {} : { family: capped }),
  };
}

/** Label objects are made once per series and live as long as it does: a scrape makes none. */
function familyReader<V, Kept>(
  names: readonly string[],
  family: (view: CountedView) => Family<Kept>,
  valueOf: (kept: Kept) => V,
): Row<V>['read'] {
  const known = new WeakMap<readonly string[], Labels>();
  return (view, add) => {
    for (const { labels, value, sinceMs } of family(view).values()) {
      let named = known.get(labels);
      if (named === undefined) {
        named = Object.fromEntries(names.map((name, i) => [name, labels[i] ?? '']));
        known.set(labels, named);
      }
      add(named, valueOf(value), sinceMs);
    }
  };
}

function numberOf({ n }: Count): number {
  return n;
}

function itself<V>(value: V): V {
  return value;
}
