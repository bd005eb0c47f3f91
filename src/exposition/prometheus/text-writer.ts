/** Prometheus' text format 0.0.4: the same lines as prom-client writes of the same series. */
import { PAUSE_EVERY, type MetricsWriter } from '../metrics-writer.js';
import type { HistogramValue, MetricFamily, SummaryValue } from '../row-walker.js';
import { TEXT_CONTENT_TYPE } from './registry.js';
import { escapedHelp, KnownPrefixes, numberText, type Prefixes } from './text-lines.js';

/** Keep one for as long as its walker. */
export class TextWriter implements MetricsWriter {
  readonly contentType = TEXT_CONTENT_TYPE;
  readonly #prefixes = new KnownPrefixes({ sampleName: ({ name }) => name, bound: String });

  *write(families: readonly MetricFamily[]): Generator<void, readonly Uint8Array[]> {
    const pieces: Uint8Array[] = [];
    // A head may hold letters beyond Latin-1. Apart from the samples, it does not make those dear to encode.
    let lines = '';
    let written = 0;
    for (const family of families) {
      const { name, kind, help } = family;
      pieces.push(Buffer.from(`# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${kind}\n`));
      const prefixesOf = this.#prefixes.of(family);
      for (const point of family.points) {
        const prefixes = prefixesOf(point);
        lines += samples(prefixes, point.value);
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
    return pieces;
  }
}

function samples(prefixes: Prefixes, value: number | HistogramValue | SummaryValue): string {
  if (typeof value === 'number') return `${prefixes[0] ?? ''}${numberText(value)}\n`;
  let lines = '';
  let at = 0;
  if ('quantiles' in value) {
    for (const { value: of } of value.quantiles)
      lines += `${prefixes[at++] ?? ''}${numberText(of)}\n`;
  } else {
    let below = 0;
    for (const count of value.counts) {
      below += count;
      lines += `${prefixes[at++] ?? ''}${below}\n`;
    }
  }
  const { sum, count } = value;
  return `${lines}${prefixes[at] ?? ''}${numberText(sum)}\n${prefixes[at + 1] ?? ''}${count}\n`;
}
