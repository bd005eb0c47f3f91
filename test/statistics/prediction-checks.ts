/** What is promised of scored predictions: who guesses is not called good, who knows is. */
import { describe, test } from 'vitest';
import { predictionScores, type PredictorScore } from '../../src/analysis/prediction-scores.js';
import { oddsAgainstChance } from '../../src/core/state/prediction-scores.js';
import type { FailureDetected, FailurePredicted, HealingEvent } from '../../src/core/event.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { logged } from '../support/events.js';
import { uniform } from '../support/random.js';
import { atLeast, atMost, mustExceed } from './table.js';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

export interface PredictionSizes {
  readonly seed: number;
  readonly runs: number;
}

interface World {
  /** Failures an hour, and how many come at once. */
  readonly perHour: number;
  readonly burst: number;
  /** Minutes that a prediction stands. */
  readonly standsMin: number;
  readonly predictions: number;
  /** Share of the predictions that know of a coming failure; the others guess. */
  readonly knowing: number;
  /** Guesses at even distances, or at any time. */
  readonly even: boolean;
}

const USUAL: World = {
  perHour: 2,
  burst: 1,
  standsMin: 10,
  predictions: 300,
  knowing: 0,
  even: false,
};

export function predictionChecks({ seed, runs }: PredictionSizes): void {
  describe('predictions', () => {
    test.each<[string, Partial<World>]>([
      ['at any time', {}],
      ['at even distances', { even: true }],
      ['of rare failures', { perHour: 0.3 }],
      ['of frequent failures', { perHour: 10 }],
      ['of bursts', { burst: 5 }],
      ['of bursts, at even distances', { burst: 5, even: true, standsMin: 30 }],
      ['for a long time', { standsMin: 60 }],
    ])('guessed %s are not called better than chance', (name, more) => {
      const scores = scoresOf({ ...USUAL, ...more }, seed, runs);
      const better = shareOf(scores, 'better_than_chance');
      atMost(`predictions guessed ${name}: called better`, better, 0.01);
      const none = shareOf(scores, 'no_better_than_chance');
      atLeast(`predictions guessed ${name}: called no better`, none, 0.8);
    });

    test.each<[string, Partial<World>, number]>([
      ['half of 300 know', { knowing: 0.5, predictions: 300 }, 0.95],
      ['a third of 600 knows', { knowing: 1 / 3, predictions: 600 }, 0.95],
      ['half of 300 know of bursts', { knowing: 0.5, predictions: 300, burst: 5 }, 0.95],
    ])('where %s they are called better than chance', (name, more, limit) => {
      const scores = scoresOf({ ...USUAL, ...more }, seed + 1, runs);
      const better = shareOf(scores, 'better_than_chance');
      atLeast(`predictions, ${name}: called better`, better, limit);
    });

    test('guessed of a whole fleet at one time they are not called better, whenever one looks', () => {
      const looks = Array.from({ length: runs }, (_, i) => fleetRun(uniform(seed + 7919 * i)));
      const name =
        'predictions guessed of a whole fleet, looked at every ten minutes: called better';
      atMost(name, looks.filter(({ called }) => called).length / runs, 0.01);
      const atOnce = looks.filter(({ calledAtOnce }) => calledAtOnce).length / runs;
      mustExceed(`each counted when it is settled, ${name}`, atOnce, 0.9);
    });
  });
}

const AGENTS = 200;
const FLEET_HOURS = 40;
const ROUNDS = 3;
const ROUND_MIN = 60;

/** Every agent fails once in two hours, and is predicted for an hour at the same time as all others. */
function fleetRun(random: () => number): { called: boolean; calledAtOnce: boolean } {
  const rounds = Array.from({ length: ROUNDS }, (_, n) => FLEET_HOURS * 60 + n * (ROUND_MIN + 1));
  const endMin = FLEET_HOURS * 60 + ROUNDS * (ROUND_MIN + 1);
  const events = Array.from({ length: AGENTS }, (_, a) => {
    const agentId = `a${a}`;
    // Another source has it watched.
    const ofAgent = [{ ...prediction(0, `${a}w`, 1), agentId, predictor: 'pattern' as const }];
    const failures: HealingEvent[] = [];
    for (let minute = 0; minute < endMin; minute -= 120 * Math.log(1 - random())) {
      failures.push({ ...failure(minute, `${a}-${failures.length}`), agentId });
    }
    const guesses = rounds.flatMap((minute, n) => [
      { ...prediction(minute, `${a}r${n}`, ROUND_MIN), agentId },
      // The housekeeping comes some seconds after the end.
      ending(minute + ROUND_MIN + 0.2, `${a}r${n}`),
    ]);
    return [...ofAgent, ...failures, ...guesses];
  });
  const inTime = events.flat().sort((a, b) => a.timeMs - b.timeMs);
  const state = new LiveState();
  let called = false;
  let calledAtOnce = false;
  let next = 0;
  for (let minute = FLEET_HOURS * 60; minute <= endMin; minute += 10) {
    const nowMs = START_MS + minute * MINUTE_MS;
    for (; (inTime[next]?.timeMs ?? Infinity) <= nowMs; next += 1) {
      const event = inTime[next];
      if (event !== undefined) state.apply(logged(event, state.seq + 1));
    }
    const score = predictionScores(state, nowMs).get('trend');
    called ||= score?.chance.verdict === 'better_than_chance';
    const settled = state.predictionScores.at(Infinity, []).get('trend')?.score;
    calledAtOnce ||=
      settled !== undefined && settled.tested >= 30 && oddsAgainstChance(settled) >= 100;
  }
  return { called, calledAtOnce };
}

function scoresOf(world: World, seed: number, runs: number): PredictorScore[] {
  return Array.from({ length: runs }, (_, i) => run(world, uniform(seed + 7919 * i)));
}

function shareOf(scores: readonly PredictorScore[], verdict: string): number {
  return scores.filter(({ chance }) => chance.verdict === verdict).length / scores.length;
}

function run(world: World, random: () => number): PredictorScore {
  const { perHour, burst, standsMin, predictions, knowing, even } = world;
  const lengthMin = Math.max(predictions * 20, (20 * 60) / perHour);
  const failures: number[] = [];
  const episodes = (lengthMin / 60) * (perHour / burst);
  for (let i = 0; i < episodes; i += 1) {
    const first = random() * lengthMin;
    for (let n = 0; n < burst; n += 1) failures.push(first + 10 * n * random());
  }
  const issued = Array.from({ length: predictions }, (_, i) => {
    if (random() < knowing) {
      const known = failures[Math.floor(random() * failures.length)] ?? 0;
      return Math.max(0, known - standsMin * random());
    }
    return even ? (i * lengthMin) / predictions : random() * lengthMin;
  });
  const events = [
    ...failures.map((minute, i) => failure(minute, i)),
    ...issued.map((minute, i) => prediction(minute, i, standsMin)),
    ...issued.map((minute, i) => ending(minute + standsMin, i)),
  ].sort((a, b) => a.timeMs - b.timeMs);
  const state = new LiveState();
  for (const event of events) state.apply(logged(event, state.seq + 1));
  const nowMs = START_MS + (lengthMin + 2 * standsMin) * MINUTE_MS;
  const score = predictionScores(state, nowMs).get('trend');
  if (score === undefined) throw new Error('nothing was predicted');
  return score;
}

function failure(minute: number, i: number | string): FailureDetected {
  return {
    ...about(minute, `f${i}`),
    type: 'selfhealer.failure.detected',
    failureId: `f${i}`,
    failureType: 'agent_down',
    agentId: undefined,
    severity: 'high',
  };
}

function prediction(minute: number, i: number | string, standsMin: number): FailurePredicted {
  return {
    ...about(minute, `p${i}`),
    type: 'selfhealer.failure.predicted',
    predictionId: `p${i}`,
    failureType: 'agent_down',
    agentId: undefined,
    confidence: 0.8,
    expectedInMs: (standsMin * MINUTE_MS) / 2,
    predictor: 'trend',
  };
}

function ending(minute: number, i: number | string): HealingEvent {
  return {
    ...about(minute, `e${i}`),
    type: 'selfhealer.prediction.resolved',
    predictionId: `p${i}`,
    outcome: 'expired',
  };
}

function about(minute: number, id: string) {
  return { source: '/swarms/alpha', id, timeMs: START_MS + Math.round(minute * MINUTE_MS) };
}
