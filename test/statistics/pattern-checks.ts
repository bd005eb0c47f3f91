/** What seasons, correlated agents, cascades and anomalies promise. */
import { anomalyChecks } from './anomaly-checks.js';
import { fleetChecks } from './fleet-checks.js';
import { seasonChecks } from './season-checks.js';

export interface PatternSizes {
  readonly seed: number;
  readonly seasons: number;
  readonly fleets: number;
  /** Steps of five minutes after the week of training. */
  readonly steps: number;
}

export function patternChecks(sizes: PatternSizes): void {
  seasonChecks(sizes);
  fleetChecks(sizes);
  anomalyChecks(sizes);
}
