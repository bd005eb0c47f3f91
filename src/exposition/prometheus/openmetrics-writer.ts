/**
 * OpenMetrics 1.0.0: what the text format says, and exemplars, units, and where a series began (only when asked
 * for: a Prometheus before version 3 takes `_created` for one more series).
 */
import { exemplarOf } from '../exemplar.js';
import { PAUSE_EVERY, type MetricsWriter } from '../metrics-writer.js';
import type { HistogramValue, MetricFamily, Point } from '../row-walker.js';
import { OPENMETRICS_CONTENT_TYPE } from './registry.js';
import {
  braced,
  escapedHelp,
  KnownPrefixes,
  labelText,
  numberText,
  type Prefixes,
} from './text-lines.js';

export interface OpenMetricsOptions {
  /** A `_created` sample for each counter and histogram. */
  readonly created: boolean;
}

const UNITS = ['seconds', 'bytes', 'ratio'] as const;

/** Keep one for as long as its walker. */
export class OpenMetricsWriter implements MetricsWriter {
  readonly contentType = OPENMETRICS_CONTENT_TYPE;
  readonly #prefixes = new KnownPrefixes({
    sampleName: (family) =>
      family.kind === 'counter' ? `${familyName(family)}_total` : family.name,
    bound: boundText,
  });

  constructor(private readonly options: OpenMetricsOptions) {}

  *write(families: readonly MetricFamily[]): Generator<void, readonly Uint8Array[]> {
    const pieces: Uint8Array[] = [];
    let lines = '';
    let written = 0;
    for (const family of families) {
      pieces.push(Buffer.from(head(family)));
      const prefixesOf = this.#prefixes.of(family);
      for (const point of family.points) {
        const prefixes = prefixesOf(point);
        lines += samples(prefixes, point);
        if (this.options.created) lines += created(family, point);
        written += prefixes.length;
        if (written < PAUSE_EVERY) continue;
        pieces.push(Buffer.from(lines));
        lines = '';
        written = 0;
        yield;
      }
      if (lines !== '') pieces.push(Buffer.from(lines));
      lines = '';
    }
    pieces.push(Buffer.from('# EOF\n'));
    return pieces;
  }
}

/** A counter's family is named without the `_total` of its samples. */
function familyName({ kind, name }: MetricFamily): string {
  return kind === 'counter' ? name.replace(/_total$/, '') : name;
}

function head(family: MetricFamily): string {
  const name = familyName(family);
  const type = family.kind === 'untyped' ? 'unknown' : family.kind;
  const unit = UNITS.find((known) => name.endsWith(`_${known}`));
  const help = escapedHelp(family.help).replaceAll('"', '\\"');
  const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help}\n`;
}

function samples(prefixes: Prefixes, { value }: MetricFamily['points'][number]): string {
  if (typeof value === 'number') return `${prefixes[0] ?? ''}${numberText(value)}\n`;
  let lines = '';
  let at = 0;
  if ('quantiles' in value) {
    for (const { value: of } of value.quantiles) {
      lines += `${prefixes[at++] ?? ''}${numberText(of)}\n`;
    }
  } else {
    let below = 0;
    for (const count of value.counts) {
      below += count;
      lines += `${prefixes[at] ?? ''}${below}${exemplar(value, at)}\n`;
      at += 1;
    }
  }
  const { sum, count } = value;
  return `${lines}${prefixes[at] ?? ''}${numberText(sum)}\n${prefixes[at + 1] ?? ''}${count}\n`;
}

function exemplar(histogram: HistogramValue, bucket: number): string {
  const shown = exemplarOf(histogram, bucket);
  if (shown === undefined) return '';
  const labels = labelText(Object.fromEntries(shown.labels));
  return ` # {${labels}} ${numberText(shown.value)} ${secondsText(shown.timeMs)}`;
}

function created(family: MetricFamily, { labels, sinceMs }: Point<unknown>): string {
  if (sinceMs === undefined || family.kind === 'gauge' || family.kind === 'untyped') return '';
  return `${familyName(family)}_created${braced(labelText(labels))} ${secondsText(sinceMs)}\n`;
}

function secondsText(timeMs: number): string {
  return (timeMs / 1000).toFixed(3);
}

/** Bounds are floating-point numbers and look like it: `1.0`. */
function boundText(bound: number): string {
  return Number.isInteger(bound) && Math.abs(bound) < 1e15 ? bound.toFixed(1) : String(bound);
}
