/**
 * What came since the last push that was taken, for receivers that add up themselves. The base is what that push
 * had told in total; it advances only when a push was taken, so nothing is lost and nothing told twice.
 */
import type { MetricRow } from '../../metrics/define.js';
import type { HistogramValue, MetricFamily, Point } from '../row-walker.js';
import { BasePoints, type Base, type BaseFamily } from './delta-base.js';
import type { Reading } from './metric-producer.js';

type Value = number | HistogramValue;
type CountedFamily = Exclude<MetricFamily, { kind: 'summary' }>;

export class Deltas {
  #families: Map<string, BasePoints>;
  #atMs: number | undefined;
  /** Until something was told: then that is known. */
  #isUnknown: boolean;

  /**
   * `earlier`: of an earlier process. Without it everything is told from where it began; where it is not known, nothing
   * of what was before, because it may have been told.
   */
  constructor(earlier: Base | 'unknown' | undefined) {
    const base = earlier === 'unknown' ? undefined : earlier;
    this.#isUnknown = earlier === 'unknown';
    this.#atMs = base?.atMs;
    this.#families = new Map(
      (base?.families ?? []).map((family) => [family.name, new BasePoints(family)]),
    );
  }

  /** The family with what came since the base in place of its totals. */
  since(family: CountedFamily, nowMs: number): CountedFamily {
    const known = this.#families.get(family.name);
    const isFirst = known === undefined && this.#atMs === undefined && !this.#isUnknown;
    if (family.row === undefined || isFirst) return family;
    const base = known?.of(family.row);
    const isComparable = !this.#isUnknown && (known === undefined || base !== undefined);
    const startMs = this.#atMs ?? nowMs;
    if (family.kind === 'histogram') {
      const points = family.points.map((point, i) => {
        const before = isComparable ? base?.at(i, point.labels) : point;
        return differenceOf(point, before, startMs, histogramDifference);
      });
      return { ...family, points };
    }
    const points = family.points.map((point, i) => {
      const before = isComparable ? base?.at(i, point.labels) : point;
      return differenceOf(point, before, startMs, (a, b: Value) =>
        typeof b === 'number' ? Math.max(0, a - b) : a,
      );
    });
    return { ...family, points };
  }

  /** The push of `reading` was taken. `families`: those of it that were told as differences. */
  advance({ nowMs }: Reading, families: readonly CountedFamily[]): void {
    this.#atMs = nowMs;
    this.#isUnknown = false;
    for (const family of families) {
      if (family.row === undefined) continue;
      const before = this.#families.get(family.name)?.of(family.row);
      this.#families.set(family.name, advanced(family, family.row, before));
    }
  }

  /** To be kept for the next process. Undefined before the first push that was taken. */
  get base(): Base | undefined {
    if (this.#atMs === undefined) return undefined;
    return { atMs: this.#atMs, families: [...this.#families.values()].map(({ family }) => family) };
  }
}

/** What has fallen (a log that lost its end) stays in the base as it was: it is told when it has grown beyond. */
function advanced(
  { name, points }: CountedFamily,
  row: MetricRow,
  before: BasePoints | undefined,
): BasePoints {
  const present: Point<Value>[] = [];
  for (const [i, point] of allPoints(points).entries()) {
    const known = before?.at(i, point.labels);
    const hasFallen =
      known !== undefined && !hasBegunAnew(point, known) && total(point) < total(known);
    present.push(hasFallen ? { ...known, labels: point.labels } : point);
  }
  const family: BaseFamily = {
    name,
    labelNames: Object.keys(row.labels),
    bounds: row.kind === 'histogram' ? row.buckets : undefined,
    points: present,
  };
  const made = new BasePoints(family);
  for (const [i, old] of (before?.family.points ?? []).entries()) {
    if (made.at(i, old.labels) === undefined) present.push(old);
  }
  return new BasePoints({ ...family, points: present });
}

function differenceOf<V extends Value>(
  point: Point<V>,
  before: Point<Value> | undefined,
  startMs: number,
  difference: (now: V, before: Value) => V,
): Point<V> {
  if (before === undefined || hasBegunAnew(point, before)) return point;
  return {
    labels: point.labels,
    value: difference(point.value, before.value),
    sinceMs: startMs,
  };
}

/** A count of the process begins with it; one of the log goes on. */
function hasBegunAnew({ sinceMs }: Point<Value>, before: Point<Value>): boolean {
  return sinceMs !== undefined && before.sinceMs !== undefined && sinceMs > before.sinceMs;
}

function total({ value }: Point<Value>): number {
  return typeof value === 'number' ? value : value.count;
}

function allPoints(points: CountedFamily['points']): readonly Point<Value>[] {
  return points;
}

function histogramDifference(now: HistogramValue, before: Value): HistogramValue {
  if (typeof before === 'number') return now;
  // Fallen: nothing can be told until it has grown beyond the base.
  const from = now.count >= before.count ? before : now;
  return {
    // What was told in other buckets is not known in these: then the difference is told without any.
    counts:
      from.counts.length === now.counts.length
        ? now.counts.map((count, i) => count - (from.counts[i] ?? 0))
        : [],
    count: now.count - from.count,
    sum: now.sum - from.sum,
    exponential: exponentialDifference(now.exponential, from.exponential),
    exemplars: now.exemplars,
  };
}

type Exponential = HistogramValue['exponential'];

function exponentialDifference(now: Exponential, before: Exponential): Exponential {
  const scale = Math.min(now.scale, before.scale);
  const { offset, counts } = atScale(now, scale);
  const less = atScale(before, scale);
  const differences = counts.map(
    (count, i) => count - (less.counts[offset + i - less.offset] ?? 0),
  );
  return { scale, zeros: now.zeros - before.zeros, offset, counts: differences };
}

/** Two neighbours become one for each step: bucket i goes to bucket ceil(i / 2). */
function atScale(given: Exponential, scale: number): Exponential {
  if (given.scale === scale) return given;
  const width = 2 ** (given.scale - scale);
  const offset = Math.ceil(given.offset / width);
  const counts: number[] = [];
  for (const [i, count] of given.counts.entries()) {
    const at = Math.ceil((given.offset + i) / width) - offset;
    counts[at] = (counts[at] ?? 0) + count;
  }
  return { ...given, scale, offset, counts };
}
