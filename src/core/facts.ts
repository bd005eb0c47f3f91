/**
 * What an event means once it stands in the log: the incident rules have been applied, missing types, agents
 * and severities are filled in. One event gives zero or more facts; every fold and every rollup reads facts,
 * so each counts the same things.
 */
import type {
  CircuitState,
  DegradationLevel,
  Outcome,
  PredictionOutcome,
  Predictor,
  Resolution,
  Severity,
  SkipReason,
  Trigger,
} from './event.js';

export type SeverityLabel = Severity | 'unknown';
export type PredictorLabel = Predictor | 'unknown';
export type SkipReasonLabel = SkipReason | 'unspecified';

interface About {
  readonly source: string;
  /** Effective time of the event, Unix milliseconds. */
  readonly timeMs: number;
}

export interface StrategySeen extends About {
  readonly kind: 'strategy_registered';
  readonly strategy: string;
  readonly failureTypes: readonly string[];
}

/** An incident opened. `timeMs` is its detection. */
export interface IncidentOpened extends About {
  readonly kind: 'incident_opened';
  readonly failureId: string;
  readonly failureType: string;
  readonly severity: SeverityLabel;
  readonly agentId: string | undefined;
  /** Announced by a detection; others came to light by an attempt. */
  readonly detected: boolean;
}

/** An open incident learned its severity, type or agent. The gauges move; no counter does. */
export interface IncidentAmended extends About {
  readonly kind: 'incident_amended';
  readonly failureId: string;
  readonly before: IncidentLabels;
  readonly after: IncidentLabels;
}

export interface IncidentLabels {
  readonly failureType: string;
  readonly severity: SeverityLabel;
  readonly agentId: string | undefined;
}

/** `timeMs` is the end. */
export interface IncidentResolved extends About {
  readonly kind: 'incident_resolved';
  readonly failureId: string;
  readonly failureType: string;
  readonly severity: SeverityLabel;
  readonly agentId: string | undefined;
  readonly detectedMs: number;
  readonly resolution: Resolution;
  /** The strategy whose success ended it; undefined when none did. */
  readonly strategy: string | undefined;
  /** Detection to recovery; undefined when it expired: that is no recovery. */
  readonly recoveryMs: number | undefined;
  /** Attempts that ran on it. */
  readonly attempts: number;
}

/** Detection to the start of the incident's first attempt. */
export interface FirstAttempt extends About {
  readonly kind: 'first_attempt';
  readonly failureId: string;
  readonly failureType: string;
  readonly delayMs: number;
}

export interface AttemptStarted extends About {
  readonly kind: 'attempt_started';
  readonly strategy: string;
  /** Of the incident, or as far as the start says it. */
  readonly failureType: string;
}

/** A start that will not be waited for any longer: completed, or its incident ended. */
export interface AttemptNoLongerRunning extends About {
  readonly kind: 'attempt_no_longer_running';
  readonly strategy: string;
  /** How long it was waited for in vain; undefined when it completed. */
  readonly givenUpMs: number | undefined;
}

/** A completion. `outcome` skipped counts apart from the attempts that ran. */
export interface AttemptEnded extends About {
  readonly kind: 'attempt_ended';
  readonly failureId: string;
  readonly strategy: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  readonly severity: SeverityLabel;
  readonly outcome: Outcome;
  readonly reason: SkipReasonLabel;
  readonly trigger: Trigger;
  readonly durationMs: number;
  /** Which attempt of its incident this was, from 1; skipped ones do not count. 0 when there is no incident. */
  readonly attempt: number;
  /** The same among the attempts of this strategy alone: 2 is its first retry, whatever else was tried before. */
  readonly attemptOfStrategy: number;
  /** The first completion of this strategy for this incident. */
  readonly firstOfStrategy: boolean;
  /** False for one older than the newest seen of its strategy: totals take it, order-sensitive folds do not. */
  readonly inOrder: boolean;
}

export interface Predicted extends About {
  readonly kind: 'predicted';
  readonly failureType: string;
  readonly predictor: PredictorLabel;
  readonly confidence: number;
}

export interface PredictionSettled extends About {
  readonly kind: 'prediction_settled';
  readonly failureType: string;
  readonly predictor: PredictorLabel;
  readonly outcome: PredictionOutcome;
  readonly confidence: number;
  /** Until when it would have stood. */
  readonly endMs: number;
  /** From issue to occurrence; undefined unless it occurred. */
  readonly leadMs: number | undefined;
  /** That such a failure comes in such a time anyway, 0–1; undefined when it is not compared with that. */
  readonly chance: number | undefined;
  /** Attempts that were made because of it. */
  readonly preventive: { readonly attempts: number; readonly durationMs: number };
}

/** A failure that a still valid prediction had announced. */
export interface FailureWasPredicted extends About {
  readonly kind: 'failure_was_predicted';
  readonly failureType: string;
  /** Whose predictions they were. */
  readonly predictors: readonly PredictorLabel[];
}

export interface CircuitMoved extends About {
  readonly kind: 'circuit_moved';
  readonly circuit: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Whose breaker it is, where that is said. */
  readonly strategy: string | undefined;
  /** How long it was open before it let a trial through; undefined for moves that end no trial. */
  readonly openMs: number | undefined;
}

/** A breaker heard of for the first time, or again in the state it was in: no transition. */
export interface CircuitHeard extends About {
  readonly kind: 'circuit_heard';
  readonly circuit: string;
  readonly state: CircuitState;
}

export interface DegradationMoved extends About {
  readonly kind: 'degradation_moved';
  readonly resource: string;
  readonly from: DegradationLevel;
  readonly to: DegradationLevel;
}

export type Fact =
  | StrategySeen
  | IncidentOpened
  | IncidentAmended
  | IncidentResolved
  | FirstAttempt
  | AttemptStarted
  | AttemptNoLongerRunning
  | AttemptEnded
  | Predicted
  | PredictionSettled
  | FailureWasPredicted
  | CircuitMoved
  | CircuitHeard
  | DegradationMoved;
