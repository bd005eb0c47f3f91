/** What is promised of seasons, checked on days with and without them. */
import { describe, test } from 'vitest';
import { DAILY, seasonality, type Cycle } from '../../src/analysis/seasonality.js';
import { poisson, uniform } from '../support/random.js';
import { atLeast, atMost, mustExceed, told } from './table.js';

/** 99 % of chi-squared with 23 degrees of freedom. */
const CHI_SQUARED_23 = 41.638;
const TYPE_I_MAX = 0.015;

type Rule = (days: readonly Cycle[]) => boolean;

export function seasonChecks({ seed, seasons }: { seed: number; seasons: number }): void {
  const rejected = (world: Partial<SeasonWorld> & { days: number }, rule: Rule = ours): number => {
    const random = uniform(seed + 11 * world.days);
    let count = 0;
    for (let i = 0; i < seasons; i += 1) {
      if (rule(days({ ...NOTHING, ...world }, random))) count += 1;
    }
    return count / seasons;
  };

  describe('seasons', () => {
    test.each([14, 28, 56])('%i days without one are rarely said to have one', (length) => {
      const volume = rejected({ days: length, volume: 0.8 });
      atMost(`season, none, volume by hour, ${length} d: found`, volume, TYPE_I_MAX);
      const bursts = rejected({ days: length, bursts: 1 });
      atMost(`season, none, bursts, ${length} d: found`, bursts, TYPE_I_MAX);
    });

    test('counts by hour, tested as if nothing else mattered, find them everywhere', () => {
      const byCount = rejected({ days: 28, volume: 0.8 }, countsDiffer);
      mustExceed('chi-squared of counts, none, volume by hour, 28 d: found', byCount, TYPE_I_MAX);
      const byShare = rejected({ days: 28, bursts: 1 }, sharesDiffer);
      mustExceed('chi-squared of shares, none, bursts, 28 d: found', byShare, TYPE_I_MAX);
    });

    test('a wave and a bad hour are found in 28 days', () => {
      const sine = rejected({ days: 28, bursts: 1, sine: 0.8 });
      atLeast('season, sine 0.8 with bursts, 28 d: found', sine, 0.95);
      const spike = rejected({ days: 28, bursts: 1, spike: 2.5 });
      atLeast('season, spike 2.5 with bursts, 28 d: found', spike, 0.7);
      const rare = rejected({ days: 28, bursts: 1, spike: 2.5, rate: 0.05 });
      atLeast('season, spike 2.5 of rare failures with bursts, 28 d: found', rare, 0.7);
    });

    test.each([14, 56])('in %i days, and weaker ones', (length) => {
      const bursts = { days: length, bursts: 1 };
      told(`season, sine 0.5 with bursts, ${length} d: found`, rejected({ ...bursts, sine: 0.5 }));
      told(`season, sine 0.8 with bursts, ${length} d: found`, rejected({ ...bursts, sine: 0.8 }));
      told(
        `season, spike 2.5 with bursts, ${length} d: found`,
        rejected({ ...bursts, spike: 2.5 }),
      );
    });
  });
}

const ours: Rule = (all) => (seasonality(all, DAILY)?.pValue ?? 1) <= 0.01;

const countsDiffer: Rule = (all) => {
  const counts = byHour(all).map(({ failures }) => failures);
  const usual = counts.reduce((sum, one) => sum + one, 0) / counts.length;
  return counts.reduce((sum, one) => sum + (one - usual) ** 2 / usual, 0) > CHI_SQUARED_23;
};

const sharesDiffer: Rule = (all) => {
  const hours = byHour(all);
  const failures = hours.reduce((sum, one) => sum + one.failures, 0);
  const p = failures / hours.reduce((sum, one) => sum + one.attempts, 0);
  const square = hours.reduce(
    (sum, one) => sum + (one.failures - one.attempts * p) ** 2 / (one.attempts * p * (1 - p)),
    0,
  );
  return square > CHI_SQUARED_23;
};

function byHour(all: readonly Cycle[]) {
  return Array.from({ length: 24 }, (_, hour) => ({
    attempts: all.reduce((sum, day) => sum + (day[hour]?.attempts ?? 0), 0),
    failures: all.reduce((sum, day) => sum + (day[hour]?.failures ?? 0), 0),
  }));
}

const NOTHING = { volume: 0, bursts: 0, sine: 0, spike: 0, rate: 0.1 };

interface SeasonWorld {
  readonly days: number;
  readonly volume: number;
  readonly bursts: number;
  readonly sine: number;
  readonly spike: number;
  /** Share of attempts that fail usually. */
  readonly rate: number;
}

/** About 200 attempts a day. */
function days(
  { days: count, volume, bursts, sine, spike, rate: usual }: SeasonWorld,
  random: () => number,
) {
  return Array.from({ length: count }, (): Cycle => {
    const burst = random() < 0.3 * bursts ? Math.floor(random() * 22) : -9;
    return Array.from({ length: 24 }, (_, hour) => {
      const wave = Math.cos((2 * Math.PI * (hour - 14)) / 24);
      const attempts = poisson((200 / 24) * (1 + volume * wave), random);
      const inBurst = hour >= burst && hour < burst + 3 ? 2.5 : 0;
      const logit =
        Math.log(usual / (1 - usual)) + sine * wave + (hour === 9 ? spike : 0) + inBurst;
      const rate = 1 / (1 + Math.exp(-logit));
      let failures = 0;
      for (let i = 0; i < attempts; i += 1) if (random() < rate) failures += 1;
      return { attempts, failures };
    });
  });
}
