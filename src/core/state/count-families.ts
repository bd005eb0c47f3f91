/** The families of the domain that are looked up, or begun at 0, together with others: part of Counts. */
import type { Family } from './family.js';
import type { HistogramFamily } from './histogram-family.js';

export interface Count {
  n: number;
}

export interface CountFamilies {
  readonly failures: Family<Count>;
  readonly failuresPredicted: Family<Count>;
  readonly attempts: Family<Count>;
  readonly attemptFailures: Family<Count>;
  readonly skipped: Family<Count>;
  readonly inProgress: Family<Count>;
  readonly attemptSeconds: HistogramFamily;
  readonly lastSuccess: Family<Count>;
  readonly openIncidents: Family<Count>;
  readonly resolved: Family<Count>;
  readonly recoverySeconds: HistogramFamily;
  readonly healedIncidents: Family<Count>;
  readonly healedSeconds: Family<Count>;
  readonly firstAttemptDelaySeconds: HistogramFamily;
  readonly incidentAttempts: HistogramFamily;
}
