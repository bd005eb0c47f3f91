/**
 * Every metric that this exporter shows, once. To add one, add a row to its topic; text, documentation and
 * everything else follow. A row comes together with what feeds it.
 */
import { AGENTS } from './agents.js';
import { CIRCUITS_AND_DEGRADATION } from './circuits-and-degradation.js';
import { controlled, NO_CONTROL, type MetricControl } from './control.js';
import type { MetricRow, MetricRows, OptIn } from './define.js';
import { DERIVED_OVERALL, DERIVED_STRATEGIES } from './derived.js';
import { ANALYSES, INTAKE, SOURCES, STORE } from './exporter.js';
import { OTLP } from './otlp.js';
import { FAILURES_AND_HEALING } from './failures-and-healing.js';
import { INCIDENTS } from './incidents.js';
import { limitRows } from './limits.js';
import { PREDICTIONS } from './predictions.js';

/** All but the limits, which are told of these. */
const MEASURED = {
  ...FAILURES_AND_HEALING,
  ...INCIDENTS,
  ...CIRCUITS_AND_DEGRADATION,
  ...PREDICTIONS,
  ...DERIVED_OVERALL,
  ...DERIVED_STRATEGIES,
  ...AGENTS,
  ...SOURCES,
  ...INTAKE,
  ...ANALYSES,
  ...STORE,
  ...OTLP,
};

const LIMITS = limitRows(MEASURED);

/** The catalogue, opt-in metrics included. */
export const METRICS = { ...MEASURED, ...LIMITS } satisfies MetricRows;

/** Every metric's name. What is generated from the table takes names of this type: a rename does not compile. */
export type MetricName = keyof typeof METRICS;
/** The label names of one metric. */
export type LabelName<N extends MetricName> = string & keyof (typeof METRICS)[N]['labels'];

export interface Topic {
  readonly title: string;
  readonly rows: MetricRows;
}

/** The catalogue, by topic. */
export const TOPICS: readonly Topic[] = [
  { title: 'Failures and healing', rows: FAILURES_AND_HEALING },
  { title: 'Incidents', rows: INCIDENTS },
  { title: 'Circuit breakers and degradation', rows: CIRCUITS_AND_DEGRADATION },
  { title: 'Predictions', rows: PREDICTIONS },
  { title: 'Derived: overall', rows: DERIVED_OVERALL },
  { title: 'Derived: strategies', rows: DERIVED_STRATEGIES },
  { title: 'Agents', rows: AGENTS },
  { title: 'Sources', rows: SOURCES },
  { title: 'Exporter: what comes in', rows: INTAKE },
  { title: 'Exporter: limits', rows: LIMITS },
  { title: 'Exporter: analyses', rows: ANALYSES },
  { title: 'Exporter: store', rows: STORE },
  { title: 'Exporter: push over OTLP', rows: OTLP },
];

/** The rows that one exporter shows. */
export function metricRows(
  optIns: readonly OptIn[],
  control: MetricControl = NO_CONTROL,
): MetricRows {
  const isShown = ({ optIn }: MetricRow): boolean => optIn === undefined || optIns.includes(optIn);
  const shown = Object.fromEntries(
    Object.entries(MEASURED).filter(([, row]: [string, MetricRow]) => isShown(row)),
  );
  const measured = controlled(shown, control);
  return { ...measured, ...controlled(limitRows(measured), control) };
}
