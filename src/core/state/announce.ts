/** What is counted from 0 on as soon as its names are known, so that the first of each is an increase. */
import { RESOLUTIONS, SEVERITIES, SKIP_REASONS, TRIGGERS } from '../event.js';
import type { StrategySeen } from '../facts.js';
import type { CountFamilies } from './count-families.js';

/** A registered strategy starts at 0 with all that it may do: so that the first failure is an increase. */
export function announceStrategy(
  counts: CountFamilies,
  { strategy, failureTypes }: StrategySeen,
  sinceMs: number,
): void {
  announceStrategyAlone(counts, strategy, sinceMs);
  for (const reason of SKIP_REASONS) counts.skipped.announce([strategy, reason], sinceMs);
  for (const failureType of failureTypes) {
    announceFailureType(counts, failureType, sinceMs);
    for (const severity of SEVERITIES) {
      counts.failures.announce([failureType, severity], sinceMs);
      counts.openIncidents.announce([failureType, severity], sinceMs);
    }
    for (const trigger of TRIGGERS) {
      announceAttempts(counts, strategy, failureType, trigger, sinceMs);
    }
  }
}

export function announceAttempts(
  counts: CountFamilies,
  strategy: string,
  failureType: string,
  trigger: string,
  sinceMs: number,
): void {
  const before = counts.attemptFailures.size;
  counts.attempts.announce([strategy, failureType, trigger], sinceMs);
  counts.attemptFailures.announce([strategy, failureType, trigger], sinceMs);
  if (counts.attemptFailures.size > before) announceStrategyAlone(counts, strategy, sinceMs);
}

function announceStrategyAlone(counts: CountFamilies, strategy: string, sinceMs: number): void {
  counts.inProgress.announce([strategy], sinceMs);
  counts.healedIncidents.announce([strategy], sinceMs);
  counts.healedSeconds.announce([strategy], sinceMs);
  for (const outcome of ['succeeded', 'failed']) {
    counts.attemptSeconds.announce([strategy, outcome], sinceMs);
  }
}

export function announceFailureType(
  counts: CountFamilies,
  failureType: string,
  sinceMs: number,
): void {
  const before = counts.resolved.size;
  for (const resolution of RESOLUTIONS) {
    counts.resolved.announce([failureType, resolution], sinceMs);
  }
  if (counts.resolved.size === before) return;
  counts.recoverySeconds.announce([failureType], sinceMs);
  counts.firstAttemptDelaySeconds.announce([failureType], sinceMs);
  counts.incidentAttempts.announce([failureType], sinceMs);
  counts.failuresPredicted.announce([failureType], sinceMs);
}
