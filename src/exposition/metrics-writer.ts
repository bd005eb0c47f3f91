/** How a reading of all metrics becomes the body of an answer. */
import type { MetricFamily } from './row-walker.js';

export interface MetricsWriter {
  readonly contentType: string;
  /** Written while it is asked for: each `yield` is a place to let others in. Returns the body, in pieces. */
  write(families: readonly MetricFamily[]): Generator<void, readonly Uint8Array[]>;
}

/** Lines, or series of protobuf, between two pauses: some hundred microseconds. */
export const PAUSE_EVERY = 256;
