/** Every count, gauge and histogram of the domain that a scrape shows: one family each. */
import {
  CIRCUIT_STATES,
  INPUTS,
  EVENT_TYPES,
  PREDICTION_OUTCOMES,
  PREDICTORS,
  type LoggedEvent,
} from '../event.js';
import type { AttemptEnded, Fact, IncidentResolved } from '../facts.js';
import { alike } from './alike-events.js';
import { announceAttempts, announceFailureType, announceStrategy } from './announce.js';
import type { Count, CountFamilies } from './count-families.js';
import { countsAtHand } from './counts-at-hand.js';
import { Family, type FamilySnapshot } from './family.js';
import type { Fold, FoldContext } from './fold.js';
import { HistogramFamily } from './histogram-family.js';
import {
  ATTEMPT_COUNT_BUCKETS,
  CONFIDENCE_BUCKETS,
  DURATION_BUCKETS,
  RECOVERY_BUCKETS,
  type Histogram,
} from './histogram.js';

export type { Count } from './count-families.js';

/** Label sets of a plain family, as OpenTelemetry bounds a metric, and of one of histograms. */
const LABEL_SETS_MAX = 2_000;
const HISTOGRAM_LABEL_SETS_MAX = 400;
const AGENT_LABEL_SETS_MAX = 1_000;

const OPEN = true;
const CLOSED = false;

/** Of every family, by the name that it has here. */
export type Caps = Readonly<Record<string, number>>;

export interface CountsSnapshot {
  readonly counts: readonly (readonly [string, FamilySnapshot<Count>])[];
  readonly histograms: readonly (readonly [string, FamilySnapshot<Histogram>])[];
  /** Absent in those of older releases. */
  readonly bounds?: readonly (readonly [string, readonly number[]])[];
}

export class Counts implements Fold<CountsSnapshot>, CountFamilies {
  #countFamilies = new Map<string, Family<Count>>();
  #histogramFamilies = new Map<string, HistogramFamily>();

  /** failure_type, severity */
  readonly failures = this.#counts('failures', [OPEN, CLOSED]);
  /** failure_type */
  readonly failuresPredicted = this.#counts('failuresPredicted', [OPEN]);
  /** strategy, failure_type, trigger */
  readonly attempts = this.#counts('attempts', [OPEN, OPEN, CLOSED]);
  /** strategy, failure_type, trigger */
  readonly attemptFailures = this.#counts('attemptFailures', [OPEN, OPEN, CLOSED]);
  /** strategy, reason */
  readonly skipped = this.#counts('skipped', [OPEN, CLOSED]);
  /** strategy */
  readonly inProgress = this.#levels('inProgress', [OPEN]);
  /** strategy, outcome */
  readonly attemptSeconds = this.#histograms('attemptSeconds', [OPEN, CLOSED], DURATION_BUCKETS);
  /** strategy; Unix milliseconds, 0 before the first success. */
  readonly lastSuccess = this.#counts('lastSuccess', [OPEN]);
  /** failure_type, severity */
  readonly openIncidents = this.#levels('openIncidents', [OPEN, CLOSED]);
  /** failure_type, resolution */
  readonly resolved = this.#counts('resolved', [OPEN, CLOSED]);
  /** failure_type */
  readonly recoverySeconds = this.#histograms('recoverySeconds', [OPEN], RECOVERY_BUCKETS);
  /** strategy: incidents that its success ended. */
  readonly healedIncidents = this.#counts('healedIncidents', [OPEN]);
  /** strategy: seconds to their recovery, added up. */
  readonly healedSeconds = this.#counts('healedSeconds', [OPEN]);
  /** failure_type */
  readonly firstAttemptDelaySeconds = this.#histograms(
    'firstAttemptDelaySeconds',
    [OPEN],
    DURATION_BUCKETS,
  );
  /** failure_type */
  readonly incidentAttempts = this.#histograms('incidentAttempts', [OPEN], ATTEMPT_COUNT_BUCKETS);
  /** from, to */
  readonly circuitTransitions = this.#counts('circuitTransitions', [CLOSED, CLOSED]);
  /** resource, direction */
  readonly degradationTransitions = this.#counts('degradationTransitions', [OPEN, CLOSED]);
  /** failure_type, predictor */
  readonly predictions = this.#counts('predictions', [OPEN, CLOSED]);
  /** failure_type, predictor, outcome */
  readonly predictionOutcomes = this.#counts('predictionOutcomes', [OPEN, CLOSED, CLOSED]);
  /** predictor */
  readonly confidence = this.#histograms('confidence', [CLOSED], CONFIDENCE_BUCKETS);
  /** predictor */
  readonly leadSeconds = this.#histograms('leadSeconds', [CLOSED], RECOVERY_BUCKETS);
  /** agent_id */
  readonly agentFailures = this.#counts('agentFailures', [OPEN], AGENT_LABEL_SETS_MAX);
  /** agent_id */
  readonly agentAttemptFailures = this.#counts(
    'agentAttemptFailures',
    [OPEN],
    AGENT_LABEL_SETS_MAX,
  );
  /** agent_id */
  readonly agentOpenIncidents = this.#levels('agentOpenIncidents', [OPEN], AGENT_LABEL_SETS_MAX);
  /** input, type */
  readonly events = this.#counts('events', [CLOSED, CLOSED]);

  readonly #atHand = countsAtHand(this);

  constructor() {
    for (const from of CIRCUIT_STATES) {
      for (const to of CIRCUIT_STATES) {
        if (from !== to) this.circuitTransitions.announce([from, to], 0);
      }
    }
    for (const predictor of [...PREDICTORS, 'unknown']) {
      this.confidence.announce([predictor], 0);
      this.leadSeconds.announce([predictor], 0);
    }
    for (const input of INPUTS) {
      for (const type of EVENT_TYPES) this.events.announce([input, type], 0);
    }
  }

  hear(events: readonly LoggedEvent[]): void {
    for (const { input, type, receivedMs, count } of alike(events)) {
      this.events.at(receivedMs, input, type).n += count;
    }
  }

  apply(fact: Fact, context: FoldContext): void {
    const { receivedMs } = context;
    switch (fact.kind) {
      case 'strategy_registered':
        announceStrategy(this, fact, receivedMs);
        return;
      case 'incident_opened': {
        const { failureType, severity, agentId } = fact;
        const { failures, open } = this.#atHand.ofType(failureType).bySeverity.of(severity);
        const known = this.failures.size;
        failures.at(receivedMs).n += 1;
        if (this.failures.size > known) announceFailureType(this, failureType, receivedMs);
        open.at(receivedMs).n += 1;
        if (agentId === undefined) return;
        this.agentFailures.at(receivedMs, agentId).n += 1;
        this.agentOpenIncidents.at(receivedMs, agentId).n += 1;
        return;
      }
      case 'incident_amended': {
        const { before, after } = fact;
        this.openIncidents.at(receivedMs, before.failureType, before.severity).n -= 1;
        this.openIncidents.at(receivedMs, after.failureType, after.severity).n += 1;
        if (before.agentId !== undefined || after.agentId === undefined) return;
        this.agentFailures.at(receivedMs, after.agentId).n += 1;
        this.agentOpenIncidents.at(receivedMs, after.agentId).n += 1;
        return;
      }
      case 'incident_resolved':
        this.#incidentResolved(fact, context);
        return;
      case 'first_attempt': {
        const series = this.#atHand.ofType(fact.failureType).firstAttemptDelay;
        this.firstAttemptDelaySeconds.observeOf(fact.delayMs / 1000, fact, context, series);
        return;
      }
      case 'attempt_started':
        this.inProgress.at(receivedMs, fact.strategy).n += 1;
        return;
      case 'attempt_no_longer_running':
        this.inProgress.at(receivedMs, fact.strategy).n -= 1;
        return;
      case 'attempt_ended':
        this.#attemptEnded(fact, context);
        return;
      default:
        this.#applyRarer(fact, receivedMs);
    }
  }

  get caps(): Caps {
    return Object.fromEntries(
      [...this.#families()].map(([name, { labelSetsMax }]) => [name, labelSetsMax]),
    );
  }

  /** Other caps, for what comes from now on. */
  limit(caps: Caps): void {
    for (const [name, family] of this.#families()) {
      const labelSetsMax = caps[name];
      if (labelSetsMax !== undefined) family.limit(labelSetsMax);
    }
  }

  snapshot(): CountsSnapshot {
    return {
      counts: [...this.#countFamilies].map(([name, family]) => [name, family.snapshot()]),
      histograms: [...this.#histogramFamilies].map(([name, family]) => [name, family.snapshot()]),
      bounds: [...this.#histogramFamilies].map(([name, { bounds }]) => [name, bounds]),
    };
  }

  /** Observations of other buckets cannot be divided anew. */
  hasBucketsOf({ bounds = [] }: CountsSnapshot): boolean {
    return bounds.every(([name, kept]) => {
      const present = this.#histogramFamilies.get(name)?.bounds ?? kept;
      return present.length === kept.length && present.every((bound, i) => bound === kept[i]);
    });
  }

  restore({ counts, histograms }: CountsSnapshot): void {
    for (const [name, kept] of counts) this.#countFamilies.get(name)?.restore(kept);
    for (const [name, kept] of histograms) this.#histogramFamilies.get(name)?.restore(kept);
    this.#atHand.clear();
  }

  *#families(): Iterable<readonly [string, Family<Count> | HistogramFamily]> {
    yield* this.#countFamilies;
    yield* this.#histogramFamilies;
  }

  #attemptEnded(fact: AttemptEnded, context: FoldContext): void {
    const { receivedMs: sinceMs } = context;
    const { strategy, failureType, outcome, trigger } = fact;
    if (outcome === 'skipped') {
      this.skipped.at(sinceMs, strategy, fact.reason).n += 1;
      return;
    }
    const known = this.attempts.size;
    this.attempts.at(sinceMs, strategy, failureType, trigger).n += 1;
    if (this.attempts.size > known) announceAttempts(this, strategy, failureType, trigger, sinceMs);
    const { lastSuccess, succeededSeconds, failedSeconds } = this.#atHand.ofStrategy(strategy);
    if (outcome === 'failed') {
      this.attemptFailures.at(sinceMs, strategy, failureType, trigger).n += 1;
      if (fact.agentId !== undefined) this.agentAttemptFailures.at(sinceMs, fact.agentId).n += 1;
    } else {
      const last = lastSuccess.at(sinceMs);
      last.n = Math.max(last.n, fact.timeMs);
    }
    const series = outcome === 'failed' ? failedSeconds : succeededSeconds;
    this.attemptSeconds.observeOf(fact.durationMs / 1000, fact, context, series);
  }

  #incidentResolved(fact: IncidentResolved, context: FoldContext): void {
    const { receivedMs: sinceMs } = context;
    const { failureType, severity, agentId, resolution, strategy, recoveryMs } = fact;
    const ofType = this.#atHand.ofType(failureType);
    ofType.bySeverity.of(severity).open.at(sinceMs).n -= 1;
    if (agentId !== undefined) this.agentOpenIncidents.at(sinceMs, agentId).n -= 1;
    if (resolution === 'healed') ofType.healed.at(sinceMs).n += 1;
    else this.resolved.at(sinceMs, failureType, resolution).n += 1;
    this.incidentAttempts.observeOf(fact.attempts, fact, context, ofType.incidentAttempts);
    if (recoveryMs === undefined) return;
    const seconds = Math.max(0, recoveryMs) / 1000;
    this.recoverySeconds.observeOf(seconds, fact, context, ofType.recoverySeconds);
    if (strategy === undefined) return;
    const ofStrategy = this.#atHand.ofStrategy(strategy);
    ofStrategy.healedIncidents.at(sinceMs).n += 1;
    ofStrategy.healedSeconds.at(sinceMs).n += seconds;
  }

  #applyRarer(fact: Fact, sinceMs: number): void {
    switch (fact.kind) {
      case 'circuit_moved':
        this.circuitTransitions.at(sinceMs, fact.from, fact.to).n += 1;
        return;
      case 'degradation_moved': {
        const direction = fact.to > fact.from ? 'degrade' : 'restore';
        for (const known of ['degrade', 'restore']) {
          this.degradationTransitions.announce([fact.resource, known], sinceMs);
        }
        this.degradationTransitions.at(sinceMs, fact.resource, direction).n += 1;
        return;
      }
      case 'predicted': {
        const { failureType, predictor } = fact;
        this.failuresPredicted.announce([failureType], sinceMs);
        for (const outcome of PREDICTION_OUTCOMES) {
          this.predictionOutcomes.announce([failureType, predictor, outcome], sinceMs);
        }
        this.predictions.at(sinceMs, failureType, predictor).n += 1;
        this.confidence.observe(fact.confidence, sinceMs, predictor);
        return;
      }
      case 'prediction_settled': {
        const { failureType, predictor, outcome, leadMs } = fact;
        this.predictionOutcomes.at(sinceMs, failureType, predictor, outcome).n += 1;
        if (leadMs === undefined) return;
        this.leadSeconds.observe(leadMs / 1000, sinceMs, predictor);
        return;
      }
      case 'failure_was_predicted':
        this.failuresPredicted.at(sinceMs, fact.failureType).n += 1;
        return;
      default:
        return; // nothing to count
    }
  }

  #counts(name: string, open: readonly boolean[], labelSetsMax = LABEL_SETS_MAX): Family<Count> {
    const family = new Family<Count>({ open, labelSetsMax, create: () => ({ n: 0 }) });
    this.#countFamilies.set(name, family);
    return family;
  }

  /** Counts that go down again. */
  #levels(name: string, open: readonly boolean[], labelSetsMax = LABEL_SETS_MAX): Family<Count> {
    const create = (): Count => ({ n: 0 });
    const family = new Family<Count>({ open, labelSetsMax, goesDown: true, create });
    this.#countFamilies.set(name, family);
    return family;
  }

  #histograms(name: string, open: readonly boolean[], bounds: readonly number[]): HistogramFamily {
    const family = new HistogramFamily({ open, labelSetsMax: HISTOGRAM_LABEL_SETS_MAX, bounds });
    this.#histogramFamilies.set(name, family);
    return family;
  }
}
