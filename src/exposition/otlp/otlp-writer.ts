/** How a reading becomes the body of a request to `/v1/metrics`: an `ExportMetricsServiceRequest`. */
import type { MetricRow } from '../../metrics/define.js';
import type { MetricFamily } from '../row-walker.js';

/** Histograms of durations: with as many buckets as it takes, or with those of the text format. */
export type DurationsAs = 'exponential' | 'explicit';

export interface OtlpRequest {
  readonly families: readonly MetricFamily[];
  /** Those among them that tell what came since the push before; the others tell totals. */
  readonly deltas: ReadonlySet<MetricFamily>;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly resource: Readonly<Record<string, string>>;
  readonly scope: { readonly name: string; readonly version: string };
  readonly durationsAs: DurationsAs;
}

export interface OtlpWriter {
  readonly contentType: string;
  /**
   * Written while it is asked for: each `yield` is a place to let others in. Returns the body, which holds until the next
   * writing begins.
   */
  write(request: OtlpRequest): Generator<void, Uint8Array>;
}

/** As opentelemetry-proto numbers them. */
const DELTA = 1;
const CUMULATIVE = 2;

export function temporalityOf({ deltas }: OtlpRequest, family: MetricFamily): number {
  return deltas.has(family) ? DELTA : CUMULATIVE;
}

export function isExponential({ durationsAs }: OtlpRequest, { kind, unit }: MetricRow): boolean {
  return kind === 'histogram' && unit === 's' && durationsAs === 'exponential';
}

/** Where a point began: not after it was read, even where the clock has gone back. */
export function startOf(sinceMs: number | undefined, nowMs: number): number {
  return Math.min(sinceMs ?? nowMs, nowMs);
}
