/** What the restart cooldown promises, checked on simulated agents. */
import { describe, test } from 'vitest';
import { restartCooldown } from '../../src/analysis/restart-cooldown.js';
import { addToBins, type Bins } from '../../src/core/bins.js';
import { uniform } from '../support/random.js';
import { atLeast, atMost, mustExceed } from './table.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HEALED = [60, 300, 1_000];
const FALSE_MAX = 0.05;

export function tuningChecks({ seed, runs }: { seed: number; runs: number }): void {
  describe.each([24, 12, 8, 2])('a failure every %d h whether healed or not', (hours) => {
    test.each(HEALED)('%d healed: a cooldown is told', (healed) => {
      const random = uniform(seed + healed);
      const worlds = Array.from({ length: runs }, () =>
        failuresAfter(healed, () => exponential(hours * HOUR, random)),
      );
      const named = `no relapses, a failure every ${hours} h, ${healed} healed: cooldown told`;
      atMost(named, shareTold(worlds, healed), FALSE_MAX);
      if (hours !== 8 || healed !== 1_000) return;
      const byRateOfAll = worlds.filter((afterMs) => looksSooner(afterMs, healed)).length / runs;
      mustExceed(`all failures by the healed: ${named}`, byRateOfAll, FALSE_MAX);
    });
  });

  test.each([
    { healed: 300, share: 0.3 },
    { healed: 1_000, share: 0.2 },
  ])('$share of $healed fail again within minutes: it is found', ({ healed, share }) => {
    const random = uniform(seed + healed + 1);
    const worlds = Array.from({ length: runs }, () =>
      failuresAfter(healed, () => exponential(random() < share ? 10 * MINUTE : 24 * HOUR, random)),
    );
    const named = `relapses of ${100 * share} % after 10 minutes, ${healed} healed: cooldown told`;
    atLeast(named, shareTold(worlds, healed), 0.95);
  });
}

/** The failures of the day after each healing. */
function failuresAfter(healed: number, next: () => number): Bins {
  const afterMs: Bins = new Map();
  for (let i = 0; i < healed; i += 1) {
    const ms = next();
    if (ms <= DAY) addToBins(afterMs, ms);
  }
  return afterMs;
}

function shareTold(worlds: readonly Bins[], healed: number): number {
  const told = worlds.filter((afterMs) => {
    const { value } = restartCooldown({ healed, afterMs }, { window: 'all' });
    return value !== null && value > 0;
  });
  return told.length / worlds.length;
}

/** Takes a quarter of the failures for the share of a quarter of the day, as if all agents were left all day. */
function looksSooner(afterMs: Readonly<Bins>, healed: number): boolean {
  let early = 0;
  let all = 0;
  for (const [bin, count] of afterMs) {
    all += count;
    if (1.08 ** bin <= 6 * HOUR) early += count;
  }
  const expected = Math.min(healed, all) / 4;
  return (early - expected) / Math.sqrt(expected) > 2.33;
}

function exponential(meanMs: number, random: () => number): number {
  return -meanMs * Math.log(1 - random());
}
