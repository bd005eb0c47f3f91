/** The hulls against looking at every moment of change one by one. */
import { expect, test } from 'vitest';
import {
  alarmThreshold,
  ChangeDetector,
  failureCorrelation,
} from '../../../src/core/state/change-detector.js';
import { uniform } from '../../support/random.js';

const NEVER = Number.POSITIVE_INFINITY;
const RATES = [0.5, 0.7, 0.9, 0.95, 0.99];

test('the corners are those of the convex hull of the whole path', () => {
  for (let stream = 0; stream < 60; stream += 1) {
    const random = uniform(1000 + stream);
    const p = RATES[stream % RATES.length]!;
    const detector = new ChangeDetector();
    const path: [number, number][] = [[0, 0]];
    for (let n = 1; n <= 400; n += 1) {
      const succeeded = random() < p;
      detector.observe(succeeded, n, NEVER);
      path.push([n, path[n - 1]![1] + (succeeded ? 1 : 0)]);
    }
    const [, , , , rising, falling] = detector.freeze();
    expect(points(rising)).toEqual(hullByDefinition(path, 1));
    expect(points(falling)).toEqual(hullByDefinition(path, -1));
  }
});

test('an alarm comes at the first result whose evidence is as much as the threshold', () => {
  for (let stream = 0; stream < 400; stream += 1) {
    const random = uniform(5000 + stream);
    const [before = 0, after = 0] = [RATES[stream % RATES.length], random()];
    const threshold = 12 * random() - 2;
    const [watched, shown] = [new ChangeDetector(), new ChangeDetector()];
    for (let n = 1; n <= 300; n += 1) {
      const succeeded = random() < (n < 150 ? before : after);
      watched.observe(succeeded, n, NEVER);
      const change = shown.observe(succeeded, n, threshold);
      expect(change !== undefined).toBe(watched.evidence().nats >= threshold);
      if (change !== undefined) break;
    }
  }
});

test('no moment off the hulls explains a change better than the best corner', () => {
  for (let stream = 0; stream < 60; stream += 1) {
    const random = uniform(2000 + stream);
    const p = RATES[stream % RATES.length]!;
    const detector = new ChangeDetector();
    const results: boolean[] = [];
    for (let n = 1; n <= 400; n += 1) {
      const succeeded = random() < (n < 250 ? p : 1 - p);
      results.push(succeeded);
      detector.observe(succeeded, n, NEVER);
      if (n % 20 !== 0) continue;
      const [, , , , rising, falling] = detector.freeze();
      const every = results.map((_, i) => i + 1);
      for (const [corners, sign] of [
        [rising, 1],
        [falling, -1],
      ] as const) {
        const atCorners = points(corners).map(([at]) => at);
        expect(bestRatio(results, atCorners, sign)).toBeCloseTo(bestRatio(results, every, sign), 9);
      }
    }
  }
});

test('the evidence is the sum over the corners, computed in the plain way', () => {
  for (let stream = 0; stream < 20; stream += 1) {
    const random = uniform(3000 + stream);
    const detector = new ChangeDetector();
    const results: boolean[] = [];
    for (let n = 1; n <= 400; n += 1) {
      const succeeded = random() < (n < 200 ? 0.9 : 0.6);
      results.push(succeeded);
      detector.observe(succeeded, n, NEVER);
      const { nats } = detector.evidence();
      const plain = plainEvidence(results, detector.freeze());
      if (Number.isFinite(plain)) expect(nats).toBeCloseTo(plain, 9);
      else expect(nats).toBe(plain);
    }
  }
});

test('a change is dated to the last result before it and becomes the new origin', () => {
  const detector = new ChangeDetector();
  const threshold = alarmThreshold(1e4);
  for (let n = 1; n <= 300; n += 1) expect(detector.observe(true, n, threshold)).toBeUndefined();
  let n = 300;
  let change;
  while (change === undefined && n < 400) {
    n += 1;
    change = detector.observe(false, n, threshold);
  }
  expect(change).toMatchObject({ direction: 'degrading', timeMs: 300, before: 1, after: 0 });
  expect(change?.nats).toBeGreaterThan(0);
  expect(detector.regime).toEqual({ attempts: n - 300, successes: 0, failurePairs: n - 301 });
});

test('going on from a frozen detector is going on', () => {
  const random = uniform(42);
  const straight = new ChangeDetector();
  let cut = new ChangeDetector();
  for (let n = 1; n <= 3_000; n += 1) {
    const succeeded = random() < (n % 1_000 < 500 ? 0.95 : 0.6);
    const threshold = alarmThreshold(1e4);
    const wanted = straight.observe(succeeded, n * 1000.5, threshold);
    expect(cut.observe(succeeded, n * 1000.5, threshold)).toEqual(wanted);
    if (n % 97 === 0) cut = ChangeDetector.thaw(JSON.parse(JSON.stringify(cut.freeze())));
  }
  expect(cut.freeze()).toEqual(straight.freeze());
});

test('failures in runs are correlated, failures at random are not', () => {
  const ofPattern = (pattern: string): number => {
    const detector = new ChangeDetector();
    [...pattern.repeat(50)].forEach((c, i) => detector.observe(c === '1', i, NEVER));
    return failureCorrelation(detector.regime);
  };
  expect(ofPattern('1111100000')).toBeGreaterThan(0.5);
  expect(ofPattern('10')).toBe(0);
  expect(ofPattern('1')).toBe(0);
});

function points(corners: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < corners.length; i += 4) found.push([corners[i]!, corners[i + 1]!]);
  return found;
}

/** Gift wrapping: from each corner to the point with the flattest (or steepest) line, the farthest if several. */
function hullByDefinition(path: readonly [number, number][], turn: 1 | -1): [number, number][] {
  const corners: [number, number][] = [path[0]!];
  for (let at = 0; at < path.length - 1;) {
    let best = at + 1;
    for (let next = at + 2; next < path.length; next += 1) {
      const [n, s] = path[at]!;
      const slope = (i: number): number => (path[i]![1] - s) / (path[i]![0] - n);
      if ((slope(next) - slope(best)) * turn <= 0) best = next;
    }
    corners.push(path[best]!);
    at = best;
  }
  return corners;
}

function bestRatio(results: readonly boolean[], moments: readonly number[], sign: 1 | -1): number {
  const t = results.length;
  const upTo = [0];
  for (const succeeded of results) upTo.push(upTo.at(-1)! + (succeeded ? 1 : 0));
  let best = 0;
  for (const n0 of moments) {
    if (n0 <= 0 || n0 >= t) continue;
    const s0 = upTo[n0]!;
    const s1 = upTo[t]! - s0;
    if ((s1 / (t - n0) - s0 / n0) * sign <= 0) continue;
    best = Math.max(best, g(s0, n0) + g(s1, t - n0) - g(upTo[t]!, t));
  }
  return best;
}

type Frozen = ReturnType<ChangeDetector['freeze']>;

function plainEvidence(results: readonly boolean[], [t, successes, pairs, , ...hulls]: Frozen) {
  const pb = (successes + 1) / (t + 2);
  const v = Math.max(0.0099, pb * (1 - pb));
  const terms: number[] = [];
  for (const [n0, s0] of hulls.flatMap(points)) {
    const [n1, s1] = [t - n0, successes - s0];
    if (n0 < 10 || n1 < 5 || Math.abs(s1 / n1 - s0 / n0) < 0.05 - 1e-12) continue;
    const [q0, q1] = [1 - s0 / n0, 1 - s1 / n1];
    const variance = n0 * q0 * (1 - q0) + n1 * q1 * (1 - q1);
    const raw = (pairs - n0 * q0 ** 2 - n1 * q1 ** 2) / (variance + 5);
    const rho = Math.min(0.9, Math.max(0, raw));
    const ratio = g(s0, n0) + g(s1, n1) - g(successes, t);
    const weight = Math.log((Math.min(n0, n1) * 0.05 ** 2) / (2 * v));
    terms.push((ratio * (1 - rho)) / (1 + rho) + weight);
  }
  expect(results).toHaveLength(t);
  const greatest = Math.max(...terms);
  if (terms.length === 0) return Number.NEGATIVE_INFINITY;
  return greatest + Math.log(terms.reduce((sum, e) => sum + Math.exp(e - greatest), 0));
}

function g(s: number, n: number): number {
  const xLogX = (x: number): number => (x === 0 ? 0 : x * Math.log(x));
  return xLogX(s) + xLogX(n - s) - xLogX(n);
}
