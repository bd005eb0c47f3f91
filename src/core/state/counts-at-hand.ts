/** What most facts count in, at hand by the names that they share. */
import type { CountFamilies } from './count-families.js';
import { NamesAtHand, SeriesAtHand } from './series-at-hand.js';

export interface CountsAtHand {
  ofType(failureType: string): CountsOfType;
  ofStrategy(strategy: string): CountsOfStrategy;
  /** After the families hold other entries. */
  clear(): void;
}

type CountsOfType = ReturnType<typeof countsOfType>;
type CountsOfStrategy = ReturnType<typeof countsOfStrategy>;

export function countsAtHand(counts: CountFamilies): CountsAtHand {
  const types = new NamesAtHand((failureType) => countsOfType(counts, failureType));
  const strategies = new NamesAtHand((strategy) => countsOfStrategy(counts, strategy));
  return {
    ofType: (failureType) => types.of(failureType),
    ofStrategy: (strategy) => strategies.of(strategy),
    clear: () => {
      types.clear();
      strategies.clear();
    },
  };
}

function countsOfType(counts: CountFamilies, failureType: string) {
  return {
    firstAttemptDelay: new SeriesAtHand(counts.firstAttemptDelaySeconds, failureType),
    incidentAttempts: new SeriesAtHand(counts.incidentAttempts, failureType),
    recoverySeconds: new SeriesAtHand(counts.recoverySeconds, failureType),
    healed: new SeriesAtHand(counts.resolved, failureType, 'healed'),
    bySeverity: new NamesAtHand((severity) => ({
      failures: new SeriesAtHand(counts.failures, failureType, severity),
      open: new SeriesAtHand(counts.openIncidents, failureType, severity),
    })),
  };
}

function countsOfStrategy(counts: CountFamilies, strategy: string) {
  return {
    lastSuccess: new SeriesAtHand(counts.lastSuccess, strategy),
    succeededSeconds: new SeriesAtHand(counts.attemptSeconds, strategy, 'succeeded'),
    failedSeconds: new SeriesAtHand(counts.attemptSeconds, strategy, 'failed'),
    healedIncidents: new SeriesAtHand(counts.healedIncidents, strategy),
    healedSeconds: new SeriesAtHand(counts.healedSeconds, strategy),
  };
}
