/** One exemplar as it is shown: its labels fit into what every format and backend takes. */
import type { HistogramValue } from './row-walker.js';

/** OpenMetrics: names and values of an exemplar's labels together, in characters. */
const EXEMPLAR_CHARACTERS_MAX = 128;

export interface ShownExemplar {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  /** Unix milliseconds. */
  readonly timeMs: number;
}

/** The ids in a `traceparent`, lower-case hexadecimal: of the trace, 32 characters, and of the span, 16. */
function traceOf(traceparent: string): {
  readonly traceId: string;
  readonly spanId: string;
} {
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52) };
}

/** Of the bucket at this place of `counts`. Undefined where there is none, or nothing of it fits. */
export function exemplarOf(
  { exemplars }: HistogramValue,
  bucket: number,
): ShownExemplar | undefined {
  const failureId = exemplars?.failureIds[bucket] ?? '';
  if (exemplars === undefined || failureId === '') return undefined;
  const traceparent = exemplars.traceparents[bucket] ?? '';
  const labels: [string, string][] = [];
  if (traceparent !== '') {
    const { traceId, spanId } = traceOf(traceparent);
    labels.push(['trace_id', traceId], ['span_id', spanId]);
  }
  labels.push(['failure_id', failureId]);
  if (charactersOf(labels) > EXEMPLAR_CHARACTERS_MAX) labels.pop();
  if (labels.length === 0) return undefined;
  return { labels, value: exemplars.values[bucket] ?? 0, timeMs: exemplars.timesMs[bucket] ?? 0 };
}

/** Characters are code points, not the halves that a string's length counts. */
function charactersOf(labels: readonly (readonly [string, string])[]): number {
  // No string has more code points than halves: mostly there is nothing to tell apart.
  const halves = labels.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (halves <= EXEMPLAR_CHARACTERS_MAX) return halves;
  return labels.reduce((sum, [name, value]) => sum + name.length + [...value].length, 0);
}
