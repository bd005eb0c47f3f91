/** Everything that a metric can be read from, as of one moment. */
import type { DerivedGauges } from '../analysis/derived.js';
import type { StoreStats } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import type { SelfCounts } from './self-counts.js';

export interface MetricsView {
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly state: LiveState;
  /** The newest result of the analyses; undefined before the first. */
  readonly report: DerivedGauges | undefined;
  readonly self: SelfCounts;
  readonly store: StoreStats;
  readonly build: Build;
  /** When the process began to count, Unix milliseconds. */
  readonly startedMs: number;
  /** Label sets that the row that is read may show, where it has no family of its own. Usual: 2,000. */
  readonly labelSetsMax?: number;
}

/** What counts are read from. */
export interface CountedView {
  readonly state: Pick<LiveState, 'counts'>;
  readonly self: SelfCounts;
}

export interface Build {
  readonly version: string;
  /** Of the sources; 'unknown' where it was built without them. */
  readonly revision: string;
  readonly nodeVersion: string;
}
