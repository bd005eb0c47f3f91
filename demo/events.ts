/**
 * What the healer says, for anyone who listens. The names are the exporter's event types without
 * `selfhealer.`, the payloads their data in camelCase. Nothing here comes from the exporter's
 * package: a healer need not know who listens.
 */

export type FailureType =
  | 'agent_crash'
  | 'agent_hang'
  | 'memory_leak'
  | 'config_drift'
  | 'task_timeout'
  | 'task_error'
  | 'dependency_timeout'
  | 'resource_exhaustion'
  | 'quorum_lost';

export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type Outcome = 'succeeded' | 'failed' | 'skipped';
export type SkipReason = 'no_strategy' | 'declined' | 'circuit_open';
export type Resolution = 'self_recovered' | 'manual' | 'expired';
export type Predictor = 'pattern' | 'trend' | 'queue';
export type PredictionOutcome = 'occurred' | 'prevented' | 'false_positive' | 'expired';
export type Metadata = Readonly<Record<string, string | number | boolean>>;

interface FailureDetected {
  readonly failureId: string;
  readonly failureType: FailureType;
  readonly agentId?: string;
  readonly severity: Severity;
  readonly detectedAt: string;
  readonly metadata: Metadata;
}

interface HealingStarted {
  readonly failureId: string;
  readonly strategyUsed: string;
  readonly failureType: FailureType;
  readonly agentId?: string;
  readonly timestamp: string;
}

interface HealingCompleted extends HealingStarted {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly actionsTaken: readonly string[];
  readonly severity: Severity;
  readonly trigger: 'reactive' | 'preventive';
  /** Only of skipped attempts. */
  readonly reason?: SkipReason;
  readonly metadata: Metadata;
}

interface FailureResolved {
  readonly failureId: string;
  readonly resolution: Resolution;
  readonly timestamp: string;
}

interface StrategyRegistered {
  readonly strategy: string;
  readonly failureTypes: readonly FailureType[];
  readonly timestamp: string;
}

interface FailurePredicted {
  readonly predictionId: string;
  readonly failureType: FailureType;
  /** 0–1. */
  readonly confidence: number;
  readonly agentId?: string;
  /** Delay from now. */
  readonly expectedTimeMs: number;
  readonly source: Predictor;
  readonly reasoning: string;
  readonly recommendedAction: string;
  readonly timestamp: string;
}

interface PredictionResolved {
  readonly predictionId: string;
  readonly outcome: PredictionOutcome;
  readonly timestamp: string;
}

interface CircuitChanged {
  readonly circuit: string;
  readonly state: 'closed' | 'open' | 'half_open';
  readonly strategy: string;
  readonly timestamp: string;
}

interface DegradationChanged {
  readonly resource: string;
  /** 0 full … 4 minimal. */
  readonly level: 0 | 1 | 2 | 3 | 4;
  readonly timestamp: string;
}

interface Heartbeat {
  readonly timestamp: string;
}

/** Event name to the arguments of its listeners. */
export interface HealerEvents {
  'failure.detected': [FailureDetected];
  'healing.started': [HealingStarted];
  'healing.completed': [HealingCompleted];
  'failure.resolved': [FailureResolved];
  'strategy.registered': [StrategyRegistered];
  'failure.predicted': [FailurePredicted];
  'prediction.resolved': [PredictionResolved];
  'circuit.changed': [CircuitChanged];
  'degradation.changed': [DegradationChanged];
  heartbeat: [Heartbeat];
}
