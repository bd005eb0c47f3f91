/** Strategies that fail more at night, through the product: that is no change, and a change is still one. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { uniform } from '../support/random.js';
import { ask, postLines, startExporter, type Json } from './exporter-rig.js';

const DAY_MS = 86_400_000;
const DAYS = 30;
const DROP_DAY = 29;
const PER_DAY = 300;
const NOW_MS = Date.UTC(2026, 10, 20);
const START_MS = NOW_MS - DAYS * DAY_MS;

/** Success rates by strategy. */
const RATES: Record<string, (isNight: boolean, isLate: boolean) => number> = {
  Nightly: (isNight) => (isNight ? 0.8 : 0.95),
  Worn: (isNight, isLate) => (isNight ? 0.8 : 0.95) - (isLate ? 0.3 : 0),
  WornByNight: (isNight, isLate) => (isNight ? (isLate ? 0.5 : 0.8) : 0.95),
  Even: () => 0.9,
};

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS });
});
afterAll(() => {
  vi.useRealTimers();
});

function attemptsOfDay(day: number, random: () => number): string[] {
  return Array.from({ length: PER_DAY }, (_, i) => {
    const sinceMs = day * DAY_MS + Math.floor((i * DAY_MS) / PER_DAY);
    const hour = Math.floor((24 * i) / PER_DAY);
    const isNight = hour < 8 || hour >= 20;
    return Object.entries(RATES).map(([name, rate]) =>
      JSON.stringify({
        specversion: '1.0',
        id: `${name}-${day}-${i}`,
        source: '/swarms/test',
        type: 'selfhealer.healing.completed',
        time: new Date(START_MS + sinceMs).toISOString(),
        data: {
          failure_id: `f-${name}-${day}-${i}`,
          failure_type: 'agent_down',
          strategy_used: name,
          success: random() < rate(isNight, sinceMs >= DROP_DAY * DAY_MS),
          duration_ms: 10,
        },
      }),
    );
  }).flat();
}

test('nights that always fail more are told as that, and are no change; drops are', async () => {
  const random = uniform(2);
  const { exporter, url } = await startExporter();
  const read = async (): Promise<Record<string, Json>> => {
    const { strategy_effectiveness: all } = (await ask(`${url}/api/v1/strategies`)).json;
    return Object.fromEntries(all.map((one: Json) => [one.name, one]));
  };
  try {
    for (let day = 0; day < DAYS; day += 1) {
      vi.setSystemTime(START_MS + (day + 1) * DAY_MS);
      const lines = attemptsOfDay(day, random);
      expect((await postLines(url, lines)).json).toMatchObject({ accepted: lines.length });
      // A change is news for a day: what is called at all is seen here.
      if (day < 18) continue;
      const { Nightly } = await read();
      expect(Nightly).toMatchObject({ trend: 'stable', trend_phases: { in_force: true } });
    }
    const { Nightly, Worn, WornByNight, Even } = await read();
    expect(Nightly.trend_phases).toMatchObject({ worse_from_hour: 20, better_from_hour: 8 });
    expect(Nightly.trend_phases.worse.success_rate).toBeLessThan(0.84);
    expect(Nightly.trend_phases.better.success_rate).toBeGreaterThan(0.92);
    expect(Even).toMatchObject({ trend: 'stable', trend_phases: null });
    expect(Worn).toMatchObject({ trend: 'degrading', trend_phases: { in_force: true } });
    expect(WornByNight).toMatchObject({ trend: 'degrading', trend_phases: { changed: 'worse' } });
    for (const one of [Worn, WornByNight]) {
      const changedMs = Date.parse(one.trend_changed_at);
      expect(Math.abs(changedMs - START_MS - DROP_DAY * DAY_MS)).toBeLessThan(0.5 * DAY_MS);
    }
  } finally {
    await exporter.close();
  }
}, 60_000);
