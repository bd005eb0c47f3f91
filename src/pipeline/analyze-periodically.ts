/** Keeps what the derived gauges show up to date: all analyses again, at every interval and on demand. */
import {
  ANALYSIS_NAMES,
  derivePart,
  NOTHING_DERIVED,
  type AnalysisName,
  type AnalysisRun,
  type DerivedGauges,
  type DerivedPart,
} from '../analysis/derived.js';
import type { Clock, Log } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';

export interface PeriodicAnalysisOptions {
  /** Undefined until the state has been recovered. */
  readonly state: () => LiveState | undefined;
  readonly clock: Clock;
  /** Calls back at every interval until what it returns is called. */
  readonly every: (run: () => void) => () => void;
  readonly log: Log;
  /** One analysis; another one only in tests. */
  readonly derive?: (analysis: AnalysisName, state: LiveState, nowMs: number) => DerivedPart;
}

export interface PeriodicAnalysis {
  /** Undefined before the first run. */
  readonly latest: DerivedGauges | undefined;
  /** Runs everything now; undefined while there is no state. Never throws. */
  run(): DerivedGauges | undefined;
  /** No run follows. What was found last stays. */
  stop(): void;
}

/** Does not run at once: call `run` for the first result. */
export function analyzePeriodically(options: PeriodicAnalysisOptions): PeriodicAnalysis {
  const { state, clock, every, log, derive = derivePart } = options;
  const runs = new Map<AnalysisName, AnalysisRun>();
  let latest: DerivedGauges | undefined;

  /** A failed analysis keeps what it found last, and is counted. */
  const runOne = (analysis: AnalysisName, current: LiveState, nowMs: number): DerivedPart => {
    const known = runs.get(analysis);
    const errors = known?.errors ?? 0;
    const startMs = clock.monotonicMs();
    const secondsSince = (): number => (clock.monotonicMs() - startMs) / 1000;
    try {
      const part = derive(analysis, current, nowMs);
      const durationSeconds = secondsSince();
      runs.set(analysis, { analysis, durationSeconds, lastSuccessMs: nowMs, errors });
      return part;
    } catch (error) {
      runs.set(analysis, {
        analysis,
        durationSeconds: secondsSince(),
        lastSuccessMs: known?.lastSuccessMs,
        errors: errors + 1,
      });
      const message = error instanceof Error ? error.message : String(error);
      log('error', `analysis ${analysis} failed`, { analysis, error: message });
      return {};
    }
  };

  const run = (): DerivedGauges | undefined => {
    const current = state();
    if (current === undefined) return latest;
    const nowMs = clock.nowMs();
    let gauges: Omit<DerivedGauges, 'atMs'> = latest ?? NOTHING_DERIVED;
    for (const analysis of ANALYSIS_NAMES) {
      gauges = { ...gauges, ...runOne(analysis, current, nowMs) };
    }
    latest = { ...gauges, atMs: nowMs, analyses: [...runs.values()] };
    return latest;
  };

  const stop = every(run);
  return {
    get latest() {
      return latest;
    },
    run,
    stop,
  };
}
