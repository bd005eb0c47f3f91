/** What to do about it: the advice that a situation calls for. */
import type { LiveState } from '../core/state/live-state.js';
import { betterStrategies, preventable, timeSpent } from './improvement-advice.js';
import { predictionAdvice } from './prediction-advice.js';
import type { Figures, Recommendation, RecommendationSeverity } from './recommendation.js';
import type { FailureSituation, Situation } from './situation.js';
import { aboutStrategy, surelyBad } from './strategy-advice.js';
import { ratio } from './totals.js';
import { tuningAdvice } from './tuning-advice.js';
import { untried } from './untried-advice.js';

const LOW_RATE = 0.7;
const EXCELLENT_RATE = 0.95;
const SLOW_MS = 5_000;
/** Running out of something once or twice happens; three times is a shortage. */
const EXHAUSTIONS_MIN = 3;

const RESOURCE_WORDS = new Set(['resource', 'resources', 'exhaustion', 'exhausted']);
const TIMEOUT_WORDS = new Set(['timeout', 'timeouts', 'timedout']);
const DEGRADATION = 'GradualDegradationStrategy';
const BREAKER = 'CircuitBreakerStrategy';

export interface Live {
  readonly state: LiveState;
  readonly nowMs: number;
}

/**
 * All advice that stands, in the order of the original: overall, per strategy, recovery time, prevention,
 * resources, timeouts; then proposals.
 *
 * `live`: what parameters are computed from; without it none are looked at.
 * Units: rates 0–1, milliseconds.
 * Left out: skipped attempts. Advice about a strategy looks at its rate in the situation and at its live trend.
 * No data: only the word that all is well.
 * Errors: none.
 * Source: the six kinds of the original analytics, with its words.
 */
export function recommendations(situation: Situation, live?: Live): Recommendation[] {
  const advice = [
    ...overall(situation),
    ...situation.strategies.flatMap((strategy) => aboutStrategy(strategy, situation)),
    ...recoveryTime(situation),
    ...prevention(situation),
    ...resources(situation),
    ...timeouts(situation),
    ...untried(situation),
    ...betterStrategies(situation),
    ...timeSpent(situation),
    ...preventable(situation),
    ...(live === undefined ? [] : tuningAdvice(live.state, situation, live.nowMs)),
    ...predictionAdvice(situation),
  ];
  if (advice.some(({ severity }) => severity !== 'info')) return advice;
  return [...advice, allIsWell(situation)];
}

function overall({ attempts, succeeded, window }: Situation): Recommendation[] {
  const rate = ratio(succeeded, attempts);
  if (rate === undefined) return [];
  const evidence = { success_rate: rate, attempts, window };
  if (rate < LOW_RATE) {
    return [
      {
        id: 'overall:low_success_rate',
        kind: 'overall',
        severity: surelyBad(attempts, succeeded) ? 'critical' : 'warning',
        message: `Overall success rate is low (${percent(rate)}). Consider reviewing strategy configurations.`,
        evidence: { ...evidence, threshold: LOW_RATE },
        action: 'Review the strategies with the lowest success rates first.',
      },
    ];
  }
  if (rate <= EXCELLENT_RATE) return [];
  return [
    {
      id: 'overall:excellent_success_rate',
      kind: 'overall',
      severity: 'info',
      message: `Excellent success rate (${percent(rate)}). Current strategies are effective.`,
      evidence: { ...evidence, threshold: EXCELLENT_RATE },
      action: 'Keep the present strategies.',
    },
  ];
}

function recoveryTime({ mttrMs, restricted, recovered, window }: Situation): Recommendation[] {
  if (mttrMs === undefined || mttrMs <= SLOW_MS) return [];
  return [
    {
      id: 'mttr:high',
      kind: 'mttr',
      severity: 'warning',
      message: `MTTR is high (${Math.round(mttrMs)}ms). Consider optimizing healing strategies for faster recovery.`,
      evidence: {
        mttr_ms: mttrMs,
        mttr_restricted_ms: restricted?.meanMs ?? null,
        recovered,
        threshold_ms: SLOW_MS,
        window,
      },
      action: 'Look at the failure types with the longest recovery and their slowest strategies.',
    },
  ];
}

function prevention({ failureTypes, window }: Situation): Recommendation[] {
  const [most] = failureTypes;
  if (most === undefined) return [];
  const { failureType, failures } = most;
  const all = sumOfFailures(failureTypes);
  return [
    {
      id: `prevention:most_common:${failureType}`,
      kind: 'prevention',
      severity: 'info',
      failureType,
      message: `Most common failure: ${failureType} (${failures} occurrences). Implement preventive measures.`,
      evidence: { failures, share_of_failures: failures / all, window },
      action: `Find what '${failureType}' failures have in common and prevent it.`,
    },
  ];
}

function resources({ failureTypes, knownStrategies, window }: Situation): Recommendation[] {
  const short = failureTypes.filter(({ failureType }) => hasWord(failureType, RESOURCE_WORDS));
  const failures = sumOfFailures(short);
  if (failures < EXHAUSTIONS_MIN) return [];
  const enabled = knownStrategies.has(DEGRADATION);
  return [
    {
      id: 'resource:exhaustion',
      kind: 'resource',
      severity: severityOf(enabled),
      message: `Resource exhaustion detected ${failures} times. Enable ${DEGRADATION}.`,
      evidence: { ...namesOf(short), failures, strategy_enabled: enabled, window },
      action: enabled
        ? `${DEGRADATION} is in use: add capacity, or let it reduce service earlier.`
        : `Register ${DEGRADATION} for these failure types.`,
    },
  ];
}

function timeouts({ failureTypes, knownStrategies, window }: Situation): Recommendation[] {
  const timedOut = failureTypes.filter(({ failureType }) => hasWord(failureType, TIMEOUT_WORDS));
  const failures = sumOfFailures(timedOut);
  if (failures === 0) return [];
  const enabled = knownStrategies.has(BREAKER);
  return [
    {
      id: 'circuit_breaker:timeouts',
      kind: 'circuit_breaker',
      severity: severityOf(enabled),
      message: `Timeout failures detected. Enable ${BREAKER} to prevent cascading failures.`,
      evidence: { ...namesOf(timedOut), failures, strategy_enabled: enabled, window },
      action: enabled
        ? `${BREAKER} is in use: see that it guards what times out, or let it open earlier.`
        : `Register ${BREAKER} for these failure types.`,
    },
  ];
}

function allIsWell({ attempts, window }: Situation): Recommendation {
  return {
    id: 'overall:performing_well',
    kind: 'overall',
    severity: 'info',
    message: 'System is performing well. Continue monitoring.',
    evidence: { attempts, window },
    action: 'Nothing needs to be done.',
  };
}

/** Advice to enable what is already there is no warning any more. */
function severityOf(enabled: boolean): RecommendationSeverity {
  return enabled ? 'info' : 'warning';
}

function sumOfFailures(types: readonly FailureSituation[]): number {
  return types.reduce((sum, { failures }) => sum + failures, 0);
}

function namesOf(types: readonly FailureSituation[]): Figures {
  return { failure_types: types.map(({ failureType }) => failureType).join(', ') };
}

/** `task_timeout`, `task-timeout` and `TaskTimeout` all have the word. */
function hasWord(name: string, words: ReadonlySet<string>): boolean {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .some((word) => words.has(word));
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)}%`;
}
