/** The formats of `/metrics`. */
import type { MetricsWriter } from './metrics-writer.js';
import { bestOffer, type Offer } from './negotiation.js';
import { OpenMetricsWriter, type OpenMetricsOptions } from './prometheus/openmetrics-writer.js';
import { TextWriter } from './prometheus/text-writer.js';
import { ProtobufWriter } from './protobuf/protobuf-writer.js';

export interface Format extends Offer {
  readonly writer: MetricsWriter;
}

/** One set of writers for one walker: they remember what they have written for its labels. */
export function metricFormats(options: OpenMetricsOptions): readonly [Format, ...Format[]] {
  return [
    { type: 'text/plain', parameters: { version: '0.0.4' }, writer: new TextWriter() },
    {
      type: 'application/openmetrics-text',
      parameters: { version: '1.0.0' },
      writer: new OpenMetricsWriter(options),
    },
    {
      type: 'application/vnd.google.protobuf',
      parameters: { proto: 'io.prometheus.client.MetricFamily', encoding: 'delimited' },
      writer: new ProtobufWriter(),
    },
  ];
}

/** Who takes none of them gets text: so do other exporters, and a scrape is worth more than a 406. */
export function formatFor(
  accept: string | undefined,
  formats: readonly [Format, ...Format[]],
): Format {
  return bestOffer(accept, formats) ?? formats[0];
}
