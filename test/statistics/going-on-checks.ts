/** What the trend of durations makes of what has not ended yet: long by selection, and sometimes hanging. */
import { describe, test } from 'vitest';
import type { Fact } from '../../src/core/facts.js';
import { DurationDetector, durationThreshold } from '../../src/core/state/duration-detector.js';
import { DurationTrends, type DurationReading } from '../../src/core/state/duration-trend.js';
import { resultsPerFalseAlarm, USUAL_BUDGET } from '../../src/core/state/false-alarms.js';
import { normal, uniform } from '../support/random.js';
import { median } from './streams.js';
import { atMost, mustExceed, told } from './table.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TYPICAL_MS = HOUR / 2;
const LOOK_EVERY_MS = 3.01 * HOUR;
const SHARE_MAX = 0.015;

interface One {
  readonly startMs: number;
  readonly endMs: number;
}

interface Look {
  readonly nowMs: number;
  readonly reading: DurationReading | undefined;
  readonly agesMs: readonly number[];
}

export function goingOnChecks({ seed, repeats }: { seed: number; repeats: number }): void {
  describe('what goes on in a stream that does not change', () => {
    test.each([
      [1, 40],
      [5, 20],
      [20, 8],
      [50, 6],
      [100, 5],
      [300, 4],
    ])('%i an hour', (perHour, days) => {
      let looks = 0;
      let slower = 0;
      let naive = 0;
      for (let i = 0; i < repeats; i += 1) {
        const all = stream({ perHour, days, random: uniform(seed + 7919 * i + perHour) });
        const threshold = durationThreshold(
          resultsPerFalseAlarm({ perDay: 24 * perHour, streams: 1 }, USUAL_BUDGET),
        );
        for (const { reading, nowMs, agesMs } of looksAt(all, days * DAY)) {
          looks += 1;
          if (reading?.byGoingOn === true) slower += 1;
          if (longestAdded(all, nowMs, agesMs) >= threshold) naive += 1;
        }
      }
      const check = `going on, ${perHour} an hour: share of looks called slower by it`;
      atMost(check, slower / looks, SHARE_MAX);
      if (perHour >= 20)
        mustExceed(`the longest added as they are, ${check}`, naive / looks, SHARE_MAX);
    });
  });

  test.each([
    [5, 1],
    [20, 1],
    [100, 1],
    [20, 0.5],
    [100, 0.5],
  ])('%i an hour, of which a share of %d hangs from a moment on', (perHour, share) => {
    const delays = hangingDelays({ perHour, share, seed, repeats });
    atMost(
      `${perHour} an hour, ${100 * share} % hang: median hours until called slower`,
      median(delays) / HOUR,
      5,
    );
  });

  smallShareChecks({ seed, repeats });
}

/** A small share moves the mean of the scores by less than what is looked for: told, not promised. */
function smallShareChecks({ seed, repeats }: { seed: number; repeats: number }): void {
  test.each([
    [20, 0.1],
    [100, 0.1],
    [20, 0.2],
    [100, 0.2],
    [20, 0.3],
    [100, 0.3],
  ])('%i an hour, of which only a share of %d hangs', (perHour, share) => {
    const found = hangingDelays({ perHour, share, seed, repeats }).filter((ms) => ms < Infinity);
    const named = `${perHour} an hour, ${100 * share} % hang: called slower within two days`;
    told(named, found.length / repeats);
  });
}

interface Hanging {
  readonly perHour: number;
  /** That hangs from the eighth day on. */
  readonly share: number;
  readonly seed: number;
  readonly repeats: number;
}

/** Milliseconds until the stream is called slower; Infinity where it is not within two days. */
function hangingDelays({ perHour, share, seed, repeats }: Hanging): number[] {
  const hungMs = 8 * DAY;
  return Array.from({ length: repeats }, (_, i) => {
    const random = uniform(seed + 104_729 + 7919 * i + perHour);
    const all = stream({ perHour, days: 10, random }).map((one) =>
      one.startMs < hungMs || random() >= share ? one : { ...one, endMs: Infinity },
    );
    const found = looksAt(all, 10 * DAY, HOUR / 4).find(
      ({ nowMs, reading }) =>
        nowMs > hungMs && (reading?.byGoingOn === true || reading?.trend === 'slower'),
    );
    return (found?.nowMs ?? Infinity) - hungMs;
  });
}

interface Stream {
  readonly perHour: number;
  readonly days: number;
  readonly random: () => number;
}

/** Lognormal durations of half an hour, sigma 1.2, that begin at any moment. */
function stream({ perHour, days, random }: Stream): One[] {
  const gaussian = normal(random);
  const all: One[] = [];
  let startMs = 0;
  while (startMs < days * DAY) {
    startMs += (-Math.log(1 - random()) * HOUR) / perHour;
    all.push({ startMs, endMs: startMs + TYPICAL_MS * Math.exp(1.2 * gaussian()) });
  }
  return all;
}

/** From the third day on, the stream told as its durations end. */
function looksAt(all: readonly One[], untilMs: number, everyMs = LOOK_EVERY_MS): Look[] {
  const trends = new DurationTrends<Fact>((fact) =>
    fact.kind === 'first_attempt'
      ? { name: 'S', timeMs: fact.timeMs, durationMs: fact.delayMs }
      : undefined,
  );
  const ended = all.filter(({ endMs }) => endMs < untilMs).sort((a, b) => a.endMs - b.endMs);
  const looks: Look[] = [];
  let i = 0;
  for (let nowMs = 2.5 * DAY; nowMs < untilMs; nowMs += everyMs) {
    for (; (ended[i]?.endMs ?? Infinity) <= nowMs; i += 1) {
      const { startMs, endMs } = ended[i] ?? { startMs: 0, endMs: 0 };
      trends.apply({
        kind: 'first_attempt',
        source: '/s',
        timeMs: endMs,
        failureType: 't',
        failureId: 'f',
        delayMs: endMs - startMs,
      });
    }
    const agesMs = agesAt(all, nowMs);
    looks.push({ nowMs, reading: trends.read('S', nowMs, agesMs), agesMs });
  }
  return looks;
}

function agesAt(all: readonly One[], nowMs: number): number[] {
  return all
    .filter(({ startMs, endMs }) => startMs <= nowMs && endMs > nowMs)
    .map(({ startMs }) => nowMs - startMs);
}

/** The evidence when the 64 longest that go on are put behind the newest 500 that ended, as if they had ended. */
function longestAdded(all: readonly One[], nowMs: number, agesMs: readonly number[]): number {
  const detector = new DurationDetector();
  const ended = all.filter(({ endMs }) => endMs <= nowMs).sort((a, b) => a.endMs - b.endMs);
  const longest = [...agesMs].sort((a, b) => b - a).slice(0, 64);
  const durations = [
    ...ended.slice(-500).map(({ startMs, endMs }) => endMs - startMs),
    ...longest.filter((ageMs) => ageMs > TYPICAL_MS),
  ];
  durations.forEach((durationMs, n) => detector.observe(durationMs, n, Infinity));
  return detector.evidence().nats;
}
