/**
 * How often each failure type usually occurs, in steps of five minutes: its level, how that differs by hour of day,
 * and how much it scatters. What is unusual follows from these.
 */
import { betaCdf } from '../beta.js';
import type { IncidentOpened } from '../facts.js';
import { DAY_MS, HOUR_MS } from '../rollup.js';
import type { Fold } from './fold.js';

const STEP_MS = 300_000;
/** Types beyond these are left out. */
const FAILURE_TYPES_MAX = 2_000;
/** Steps that must have passed before anything is told: a week. */
const TRAINING_STEPS = (7 * DAY_MS) / STEP_MS;
/** Of the level and of the scatter; the hours forget in some weeks. */
const LEVEL_MEMORY = 0.02;
const SCATTER_MEMORY = 0.001;
const HOUR_MEMORY = 0.002;
/** Failures that an hour's factor starts with: few of its own say little. */
const HOUR_PRIOR = 10;
/** Deviations beyond so many standard deviations teach no more than these. */
const WINSOR = 4;
/** Keeps a negative binomial computable where nothing scatters more than by chance. */
const DISPERSION_MIN = 1e-4;
const LEVEL_MIN = 1e-3;

export interface RateReading {
  /** Failures in the step looked at, and how many were to be expected. */
  readonly failures: number;
  readonly expected: number;
  /** How likely so many or more are when nothing is unusual, 0–1. */
  readonly probability: number;
  /** Start of the step, Unix milliseconds. */
  readonly stepMs: number;
}

interface Track {
  firstStep: number;
  /** The step that is being counted. */
  step: number;
  count: number;
  level: number;
  /** Sums that forget: (deviation² − mean) and mean². */
  excess: number;
  square: number;
  /** Per hour of day, flat: failures, and level expected. */
  readonly hours: number[];
  /** Of the step before `step`. */
  last: RateReading | undefined;
}

export type FailureRatesSnapshot = readonly (readonly [string, Readonly<Track>])[];

export class FailureRates implements Fold<FailureRatesSnapshot, IncidentOpened> {
  #tracks = new Map<string, Track>();
  /** Those that have been silent, as they were read last: a silence of days is gone through once, not at every look. */
  #silent = new Map<string, Track>();

  apply(fact: IncidentOpened): void {
    const step = Math.floor(fact.timeMs / STEP_MS);
    let track = this.#tracks.get(fact.failureType);
    if (track === undefined) {
      if (this.#tracks.size >= FAILURE_TYPES_MAX) return;
      track = newTrack(step);
      this.#tracks.set(fact.failureType, track);
    }
    this.#silent.delete(fact.failureType);
    if (step > track.step) advance(track, step);
    // A late one would change a step that has been judged already.
    if (step === track.step) track.count += 1;
  }

  /** The more unusual of the present step and the one before. Undefined before a week has passed. */
  read(failureType: string, nowMs: number): RateReading | undefined {
    const track = this.#trackAt(failureType, Math.floor(nowMs / STEP_MS));
    if (track === undefined) return undefined;
    if (track.step - track.firstStep < TRAINING_STEPS) return undefined;
    const present = judge(track);
    const { last } = track;
    return last !== undefined && last.probability < present.probability ? last : present;
  }

  #trackAt(failureType: string, step: number): Readonly<Track> | undefined {
    const known = this.#tracks.get(failureType);
    if (known === undefined || step <= known.step) return known;
    const silent = this.#silent.get(failureType);
    if (silent?.step === step) return silent;
    const from = silent !== undefined && silent.step < step ? silent : known;
    const track = { ...from, hours: [...from.hours] };
    advance(track, step);
    this.#silent.set(failureType, track);
    return track;
  }

  failureTypes(): IterableIterator<string> {
    return this.#tracks.keys();
  }

  snapshot(): FailureRatesSnapshot {
    return [...this.#tracks];
  }

  restore(snapshot: FailureRatesSnapshot): void {
    this.#tracks = new Map(
      snapshot.map(([failureType, track]) => [
        failureType,
        { ...track, hours: [...track.hours], last: track.last },
      ]),
    );
    this.#silent.clear();
  }
}

/** Closes every step before `step`; of a silence longer than a week only its end. */
function advance(track: Track, step: number): void {
  if (step - track.step > TRAINING_STEPS) {
    close(track);
    track.step = step - TRAINING_STEPS;
    track.count = 0;
  }
  while (track.step < step) {
    track.last = judge(track);
    close(track);
    track.step += 1;
    track.count = 0;
  }
}

/** Learns from the step that has ended. */
function close(track: Track): void {
  const seen = Math.max(1, track.step - track.firstStep + 1);
  const factor = factorOf(track);
  const mean = Math.max(LEVEL_MIN, track.level * factor);
  const spread = Math.sqrt(mean + dispersionOf(track) * mean * mean);
  const count =
    seen < 24 ? track.count : Math.min(track.count, mean + WINSOR * Math.max(1, spread));
  const scatter = Math.max(SCATTER_MEMORY, 1 / seen);
  if (seen > 24) {
    track.excess += scatter * ((count - mean) ** 2 - mean - track.excess);
    track.square += scatter * (mean * mean - track.square);
  }
  const at = 2 * hourOf(track.step);
  track.hours[at] = (track.hours[at] ?? 0) * (1 - HOUR_MEMORY) + count;
  track.hours[at + 1] = (track.hours[at + 1] ?? 0) * (1 - HOUR_MEMORY) + track.level;
  const memory = Math.max(LEVEL_MEMORY, 1 / seen);
  track.level += memory * (count / factor - track.level);
}

function judge(track: Track): RateReading {
  const expected = Math.max(LEVEL_MIN, track.level * factorOf(track));
  const { count } = track;
  const size = 1 / Math.max(DISPERSION_MIN, dispersionOf(track));
  const probability = count === 0 ? 1 : betaCdf(expected / (expected + size), count, size);
  return { failures: count, expected, probability, stepMs: track.step * STEP_MS };
}

function factorOf({ hours, step }: Track): number {
  const at = 2 * hourOf(step);
  return ((hours[at] ?? 0) + HOUR_PRIOR) / ((hours[at + 1] ?? 0) + HOUR_PRIOR);
}

/** Variance beyond chance as a share of the squared mean; the level's own uncertainty comes on top. */
function dispersionOf({ excess, square }: Track): number {
  return Math.max(0, square === 0 ? 0 : excess / square) + LEVEL_MEMORY / 2;
}

function hourOf(step: number): number {
  return Math.floor((step * STEP_MS) / HOUR_MS) % 24;
}

function newTrack(step: number): Track {
  return {
    firstStep: step,
    step,
    count: 0,
    level: 0,
    excess: 0,
    square: 0,
    hours: Array.from({ length: 48 }, () => 0),
    last: undefined,
  };
}
