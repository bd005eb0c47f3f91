/**
 * Where each strategy's success rate is heading: one change detector per strategy (two where its rate goes with the
 * hour of the day), fed in the order of its attempts. Times are event times, so the same log gives the same verdicts.
 */
import type { AttemptEnded } from '../facts.js';
import {
  alarmThreshold,
  type Evidence,
  type FrozenDetector,
  type Regime,
} from './change-detector.js';
import { resultsPerFalseAlarm, USUAL_BUDGET } from './false-alarms.js';
import type { Fold } from './fold.js';
import { NEWS_ATTEMPTS, newsUntilMs, type LastChange } from './last-change.js';
import { PhasedDetector, type FrozenSeason, type PhasesReading } from './phased-detector.js';
import { SeasonRows } from './season-watch.js';
import { nextWord, RECOMMENDATION_WORDS, type RecommendationWord } from './recommendation-word.js';
import { countResult, evenRate, resultsPerDay, type ResultRate } from './result-rate.js';

export const TRENDS = ['improving', 'stable', 'degrading', 'insufficient_data'] as const;
export type Trend = (typeof TRENDS)[number];

/** Strategies beyond these have no trend. */
export const STRATEGIES_FOLLOWED_MAX = 10_000;
/** Attempts of a strategy below which no trend is told. */
export const TREND_ATTEMPTS_MIN = 100;
/** A word is looked at again after every attempt at first, then after every 8th and every 64th. */
const DENSE_UNTIL = 128;
const SPARSE_FROM = 1_024;

/** What is known of one strategy at a moment. */
export interface TrendReading {
  readonly trend: Trend;
  /** −1 (surely degrading) … 1 (surely improving); undefined while data are insufficient. */
  readonly score: number | undefined;
  /**
   * How much speaks for a change, as a natural logarithm: while one stands, what it was found with; else what speaks
   * for one since. Undefined while data are insufficient, or nothing could be a change.
   */
  readonly nats: number | undefined;
  /** When the present trend began; undefined while it has been the same since the start. */
  readonly changedMs: number | undefined;
  /** Success rates around the last change, as measured when it was found; undefined without one. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Present rate minus the one before the last change (in a half of the day both of it); undefined without one. */
  readonly delta: number | undefined;
  /** Attempts since the last change, or since the start. */
  readonly present: Regime;
  /** Attempts since the start that came in order. */
  readonly attempts: number;
  /** Since the start, dated before one of the strategy that was there already: the trend does not have them. */
  readonly attemptsLate: number;
  readonly word: RecommendationWord;
  /** The halves of the day that are judged apart; undefined where no daily pattern is known. */
  readonly phases: PhasesReading | undefined;
}

interface Track extends ResultRate {
  readonly detector: PhasedDetector;
  attempts: number;
  attemptsLate: number;
  /** Of the last alarm. */
  change: LastChange | undefined;
  word: RecommendationWord;
  /** What was read last, until the next attempt. */
  last: LastReading | undefined;
}

interface LastReading {
  /** Whether the last change was still news: nothing else that was read rests on the time. */
  readonly isNews: boolean;
  /** How many there were: thresholds rest on it. */
  readonly strategies: number;
  readonly reading: TrendReading;
}

type FrozenTrack = readonly [
  strategy: string,
  detector: FrozenDetector,
  attempts: number,
  change: LastChange | null,
  weekResults: number,
  watchedMs: number,
  newestMs: number,
  word: number,
  /** Absent in those of older releases: the watch for a daily pattern then begins where they are taken up. */
  season?: FrozenSeason,
  /** Absent in those of older releases, as what follows. */
  dayResults?: number,
  attemptsLate?: number,
];
export type SuccessTrendsSnapshot = readonly FrozenTrack[];

export class SuccessTrends implements Fold<SuccessTrendsSnapshot, AttemptEnded> {
  #tracks = new Map<string, Track>();
  #rows = new SeasonRows();

  constructor(private readonly budget = USUAL_BUDGET) {}

  apply(fact: AttemptEnded): void {
    if (fact.outcome === 'skipped') return;
    let track = this.#tracks.get(fact.strategy);
    if (track === undefined) {
      if (this.isFull) return;
      track = newTrack(fact.timeMs, new PhasedDetector(this.#rows));
      this.#tracks.set(fact.strategy, track);
    }
    if (fact.inOrder) this.#observe(track, fact);
    else countLate(track);
  }

  /** Strategies that come now have no trend. */
  get isFull(): boolean {
    return this.#tracks.size >= STRATEGIES_FOLLOWED_MAX;
  }

  has(strategy: string): boolean {
    return this.#tracks.has(strategy);
  }

  /** Undefined when no attempt of it has been seen. */
  read(strategy: string, nowMs: number): TrendReading | undefined {
    const track = this.#tracks.get(strategy);
    if (track === undefined) return undefined;
    const strategies = this.#tracks.size;
    const { last, change } = track;
    const isNews = change !== undefined && nowMs < newsUntilMs(change);
    if (last?.isNews === isNews && last.strategies === strategies) return last.reading;
    const reading = readingOf(track, nowMs, this.#thresholdOf(track));
    track.last = { isNews, strategies, reading };
    return reading;
  }

  /** In the order in which they were first seen. */
  strategies(): IterableIterator<string> {
    return this.#tracks.keys();
  }

  snapshot(): SuccessTrendsSnapshot {
    return [...this.#tracks].map(([strategy, track]) => [
      strategy,
      track.detector.freeze(),
      track.attempts,
      track.change ?? null,
      track.weekResults,
      track.watchedMs,
      track.newestMs,
      RECOMMENDATION_WORDS.indexOf(track.word),
      track.detector.freezeSeason(),
      track.dayResults,
      track.attemptsLate,
    ]);
  }

  restore(snapshot: SuccessTrendsSnapshot): void {
    this.#rows = new SeasonRows();
    this.#tracks = new Map(snapshot.map((frozen) => [frozen[0], thaw(frozen, this.#rows)]));
  }

  #observe(track: Track, { outcome, timeMs }: AttemptEnded): void {
    // What came late has no part in the rate.
    if (track.attempts === 0) track.newestMs = timeMs;
    countResult(track, timeMs);
    track.attempts += 1;
    track.last = undefined;
    const { detector } = track;
    const found = detector.observe(outcome === 'succeeded', timeMs, this.#thresholdOf(track));
    if (found !== undefined) track.change = { ...found, foundMs: timeMs, settledMs: undefined };
    const { change } = track;
    if (change !== undefined && detector.attempts >= NEWS_ATTEMPTS) change.settledMs ??= timeMs;
    if (found !== undefined || isWordDue(detector.attempts)) {
      const { attempts, successes } = detector;
      track.word = nextWord(track.word, {
        attempts,
        successes,
        degrading: isDegrading(track, timeMs),
      });
    }
  }

  #thresholdOf(track: Track): number {
    const flow = { perDay: resultsPerDay(track), streams: this.#tracks.size };
    return alarmThreshold(resultsPerFalseAlarm(flow, this.budget));
  }
}

function countLate(track: Track): void {
  track.attemptsLate += 1;
  track.last = undefined;
}

function readingOf(track: Track, nowMs: number, threshold: number): TrendReading {
  const { attempts, attemptsLate, change, detector } = track;
  const trend = trendAt(track, nowMs);
  const present = detector.regime;
  const { attempts: since, successes } = present;
  const degrading = trend === 'degrading';
  const isKnown = trend !== 'insufficient_data';
  const evidence = trend === 'stable' ? detector.evidence() : undefined;
  return {
    trend,
    score: scoreOf(trend, evidence, detector.threshold(threshold)),
    nats: natsOf(track, trend, evidence),
    changedMs: isKnown ? changedMs(change, trend) : undefined,
    before: change?.before,
    after: change?.after,
    delta: deltaOf(track),
    present,
    attempts,
    attemptsLate,
    word: nextWord(track.word, { attempts: since, successes, degrading }),
    phases: detector.phases,
  };
}

function trendAt({ attempts, change }: Track, nowMs: number): Trend {
  if (attempts < TREND_ATTEMPTS_MIN) return 'insufficient_data';
  return change !== undefined && nowMs < newsUntilMs(change) ? change.direction : 'stable';
}

function isDegrading(track: Track, nowMs: number): boolean {
  return trendAt(track, nowMs) === 'degrading';
}

function changedMs(change: LastChange | undefined, trend: Trend): number | undefined {
  if (change === undefined) return undefined;
  return trend === 'stable' ? newsUntilMs(change) : change.timeMs;
}

/** `evidence`: for a change since the last one, where none stands. */
function scoreOf(trend: Trend, evidence: Evidence | undefined, threshold: number) {
  if (trend === 'improving') return 1;
  if (trend === 'degrading') return -1;
  if (evidence === undefined) return undefined;
  const share = Math.min(1, Math.max(0, evidence.nats) / threshold);
  return evidence.direction === 'degrading' ? 0 - share : share;
}

function deltaOf({ change, detector: { rateSinceChange } }: Track): number | undefined {
  if (change === undefined || rateSinceChange === undefined) return undefined;
  return rateSinceChange - change.before;
}

function natsOf({ change }: Track, trend: Trend, evidence: Evidence | undefined) {
  if (trend === 'insufficient_data') return undefined;
  if (evidence === undefined) return change?.nats;
  return Number.isFinite(evidence.nats) ? evidence.nats : undefined;
}

function isWordDue(attempts: number): boolean {
  if (attempts < DENSE_UNTIL) return true;
  return attempts % (attempts < SPARSE_FROM ? 8 : 64) === 0;
}

/** Written out: what is spread into an object takes more memory, and there are ten thousand. */
function newTrack(timeMs: number, detector: PhasedDetector): Track {
  return {
    detector,
    attempts: 0,
    attemptsLate: 0,
    change: undefined,
    weekResults: 0,
    dayResults: 0,
    watchedMs: 0,
    newestMs: timeMs,
    word: 'insufficient_data',
    last: undefined,
  };
}

function thaw(frozen: FrozenTrack, rows: SeasonRows): Track {
  const [, detector, attempts, change, weekResults, watchedMs, newestMs, word, season] = frozen;
  const [, , , , , , , , , dayResults, attemptsLate] = frozen;
  const track = newTrack(newestMs, PhasedDetector.thaw(detector, season, rows));
  track.attempts = attempts;
  track.attemptsLate = attemptsLate ?? 0;
  track.change = change === null ? undefined : { ...change, settledMs: change.settledMs };
  track.weekResults = weekResults;
  track.dayResults = dayResults ?? evenRate({ weekResults, watchedMs, newestMs }).dayResults;
  track.watchedMs = watchedMs;
  track.word = RECOMMENDATION_WORDS[word] ?? 'insufficient_data';
  return track;
}
