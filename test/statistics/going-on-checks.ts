/** What the trend of durations makes of what has not ended yet: long by selection, and sometimes hanging. */
import { describe, test } from 'vitest';
import type { IncidentResolved } from '../../src/core/facts.js';
import { DurationDetector, durationThreshold } from '../../src/core/state/duration-detector.js';
import {
  DurationTrends,
  timedRecovery,
  type DurationReading,
} from '../../src/core/state/duration-trend.js';
import { resultsPerFalseAlarm, USUAL_BUDGET } from '../../src/core/state/false-alarms.js';
import { normal, uniform } from '../support/random.js';
import { median } from './streams.js';
import { atMost, mustExceed, told } from './table.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TYPICAL_MS = HOUR / 2;
const LOOK_EVERY_MS = 3.01 * HOUR;
const SHARE_MAX = 0.015;
/** What has not ended by then has expired. */
const EXPIRY_MS = DAY;

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
  neverEndingChecks({ seed, repeats });
}

/** A share that never ends, and never did: no change, however many of them are open. */
function neverEndingChecks({ seed, repeats }: { seed: number; repeats: number }): void {
  describe('a constant share never ends', () => {
    test.each([
      [5, 0.1],
      [5, 0.3],
      [5, 0.5],
      [20, 0.1],
      [20, 0.3],
      [20, 0.5],
      [100, 0.1],
      [100, 0.3],
      [100, 0.5],
    ])('%i an hour, a share of %d', (perHour, share) => {
      const streams = Array.from({ length: repeats }, (_, i) => {
        const random = uniform(seed + 7919 * i + perHour);
        return neverEnding(stream({ perHour, days: 6, random }), () => share, random);
      });
      const slowerShare = (watch: Watch): number => {
        const looks = streams.flatMap((all) => looksAt(all, 6 * DAY, watch));
        return looks.filter(({ reading }) => reading?.byGoingOn === true).length / looks.length;
      };
      const check = `${perHour} an hour, ${100 * share} % never end: share of looks called slower`;
      atMost(check, slowerShare({}), SHARE_MAX);
      // With many an hour those that are still open stand for those that have expired.
      if (share >= 0.3 && perHour <= 20)
        mustExceed(
          `expired ones forgotten, ${check}`,
          slowerShare({ tellsExpired: false }),
          SHARE_MAX,
        );
    });
  });

  test.each([5, 20, 100])('%i an hour: one in ten never ends, and then six', (perHour) => {
    const changeMs = 8 * DAY;
    const delays = Array.from({ length: repeats }, (_, i) => {
      const random = uniform(seed + 104_729 + 7919 * i + perHour);
      const share = (startMs: number): number => (startMs < changeMs ? 0.1 : 0.6);
      const all = neverEnding(stream({ perHour, days: 10, random }), share, random);
      return calledSlowerMs(all, changeMs);
    });
    const check = `${perHour} an hour, of which 10 % and then 60 % never end: median hours`;
    told(`${check} until called slower`, median(delays) / HOUR);
  });
}

function neverEnding(
  all: readonly One[],
  share: (startMs: number) => number,
  random: () => number,
): One[] {
  return all.map((one) => (random() < share(one.startMs) ? { ...one, endMs: Infinity } : one));
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
    const shareAt = (startMs: number): number => (startMs < hungMs ? 0 : share);
    return calledSlowerMs(
      neverEnding(stream({ perHour, days: 10, random }), shareAt, random),
      hungMs,
    );
  });
}

/** Milliseconds from a moment until the stream of ten days is called slower; Infinity where it is not. */
function calledSlowerMs(all: readonly One[], fromMs: number): number {
  const found = looksAt(all, 10 * DAY, { everyMs: HOUR / 4 }).find(
    ({ nowMs, reading }) =>
      nowMs > fromMs && (reading?.byGoingOn === true || reading?.trend === 'slower'),
  );
  return (found?.nowMs ?? Infinity) - fromMs;
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

interface Watch {
  readonly everyMs?: number;
  /** The trend is told what expires, as it is; otherwise not. */
  readonly tellsExpired?: boolean;
}

/** From the third day on, the stream told as its durations end. */
function looksAt(
  all: readonly One[],
  untilMs: number,
  { everyMs = LOOK_EVERY_MS, tellsExpired = true }: Watch = {},
): Look[] {
  const trends = new DurationTrends(timedRecovery);
  const ended = all
    .map((one) => ({ ...one, timeMs: Math.min(one.endMs, one.startMs + EXPIRY_MS) }))
    .filter(({ timeMs }) => timeMs < untilMs)
    .sort((a, b) => a.timeMs - b.timeMs);
  const looks: Look[] = [];
  let i = 0;
  for (let nowMs = 2.5 * DAY; nowMs < untilMs; nowMs += everyMs) {
    for (; (ended[i]?.timeMs ?? Infinity) <= nowMs; i += 1) {
      const { startMs, endMs, timeMs } = ended[i] ?? { startMs: 0, endMs: 0, timeMs: 0 };
      if (endMs === timeMs || tellsExpired) trends.apply(resolved(startMs, timeMs, endMs));
    }
    const agesMs = agesAt(all, nowMs);
    looks.push({ nowMs, reading: trends.read('S', nowMs, agesMs), agesMs });
  }
  return looks;
}

function resolved(startMs: number, timeMs: number, endMs: number): IncidentResolved {
  const hasRecovered = endMs === timeMs;
  return {
    kind: 'incident_resolved',
    source: '/s',
    timeMs,
    failureId: 'f',
    failureType: 'S',
    severity: 'unknown',
    agentId: undefined,
    detectedMs: startMs,
    resolution: hasRecovered ? 'manual' : 'expired',
    strategy: undefined,
    recoveryMs: hasRecovered ? timeMs - startMs : undefined,
    attempts: 0,
  };
}

function agesAt(all: readonly One[], nowMs: number): number[] {
  return all
    .filter(
      ({ startMs, endMs }) => startMs <= nowMs && Math.min(endMs, startMs + EXPIRY_MS) > nowMs,
    )
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
