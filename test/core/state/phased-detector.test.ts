import { expect, test } from 'vitest';
import { alarmThreshold, ChangeDetector } from '../../../src/core/state/change-detector.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { PhasedDetector } from '../../../src/core/state/phased-detector.js';
import type { TrendReading } from '../../../src/core/state/success-trend.js';
import { completed, fold, T0 } from '../../support/events.js';
import { uniform } from '../../support/random.js';

const STRATEGY = 'AgentRestartStrategy';
const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const PER_DAY = 288;
const APART_S = DAY_S / PER_DAY;
/** Events of these tests begin at noon. */
const NOON_H = 12;

/** Success rate by hours since the start and hour of the day. */
type Rate = (dayNumber: number, isNight: boolean) => number;

const daily: Rate = (_, isNight) => (isNight ? 0.85 : 0.95);

function isNightAt(n: number): boolean {
  const hour = (NOON_H + (n * APART_S) / HOUR_S) % 24;
  return hour < 8 || hour >= 20;
}

function resultsOf(days: number, rate: Rate, seed = 1): boolean[] {
  const random = uniform(seed);
  return Array.from(
    { length: days * PER_DAY },
    (_, n) => random() < rate(n / PER_DAY, isNightAt(n)),
  );
}

interface Told {
  readonly state: LiveState;
  /** The reading after each attempt. */
  readonly readings: readonly TrendReading[];
}

function tell(results: readonly boolean[], state = new LiveState(), from = 0): Told {
  const readings = results.flatMap((succeeded, i) => {
    const n = from + i;
    const outcome = succeeded ? 'succeeded' : 'failed';
    const event = completed(n * APART_S, `f${n}`, { outcome });
    fold([event], state);
    return state.trends.read(STRATEGY, event.timeMs) ?? [];
  });
  return { state, readings };
}

/** Changes that were called from a day on, each once. */
function changes(readings: readonly TrendReading[], fromDay: number): TrendReading[] {
  const found: TrendReading[] = [];
  let known: number | undefined;
  for (const [n, reading] of readings.entries()) {
    const isChange = reading.trend === 'degrading' || reading.trend === 'improving';
    if (!isChange || reading.changedMs === known) continue;
    known = reading.changedMs;
    if (n >= fromDay * PER_DAY) found.push(reading);
  }
  return found;
}

test('without a daily pattern it is one detector, bit for bit', () => {
  const results = resultsOf(70, (day) => (day < 25 ? 0.95 : day < 50 ? 0.8 : 0.9));
  const threshold = alarmThreshold(1e4);
  const plain = new ChangeDetector();
  const phased = new PhasedDetector();
  let found = 0;
  for (const [n, succeeded] of results.entries()) {
    const timeMs = T0 + n * APART_S * 1000;
    const change = plain.observe(succeeded, timeMs, threshold);
    expect(phased.observe(succeeded, timeMs, threshold)).toEqual(change);
    if (change !== undefined) found += 1;
    if (n % 50 > 0) continue;
    expect(phased.evidence()).toEqual(plain.evidence());
    expect(phased.regime).toEqual(plain.regime);
    expect(phased.freeze()).toEqual(plain.freeze());
  }
  expect(found).toBeGreaterThanOrEqual(2);
  expect(phased.phases).toBeUndefined();
});

test('nights that always fail more are no change any more once they are known', () => {
  const results = resultsOf(45, daily);
  const { readings } = tell(results);
  const known = readings.at(-1)?.phases;
  expect(known?.inForce).toBe(true);
  expect([19, 20, 21]).toContain(known?.fromHour);
  const from = readings.findIndex(({ phases }) => phases?.inForce === true) / PER_DAY;
  expect(from).toBeLessThan(25);
  expect(changes(readings, from).length).toBeLessThanOrEqual(1);

  // The single detector calls the same stream all the time.
  const single = new ChangeDetector();
  const called = results.filter(
    (succeeded, n) =>
      single.observe(succeeded, n, alarmThreshold(PER_DAY * 30)) !== undefined &&
      n >= from * PER_DAY,
  );
  expect(called.length).toBeGreaterThanOrEqual(5);
});

test.each([
  ['by day and night', (isNight: boolean) => (isNight ? 0.55 : 0.65), undefined],
  ['by night alone', (isNight: boolean) => (isNight ? 0.55 : 0.95), 'worse'],
  ['by day alone', (isNight: boolean) => (isNight ? 0.85 : 0.65), 'better'],
])('a drop %s is called, from the drop on', (_, after, half) => {
  const DROP = 40;
  const { readings } = tell(
    resultsOf(42, (day, isNight) => (day < DROP ? daily(day, isNight) : after(isNight))),
  );
  const [first] = changes(readings, DROP);
  expect(first?.trend).toBe('degrading');
  expect(first?.delta).toBeLessThan(-0.1);
  const changedDay = ((first?.changedMs ?? 0) - T0) / (DAY_S * 1000);
  expect(Math.abs(changedDay - DROP)).toBeLessThan(0.6);
  if (half !== undefined) expect(first?.phases?.changed).toBe(half);
  // The attempts since the change are those that the word and the interval rest on.
  expect(first?.present.attempts).toBeLessThan(PER_DAY);
});

test('when the nights become as the days, that is an improvement, and the halves end', () => {
  const { readings } = tell(
    resultsOf(82, (day, isNight) => (day < 40 ? daily(day, isNight) : 0.95)),
  );
  const [first] = changes(readings, 40);
  expect(first).toMatchObject({ trend: 'improving', phases: { changed: 'worse' } });
  const last = readings.at(-1);
  expect(last?.phases).toBeUndefined();
  expect(last?.trend).toBe('stable');
  // The half that it was found in is no longer followed: what it is now, compared with before, is not known.
  expect(last?.delta).toBeUndefined();
  expect(last?.present.attempts).toBeGreaterThan(30 * PER_DAY);
  expect(changes(readings, 60)).toEqual([]);
});

test('what stands when the halves take over goes on standing, and attempts go on being counted', () => {
  const { readings } = tell(resultsOf(18, daily));
  const at = readings.findIndex(({ phases }) => phases?.inForce === true);
  const [before, after] = [readings[at - 1], readings[at]];
  expect(at).toBeGreaterThan(0);
  expect(after?.trend).toBe(before?.trend);
  expect(after?.present.attempts).toBe((before?.present.attempts ?? 0) + 1);
});

test('a state cut anywhere goes on as if it had not been, halves of the day included', () => {
  const results = resultsOf(50, (day, isNight) =>
    day < 25 ? daily(day, isNight) : day < 29 ? daily(day, isNight) - 0.3 : 0.9,
  );
  const straight = tell(results);
  expect(straight.readings.some(({ phases }) => phases?.inForce === true)).toBe(true);
  let state = new LiveState();
  const readings: TrendReading[] = [];
  for (let n = 0; n < results.length; n += 997) {
    const part = tell(results.slice(n, n + 997), state, n);
    readings.push(...part.readings);
    state = LiveState.restore(state.snapshot()) ?? new LiveState();
  }
  expect(readings).toEqual(straight.readings);
});

test('a snapshot of before there were halves of the day is taken up', () => {
  const { state } = tell(resultsOf(10, daily));
  const lines = state.snapshot().split('\n');
  const { trends, ...rest } = JSON.parse(lines.pop() ?? '');
  const older = trends.map((track: unknown[]) => track.slice(0, 8));
  const restored = LiveState.restore(
    [...lines, JSON.stringify({ ...rest, trends: older })].join('\n'),
  );
  const at = T0 + 10 * DAY_S * 1000;
  const known = state.trends.read(STRATEGY, at);
  // What the attempts of the last day are is taken from those of the week: thresholds differ by a little.
  const score: unknown = expect.closeTo(known?.score ?? Number.NaN, 2);
  expect(restored?.trends.read(STRATEGY, at)).toEqual({ ...known, score });
});
