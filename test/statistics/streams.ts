/** Streams of results and rules that judge them, for the statistical tests. */
import { ChangeDetector, type Change } from '../../src/core/state/change-detector.js';

export type Results = () => boolean;

/** Anything that takes results one by one and tells when their rate has changed. */
export interface Detector {
  observe(succeeded: boolean, timeMs: number, threshold: number): Change | undefined;
}
export type MakeDetector = () => Detector;

const makeOurs: MakeDetector = () => new ChangeDetector();

/** Independent results of one rate. */
export function independent(p: number, random: () => number): Results {
  return () => random() < p;
}

/** Results of rate `p` whose neighbours are correlated by `rho`. */
export function correlated(p: number, rho: number, random: () => number): Results {
  let last = random() < p;
  return () => {
    last = random() < rho ? last : random() < p;
    return last;
  };
}

/** Results until the first alarm, or `cap`. */
export function runLength(
  results: Results,
  threshold: number,
  cap: number,
  make = makeOurs,
): RunLength {
  const detector = make();
  for (let n = 1; n <= cap; n += 1) {
    if (detector.observe(results(), n, threshold) !== undefined) return { length: n, alarm: true };
  }
  return { length: cap, alarm: false };
}

export interface RunLength {
  readonly length: number;
  readonly alarm: boolean;
}

/** Mean results to a false alarm over streams that never change: events watched by alarms raised. */
export function meanRunLength(runs: readonly RunLength[]): number {
  const alarms = runs.filter(({ alarm }) => alarm).length;
  return runs.reduce((sum, { length }) => sum + length, 0) / alarms;
}

export interface Delay {
  /** Results from the change to the alarm; `cap` when it was missed. */
  readonly delay: number;
  readonly change: Change | undefined;
}

/** Undefined when the alarm came before the change. */
export function delayOf(
  before: Results,
  after: Results,
  options: { readonly settled: number; readonly threshold: number; readonly cap: number },
  make = makeOurs,
): Delay | undefined {
  const { settled, threshold, cap } = options;
  const detector = make();
  for (let n = 1; n <= settled; n += 1) {
    if (detector.observe(before(), n, threshold) !== undefined) return undefined;
  }
  for (let delay = 1; delay <= cap; delay += 1) {
    const change = detector.observe(after(), settled + delay, threshold);
    if (change !== undefined) return { delay, change };
  }
  return { delay: cap, change: undefined };
}

/** ln γ / KL(p1 || p0): what any test with that many results per false alarm needs, for large γ. */
export function delayBound(p0: number, p1: number, gamma: number): number {
  const kl = p1 * Math.log(p1 / p0) + (1 - p1) * Math.log((1 - p1) / (1 - p0));
  return Math.log(gamma) / kl;
}

/** Share of events at which a trend would have been shown though nothing changed, an alarm being news for `hold` results. */
export function shareShown(
  results: Results,
  threshold: number,
  count: number,
  hold: number,
): { readonly share: number; readonly alarms: number } {
  const detector = new ChangeDetector();
  let shown = 0;
  let alarms = 0;
  let newsFrom = Number.NEGATIVE_INFINITY;
  for (let n = 1; n <= count; n += 1) {
    const change = detector.observe(results(), n, threshold);
    if (change !== undefined) {
      alarms += 1;
      newsFrom = change.timeMs;
    }
    if (n - newsFrom < hold) shown += 1;
  }
  return { share: shown / count, alarms };
}

/** The rule of two windows: the last third, at most 20, against the rest, ±5 %. Share of events it calls a trend. */
export function naiveShareShown(results: Results, count: number): number {
  const upTo = [0];
  let shown = 0;
  for (let n = 1; n <= count; n += 1) {
    upTo.push((upTo[n - 1] ?? 0) + (results() ? 1 : 0));
    const recent = Math.min(20, Math.floor(n / 3));
    if (recent === 0) continue;
    const before = n - recent;
    const old = (upTo[before] ?? 0) / before;
    const now = ((upTo[n] ?? 0) - (upTo[before] ?? 0)) / recent;
    if (Math.abs(now - old) > 0.05) shown += 1;
  }
  return shown / count;
}

/** The value that a share `q` of them does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.floor(ascending.length / 2)] ?? Number.NaN;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
