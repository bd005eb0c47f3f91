/** The hours in which incidents began: what is kept, and what is forgotten and said to be. */
import { expect, test } from 'vitest';
import type { IncidentResolved } from '../../../src/core/facts.js';
import { RecoveryHours } from '../../../src/core/state/recovery-hours.js';

const HOUR = 3_600_000;

function ended(startMs: number, durationMs: number, failureType = 't'): IncidentResolved {
  return {
    kind: 'incident_resolved',
    source: '/s',
    timeMs: startMs + durationMs,
    failureId: 'f',
    failureType,
    severity: 'low',
    agentId: undefined,
    detectedMs: startMs,
    resolution: 'healed',
    strategy: 'S',
    recoveryMs: durationMs,
    attempts: 1,
  };
}

function total(bins: ReadonlyMap<number, number>): number {
  return [...bins.values()].reduce((sum, one) => sum + one, 0);
}

test('after eight days hours are forgotten, and what started before is not known', () => {
  const hours = new RecoveryHours();
  for (let hour = 1_000; hour < 1_300; hour += 1) hours.apply(ended(hour * HOUR, 60_000));
  const knownFrom = hours.knownFromMs / HOUR;
  expect(knownFrom).toBe(1_299 - 8 * 24);
  expect(total(hours.cohort('t', 0, Infinity).recovered)).toBe(8 * 24 + 1);
  expect(total(hours.cohort(undefined, 1_200, 1_210).recovered)).toBe(10);
  hours.apply(ended((knownFrom - 1) * HOUR, 60_000));
  expect(total(hours.cohort('t', 0, Infinity).recovered)).toBe(8 * 24 + 1);
});

test('what is kept is bounded however many types and durations there are', () => {
  const hours = new RecoveryHours();
  for (let hour = 1_000; hour < 1_020; hour += 1) {
    for (let type = 0; type < 400; type += 1) {
      for (let bin = 1; bin < 20; bin += 1) {
        hours.apply(ended(hour * HOUR, 1.5 ** bin * 100, `t${type}`));
      }
    }
  }
  const rows = hours.snapshot().types.reduce((sum, [, flat]) => sum + flat.length / 4, 0);
  expect(rows).toBeLessThanOrEqual(100_000);
  expect(hours.knownFromMs).toBeGreaterThan(1_000 * HOUR);
  const from = hours.knownFromMs / HOUR;
  const kept = total(hours.cohort('t7', from, Infinity).recovered);
  expect(kept).toBe((1_020 - from) * 19);
});
