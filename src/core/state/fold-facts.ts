/** Who folds what: every part of the state, by the kinds of facts that concern it. */
import type { LoggedEvent } from '../event.js';
import type {
  AttemptEnded,
  AttemptNoLongerRunning,
  Fact,
  IncidentOpened,
  IncidentResolved,
} from '../facts.js';
import type { BreakerTrials } from './breaker-trials.js';
import type { Counts } from './counts.js';
import type { DurationTrends } from './duration-trend.js';
import type { FailureMinutes } from './failure-minutes.js';
import type { FailureRates } from './failure-rates.js';
import type { FailureWindows } from './failure-windows.js';
import type { HeardSources } from './heard.js';
import type { PairTrends } from './pair-trends.js';
import type { PredictionScores } from './prediction-scores.js';
import type { RecoveryCohorts } from './recovery-cohorts.js';
import type { RecoveryHours } from './recovery-hours.js';
import type { Registry } from './registry.js';
import type { StrategyExperience } from './strategy-experience.js';
import type { StrategyRetries } from './strategy-retries.js';
import type { StrategyWindows } from './strategy-windows.js';
import type { SuccessTrends } from './success-trend.js';

/** What a batch of events meant. */
export interface Told {
  /** In the order of the log, as the facts. */
  readonly events: readonly LoggedEvent[];
  readonly facts: readonly Fact[];
  /** For each fact the event that told it. */
  readonly of: readonly LoggedEvent[];
}

export interface Folds {
  readonly counts: Counts;
  readonly heard: HeardSources;
  readonly registry: Registry;
  readonly trends: SuccessTrends;
  readonly windows: StrategyWindows;
  readonly failures: FailureWindows;
  readonly cohorts: RecoveryCohorts;
  readonly recoveryHours: RecoveryHours;
  readonly pairTrends: PairTrends;
  readonly attemptDurations: DurationTrends<AttemptEnded | AttemptNoLongerRunning>;
  readonly recoveryDurations: DurationTrends<IncidentResolved>;
  readonly failureRates: FailureRates;
  readonly failureMinutes: FailureMinutes;
  readonly experience: StrategyExperience;
  readonly retries: StrategyRetries;
  readonly predictionScores: PredictionScores;
  readonly breakerTrials: BreakerTrials;
}

/**
 * Hands the facts of a batch of events to those whom they concern: fold by fold, each with all that concerns it in the
 * order of the log. No fold reads another (but for changes that one finds for another, handed over), so that is the
 * same as event by event, and a fold that does its work at one go finds its code and its data at hand.
 */
export function foldFacts(to: Folds, { events, facts, of }: Told): void {
  const attempts: AttemptEnded[] = [];
  /** In the order of the log with those that ended. */
  const timed: (AttemptEnded | AttemptNoLongerRunning)[] = [];
  const opened: IncidentOpened[] = [];
  const resolved: IncidentResolved[] = [];
  const rarer: Fact[] = [];
  to.counts.hear(events);
  for (const event of events) to.heard.hear(event);
  for (let i = 0; i < facts.length; i += 1) {
    const fact = facts[i];
    const event = of[i];
    if (fact === undefined || event === undefined) continue;
    to.counts.apply(fact, event);
    if (fact.kind === 'attempt_ended' || fact.kind === 'attempt_no_longer_running') {
      timed.push(fact);
    }
    if (fact.kind === 'attempt_ended') attempts.push(fact);
    else if (fact.kind === 'incident_opened') opened.push(fact);
    else if (fact.kind === 'incident_resolved') resolved.push(fact);
    else if (fact.kind === 'circuit_moved') to.breakerTrials.apply(fact);
    else if (fact.kind !== 'first_attempt') rarer.push(fact);
  }
  for (const fact of facts) to.registry.apply(fact);
  for (const fact of facts) to.failures.apply(fact);
  // After such an attempt the strategy's experience on the type begins anew: what came before is not what it does now.
  const showingChange = attempts.filter((fact) => to.pairTrends.apply(fact) !== undefined);
  for (const fact of facts) {
    to.experience.apply(fact);
    if (showingChange.length === 0 || fact.kind !== 'attempt_ended') continue;
    if (showingChange.includes(fact)) to.experience.beginAnew(fact);
  }
  for (const fact of rarer) to.predictionScores.apply(fact);
  for (const fact of attempts) to.trends.apply(fact);
  for (const fact of attempts) to.windows.apply(fact);
  for (const fact of attempts) to.retries.apply(fact);
  for (const fact of timed) to.attemptDurations.apply(fact);
  for (const fact of opened) to.failureRates.apply(fact);
  for (const fact of opened) to.failureMinutes.apply(fact);
  for (const fact of resolved) to.cohorts.apply(fact);
  for (const fact of resolved) to.recoveryHours.apply(fact);
  for (const fact of resolved) to.recoveryDurations.apply(fact);
}
