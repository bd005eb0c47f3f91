/** Selectors over the metric table: a name or a label that the table does not have does not compile. */
import type { LabelName, MetricName } from '../metrics/table.js';
import { formatDuration } from './duration.js';
import type { RuleOptions } from './options.js';

/** Metrics that exist in both shapes of a duration, or at least as buckets. */
export type DurationName = Extract<
  MetricName,
  'selfhealer_healing_duration_seconds' | 'selfhealer_incident_recovery_duration_seconds'
>;
export type Part = 'sum' | 'count' | 'bucket';
export type Matchers<N extends MetricName> = Readonly<
  Partial<Record<LabelName<N>, string | readonly string[]>>
>;

/** `selfhealer_up{source="x"}`. */
export function metric<N extends MetricName>(name: N, matchers?: Matchers<N>): string {
  return `${name}${braces(matchers)}`;
}

/** The classic series of a histogram. */
export function part(name: DurationName, which: Part): string {
  return `${name}_${which}`;
}

/** Label names of a metric, checked; `job` and `instance` come before. */
export function labels<N extends MetricName>(_of: N, ...names: LabelName<N>[]): string[] {
  return names;
}

/** A range of the rules, in their scale of time. */
export function range({ timeScale }: RuleOptions, durationMs: number): string {
  return formatDuration(Math.max(1, Math.round(durationMs * timeScale)));
}

/** Seconds of such a range, as a number in an expression. */
export function seconds({ timeScale }: RuleOptions, durationMs: number): string {
  return String((durationMs * timeScale) / 1000);
}

export function sumBy(by: readonly string[], expression: string): string {
  return `sum by (${by.join(', ')}) (${expression})`;
}

/** A list stands for any of its values. */
function braces(
  matchers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): string {
  const pairs = Object.entries(matchers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (typeof value === 'string') return [`${name}=${JSON.stringify(value)}`];
    return [`${name}=~${JSON.stringify(value.join('|'))}`];
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
