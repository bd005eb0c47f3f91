/**
 * The events that the exporter hears, after `decode`: identifiers parsed, words closed, numbers finite.
 * Nothing downstream of `decode` meets anything else. docs/events.md is the glossary.
 */

export const EVENT_TYPES = [
  'selfhealer.failure.detected',
  'selfhealer.healing.started',
  'selfhealer.healing.completed',
  'selfhealer.failure.resolved',
  'selfhealer.strategy.registered',
  'selfhealer.failure.predicted',
  'selfhealer.prediction.resolved',
  'selfhealer.circuit.changed',
  'selfhealer.degradation.changed',
  'selfhealer.heartbeat',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const OUTCOMES = ['succeeded', 'failed', 'skipped'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const TRIGGERS = ['reactive', 'preventive'] as const;
export type Trigger = (typeof TRIGGERS)[number];
export const SKIP_REASONS = [
  'no_strategy',
  'declined',
  'auto_heal_disabled',
  'circuit_open',
  'awaiting_approval',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
/** What a source may say; the exporter itself adds `healed` and `superseded`. */
export const STATED_RESOLUTIONS = ['self_recovered', 'manual', 'expired'] as const;
export type StatedResolution = (typeof STATED_RESOLUTIONS)[number];
export const RESOLUTIONS = ['healed', 'superseded', ...STATED_RESOLUTIONS] as const;
export type Resolution = (typeof RESOLUTIONS)[number];
export const PREDICTORS = ['pattern', 'trend', 'health', 'queue', 'bottleneck'] as const;
export type Predictor = (typeof PREDICTORS)[number];
export const PREDICTION_OUTCOMES = ['occurred', 'prevented', 'false_positive', 'expired'] as const;
export type PredictionOutcome = (typeof PREDICTION_OUTCOMES)[number];
export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];
/** 0 is full service, 4 minimal. */
export const DEGRADATION_LEVELS = [0, 1, 2, 3, 4] as const;
export type DegradationLevel = (typeof DEGRADATION_LEVELS)[number];

export const INPUTS = ['http', 'emitter', 'file', 'nats', 'import', 'internal'] as const;
/** The way an event came in: a label value, so stable. */
export type Input = (typeof INPUTS)[number];

interface Envelope {
  /** `source` + `id` identify an event: the same pair again is a duplicate. */
  readonly source: string;
  readonly id: string;
  /** Effective time, Unix milliseconds with fraction: what the data say, else the envelope, else receipt. */
  readonly timeMs: number;
  /** The trace that the event belongs to, as W3C Trace Context writes it; well-formed. */
  readonly traceparent?: string | undefined;
}

export interface FailureDetected extends Envelope {
  readonly type: 'selfhealer.failure.detected';
  readonly failureId: string;
  readonly failureType: string;
  readonly agentId: string | undefined;
  readonly severity: Severity | undefined;
}

export interface HealingStarted extends Envelope {
  readonly type: 'selfhealer.healing.started';
  readonly failureId: string;
  readonly strategy: string;
  readonly failureType: string | undefined;
  readonly agentId: string | undefined;
}

export interface HealingCompleted extends Envelope {
  readonly type: 'selfhealer.healing.completed';
  readonly failureId: string;
  readonly strategy: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly actions: readonly string[];
  readonly failureType: string | undefined;
  readonly agentId: string | undefined;
  /** True when `agentId` is only `metadata.agent_id`: then the incident's agent goes before it. */
  readonly agentFromMetadata?: boolean;
  readonly severity: Severity | undefined;
  /** Only of skipped attempts. */
  readonly reason: SkipReason | undefined;
  readonly trigger: Trigger;
}

export interface FailureResolved extends Envelope {
  readonly type: 'selfhealer.failure.resolved';
  readonly failureId: string;
  readonly resolution: StatedResolution;
}

export interface StrategyRegistered extends Envelope {
  readonly type: 'selfhealer.strategy.registered';
  readonly strategy: string;
  readonly failureTypes: readonly string[];
}

export interface FailurePredicted extends Envelope {
  readonly type: 'selfhealer.failure.predicted';
  readonly predictionId: string;
  readonly failureType: string;
  readonly confidence: number;
  readonly agentId: string | undefined;
  /** Delay from the prediction's time to the expected failure. */
  readonly expectedInMs: number | undefined;
  readonly predictor: Predictor | undefined;
}

export interface PredictionResolved extends Envelope {
  readonly type: 'selfhealer.prediction.resolved';
  readonly predictionId: string;
  readonly outcome: PredictionOutcome;
}

export interface CircuitChanged extends Envelope {
  readonly type: 'selfhealer.circuit.changed';
  readonly circuit: string;
  readonly state: CircuitState;
  readonly strategy: string | undefined;
}

export interface DegradationChanged extends Envelope {
  readonly type: 'selfhealer.degradation.changed';
  readonly resource: string;
  readonly level: DegradationLevel;
}

export interface Heartbeat extends Envelope {
  readonly type: 'selfhealer.heartbeat';
}

export type HealingEvent =
  | FailureDetected
  | HealingStarted
  | HealingCompleted
  | FailureResolved
  | StrategyRegistered
  | FailurePredicted
  | PredictionResolved
  | CircuitChanged
  | DegradationChanged
  | Heartbeat;

/**
 * An event as it is folded: without its id, which only tells duplicates apart, and without free text, which the log
 * keeps for those who read it.
 */
export type Folded<Event extends HealingEvent> = Event extends HealingEvent
  ? Omit<Event, 'id' | 'actions'>
  : never;
export type FoldedEvent = Folded<HealingEvent>;

/** An event as the log holds it: with its place in the one order that everything is folded in. */
export interface LoggedEvent {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  readonly input: Input;
  /** Unix milliseconds at which this exporter received it. */
  readonly receivedMs: number;
  readonly event: FoldedEvent;
}
