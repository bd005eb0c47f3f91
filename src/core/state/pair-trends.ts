/**
 * Where the success rate of each strategy on each failure type is heading. It tells a strategy that got worse from
 * one that got other failures. As SuccessTrends, but looked at on every eighth attempt: there are many more pairs.
 */
import type { AttemptEnded } from '../facts.js';
import { DAY_MS } from '../rollup.js';
import {
  alarmThreshold,
  ChangeDetector,
  type Change,
  type FrozenDetector,
  type Regime,
} from './change-detector.js';
import { resultsPerFalseAlarm, USUAL_BUDGET } from './false-alarms.js';
import type { Fold } from './fold.js';
import {
  countResult,
  decayedMs,
  evenRate,
  newRate,
  resultsPerDay,
  type ResultRate,
} from './result-rate.js';
import { TREND_ATTEMPTS_MIN, type Trend } from './success-trend.js';

/** Pairs that come later have counts and rates, and no trend. */
export const PAIRS_FOLLOWED_MAX = 10_000;
const LOOK_EVERY = 8;
const NEWS_MS = DAY_MS;
const NEWS_ATTEMPTS = 50;

export interface PairReading {
  readonly trend: Trend;
  readonly changedMs: number | undefined;
  readonly before: number | undefined;
  /** Attempts since the last change, or since the start. */
  readonly present: Regime;
  /** Since then, dated before one of the strategy that was there already: `present` does not have them. */
  readonly attemptsLate: number;
}

export interface PairRegime {
  readonly strategy: string;
  readonly failureType: string;
  readonly attempts: number;
  readonly succeeded: number;
}

/** Attempts dated before one of the strategy that was there already, but not before the last change of the pair. */
interface LateAttempts {
  attempts: number;
  succeeded: number;
}

interface Track extends ResultRate {
  readonly detector: ChangeDetector;
  attempts: number;
  change: FoundChange | undefined;
  /** Undefined without any. */
  late: LateAttempts | undefined;
  /** As read last, until the next attempt: most pairs rest between two looks. */
  regime: PairRegime | undefined;
}

interface FoundChange extends Change {
  /** When it was found; undefined in snapshots of before it was kept. */
  readonly foundMs?: number | undefined;
}

export type PairTrendsSnapshot = readonly (readonly [
  strategy: string,
  failureType: string,
  detector: FrozenDetector,
  attempts: number,
  /** In those of older releases, which end with the change: the time of the first attempt. */
  watchedMs: number,
  newestMs: number,
  change: FoundChange | null,
  weekResults?: number,
  dayResults?: number,
  /** Absent in those of older releases. */
  late?: LateAttempts | null,
])[];

export class PairTrends implements Fold<PairTrendsSnapshot, AttemptEnded> {
  #byStrategy = new Map<string, Map<string, Track>>();
  #size = 0;

  constructor(private readonly budget = USUAL_BUDGET) {}

  /** The change of the pair's success rate that the attempt has shown, if it has. */
  apply(fact: AttemptEnded): Change | undefined {
    if (fact.outcome === 'skipped') return undefined;
    const { strategy, failureType, timeMs } = fact;
    let track = this.#byStrategy.get(strategy)?.get(failureType);
    if (track === undefined) {
      if (this.isFull) return undefined;
      track = newTrack(new ChangeDetector(), newRate(timeMs));
      this.#set(strategy, failureType, track);
    }
    track.regime = undefined;
    if (!fact.inOrder) {
      countLate(track, fact);
      return undefined;
    }
    // What came late has no part in the rate.
    if (track.attempts === 0) track.newestMs = timeMs;
    track.attempts += 1;
    countResult(track, timeMs);
    const look = track.attempts % LOOK_EVERY === 0;
    const threshold = look ? this.#thresholdOf(track) : 0;
    const found = track.detector.observe(fact.outcome === 'succeeded', timeMs, threshold, look);
    if (found !== undefined) {
      track.change = { ...found, foundMs: timeMs };
      track.late = undefined;
    }
    return found;
  }

  /** Pairs that come now have no trend. */
  get isFull(): boolean {
    return this.#size >= PAIRS_FOLLOWED_MAX;
  }

  has(strategy: string, failureType: string): boolean {
    return this.#byStrategy.get(strategy)?.has(failureType) === true;
  }

  /** When an attempt of the strategy on the type ended last; undefined where none is followed. */
  newestMs(strategy: string, failureType: string): number | undefined {
    return this.#byStrategy.get(strategy)?.get(failureType)?.newestMs;
  }

  /** The newest change of any strategy on a failure type; undefined without one. */
  newestChangeMs(failureType: string): number | undefined {
    let newestMs: number | undefined;
    for (const pairs of this.#byStrategy.values()) {
      const timeMs = pairs.get(failureType)?.change?.timeMs;
      if (timeMs !== undefined) newestMs = Math.max(newestMs ?? timeMs, timeMs);
    }
    return newestMs;
  }

  /** By failure type, those that the strategy was tried on. */
  read(strategy: string, nowMs: number): ReadonlyMap<string, PairReading> {
    const pairs = this.#byStrategy.get(strategy) ?? new Map<string, Track>();
    return new Map(
      [...pairs].map(([failureType, track]) => [failureType, readingOf(track, nowMs)]),
    );
  }

  /** The attempts of every pair since its last change, also those that came late. */
  regimes(): PairRegime[] {
    const all: PairRegime[] = [];
    for (const [strategy, pairs] of this.#byStrategy) {
      for (const [failureType, track] of pairs) {
        track.regime ??= regimeOf(strategy, failureType, track);
        all.push(track.regime);
      }
    }
    return all;
  }

  snapshot(): PairTrendsSnapshot {
    return [...this.#byStrategy].flatMap(([strategy, pairs]) =>
      [...pairs].map(
        ([failureType, track]) =>
          [
            strategy,
            failureType,
            track.detector.freeze(),
            track.attempts,
            track.watchedMs,
            track.newestMs,
            track.change ?? null,
            track.weekResults,
            track.dayResults,
            track.late === undefined ? null : { ...track.late },
          ] as const,
      ),
    );
  }

  restore(snapshot: PairTrendsSnapshot): void {
    this.#byStrategy.clear();
    this.#size = 0;
    for (const frozen of snapshot) {
      const [strategy, failureType, detector, attempts, , , change] = frozen;
      const track = newTrack(ChangeDetector.thaw(detector), rateOf(frozen));
      track.attempts = attempts;
      track.change = change ?? undefined;
      track.late = frozen[9] ?? undefined;
      this.#set(strategy, failureType, track);
    }
  }

  #thresholdOf(track: Track): number {
    const flow = { perDay: resultsPerDay(track), streams: this.#size };
    return alarmThreshold(resultsPerFalseAlarm(flow, this.budget));
  }

  #set(strategy: string, failureType: string, track: Track): void {
    const pairs = this.#byStrategy.get(strategy);
    if (pairs === undefined) this.#byStrategy.set(strategy, new Map([[failureType, track]]));
    else pairs.set(failureType, track);
    this.#size += 1;
  }
}

function newTrack(detector: ChangeDetector, rate: ResultRate): Track {
  // Written out: what is spread into an object takes more memory.
  const { weekResults, dayResults, watchedMs, newestMs } = rate;
  return {
    detector,
    attempts: 0,
    change: undefined,
    late: undefined,
    regime: undefined,
    weekResults,
    dayResults,
    watchedMs,
    newestMs,
  };
}

/** Of an older release the rate since the first attempt is known. */
function rateOf(frozen: PairTrendsSnapshot[number]): ResultRate {
  const [, , , attempts, watchedMs, newestMs, , weekResults, dayResults] = frozen;
  if (weekResults !== undefined && dayResults !== undefined) {
    return { weekResults, dayResults, watchedMs, newestMs };
  }
  const ms = newestMs - watchedMs;
  const decayed = decayedMs(ms);
  const share = ms === 0 ? 1 : decayed / ms;
  return evenRate({ weekResults: attempts * share, watchedMs: decayed, newestMs });
}

/** What is dated before the last change says nothing about the rate since. */
function countLate(track: Track, { timeMs, outcome }: AttemptEnded): void {
  if (track.change !== undefined && timeMs <= track.change.timeMs) return;
  track.late ??= { attempts: 0, succeeded: 0 };
  track.late.attempts += 1;
  if (outcome === 'succeeded') track.late.succeeded += 1;
}

function regimeOf(strategy: string, failureType: string, { detector, late }: Track): PairRegime {
  return {
    strategy,
    failureType,
    attempts: detector.attempts + (late?.attempts ?? 0),
    succeeded: detector.successes + (late?.succeeded ?? 0),
  };
}

function readingOf({ attempts, change, detector, late }: Track, nowMs: number): PairReading {
  const isNews =
    change !== undefined &&
    (nowMs < (change.foundMs ?? change.timeMs) + NEWS_MS || detector.attempts < NEWS_ATTEMPTS);
  const known = isNews ? change.direction : 'stable';
  return {
    trend: attempts < TREND_ATTEMPTS_MIN ? 'insufficient_data' : known,
    changedMs: isNews ? change.timeMs : undefined,
    before: change?.before,
    present: detector.regime,
    attemptsLate: late?.attempts ?? 0,
  };
}
