/** How incidents recover as they grow older, with those counted in that have not recovered (Kaplan, Meier 1958). */
import { binMiddleMs, countIn, type Bins } from '../core/bins.js';

/** A bin far above 31 days. */
const BEYOND_ANY_HORIZON = 1_000;

export interface Durations {
  /** Log bins of the times to recovery. */
  readonly recovered: ReadonlyMap<number, number>;
  /** Log bins of how long incidents were watched that did not recover meanwhile: open, or expired. */
  readonly censored: ReadonlyMap<number, number>;
}

export interface SurvivalStep {
  readonly timeMs: number;
  readonly ended: number;
  readonly atRisk: number;
}

/** Incidents expire after hours without recovery: they are taken never to recover. */
export function addExpired(censored: Bins, expired: number): void {
  if (expired === 0) return;
  censored.set(BEYOND_ANY_HORIZON, (censored.get(BEYOND_ANY_HORIZON) ?? 0) + expired);
}

/** How many of those at risk recover, at every duration at which any do. */
export function survivalSteps({ recovered, censored }: Durations): SurvivalStep[] {
  const bins = [...new Set([...recovered.keys(), ...censored.keys()])].sort((a, b) => a - b);
  const steps: SurvivalStep[] = [];
  let atRisk = countIn(recovered) + countIn(censored);
  for (const bin of bins) {
    const ended = recovered.get(bin) ?? 0;
    if (ended > 0) steps.push({ timeMs: binMiddleMs(bin), ended, atRisk });
    // Whoever was watched until this bin was still at risk of recovering in it.
    atRisk -= ended + (censored.get(bin) ?? 0);
  }
  return steps;
}
