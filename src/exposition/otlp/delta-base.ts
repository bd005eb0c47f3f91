/** The totals that a receiver has been told, as they are kept between two pushes and two processes. */
import type { Labels, MetricRow } from '../../metrics/define.js';
import type { HistogramValue, Point } from '../row-walker.js';
import { summedOver } from './summed-points.js';

export interface Base {
  /** When they were read, Unix milliseconds. */
  readonly atMs: number;
  readonly families: readonly BaseFamily[];
}

export interface BaseFamily {
  readonly name: string;
  readonly labelNames: readonly string[];
  /** Of the buckets of histograms. Undefined for numbers, and in what older releases have written. */
  readonly bounds?: readonly number[] | undefined;
  /** A histogram with no `counts` is one whose fixed buckets are not known; the rest of it is. */
  readonly points: readonly Point<number | HistogramValue>[];
}

/** A family of a base, by label set. Series keep their order: mostly the place says it. */
export class BasePoints {
  #byLabels: Map<string, Point<number | HistogramValue>> | undefined;

  constructor(readonly family: BaseFamily) {}

  at(place: number, labels: Labels): Point<number | HistogramValue> | undefined {
    const there = this.family.points[place];
    if (there?.labels === labels) return there;
    this.#byLabels ??= new Map(this.family.points.map((point) => [this.#key(point.labels), point]));
    return this.#byLabels.get(this.#key(labels));
  }

  /**
   * For a row whose labels are others, because one was dropped by configuration: the same in its sums. For one whose
   * buckets are others: the same without buckets. Undefined for a row with a label more.
   */
  of(row: MetricRow): BasePoints | undefined {
    const names = Object.keys(row.labels);
    const { labelNames } = this.family;
    const isSame =
      names.length === labelNames.length && names.every((name, i) => name === labelNames[i]);
    if (isSame) return this.#inBucketsOf(row);
    // What was told cannot be divided by a label that it did not have.
    if (!names.every((one) => labelNames.includes(one))) return undefined;
    const points = summedOver(this.family.points, names);
    return new BasePoints({ ...this.family, labelNames: names, points }).#inBucketsOf(row);
  }

  /** What was told in other buckets cannot be divided into these. */
  #inBucketsOf(row: MetricRow): BasePoints {
    const { bounds, points } = this.family;
    if (row.kind !== 'histogram' || isSameBounds(bounds, row.buckets)) return this;
    const unknown = points.map((point) =>
      typeof point.value === 'number' ? point : { ...point, value: { ...point.value, counts: [] } },
    );
    return new BasePoints({ ...this.family, bounds: row.buckets, points: unknown });
  }

  #key(labels: Labels): string {
    return JSON.stringify(this.family.labelNames.map((name) => labels[name]));
  }
}

function isSameBounds(one: readonly number[] | undefined, other: readonly number[]): boolean {
  return one?.length === other.length && other.every((bound, i) => bound === one[i]);
}

/** One line for a family. */
export function baseLine({ name, labelNames, bounds, points }: BaseFamily): string {
  const plain = points.map(({ labels, value, sinceMs }) => [
    labelNames.map((label) => labels[label] ?? ''),
    sinceMs ?? null,
    typeof value === 'number' ? value : { ...value, exemplars: undefined },
  ]);
  return JSON.stringify({ name, labels: labelNames, bounds, points: plain });
}

/** Undefined for a line that `baseLine` has not written. */
export function parseBaseLine(line: string): BaseFamily | undefined {
  const parsed = parsedJson(line);
  if (!isRecord(parsed)) return undefined;
  const { name, labels: labelNames, bounds, points: given } = parsed;
  if (typeof name !== 'string' || !isTexts(labelNames) || !isArray(given)) return undefined;
  if (bounds !== undefined && !isNumbers(bounds)) return undefined;
  const points: Point<number | HistogramValue>[] = [];
  for (const one of given) {
    const point = pointOf(one, labelNames);
    if (point === undefined) return undefined;
    points.push(point);
  }
  return { name, labelNames, bounds, points };
}

function pointOf(
  given: unknown,
  names: readonly string[],
): Point<number | HistogramValue> | undefined {
  if (!isArray(given)) return undefined;
  const [values, since, value] = given;
  const sinceMs = typeof since === 'number' ? since : undefined;
  if (!isTexts(values) || values.length !== names.length) return undefined;
  const labels = Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  if (typeof value === 'number') return { labels, value, sinceMs };
  const histogram = histogramOf(value);
  return histogram === undefined ? undefined : { labels, value: histogram, sinceMs };
}

function histogramOf(given: unknown): HistogramValue | undefined {
  if (!isRecord(given) || !isRecord(given['exponential'])) return undefined;
  const { counts, count, sum } = given;
  const { scale, zeros, offset, counts: exponential } = given['exponential'];
  if (!isNumbers(counts) || !isNumbers(exponential)) return undefined;
  if (typeof count !== 'number' || typeof sum !== 'number') return undefined;
  if (typeof scale !== 'number' || typeof zeros !== 'number') return undefined;
  if (typeof offset !== 'number') return undefined;
  return {
    counts,
    count,
    sum,
    exponential: { scale, zeros, offset, counts: exponential },
    exemplars: undefined,
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}
