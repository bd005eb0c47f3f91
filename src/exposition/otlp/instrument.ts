/** Our metrics as observable instruments of a meter, for an application that has one and no reader of its own. */
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { MetricRow, MetricRows } from '../../metrics/define.js';
import type { MetricsView } from '../../metrics/view.js';
import type { MetricFamily, RowWalker } from '../row-walker.js';

export interface InstrumentParts {
  readonly meter: Meter;
  readonly rows: MetricRows;
  readonly walker: RowWalker;
  /** Undefined while there is no state: then nothing is observed. */
  readonly view: () => MetricsView | undefined;
}

/** Counters and gauges only: the API has no observable histogram. Returns what takes them out again. */
export function instrument({ meter, rows, walker, view }: InstrumentParts): () => void {
  const instruments = new Map<string, Observable>();
  for (const [name, row] of Object.entries(rows)) {
    const made = instrumentOf(meter, row);
    if (made !== undefined) instruments.set(name, made);
  }
  const observables = [...instruments.values()];
  const observe = (result: BatchObservableResult): void => {
    const now = view();
    if (now === undefined) return;
    for (const family of walker.read(now)) observeFamily(family, instruments, result);
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

function instrumentOf(meter: Meter, row: MetricRow): Observable | undefined {
  const options = { description: row.help, unit: row.unit };
  switch (row.kind) {
    case 'counter':
      return meter.createObservableCounter(row.otel, options);
    case 'state_set':
      return meter.createObservableUpDownCounter(row.otel, options);
    case 'gauge':
      return meter.createObservableGauge(row.otel, options);
    case 'histogram':
      return undefined;
  }
}

function observeFamily(
  family: MetricFamily,
  instruments: ReadonlyMap<string, Observable>,
  result: BatchObservableResult,
): void {
  const target = instruments.get(family.name);
  if (target === undefined || family.kind === 'histogram' || family.kind === 'summary') return;
  for (const { labels, value } of family.points) result.observe(target, value, labels);
}
