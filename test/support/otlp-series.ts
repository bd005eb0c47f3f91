/** A scrape and a push in the same words, to be held against each other. */
import { metricRows } from '../../src/metrics/table.js';
import { samplesOf } from '../metrics/scrape.js';
import { dataPointsOf, decodePush, labelsOf, metricsOf } from './otlp-definitions.js';

/** Lines about metrics of the process: those are not pushed. */
const OTHERS = /^(?:# \w+ )?(?:process|nodejs)_.*\n/gm;

/** Value by series, buckets apart: an exponential histogram has others than a scrape in text. */
export function seriesOfText(text: string): Map<string, number> {
  const ours = samplesOf(text.replace(OTHERS, ''));
  const shown = ours.filter(
    ({ type, series }) => type !== 'histogram' || !/_bucket\{/.test(series),
  );
  return new Map(shown.map(({ series, value }) => [series, value]));
}

export function seriesOfPush(push: Uint8Array | undefined): Map<string, number> {
  const byOtel = new Map(Object.entries(metricRows([])).map(([name, { otel }]) => [otel, name]));
  const found = new Map<string, number>();
  for (const metric of metricsOf(decodePush(push ?? new Uint8Array()))) {
    const name = byOtel.get(metric.name) ?? metric.name;
    for (const point of dataPointsOf(metric)) {
      const labels = Object.entries(labelsOf(point)).map(([key, value]) => `${key}="${value}"`);
      const braced = labels.length === 0 ? '' : `{${labels.join(',')}}`;
      if (point.count === undefined) {
        found.set(name + braced, point.asDouble ?? NaN);
      } else {
        found.set(`${name}_count${braced}`, Number(point.count));
        found.set(`${name}_sum${braced}`, point.sum ?? NaN);
      }
    }
  }
  return found;
}
