/**
 * Lines of Prometheus' text formats. What stands before a value is the same at every scrape, so it is written once
 * for each series and kept for as long as its labels live.
 */
import type { Labels } from '../../metrics/define.js';
import type { HistogramFamily, MetricFamily, Point, SummaryFamily } from '../row-walker.js';

/** Up to the value, each with the space before it. */
export type Prefixes = readonly string[];

/** The sample names of a family, and how a bound is written. */
export interface LineStyle {
  /** Of a number: counters may be named otherwise than their family. */
  readonly sampleName: (family: MetricFamily) => string;
  readonly bound: (bound: number) => string;
}

/** Kept apart for each metric name: families of one walker may share label objects. */
export class KnownPrefixes {
  readonly #byName = new Map<string, WeakMap<Labels, Prefixes>>();

  constructor(private readonly style: LineStyle) {}

  /** Of one family, to be asked point by point. */
  of(family: MetricFamily): (point: Point<unknown>) => Prefixes {
    let known = this.#byName.get(family.name);
    if (known === undefined) {
      known = new WeakMap();
      this.#byName.set(family.name, known);
    }
    const prefixes = known;
    const make = this.#maker(family);
    return ({ labels }) => {
      let found = prefixes.get(labels);
      if (found === undefined) {
        found = make(labelText(labels)).map(flat);
        prefixes.set(labels, found);
      }
      return found;
    };
  }

  #maker(family: MetricFamily): (labels: string) => Prefixes {
    if (family.kind === 'histogram') return histogramPrefixes(family, this.style);
    if (family.kind === 'summary') return summaryPrefixes(family);
    const name = this.style.sampleName(family);
    return (labels) => [`${name}${braced(labels)} `];
  }
}

/** One per bound, then infinity, sum and count. */
function histogramPrefixes({ name, bounds }: HistogramFamily, style: LineStyle) {
  const bucketLabels = [...bounds.map(style.bound), '+Inf'].map((bound) => `le="${bound}"`);
  return (labels: string): Prefixes => [
    ...bucketLabels.map((le) => `${name}_bucket${braced(joined(le, labels))} `),
    ...sumAndCount(name, labels),
  ];
}

/** The quantiles are those of the first point: prom-client's summaries have the same for all. */
function summaryPrefixes({ name, points }: SummaryFamily) {
  const quantiles = (points[0]?.value.quantiles ?? []).map(({ quantile }) => quantile);
  return (labels: string): Prefixes => [
    ...quantiles.map((quantile) => `${name}${braced(joined(`quantile="${quantile}"`, labels))} `),
    ...sumAndCount(name, labels),
  ];
}

function sumAndCount(name: string, labels: string): Prefixes {
  return [`${name}_sum${braced(labels)} `, `${name}_count${braced(labels)} `];
}

/** Without braces. */
export function labelText(labels: Labels): string {
  let text = '';
  for (const [name, value] of Object.entries(labels)) {
    text += `${text === '' ? '' : ','}${name}="${escapedLabelValue(value)}"`;
  }
  return text;
}

export function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

/** As every text format writes help: one line. */
export function escapedHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value < 0 ? '-Inf' : '+Inf';
}

/**
 * The same text in one piece. Strings that are put together are kept as trees of their parts, and walking the tree
 * at every scrape costs more than all else.
 */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

function joined(one: string, rest: string): string {
  return rest === '' ? one : `${one},${rest}`;
}

function escapedLabelValue(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return escapedHelp(value).replaceAll('"', '\\"');
}
