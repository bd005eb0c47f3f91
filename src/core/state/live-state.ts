/**
 * The state: a fold over the log. The same log gives the same state, however it is cut into snapshots and tails.
 * Nothing else counts anything of the domain.
 */
import type { LoggedEvent } from '../event.js';
import { ExporterError } from '../errors.js';
import type { AttemptEnded, AttemptNoLongerRunning, Fact, IncidentResolved } from '../facts.js';
import { AdviceHistory, type AdviceHistorySnapshot } from './advice-history.js';
import { BreakerTrials, type BreakerTrialsSnapshot } from './breaker-trials.js';
import { Counts, type CountsSnapshot } from './counts.js';
import {
  DurationTrends,
  timedAttempt,
  timedRecovery,
  type DurationTrendsSnapshot,
} from './duration-trend.js';
import type { EarlyOutcomesSnapshot } from './early-outcomes.js';
import { USUAL_BUDGET, type FalseAlarmBudget } from './false-alarms.js';
import { FailureMinutes, type FailureMinutesSnapshot } from './failure-minutes.js';
import { FailureRates, type FailureRatesSnapshot } from './failure-rates.js';
import { FailureWindows, type FailureWindowsSnapshot } from './failure-windows.js';
import { foldFacts, type Told } from './fold-facts.js';
import { HeardSources, type HeardSnapshot } from './heard.js';
import type { IncidentsSnapshot } from './incidents.js';
import type { LevelsSnapshot } from './levels.js';
import type { PackedIncidents } from './packed-incident.js';
import { PairTrends, type PairTrendsSnapshot } from './pair-trends.js';
import type { PredictionsSnapshot } from './predictions.js';
import { PredictionScores, type PredictionScoresSnapshot } from './prediction-scores.js';
import { RecoveryCohorts, type RecoveryCohortsSnapshot } from './recovery-cohorts.js';
import { RecoveryHours, type RecoveryHoursSnapshot } from './recovery-hours.js';
import { Registry, type RegistrySnapshot } from './registry.js';
import { Rules } from './rules.js';
import { StrategyWindows, type StrategyWindowsSnapshot } from './strategy-windows.js';
import { StrategyExperience, type StrategyExperienceSnapshot } from './strategy-experience.js';
import { StrategyRetries, type StrategyRetriesSnapshot } from './strategy-retries.js';
import { SuccessTrends, type SuccessTrendsSnapshot } from './success-trend.js';

/** Raised when a snapshot of an older release cannot be read any more: then the log is folded anew. */
const STATE_VERSION = 8;

interface StateSnapshot {
  readonly version: number;
  readonly seq: number;
  /** Absent in those of older releases. */
  readonly sinceMs?: number;
  readonly incidents: IncidentsSnapshot;
  readonly predictions: PredictionsSnapshot;
  readonly levels: LevelsSnapshot;
  readonly counts: CountsSnapshot;
  readonly heard: HeardSnapshot;
  readonly registry: RegistrySnapshot;
  readonly trends: SuccessTrendsSnapshot;
  readonly windows: StrategyWindowsSnapshot;
  readonly failures: FailureWindowsSnapshot;
  readonly cohorts: RecoveryCohortsSnapshot;
  readonly pairTrends: PairTrendsSnapshot;
  readonly attemptDurations: DurationTrendsSnapshot;
  readonly recoveryDurations: DurationTrendsSnapshot;
  readonly failureRates: FailureRatesSnapshot;
  readonly failureMinutes: FailureMinutesSnapshot;
  readonly experience: StrategyExperienceSnapshot;
  readonly retries: StrategyRetriesSnapshot;
  readonly predictionScores: PredictionScoresSnapshot;
  /** Absent in those of older releases, as what follows. */
  readonly breakerTrials?: BreakerTrialsSnapshot;
  readonly adviceHistory?: AdviceHistorySnapshot;
  readonly recoveryHours?: RecoveryHoursSnapshot;
  readonly earlyOutcomes?: EarlyOutcomesSnapshot;
}

export type PrepareCounts = (counts: Counts) => void;

export class LiveState {
  readonly #rules: Rules;
  readonly incidents: Rules['incidents'];
  readonly predictions: Rules['predictions'];
  readonly levels: Rules['levels'];
  readonly counts = new Counts();
  readonly heard = new HeardSources();
  readonly registry = new Registry();
  readonly trends: SuccessTrends;
  readonly windows = new StrategyWindows();
  readonly failures = new FailureWindows();
  readonly cohorts = new RecoveryCohorts();
  readonly recoveryHours = new RecoveryHours();
  readonly pairTrends: PairTrends;
  /** By strategy. */
  readonly attemptDurations: DurationTrends<AttemptEnded | AttemptNoLongerRunning>;
  /** By failure type. */
  readonly recoveryDurations: DurationTrends<IncidentResolved>;
  readonly failureRates = new FailureRates();
  readonly failureMinutes = new FailureMinutes();
  readonly experience = new StrategyExperience();
  readonly retries = new StrategyRetries();
  readonly predictionScores = new PredictionScores();
  readonly breakerTrials = new BreakerTrials();
  /** Noted by the analyses: no fold. */
  readonly adviceHistory = new AdviceHistory();
  #seq = 0;
  #sinceMs: number | undefined;

  /**
   * `prepare` sets caps and buckets, before anything is counted. `hashSeed`: 32 bits that senders of events cannot
   * foresee; nothing that is told depends on it.
   */
  constructor(
    prepare: PrepareCounts = () => undefined,
    readonly falseAlarms: FalseAlarmBudget = USUAL_BUDGET,
    hashSeed = 0,
  ) {
    this.#rules = new Rules(hashSeed);
    this.incidents = this.#rules.incidents;
    this.predictions = this.#rules.predictions;
    this.levels = this.#rules.levels;
    prepare(this.counts);
    this.trends = new SuccessTrends(falseAlarms);
    this.pairTrends = new PairTrends(falseAlarms);
    this.attemptDurations = new DurationTrends(timedAttempt, falseAlarms);
    this.recoveryDurations = new DurationTrends(timedRecovery, falseAlarms);
  }

  /** Receipt of the first event, Unix milliseconds: where everything began. Undefined before it. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** Sequence of the newest event that is folded in. */
  get seq(): number {
    return this.#seq;
  }

  /** Advice that came, changed or went since the newest snapshot; nothing is worth one before the first event. */
  get hasUnsavedAdvice(): boolean {
    return this.#seq > 0 && this.adviceHistory.hasNews;
  }

  /** A snapshot of it is on disk. Returns its sequence. */
  saved(): number {
    this.adviceHistory.saved();
    return this.#seq;
  }

  /** Takes the next event of the log and tells what it meant. */
  apply(logged: LoggedEvent): readonly Fact[] {
    return this.applyAll([logged]).facts;
  }

  /** Takes the next events of the log and tells what they meant. The same as one by one, but cheaper. */
  applyAll(events: readonly LoggedEvent[]): Told {
    const facts: Fact[] = [];
    const of: LoggedEvent[] = [];
    for (const logged of events) {
      this.#expect(logged);
      this.#rules.interpret(logged, facts);
      while (of.length < facts.length) of.push(logged);
    }
    const told = { events, facts, of };
    foldFacts(this, told);
    return told;
  }

  /** Passes over events that the log has lost: they are counted as missing by the store. */
  skipTo(seq: number): void {
    this.#seq = Math.max(this.#seq, seq);
  }

  /** Text that `restore` gives the same state back from. */
  snapshot(): string {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const lineOf = (piece: string | Uint8Array): string =>
      typeof piece === 'string' ? piece : decoder.decode(piece);
    return Array.from(this.snapshotPieces(), lineOf).join('\n');
  }

  /** The lines of the snapshot, none large, so that others may be served between them; nothing may be folded meanwhile. */
  *snapshotPieces(): Iterable<string | Uint8Array> {
    for (const { rows, ...others } of this.incidents.packed()) {
      yield JSON.stringify(others);
      yield rows;
    }
    const snapshot: StateSnapshot = {
      version: STATE_VERSION,
      seq: this.#seq,
      ...(this.#sinceMs === undefined ? {} : { sinceMs: this.#sinceMs }),
      incidents: this.incidents.snapshot(),
      predictions: this.predictions.snapshot(),
      levels: this.levels.snapshot(),
      counts: this.counts.snapshot(),
      heard: this.heard.snapshot(),
      registry: this.registry.snapshot(),
      trends: this.trends.snapshot(),
      windows: this.windows.snapshot(),
      failures: this.failures.snapshot(),
      cohorts: this.cohorts.snapshot(),
      pairTrends: this.pairTrends.snapshot(),
      attemptDurations: this.attemptDurations.snapshot(),
      recoveryDurations: this.recoveryDurations.snapshot(),
      failureRates: this.failureRates.snapshot(),
      failureMinutes: this.failureMinutes.snapshot(),
      experience: this.experience.snapshot(),
      retries: this.retries.snapshot(),
      predictionScores: this.predictionScores.snapshot(),
      breakerTrials: this.breakerTrials.snapshot(),
      adviceHistory: this.adviceHistory.snapshot(),
      recoveryHours: this.recoveryHours.snapshot(),
      earlyOutcomes: this.predictionScores.early.snapshot(),
    };
    yield JSON.stringify(snapshot);
  }

  /** True when the snapshot can be read, but was counted into other buckets than `prepare` sets. */
  static hasOtherBuckets(text: string, prepare: PrepareCounts): boolean {
    const snapshot: unknown = JSON.parse(text.slice(text.lastIndexOf('\n') + 1));
    if (!isOfThisVersion(snapshot)) return false;
    return !new LiveState(prepare).counts.hasBucketsOf(snapshot.counts);
  }

  /**
   * Undefined when the snapshot is of another version, or was counted into other buckets. What was called under
   * another budget of false alarms stays called.
   */
  static restore(
    text: string,
    prepare?: PrepareCounts,
    falseAlarms?: FalseAlarmBudget,
    hashSeed?: number,
  ): LiveState | undefined {
    const lines = text.split('\n');
    const snapshot: unknown = JSON.parse(lines.pop() ?? 'null');
    if (!isOfThisVersion(snapshot)) return undefined;
    const state = new LiveState(prepare, falseAlarms, hashSeed);
    if (!state.counts.hasBucketsOf(snapshot.counts)) return undefined;
    state.#seq = snapshot.seq;
    state.#sinceMs = snapshot.sinceMs;
    state.incidents.restore(snapshot.incidents, incidentsIn(lines));
    state.predictions.restore(snapshot.predictions);
    state.levels.restore(snapshot.levels);
    state.counts.restore(snapshot.counts);
    state.heard.restore(snapshot.heard);
    state.registry.restore(snapshot.registry);
    state.trends.restore(snapshot.trends);
    state.windows.restore(snapshot.windows);
    state.failures.restore(snapshot.failures);
    state.cohorts.restore(snapshot.cohorts);
    state.pairTrends.restore(snapshot.pairTrends);
    state.attemptDurations.restore(snapshot.attemptDurations);
    state.recoveryDurations.restore(snapshot.recoveryDurations);
    state.failureRates.restore(snapshot.failureRates);
    state.failureMinutes.restore(snapshot.failureMinutes);
    state.experience.restore(snapshot.experience);
    state.retries.restore(snapshot.retries);
    state.predictionScores.restore(snapshot.predictionScores);
    state.predictionScores.early.restore(snapshot.earlyOutcomes);
    if (snapshot.breakerTrials !== undefined) state.breakerTrials.restore(snapshot.breakerTrials);
    state.recoveryHours.restore(snapshot.recoveryHours);
    if (snapshot.adviceHistory !== undefined) state.adviceHistory.restore(snapshot.adviceHistory);
    return state;
  }

  #expect({ seq, receivedMs }: LoggedEvent): void {
    if (seq !== this.#seq + 1) {
      throw new ExporterError(
        'INTERNAL',
        `state: expected event ${this.#seq + 1} of the log next, got ${seq}`,
      );
    }
    this.#seq = seq;
    this.#sinceMs ??= receivedMs;
  }
}

function* incidentsIn(lines: readonly string[]): Iterable<PackedIncidents> {
  const encoder = new TextEncoder();
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const others: unknown = JSON.parse(lines[i] ?? '');
    if (areIncidents(others)) yield { ...others, rows: encoder.encode(lines[i + 1]) };
  }
}

/** Lines of a snapshot whose version has been seen to be ours. */
function areIncidents(line: unknown): line is Omit<PackedIncidents, 'rows'> {
  return typeof line === 'object' && line !== null && 'incidents' in line;
}

/** Our own text, whose checksum the store has verified: its version vouches for its shape. */
function isOfThisVersion(snapshot: unknown): snapshot is StateSnapshot {
  return (
    typeof snapshot === 'object' &&
    snapshot !== null &&
    'version' in snapshot &&
    snapshot.version === STATE_VERSION
  );
}
