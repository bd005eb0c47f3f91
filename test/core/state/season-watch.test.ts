import { expect, test } from 'vitest';
import { seasonality, type Cycle } from '../../../src/analysis/seasonality.js';
import {
  hourOf,
  SeasonRows,
  SeasonWatch,
  type SeasonTurn,
} from '../../../src/core/state/season-watch.js';
import { poisson, uniform } from '../../support/random.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 1);

/** Share of attempts that fail, by day and hour. */
type Rate = (day: number, hour: number) => number;

const nights: Rate = (_, hour) => (hour >= 8 && hour < 20 ? 0.05 : 0.25);
const always: Rate = () => 0.15;

function daysOf(count: number, rate: Rate, seed: number, perHour = 6): Cycle[] {
  const random = uniform(seed);
  return Array.from({ length: count }, (_, day) =>
    Array.from({ length: 24 }, (__, hour) => {
      const attempts = poisson(perHour * (1 + 0.5 * Math.cos(hour)), random);
      let failures = 0;
      for (let i = 0; i < attempts; i += 1) if (random() < rate(day, hour)) failures += 1;
      return { attempts, failures };
    }),
  );
}

/** Shows the watch whole days from the day of this number on, and one attempt of the day after. */
function show(watch: SeasonWatch, days: readonly Cycle[], fromDay = 0): SeasonTurn[] {
  const turns: SeasonTurn[] = [];
  const observe = (succeeded: boolean, timeMs: number): void => {
    const turn = watch.observe(succeeded, timeMs);
    if (turn !== undefined) turns.push(turn);
  };
  for (const [d, day] of days.entries()) {
    for (const [hour, { attempts, failures }] of day.entries()) {
      const timeMs = START_MS + (fromDay + d) * DAY_MS + hour * HOUR_MS;
      for (let i = 0; i < attempts; i += 1) observe(i >= failures, timeMs + i * 1000);
    }
  }
  observe(true, START_MS + (fromDay + days.length) * DAY_MS);
  return turns;
}

test('the test from sums is the one of weeks kept by the hour, whatever the overall rate of each day', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const overall = uniform(seed);
    const levels = Array.from({ length: 13 }, () => 0.1 + 0.3 * overall());
    const days = daysOf(
      13,
      (day, hour) => (levels[day] ?? 0) * (1 + 0.5 * Math.cos((hour - seed) / 4)),
      seed,
    );
    const watch = new SeasonWatch();
    show(watch, days);
    const season = seasonality(days, { cyclesMin: 13, failuresMin: 50 });
    // That is twice the smaller of two tests; of a smooth wave this one is the smaller.
    expect(season?.pValue).toBeGreaterThan(0);
    expect((2 * (watch.pValue ?? 0)) / (season?.pValue ?? 0)).toBeCloseTo(1, 9);
  }
});

test('nights that fail more are confirmed, with the hours that they have', () => {
  const watch = new SeasonWatch();
  expect(show(watch, daysOf(13, nights, 1))).toEqual([]);
  const [first, ...more] = show(watch, daysOf(27, nights, 2), 13);
  expect(first?.kind).toBe('confirmed');
  expect([19, 20, 21]).toContain(first?.kind === 'confirmed' ? first.fromHour : undefined);
  expect(more).toEqual([]);
});

test('it goes on while every four weeks show it, and is gone once they do not', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const watch = new SeasonWatch();
    expect(show(watch, daysOf(15, nights, seed))).toHaveLength(1);
    expect(show(watch, daysOf(28, nights, seed), 15)).toEqual([]);
    // The four weeks that begin with the first of these days, and no others.
    expect(show(watch, daysOf(28, always, seed + 100), 43)).toEqual([{ kind: 'gone' }]);
  }
});

test('it is confirmed anew when its hours move', () => {
  const watch = new SeasonWatch();
  show(watch, daysOf(15, nights, 1));
  const noons: Rate = (day, hour) => nights(day, (hour + 12) % 24);
  const turns = show(watch, daysOf(70, noons, 2), 15);
  const last = turns.at(-1);
  expect(last?.kind === 'confirmed' && Math.abs(last.fromHour - 8) <= 1).toBe(true);
});

test('too few days, too few failures, and busy hours that fail no more than others confirm nothing', () => {
  expect(show(new SeasonWatch(), daysOf(13, nights, 1))).toEqual([]);
  expect(show(new SeasonWatch(), daysOf(28, nights, 1, 0.3))).toEqual([]);
  for (let seed = 1; seed <= 20; seed += 1) {
    expect(show(new SeasonWatch(), daysOf(84, always, seed, 2))).toEqual([]);
  }
});

test('a watch taken up from its snapshot goes on as if nothing had been', () => {
  const days = daysOf(40, nights, 4);
  const whole = new SeasonWatch();
  const rows = new SeasonRows();
  let cut = rows.next();
  for (const [d, day] of days.entries()) {
    expect(show(cut, [day], d)).toEqual(show(whole, [day], d));
    const frozen = JSON.parse(JSON.stringify(cut.freeze()));
    // Beside another one, whose numbers are its own.
    const next = rows.next();
    show(cut, daysOf(1, always, d), d + 1);
    cut = next;
    cut.restore(frozen);
    expect(cut.freeze()).toEqual(whole.freeze());
  }
});

test.each([
  [0, 0],
  [HOUR_MS - 1, 0],
  [DAY_MS - 1, 23],
  [-1, 23],
  [-DAY_MS, 0],
  [Date.UTC(2026, 5, 1, 17, 59), 17],
])('the hour of %d is %d', (timeMs, hour) => {
  expect(hourOf(timeMs)).toBe(hour);
});
