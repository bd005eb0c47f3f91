/** What docs/analysis.md states, through the product: who wears out is called in time, who does not is left in peace. */
import { expect, test } from 'vitest';
import { TOLD_CHANGES } from '../statistics/told-delays.js';
import { readPage } from '../statistics/page.js';
import { uniform } from '../support/random.js';
import { ask, postLines, startExporter, valueOf, type Json } from './exporter-rig.js';

const SETTLED = 1_000;
/** Thirty strategies of 333 attempts a day: one alarm in 10,000 attempts, as in the table. */
const EACH = 15;
const APART_MS = 86_400_000 / 333;
const STATED = '333 a day, after 1000, 0.95 to 0.7';

function stated(what: string): number {
  return Number(readPage().get(`delay: ${STATED}: ${what}`)?.measured);
}

test('a strategy that wears out is called within the stated number of attempts, a healthy one is not', async () => {
  expect(TOLD_CHANGES).toContainEqual([0.95, 0.7]);
  const [median, late] = [stated('median delay'), stated('delay of 95 %')];
  const startMs = Date.now() - 60_000 - (SETTLED + late) * APART_MS;
  const random = uniform(20_261_128);
  const names = Array.from({ length: EACH }, (_, i) => [`Worn${i}`, `Healthy${i}`]).flat();
  const attempts = (from: number, to: number): string[] => {
    const lines: string[] = [];
    for (let n = from; n < to; n += 1) {
      const time = new Date(startMs + n * APART_MS).toISOString();
      for (const name of names) {
        const rate = name.startsWith('Worn') && n >= SETTLED ? 0.7 : 0.95;
        lines.push(
          JSON.stringify({
            specversion: '1.0',
            id: `${name}-${n}`,
            source: '/swarms/test',
            type: 'selfhealer.healing.completed',
            time,
            data: {
              failure_id: `f-${name}-${n}`,
              failure_type: 'agent_down',
              strategy_used: name,
              success: random() < rate,
              duration_ms: 10,
            },
          }),
        );
      }
    }
    return lines;
  };
  const { exporter, url } = await startExporter();
  try {
    const called = async (kind: string): Promise<number> => {
      const { strategy_effectiveness: all } = (await ask(`${url}/api/v1/strategies`)).json;
      return all.filter((one: Json) => one.name.startsWith(kind) && one.trend !== 'stable').length;
    };
    await postLines(url, attempts(0, SETTLED));
    const before = await called('Worn');
    await postLines(url, attempts(SETTLED, SETTLED + median));
    const half = await called('Worn');
    await postLines(url, attempts(SETTLED + median, SETTLED + late));
    expect(before).toBe(0);
    // Of fifteen: about half by the median, all but one by the time of 95 %.
    expect(half).toBeGreaterThanOrEqual(4);
    expect(await called('Worn')).toBeGreaterThanOrEqual(13);
    expect(await called('Healthy')).toBe(0);
    await expect
      .poll(
        async () => {
          const { text } = await ask(`${url}/metrics`);
          const standing = (trend: string, kind: string): number =>
            Array.from({ length: EACH }, (_, i) => `strategy="${kind}${i}",trend="${trend}"`)
              .map((labels) => valueOf(text, `selfhealer_strategy_trend{${labels}}`) ?? 0)
              .reduce((sum, value) => sum + value, 0);
          return standing('degrading', 'Worn') >= 13 && standing('stable', 'Healthy') === EACH;
        },
        { timeout: 25_000, interval: 500 },
      )
      .toBe(true);
  } finally {
    await exporter.close();
  }
}, 120_000);
