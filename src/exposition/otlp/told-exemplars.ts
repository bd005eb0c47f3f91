/**
 * Exemplars for a push: each is told once. A histogram keeps the newest of every bucket for ever; what a receiver has
 * been told already is no news in the next push.
 */
import type { HistogramFamily, HistogramValue, MetricFamily, Point } from '../row-walker.js';

/** As OTLP takes one: ids apart from the labels, and no limit to their length. */
export interface OtlpExemplar {
  readonly failureId: string;
  /** Lower-case hexadecimal, 32 and 16 characters; undefined for an event without a trace. */
  readonly trace: { readonly traceId: string; readonly spanId: string } | undefined;
  readonly value: number;
  /** Unix milliseconds. */
  readonly timeMs: number;
}

/** Those that the value holds, oldest first: a backend may take them in the order of time only. */
export function otlpExemplarsOf({ exemplars }: HistogramValue): readonly OtlpExemplar[] {
  if (exemplars === undefined) return [];
  const found: OtlpExemplar[] = [];
  for (const [bucket, failureId] of exemplars.failureIds.entries()) {
    if (failureId === '') continue;
    const trace = traceOf(exemplars.traceparents[bucket] ?? '');
    const value = exemplars.values[bucket] ?? 0;
    found.push({ failureId, trace, value, timeMs: exemplars.timesMs[bucket] ?? 0 });
  }
  return found.sort((a, b) => a.timeMs - b.timeMs);
}

function traceOf(traceparent: string): OtlpExemplar['trace'] {
  if (traceparent === '') return undefined;
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52) };
}

export class ToldExemplars {
  readonly #told = new Map<string, readonly Point<HistogramValue>[]>();

  /** The family with only those exemplars that came since the last push that was taken. */
  since(family: HistogramFamily): HistogramFamily {
    const told = this.#told.get(family.name);
    if (told === undefined) return family;
    const points = family.points.map((point, place) => {
      const before = told[place];
      return before?.labels === point.labels ? fresh(point, before.value) : point;
    });
    return { ...family, points };
  }

  /** These were told, as they were read. */
  advance(families: readonly MetricFamily[]): void {
    for (const family of families) {
      if (family.kind === 'histogram') this.#told.set(family.name, family.points);
    }
  }
}

/** Each observation replaces the exemplar of its bucket: a bucket that has not grown has an old one. */
function fresh(point: Point<HistogramValue>, before: HistogramValue): Point<HistogramValue> {
  const { value } = point;
  const { exemplars, counts } = value;
  if (exemplars === undefined) return point;
  if (value.count === before.count) return { ...point, value: { ...value, exemplars: undefined } };
  const failureIds = exemplars.failureIds.map((failureId, bucket) =>
    counts[bucket] === before.counts[bucket] ? '' : failureId,
  );
  return { ...point, value: { ...value, exemplars: { ...exemplars, failureIds } } };
}
