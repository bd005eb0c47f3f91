/** What is promised where the success rate goes with the hour of the day, checked on weeks of attempts. */
import { describe, expect, test } from 'vitest';
import { alarmThreshold, ChangeDetector } from '../../src/core/state/change-detector.js';
import { PhasedDetector } from '../../src/core/state/phased-detector.js';
import { SeasonWatch } from '../../src/core/state/season-watch.js';
import { poisson, uniform } from '../support/random.js';
import { mean, median } from './streams.js';
import { atLeast, atMost, mustExceed, told } from './table.js';

const GAMMA = 1e4;
const THRESHOLD = alarmThreshold(GAMMA);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 1);
/** What one detector in force for both halves keeps to. */
const ALARMS_MAX = 2;
const MISSED_CAP = 5_000;

/** Share of attempts that succeed, by the number of the day and the hour. */
type Rate = (day: number, hour: number) => number;

const daily: Rate = (_, hour) => (isNight(hour) ? 0.85 : 0.95);

interface Attempt {
  readonly succeeded: boolean;
  readonly timeMs: number;
}

export interface PhaseSizes {
  readonly seed: number;
  /** Strategies whose nights are worse, followed after that is known; attempts of each. */
  readonly strategies: number;
  readonly attempts: number;
  readonly changes: number;
  /** Strategies without a pattern, watched for a year. */
  readonly years: number;
}

export function phaseChecks({ seed, strategies, attempts, changes, years }: PhaseSizes): void {
  describe.each([100, 333, 1_000])('%i attempts a day, 0.95 by day, 0.85 by night', (perDay) => {
    const named = `${perDay} a day, 0.95 by day, 0.85 by night`;

    test('raise at most two false alarms in 10,000 once it is known', () => {
      const ours: number[] = [];
      const single: number[] = [];
      for (let i = 0; i < strategies; i += 1) {
        const next = stream({ perDay, rate: daily, random: uniform(seed + 7919 * i) });
        const detector = settled(next);
        const plain = new ChangeDetector();
        ours.push(alarmsIn(attempts, next, detector));
        single.push(
          alarmsIn(attempts, stream({ perDay, rate: daily, random: uniform(seed + i) }), plain),
        );
      }
      const per10k = 10_000 / attempts;
      atMost(`${named}: alarms in 10,000`, mean(ours) * per10k, ALARMS_MAX);
      const control = mean(single) * per10k;
      mustExceed(`one detector, ${named}: alarms in 10,000`, control, ALARMS_MAX);
      // A night of few attempts is taken for failures in runs.
      if (perDay > 100) expect(control).toBeGreaterThan(5);
    });

    test('are known to be so after some weeks', () => {
      const days: number[] = [];
      for (let i = 0; i < changes; i += 1) {
        const next = stream({ perDay, rate: daily, random: uniform(seed + 104_729 + 7919 * i) });
        const watch = new SeasonWatch();
        days.push(daysUntilKnown(watch, next));
      }
      told(`${named}: median days until it is known`, median(days));
      const soon = days.filter((day) => day <= 28).length / days.length;
      atLeast(`${named}: known within 28 days`, soon, 0.9);
    });

    test.each<[string, Rate]>([
      ['0.2 less at all hours', (day, hour) => daily(day, hour) - 0.2],
      ['0.2 less by night', (day, hour) => daily(day, hour) - (isNight(hour) ? 0.2 : 0)],
    ])('%s are found', (what, after) => {
      const delays: number[] = [];
      let wrong = 0;
      for (let i = 0; i < changes; i += 1) {
        const random = uniform(seed + 1_299_709 + 7919 * i);
        let isChanged = false;
        const rate: Rate = (day, hour) => (isChanged ? after : daily)(day, hour);
        const next = stream({ perDay, rate, random });
        const detector = settled(next);
        if (alarmsIn(1_000, next, detector) > 0) continue;
        isChanged = true;
        const { delay, direction } = delayUntilFound(next, detector);
        delays.push(delay);
        if (direction === 'improving') wrong += 1;
      }
      told(`${named}, ${what}: median delay`, median(delays));
      const missed = delays.filter((delay) => delay >= MISSED_CAP).length;
      atMost(`${named}, ${what}: missed in ${MISSED_CAP}`, missed / delays.length, 0.01);
      // Half a day may pass before a drop by night can show: an alarm meanwhile is a false one, of either direction.
      const limit = what.endsWith('by night') ? 0.03 : 0.015;
      atMost(`${named}, ${what}: wrong direction`, wrong / delays.length, limit);
    });
  });

  test.each<[string, Partial<Quiet>]>([
    ['volume by hour', { volume: 0.8 }],
    ['bursts', { bursts: 0.3 }],
    ['bursts, 30 attempts a day', { bursts: 0.3, perDay: 30 }],
    ['bursts, volume by hour', { bursts: 0.3, volume: 0.8 }],
  ])('no pattern (%s) is hardly ever taken for one in a year', (what, world) => {
    const random = uniform(seed + 15_485_863);
    let confirmed = 0;
    for (let i = 0; i < years; i += 1) {
      if (daysUntilKnown(new SeasonWatch(), quiet({ ...QUIET, ...world }, random)) <= 365) {
        confirmed += 1;
      }
    }
    atMost(`no pattern, ${what}: confirmed in a year`, confirmed / years, 0.03);
  });
}

type Next = () => Attempt;

function isNight(hour: number): boolean {
  return hour < 8 || hour >= 20;
}

/** Attempts at random moments of the day. */
function stream({
  perDay,
  rate,
  random,
}: {
  readonly perDay: number;
  readonly rate: Rate;
  readonly random: () => number;
}): Next {
  let sinceMs = 0;
  return () => {
    sinceMs += (-Math.log(1 - random()) * DAY_MS) / perDay;
    const day = Math.floor(sinceMs / DAY_MS);
    const hour = Math.floor((sinceMs - day * DAY_MS) / HOUR_MS);
    return { succeeded: random() < rate(day, hour), timeMs: START_MS + Math.floor(sinceMs) };
  };
}

/** A detector that judges the halves of the day apart. */
function settled(next: Next): PhasedDetector {
  const detector = new PhasedDetector();
  for (let n = 0; detector.phases?.inForce !== true; n += 1) {
    if (n > 1e6) throw new Error('no pattern found');
    const { succeeded, timeMs } = next();
    detector.observe(succeeded, timeMs, THRESHOLD);
  }
  return detector;
}

function alarmsIn(
  attempts: number,
  next: Next,
  detector: Pick<ChangeDetector, 'observe'> | PhasedDetector,
): number {
  let alarms = 0;
  for (let n = 0; n < attempts; n += 1) {
    const { succeeded, timeMs } = next();
    if (detector.observe(succeeded, timeMs, THRESHOLD) !== undefined) alarms += 1;
  }
  return alarms;
}

function delayUntilFound(next: Next, detector: PhasedDetector) {
  for (let delay = 1; delay <= MISSED_CAP; delay += 1) {
    const { succeeded, timeMs } = next();
    const found = detector.observe(succeeded, timeMs, THRESHOLD);
    if (found !== undefined) return { delay, direction: found.direction };
  }
  return { delay: MISSED_CAP, direction: undefined };
}

/** More than a year when it is not. */
function daysUntilKnown(watch: SeasonWatch, next: Next): number {
  for (;;) {
    const { succeeded, timeMs } = next();
    const day = Math.floor((timeMs - START_MS) / DAY_MS);
    if (watch.observe(succeeded, timeMs) !== undefined || day > 365) return day;
  }
}

interface Quiet {
  readonly perDay: number;
  /** How much the number of attempts goes with the hour, 0–1. */
  readonly volume: number;
  /** Share of days in which three hours fail far more. */
  readonly bursts: number;
}

const QUIET: Quiet = { perDay: 100, volume: 0, bursts: 0 };

/** Days on which no hour fails more than another but by chance or for once. */
function quiet({ perDay, volume, bursts }: Quiet, random: () => number): Next {
  let hours = -1;
  let left = 0;
  let burst = -9;
  return () => {
    while (left === 0) {
      hours += 1;
      const hour = hours % 24;
      if (hour === 0) burst = random() < bursts ? Math.floor(random() * 22) : -9;
      const wave = Math.cos((2 * Math.PI * (hour - 14)) / 24);
      left = poisson((perDay / 24) * (1 + volume * wave), random);
    }
    left -= 1;
    const hour = hours % 24;
    const isInBurst = hour >= burst && hour < burst + 3;
    const logit = Math.log(0.1 / 0.9) + (isInBurst ? 2.5 : 0);
    const succeeded = random() >= 1 / (1 + Math.exp(-logit));
    return { succeeded, timeMs: START_MS + hours * HOUR_MS };
  };
}
