/** Everything that a metric can be read from, as of one moment. */
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
}

export interface Build {
  readonly version: string;
  /** Of the sources; 'unknown' where it was built without them. */
  readonly revision: string;
  readonly nodeVersion: string;
}

type WindowName = '1h' | '1d';
export interface DerivedGauges {
  readonly atMs: number;
  readonly successRatio: readonly {
    readonly window: WindowName;
    readonly ratio: number | undefined;
    readonly samples: number;
  }[];
  readonly strategies: readonly StrategyGauges[];
  readonly mttr: readonly { readonly window: WindowName; readonly seconds: number }[];
  readonly failureTypeMttr: readonly {
    readonly failureType: string;
    readonly window: WindowName;
    readonly seconds: number;
  }[];
  readonly recommendations: readonly {
    readonly kind: string;
    readonly severity: 'info' | 'warning' | 'critical';
    readonly count: number;
  }[];
  readonly analyses: readonly {
    readonly analysis: string;
    readonly durationSeconds: number;
    readonly lastSuccessMs: number | undefined;
    readonly errors: number;
  }[];
}
interface StrategyGauges {
  readonly strategy: string;
  readonly windows: readonly {
    readonly window: WindowName;
    readonly samples: number;
    readonly ratio: number | undefined;
    readonly lower: number | undefined;
    readonly upper: number | undefined;
    readonly meanDurationSeconds: number | undefined;
  }[];
  readonly trend: 'improving' | 'stable' | 'degrading' | 'insufficient_data';
  readonly trendScore: number | undefined;
  readonly trendChangedMs: number | undefined;
  readonly successDelta: number | undefined;
  readonly recommendation:
    'keep' | 'tune' | 'replace' | 'investigate' | 'monitor' | 'insufficient_data';
}
