/** The hulls of scores against looking at every moment of change, and what the fold makes of them. */
import { expect, test } from 'vitest';
import {
  DurationDetector,
  durationThreshold,
  type FrozenDurationDetector,
} from '../../../src/core/state/duration-detector.js';
import { DurationTrends } from '../../../src/core/state/duration-trend.js';
import { normal, uniform } from '../../support/random.js';

const NEVER = Number.POSITIVE_INFINITY;

test('no moment off the hulls explains a change better than the best corner', () => {
  for (let stream = 0; stream < 40; stream += 1) {
    const gaussian = normal(uniform(500 + stream));
    const detector = new DurationDetector();
    const path: number[] = [0];
    for (let n = 1; n <= 400; n += 1) {
      detector.observe(Math.exp(gaussian() + (n > 250 ? 1 : 0)), n, NEVER);
      const [, sum, squares] = detector.freeze();
      path.push(sum);
      if (n % 40 !== 0) continue;
      const every = path.slice(1, -1).map((_, i) => i + 1);
      const best = bestRatio(path, every, squares);
      expect(bestRatio(path, cornersOf(detector.freeze()), squares)).toBeCloseTo(best, 9);
    }
  }
});

test('cut anywhere by a snapshot, it says the same', () => {
  const gaussian = normal(uniform(9));
  const threshold = durationThreshold(1e3);
  const whole = new DurationDetector();
  let cut = new DurationDetector();
  let changes = 0;
  for (let n = 1; n <= 1_200; n += 1) {
    const durationMs = Math.exp(gaussian() + (n % 400 > 200 ? 1.5 : 0));
    const change = whole.observe(durationMs, n, threshold);
    // Every fifth of what begins is waited for in vain, for some time.
    if (n % 5 === 0) for (const one of [whole, cut]) one.giveUp(50, n - 40);
    const text = JSON.stringify(cut.freeze());
    const frozen: FrozenDurationDetector = JSON.parse(text);
    cut = DurationDetector.thaw(frozen);
    expect(cut.observe(durationMs, n, threshold)).toEqual(change);
    if (change !== undefined) changes += 1;
    expect(cut.evidenceGoingOn([90, 10], n)).toEqual(whole.evidenceGoingOn([90, 10], n));
  }
  expect(changes).toBeGreaterThanOrEqual(4);
  expect(cut.freeze()).toEqual(whole.freeze());
});

test('what hangs is slower before it ends, and leaves nothing behind', () => {
  const gaussian = normal(uniform(3));
  const trends = new DurationTrends((fact) =>
    fact.kind === 'first_attempt'
      ? { name: 'S', timeMs: fact.timeMs, durationMs: fact.delayMs }
      : undefined,
  );
  const MINUTE = 60_000;
  for (let n = 1; n <= 300; n += 1) {
    const delayMs = 1_000 * Math.exp(0.3 * gaussian());
    trends.apply({
      kind: 'first_attempt',
      source: '/s',
      timeMs: n * MINUTE,
      failureType: 't',
      failureId: 'f',
      delayMs,
    });
  }
  const nowMs = 300 * MINUTE;
  const before = JSON.stringify(trends.snapshot());
  expect(trends.read('S', nowMs)).toMatchObject({ trend: 'stable', byGoingOn: false });
  const hanging = Array.from({ length: 40 }, () => 600_000);
  const reading = trends.read('S', nowMs, hanging);
  expect(reading).toMatchObject({ trend: 'slower', byGoingOn: true, score: 1 });
  const young = Array.from({ length: 40 }, () => 1);
  expect(trends.read('S', nowMs, young)).toMatchObject({ trend: 'stable' });
  expect(JSON.stringify(trends.snapshot())).toBe(before);
});

test('what goes on is long by selection, and that is no change', () => {
  const random = uniform(17);
  const gaussian = normal(random);
  const trends = new DurationTrends((fact) =>
    fact.kind === 'first_attempt'
      ? { name: 'S', timeMs: fact.timeMs, durationMs: fact.delayMs }
      : undefined,
  );
  const HOUR = 3_600_000;
  // Three hundred an hour begin for two days; a hundred and more go on at any moment.
  const all = Array.from({ length: 14_400 }, () => {
    const startMs = random() * 48 * HOUR;
    return { startMs, delayMs: (HOUR / 2) * Math.exp(1.2 * gaussian()) };
  }).sort((a, b) => a.startMs + a.delayMs - (b.startMs + b.delayMs));
  const nowMs = 48 * HOUR;
  for (const { startMs, delayMs } of all) {
    const timeMs = startMs + delayMs;
    if (timeMs > nowMs) break;
    const about = { source: '/s', failureType: 't', failureId: 'f' };
    trends.apply({ kind: 'first_attempt', ...about, timeMs, delayMs });
  }
  const goingOn = all.filter(({ startMs, delayMs }) => startMs + delayMs > nowMs);
  expect(goingOn.length).toBeGreaterThan(100);
  const ages = goingOn.map(({ startMs }) => nowMs - startMs);
  expect(trends.read('S', nowMs, ages)).toMatchObject({ trend: 'stable', byGoingOn: false });
});

test('below a hundred durations nothing is told', () => {
  const trends = new DurationTrends((fact) =>
    fact.kind === 'first_attempt'
      ? { name: 'S', timeMs: fact.timeMs, durationMs: fact.delayMs }
      : undefined,
  );
  for (let n = 1; n < 100; n += 1) {
    const delayMs = n > 50 ? 9_000 : 10;
    trends.apply({
      kind: 'first_attempt',
      source: '/s',
      timeMs: n,
      failureType: 't',
      failureId: 'f',
      delayMs,
    });
  }
  expect(trends.read('S', 99)).toMatchObject({ trend: 'insufficient_data', score: undefined });
  expect(trends.read('T', 99)).toBeUndefined();
});

function cornersOf([, , , , , slower, faster]: FrozenDurationDetector): number[] {
  return [...slower, ...faster].filter((_, i) => i % 4 === 0);
}

/** Greatest −(t − 2)/2 · ln(1 − B/T) over the moments given. */
function bestRatio(path: readonly number[], moments: readonly number[], squares: number): number {
  const t = path.length - 1;
  const sum = path[t] ?? 0;
  const spread = squares - sum ** 2 / t;
  let best = 0;
  for (const n0 of moments) {
    const n1 = t - n0;
    if (n0 < 1 || n1 < 1) continue;
    const rise = (sum - (path[n0] ?? 0)) / n1 - (path[n0] ?? 0) / n0;
    const between = (((n0 * n1) / t) * rise ** 2) / spread;
    best = Math.max(best, (-(t - 2) / 2) * Math.log1p(-Math.min(0.999999, between)));
  }
  return best;
}
