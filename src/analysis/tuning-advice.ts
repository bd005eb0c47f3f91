/** Advice on parameters: retries that hardly heal, attempts that go on for nothing, trials and restarts too soon. */
import { addToBins, mergeBins, quantileMs, type Bins } from '../core/bins.js';
import { DAY_MS } from '../core/rollup.js';
import { middles, nthGreatest, type Histogram } from '../core/state/histogram.js';
import type { LiveState } from '../core/state/live-state.js';
import type { AttemptsOfNumber } from '../core/state/strategy-retries.js';
import { DAY_WINDOW } from '../core/state/windows.js';
import { attemptTimeout, LEAST_QUANTILE } from './attempt-timeout.js';
import { breakerOpenTime } from './breaker-open-time.js';
import { openedByType } from './open-incidents.js';
import type { Recommendation } from './recommendation.js';
import { restartCooldown } from './restart-cooldown.js';
import { retryLimit } from './retry-limit.js';
import type { Situation } from './situation.js';
import type { Durations } from './survival.js';

/** The strategies with the most attempts in the window have their parameters looked at. */
const TUNED_MAX = 100;
/** Attempts or trials beyond what the data call for, before that is worth saying. */
const BEYOND_MIN = 10;
/** Of a breaker's trials, the share that fails where it is tried too soon. */
const FAILED_TRIALS_MIN = 0.5;
const SINCE_BEGINNING = 'all';

/** One piece of advice for each parameter that the results contradict. */
export function tuningAdvice(
  state: LiveState,
  { strategies }: Pick<Situation, 'strategies'>,
  nowMs: number,
): Recommendation[] {
  const most = [...strategies]
    .filter(({ attempts }) => attempts > 0)
    .sort((a, b) => b.attempts - a.attempts)
    .slice(0, TUNED_MAX);
  const waitedMs = state.experience.waitedMs(nowMs);
  const isAnyTried = most.some(({ strategy }) => hasFailedTrials(state, strategy));
  const opened = openedByType(isAnyTried ? state.incidents.open : []);
  return most.flatMap(({ strategy }) => [
    ...tooManyRetries(state, strategy),
    ...tooPatient(state, strategy),
    ...triedTooSoon(state, { strategy, opened, nowMs }),
    ...tooSoonAgain(state, strategy, waitedMs.get(strategy)),
  ]);
}

function tooManyRetries({ retries }: LiveState, strategy: string): Recommendation[] {
  if (retries.beyondFirst(strategy) < BEYOND_MIN) return [];
  const known = retries.of(strategy);
  const { value, verdict, why, confidence, evidence } = retryLimit(known, SINCE_BEGINNING);
  if (verdict !== 'known' || value === null) return [];
  const beyond = attemptsBeyond(known, value);
  if (beyond < BEYOND_MIN) return [];
  return [
    {
      id: `tuning:retry_limit:${strategy}`,
      kind: 'tuning',
      severity: 'info',
      strategy,
      message: `Strategy '${strategy}' was tried ${beyond} times beyond its attempt ${value} on an incident: ${why}. Limit its retries.`,
      evidence: { ...evidence, retry_limit: value, attempts_beyond: beyond, confidence },
      action: `Set the retry limit of '${strategy}' to ${value}.`,
    },
  ];
}

function attemptsBeyond(known: readonly AttemptsOfNumber[], limit: number): number {
  return known.reduce((sum, { attempt, attempts }) => sum + (attempt > limit ? attempts : 0), 0);
}

function tooSoonAgain(
  { experience }: LiveState,
  strategy: string,
  waitedMs: readonly number[] | undefined,
): Recommendation[] {
  const relapses = experience.relapses(strategy);
  if (relapses === undefined) return [];
  const { value, verdict, why, confidence, evidence } = restartCooldown(relapses, {
    window: SINCE_BEGINNING,
    waitedMs,
  });
  if (verdict !== 'known' || value === null || value === 0) return [];
  return [
    {
      id: `tuning:restart_cooldown:${strategy}`,
      kind: 'tuning',
      severity: 'info',
      strategy,
      message: `After '${strategy}' agents fail again soon: ${why}. Wait before it is used on them again.`,
      evidence: { ...evidence, restart_cooldown_ms: value, confidence },
      action: `Set the cooldown of '${strategy}' to about ${roughly(value)} ms.`,
    },
  ];
}

/** Attempts that failed after having gone on for longer than those that succeed. */
function tooPatient({ counts }: LiveState, strategy: string): Recommendation[] {
  const failed = counts.attemptSeconds.find([strategy, 'failed']);
  if (failed === undefined || failed.count < BEYOND_MIN) return [];
  const healed = counts.attemptSeconds.find([strategy, 'succeeded']);
  if (healed === undefined || !mayOutlast(failed, healed)) return [];
  const succeeded = durationsIn(healed);
  const { value, verdict, why, confidence, evidence } = attemptTimeout(succeeded, SINCE_BEGINNING);
  if (verdict !== 'known' || value === null) return [];
  let beyond = 0;
  for (const [seconds, count] of middles(failed)) if (seconds * 1000 > value) beyond += count;
  if (beyond < BEYOND_MIN) return [];
  const timeoutMs = roughly(value);
  return [
    {
      id: `tuning:attempt_timeout:${strategy}`,
      kind: 'tuning',
      severity: 'info',
      strategy,
      message: `Strategy '${strategy}' failed ${beyond} times after more than ${timeoutMs} ms: ${why}. Give up sooner.`,
      evidence: { ...evidence, attempt_timeout_ms: value, failed_beyond: beyond, confidence },
      action: `Set the attempt timeout of '${strategy}' to about ${timeoutMs} ms.`,
    },
  ];
}

/**
 * False where too few failed attempts are longer than the timeout, whatever it is: a timeout leaves out no more than
 * every tenth success, so it is no shorter than the last one that it takes in.
 */
function mayOutlast(failed: Readonly<Histogram>, succeeded: Readonly<Histogram>): boolean {
  const leftOutMax = succeeded.count - Math.floor(LEAST_QUANTILE * succeeded.count);
  return nthGreatest(failed, BEYOND_MIN) > nthGreatest(succeeded, leftOutMax + 1);
}

/** Breakers that mostly open again because they are tried before half of the incidents have recovered. */
function triedTooSoon(state: LiveState, asked: IncidentsAsked): Recommendation[] {
  const { strategy } = asked;
  const trials = state.breakerTrials.of(strategy);
  if (trials === undefined || !hasFailedTrials(state, strategy)) return [];
  const { passed, failed, failedAfterMs } = trials;
  const failedShare = failed / (passed + failed);
  const openMs = quantileMs(failedAfterMs, 0.5) ?? 0;
  const watched = incidentsOf(state, asked);
  const { value, why, confidence, evidence } = breakerOpenTime(watched, DAY_WINDOW.name);
  // Only where they were surely tried sooner: below the interval of the time that is called for.
  if (value === null || failedShare < FAILED_TRIALS_MIN) return [];
  if (openMs >= Number(evidence['p50_lower_ms'] ?? 0)) return [];
  return [
    {
      id: `tuning:breaker_open_time:${strategy}`,
      kind: 'tuning',
      severity: 'info',
      strategy,
      message: `Breakers of '${strategy}' opened again after ${failed} of ${passed + failed} trials, which came after ${roughly(openMs)} ms typically: ${why}. Keep them open longer.`,
      evidence: {
        ...evidence,
        breaker_open_ms: value,
        trials: passed + failed,
        failed_trials: failed,
        failed_after_p50_ms: openMs,
        trials_window: SINCE_BEGINNING,
        confidence,
      },
      action: `Keep breakers of '${strategy}' open for about ${roughly(value)} ms.`,
    },
  ];
}

function hasFailedTrials({ breakerTrials }: LiveState, strategy: string): boolean {
  return (breakerTrials.of(strategy)?.failed ?? 0) >= BEYOND_MIN;
}

interface IncidentsAsked {
  readonly strategy: string;
  /** When the open incidents were detected, by failure type. */
  readonly opened: ReadonlyMap<string, readonly number[]>;
  readonly nowMs: number;
}

/** Of the failure types that it was tried on, over the last day. */
function incidentsOf(state: LiveState, { strategy, opened, nowMs }: IncidentsAsked): Durations {
  const recovered: Bins = new Map();
  const censored: Bins = new Map();
  const types = state.pairTrends.read(strategy, nowMs);
  for (const failureType of types.keys()) {
    const cohort = state.cohorts.cohort(failureType, DAY_WINDOW, nowMs);
    mergeBins(recovered, cohort.recovered);
    mergeBins(censored, cohort.censored);
    for (const openedMs of opened.get(failureType) ?? []) {
      const ageMs = Math.max(0, nowMs - openedMs);
      if (ageMs < DAY_MS) addToBins(censored, ageMs);
    }
  }
  return { recovered, censored };
}

function durationsIn(histogram: Readonly<Histogram>): Bins {
  const bins: Bins = new Map();
  for (const [seconds, count] of middles(histogram)) addToBins(bins, seconds * 1000, count);
  return bins;
}

/** Two digits: the advice is not to change with every event. */
function roughly(value: number): number {
  return Number(value.toPrecision(2));
}
