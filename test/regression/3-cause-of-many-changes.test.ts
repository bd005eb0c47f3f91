// Of thirty strategies that were given other failures, ten were told to be tuned, and nothing said why.
import { expect, test } from 'vitest';
import { MIX_SHIFTS_MAX } from '../../src/app/mix-shifts.js';
import { ask, postLines, startExporter, type Json } from '../app/exporter-rig.js';
import { uniform } from '../support/random.js';

const STRATEGIES = MIX_SHIFTS_MAX + 2;
const EASY = 150;
const ALL = 230;

/** Every strategy heals easy failures nearly always and hard ones rarely, and then gets hard ones only. */
function linesUntil(nowMs: number): string[] {
  const random = uniform(11);
  const lines: string[] = [];
  for (let i = 0; i < ALL; i += 1) {
    const isHard = i >= EASY || i % 10 === 0;
    for (let s = 0; s < STRATEGIES; s += 1) {
      const timeMs = nowMs - (ALL - i) * 10_000 + s;
      lines.push(
        JSON.stringify({
          specversion: '1.0',
          id: `e${s}-${i}`,
          source: '/swarms/test',
          type: 'selfhealer.healing.completed',
          time: new Date(timeMs).toISOString(),
          data: {
            failure_id: `f${s}-${i}`,
            failure_type: isHard ? 'hard' : 'easy',
            strategy_used: `Mix${s}`,
            success: random() < (isHard ? 0.3 : 0.98),
            duration_ms: 10,
          },
        }),
      );
    }
  }
  return lines;
}

test('what was not looked into is said, and looked into when it is asked for', async () => {
  const { exporter, url } = await startExporter();
  try {
    const lines = linesUntil(Date.now() - 60_000);
    expect((await postLines(url, lines)).json).toMatchObject({ accepted: lines.length });
    const report = (await ask(`${url}/api/v1/report`)).json;
    const told: Json[] = report.strategy_effectiveness;
    expect(told.map(({ trend }) => trend)).toEqual(told.map(() => 'degrading'));
    const known = told.filter(({ trend_cause: cause }) => cause !== null);
    expect(known).toHaveLength(MIX_SHIFTS_MAX);
    for (const one of known) {
      expect(one).toMatchObject({ trend_cause: { mix_changed: true }, trend_cause_missing: null });
    }
    const others = told.filter(({ trend_cause: cause }) => cause === null);
    expect(others).toHaveLength(STRATEGIES - MIX_SHIFTS_MAX);
    for (const { name, trend_cause_missing: missing } of others) {
      expect(missing).toMatch(/^only the 20 strategies that changed last/);
      const alone = (await ask(`${url}/api/v1/strategies?strategy=${name}`)).json;
      expect(alone.strategy_effectiveness).toMatchObject([
        { name, trend_cause: { mix_changed: true }, trend_cause_missing: null },
      ]);
    }
  } finally {
    await exporter.close();
  }
}, 60_000);
