/**
 * Whether what is waited for takes longer than it did: attempts by strategy, recoveries by failure type. One
 * detector per name, fed in the order of time.
 */
import { DAY_MS } from '../rollup.js';
import type { AttemptEnded, AttemptNoLongerRunning, Fact, IncidentResolved } from '../facts.js';
import {
  DurationDetector,
  durationThreshold,
  type DurationChange,
  type FrozenDurationDetector,
} from './duration-detector.js';
import { resultsPerFalseAlarm, USUAL_BUDGET } from './false-alarms.js';
import type { Fold } from './fold.js';
import { countResult, evenRate, newRate, resultsPerDay, type ResultRate } from './result-rate.js';

export const DURATION_TRENDS = ['faster', 'stable', 'slower', 'insufficient_data'] as const;
export type DurationTrend = (typeof DURATION_TRENDS)[number];

/** Durations of a name below which no trend is told. */
const DURATIONS_MIN = 100;
/** Names beyond these have no trend. */
export const DURATIONS_FOLLOWED_MAX = 10_000;
/** How long a change stays news after it was found, at least, and until so many durations have followed it. */
const NEWS_MS = DAY_MS;
const NEWS_DURATIONS = 50;

/** What is known of one name at a moment. */
export interface DurationReading {
  readonly trend: DurationTrend;
  /** −1 (surely faster) … 1 (surely slower); undefined while data are insufficient. */
  readonly score: number | undefined;
  /** When the present trend began; undefined while it has been the same since the start. */
  readonly changedMs: number | undefined;
  /** Medians around the last change, as measured when it was found; undefined without one. */
  readonly beforeMs: number | undefined;
  readonly afterMs: number | undefined;
  /** Durations since the start, and since the last change. */
  readonly durations: number;
  readonly present: number;
  /** The verdict rests on something that has not ended yet. */
  readonly byGoingOn: boolean;
}

interface Track extends ResultRate {
  readonly detector: DurationDetector;
  durations: number;
  change: LastChange | undefined;
}

interface LastChange extends DurationChange {
  /** When it was found; undefined in snapshots of before it was kept. */
  readonly foundMs?: number | undefined;
  readonly settledMs: number | undefined;
}

export type DurationTrendsSnapshot = readonly (readonly [
  name: string,
  detector: FrozenDurationDetector,
  durations: number,
  change: LastChange | null,
  weekResults: number,
  watchedMs: number,
  newestMs: number,
  /** Absent in those of older releases. */
  dayResults?: number,
])[];

/** What is timed: whose it is, and how long it took; undefined for what is not. */
export interface Timed {
  readonly name: string;
  readonly timeMs: number;
  readonly durationMs: number;
  /** It did not end: it was waited for so long in vain. */
  readonly isGivenUp?: true;
}

/**
 * Successful attempts, by strategy. One that failed took as long as its healer's patience; one that was started and not
 * heard of again is given up.
 */
export function timedAttempt(fact: AttemptEnded | AttemptNoLongerRunning): Timed | undefined {
  if (fact.kind === 'attempt_no_longer_running') {
    const { strategy: name, timeMs, givenUpMs } = fact;
    if (givenUpMs === undefined) return undefined;
    return { name, timeMs: timeMs + givenUpMs, durationMs: givenUpMs, isGivenUp: true };
  }
  if (fact.outcome !== 'succeeded' || !fact.inOrder) return undefined;
  return { name: fact.strategy, timeMs: fact.timeMs, durationMs: fact.durationMs };
}

/** Recoveries, by failure type; an incident that expired is given up. */
export function timedRecovery(fact: IncidentResolved): Timed | undefined {
  const { failureType: name, timeMs, detectedMs, recoveryMs } = fact;
  if (recoveryMs !== undefined) return { name, timeMs, durationMs: recoveryMs };
  return { name, timeMs, durationMs: Math.max(0, timeMs - detectedMs), isGivenUp: true };
}

export class DurationTrends<F extends Fact> implements Fold<DurationTrendsSnapshot, F> {
  #tracks = new Map<string, Track>();

  constructor(
    private readonly timed: (fact: F) => Timed | undefined,
    private readonly budget = USUAL_BUDGET,
  ) {}

  apply(fact: F): void {
    const one = this.timed(fact);
    if (one === undefined) return;
    let track = this.#tracks.get(one.name);
    if (one.isGivenUp === true) {
      track?.detector.giveUp(one.durationMs, one.timeMs - one.durationMs);
      return;
    }
    if (track === undefined) {
      if (this.isFull) return;
      track = newTrack(one.timeMs);
      this.#tracks.set(one.name, track);
    }
    // As for success rates: what comes late has its place in the sums only.
    if (one.timeMs >= track.newestMs) this.#observe(track, one);
  }

  /** Names that come now have no trend. */
  get isFull(): boolean {
    return this.#tracks.size >= DURATIONS_FOLLOWED_MAX;
  }

  has(name: string): boolean {
    return this.#tracks.has(name);
  }

  /** Only the trend of a reading: it mostly needs no look at the evidence, which is dear. */
  trend(name: string, nowMs: number, goingOnMs: readonly number[] = []): DurationTrend {
    const track = this.#tracks.get(name);
    if (track === undefined || track.durations < DURATIONS_MIN) return 'insufficient_data';
    const { detector, change } = track;
    const standing = standingAt(change, nowMs);
    if (standing === 'slower' || goingOnMs.length === 0) return standing;
    const { nats, direction } = detector.evidenceGoingOn(goingOnMs, nowMs);
    if (direction !== 'slower' || nats < this.#thresholdOf(track)) return standing;
    return nats > detector.evidence().nats ? 'slower' : standing;
  }

  /** `goingOnMs`: ages of what has not ended yet. Undefined when nothing of the name has ended. */
  read(
    name: string,
    nowMs: number,
    goingOnMs: readonly number[] = [],
  ): DurationReading | undefined {
    const track = this.#tracks.get(name);
    if (track === undefined) return undefined;
    const { detector, change, durations } = track;
    const known = durations >= DURATIONS_MIN;
    const threshold = this.#thresholdOf(track);
    const ended = detector.evidence();
    const begun = detector.evidenceGoingOn(goingOnMs, nowMs);
    const isSlower = begun.direction === 'slower' && begun.nats > ended.nats;
    const { nats, direction } = isSlower ? begun : ended;
    const share = Math.min(1, Math.max(0, nats) / threshold);
    const standing = standingAt(change, nowMs);
    const isNewlySlower = known && isSlower && share === 1 && standing !== 'slower';
    const trend = isNewlySlower ? 'slower' : standing;
    return {
      trend: known ? trend : 'insufficient_data',
      score: known ? scoreOf(trend, direction === 'faster' ? 0 - share : share) : undefined,
      changedMs: known && !isNewlySlower ? changedMs(change, trend) : undefined,
      beforeMs: change?.beforeMs,
      afterMs: change?.afterMs,
      durations,
      present: detector.count,
      byGoingOn: isNewlySlower,
    };
  }

  names(): IterableIterator<string> {
    return this.#tracks.keys();
  }

  snapshot(): DurationTrendsSnapshot {
    return [...this.#tracks].map(([name, track]) => [
      name,
      track.detector.freeze(),
      track.durations,
      track.change ?? null,
      track.weekResults,
      track.watchedMs,
      track.newestMs,
      track.dayResults,
    ]);
  }

  restore(snapshot: DurationTrendsSnapshot): void {
    this.#tracks = new Map(
      snapshot.map(([name, detector, durations, change, weekResults, watchedMs, newestMs, day]) => {
        const known = { weekResults, watchedMs, newestMs };
        const rate = day === undefined ? evenRate(known) : { ...known, dayResults: day };
        const track: Track = {
          ...rate,
          detector: DurationDetector.thaw(detector),
          durations,
          change: change === null ? undefined : { ...change, settledMs: change.settledMs },
        };
        return [name, track];
      }),
    );
  }

  #observe(track: Track, { timeMs, durationMs }: Timed): void {
    countResult(track, timeMs);
    track.durations += 1;
    const threshold = track.detector.isLookDue ? this.#thresholdOf(track) : 0;
    const found = track.detector.observe(durationMs, timeMs, threshold);
    if (found !== undefined) track.change = { ...found, foundMs: timeMs, settledMs: undefined };
    const { change } = track;
    if (change?.settledMs === undefined && track.detector.count >= NEWS_DURATIONS) {
      if (change !== undefined) track.change = { ...change, settledMs: timeMs };
    }
  }

  #thresholdOf(track: Track): number {
    const flow = { perDay: resultsPerDay(track), streams: this.#tracks.size };
    return durationThreshold(resultsPerFalseAlarm(flow, this.budget));
  }
}

/** The trend as far as it rests on what has ended. */
function standingAt(
  change: LastChange | undefined,
  nowMs: number,
): Exclude<DurationTrend, 'insufficient_data'> {
  return change !== undefined && nowMs < newsUntilMs(change) ? change.direction : 'stable';
}

function newsUntilMs(change: LastChange): number {
  if (change.settledMs === undefined) return Number.POSITIVE_INFINITY;
  return Math.max((change.foundMs ?? change.timeMs) + NEWS_MS, change.settledMs);
}

function changedMs(change: LastChange | undefined, trend: DurationTrend): number | undefined {
  if (change === undefined) return undefined;
  return trend === 'stable' ? newsUntilMs(change) : change.timeMs;
}

function scoreOf(trend: DurationTrend, evidence: number): number {
  if (trend === 'slower') return 1;
  return trend === 'faster' ? -1 : evidence;
}

function newTrack(timeMs: number): Track {
  return {
    ...newRate(timeMs),
    detector: new DurationDetector(),
    durations: 0,
    change: undefined,
  };
}
