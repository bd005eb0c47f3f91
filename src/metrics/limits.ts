/** How far each bounded metric is from its cap, told of the rows that are given. */
import { counter, gauge, OPEN_SET, type Bound, type MetricRows } from './define.js';
import type { MetricsView } from './view.js';

export function limitRows(rows: MetricRows) {
  const bounded = Object.entries(rows).flatMap(([metric, { bound }]) =>
    bound === undefined ? [] : [{ metric, bound }],
  );
  const labels = { metric: OPEN_SET } as const;
  const each =
    (value: (bound: Bound) => number) =>
    (
      view: MetricsView,
      add: (labels: { readonly metric: string }, value: number) => void,
    ): void => {
      for (const { metric, bound } of bounded) add({ metric }, value(bound(view)));
    };
  return {
    selfhealer_exporter_series: gauge({
      otel: 'selfhealer.exporter.series',
      unit: '{series}',
      help: 'Live series of the metric: label sets that it keeps apart.',
      labels,
      read: each(({ size }) => size),
    }),
    selfhealer_exporter_series_limit: gauge({
      otel: 'selfhealer.exporter.series_limit',
      unit: '{series}',
      help: 'Label sets that the metric keeps apart at most.',
      labels,
      read: each(({ labelSetsMax }) => labelSetsMax),
    }),
    selfhealer_exporter_label_overflows_total: counter({
      otel: 'selfhealer.exporter.label_overflows',
      unit: '{overflow}',
      help: 'What came with label sets beyond the cap: shared by __overflow__, or left out.',
      labels,
      read: each(({ overflows }) => overflows),
    }),
  } satisfies MetricRows;
}
