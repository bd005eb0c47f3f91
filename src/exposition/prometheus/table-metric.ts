/**
 * A row of the metric table as the object that prom-client's registry asks for values. It holds none: every
 * scrape reads the state. docs of prom-client 15 do not name this contract; its lib/registry.js is it.
 */
import type { Histogram } from '../../core/state/histogram.js';
import type { HistogramRow, Labels, MetricRow, NumberRow } from '../../metrics/define.js';
import type { MetricsView } from '../../metrics/view.js';
import { OPENMETRICS_CONTENT_TYPE, type MetricRegistry } from './registry.js';

/** One line of the exposition. prom-client formats `sharedLabels` once per object and keeps the text. */
interface Line {
  readonly value: number;
  readonly labels?: Labels;
  readonly sharedLabels: Labels;
  /** Where it is not the metric's own name. */
  readonly metricName?: string;
}

interface Family<L> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: L[];
}

export interface TableMetricOptions {
  readonly name: string;
  readonly row: MetricRow;
  readonly view: () => MetricsView;
  readonly registry: MetricRegistry;
}

export class TableMetric {
  /** Written by registries: an OpenMetrics one takes `_total` off a counter's name before it asks for values. */
  name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly #options: TableMetricOptions;
  readonly #lines: (view: MetricsView) => Line[];

  constructor(options: TableMetricOptions) {
    const { name, row } = options;
    this.#options = options;
    this.name = name;
    this.help = row.help;
    this.type = row.kind === 'state_set' ? 'gauge' : row.kind;
    this.#lines = row.kind === 'histogram' ? histogramLines(name, row) : numberLines(row);
  }

  /** For text. All values are read here and now, so that a scrape is one moment. */
  getForPromString(): Family<Line> {
    return this.#family(this.#lines(this.#options.view()));
  }

  /** For JSON: each value with all of its labels. */
  get(): Family<Omit<Line, 'sharedLabels'>> {
    const lines = this.#lines(this.#options.view());
    return this.#family(
      lines.map(({ sharedLabels, labels, ...line }) => ({
        ...line,
        labels: { ...sharedLabels, ...labels },
      })),
    );
  }

  /** The state cannot be reset from here. */
  reset(): void {}

  #family<L>(values: L[]): Family<L> {
    const { help, type } = this;
    return { name: this.#nameNow(), help, type, aggregator: 'sum', values };
  }

  /** As the registry's present format wants it, also when the format was changed back. */
  #nameNow(): string {
    const { name, registry } = this.#options;
    const isShort = this.type === 'counter' && registry.contentType === OPENMETRICS_CONTENT_TYPE;
    return isShort ? name.replace(/_total$/, '') : name;
  }
}

/** What is not finite is not known: no series, rather than one that spoils every sum over it. */
function numberLines(row: NumberRow): (view: MetricsView) => Line[] {
  return (view) => {
    const lines: Line[] = [];
    row.read(view, (sharedLabels, value) => {
      if (value !== undefined && Number.isFinite(value)) lines.push({ value, sharedLabels });
    });
    return lines;
  };
}

function histogramLines(name: string, row: HistogramRow): (view: MetricsView) => Line[] {
  const buckets = row.buckets.map((bound) => ({ le: String(bound) }));
  const rest = { le: '+Inf' };
  const bucketName = `${name}_bucket`;
  const sumName = `${name}_sum`;
  const countName = `${name}_count`;
  return (view) => {
    const lines: Line[] = [];
    row.read(view, (sharedLabels, value: Histogram | undefined) => {
      if (value === undefined) return;
      const { counts, count, sum } = value;
      let below = 0;
      for (const [i, labels] of buckets.entries()) {
        below += counts[i] ?? 0;
        lines.push({ value: below, labels, sharedLabels, metricName: bucketName });
      }
      lines.push({ value: count, labels: rest, sharedLabels, metricName: bucketName });
      lines.push({ value: sum, sharedLabels, metricName: sumName });
      lines.push({ value: count, sharedLabels, metricName: countName });
    });
    return lines;
  };
}
