/** Our metrics as observable instruments of a meter, for an application that has one and no reader of its own. */
import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { ExporterError } from '../../core/errors.js';
import type { MetricRow, MetricRows } from '../../metrics/define.js';
import type { MetricsView } from '../../metrics/view.js';
import type { MetricFamily, RowWalker } from '../row-walker.js';

export interface InstrumentParts {
  readonly meter: Meter;
  readonly rows: MetricRows;
  readonly walker: RowWalker;
  /** Undefined while there is no state: then nothing is observed. */
  readonly view: () => MetricsView | undefined;
  /** Put on every series. Two exporters on one meter need different ones. */
  readonly attributes: Attributes;
}

/** What is on a meter already, by its attributes: of two alike, the meter would show the last that is asked. */
const present = new WeakMap<Meter, Set<string>>();

/**
 * Counters and gauges only: the API has no observable histogram. Returns what takes them out again. Throws
 * ExporterError INVALID_REQUEST for a meter that shows an exporter with these attributes already.
 */
export function instrument({ meter, rows, walker, view, attributes }: InstrumentParts): () => void {
  const leave = enter(meter, attributes);
  const instruments = new Map<string, Observable>();
  for (const [name, row] of Object.entries(rows)) {
    const made = instrumentOf(meter, row);
    if (made !== undefined) instruments.set(name, made);
  }
  const observables = [...instruments.values()];
  const observe = (result: BatchObservableResult): void => {
    const now = view();
    if (now === undefined) return;
    for (const family of walker.read(now))
      observeFamily(family, { instruments, result, attributes });
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => {
    meter.removeBatchObservableCallback(observe, observables);
    leave();
  };
}

function enter(meter: Meter, attributes: Attributes): () => void {
  const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  const others = present.get(meter) ?? new Set();
  if (others.has(key)) {
    throw new ExporterError(
      'INVALID_REQUEST',
      'meter: it shows an exporter already; give each a meter of its own, or other `attributes`',
    );
  }
  present.set(meter, others.add(key));
  return () => void others.delete(key);
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
  to: {
    readonly instruments: ReadonlyMap<string, Observable>;
    readonly result: BatchObservableResult;
    readonly attributes: Attributes;
  },
): void {
  const target = to.instruments.get(family.name);
  if (target === undefined || family.kind === 'histogram' || family.kind === 'summary') return;
  for (const { labels, value } of family.points) {
    to.result.observe(target, value, { ...to.attributes, ...labels });
  }
}
