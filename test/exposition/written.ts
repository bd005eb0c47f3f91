/** What a writer makes of a reading, without pauses. */
import type { MetricsWriter } from '../../src/exposition/metrics-writer.js';
import type { MetricFamily } from '../../src/exposition/row-walker.js';

export function writtenBytes(writer: MetricsWriter, families: readonly MetricFamily[]): Buffer {
  const writing = writer.write(families);
  for (;;) {
    const step = writing.next();
    if (step.done === true) return Buffer.concat(step.value);
  }
}

export function written(writer: MetricsWriter, families: readonly MetricFamily[]): string {
  return writtenBytes(writer, families).toString('utf8');
}
