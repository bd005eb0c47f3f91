/** The budget of false alarms through the product: what it costs in time until a change is called, and what it says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ExporterOptions } from '../../src/app/exporter.js';
import { uniform } from '../support/random.js';
import { ask, postLines, startExporter, type Json } from './exporter-rig.js';

const SETTLED = 400;
const CHANGED = 70;
const APART_MS = 86_400_000 / 333;
const NAMES = Array.from({ length: 6 }, (_, i) => `Worn${i}`);

type FalseAlarms = NonNullable<ExporterOptions['analysis']>['falseAlarms'];

/** One attempt of each strategy: 0.95 of them succeed at first, then 0.65. */
function attempts(): string[][] {
  const random = uniform(4);
  const startMs = Date.now() - 60_000 - (SETTLED + CHANGED) * APART_MS;
  return Array.from({ length: SETTLED + CHANGED }, (_, n) =>
    NAMES.map((name) =>
      JSON.stringify({
        specversion: '1.0',
        id: `${name}-${n}`,
        source: '/swarms/test',
        type: 'selfhealer.healing.completed',
        time: new Date(startMs + n * APART_MS).toISOString(),
        data: {
          failure_id: `f-${name}-${n}`,
          failure_type: 'agent_down',
          strategy_used: name,
          success: random() < (n < SETTLED ? 0.95 : 0.65),
          duration_ms: 10,
        },
      }),
    ),
  );
}

async function degrading(url: string): Promise<string[]> {
  const { strategy_effectiveness: all } = (await ask(`${url}/api/v1/strategies`)).json;
  return all.filter((one: Json) => one.trend === 'degrading').map((one: Json) => one.name);
}

/** Attempts of each strategy from its change until it is called. */
async function delays(all: string[][], falseAlarms: FalseAlarms): Promise<number[]> {
  const { exporter, url } = await startExporter({ analysis: { falseAlarms } });
  try {
    await postLines(url, all.slice(0, SETTLED).flat());
    expect(await degrading(url)).toEqual([]);
    const found = new Map<string, number>();
    for (let n = 1; n <= CHANGED; n += 1) {
      await postLines(url, all[SETTLED + n - 1] ?? []);
      for (const name of await degrading(url)) found.set(name, found.get(name) ?? n);
    }
    return NAMES.map((name) => found.get(name) ?? Number.POSITIVE_INFINITY);
  } finally {
    await exporter.close();
  }
}

test('the rarer false alarms are to be, the later a change is called', async () => {
  const all = attempts();
  const loose = await delays(all, { perStrategy: '1 in 10d', fleet: '100 a day' });
  const usual = await delays(all, {});
  const strict = await delays(all, { fleet: 'one false alarm a year' });
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  loose.forEach((delay, i) => {
    expect(delay).toBeLessThanOrEqual(usual[i] ?? 0);
    expect(usual[i]).toBeLessThanOrEqual(strict[i] ?? 0);
  });
  expect(sum(loose)).toBeLessThan(sum(usual));
  expect(sum(usual)).toBeLessThan(sum(strict));
  expect(sum(strict)).toBeLessThan(Number.POSITIVE_INFINITY);
}, 60_000);

test('the report says the budget in force; what was called under another one stays called', async () => {
  const all = attempts();
  const folder = mkdtempSync(join(tmpdir(), 'false-alarms-'));
  const store = { path: join(folder, 'events.db') };
  try {
    const loose = await startExporter({ store });
    await postLines(loose.url, all.flat());
    const before = await degrading(loose.url);
    expect(before).not.toEqual([]);
    const usual = (await ask(`${loose.url}/api/v1/report`)).json;
    expect(usual.false_alarms).toEqual({ per_strategy_days: 30, fleet_days: 1 });
    await loose.exporter.close();

    const falseAlarms = { fleet: '1 in 100y' };
    const strict = await startExporter({ store, analysis: { falseAlarms } });
    const report = (await ask(`${strict.url}/api/v1/report`)).json;
    expect(report.false_alarms).toEqual({ per_strategy_days: 30, fleet_days: 36_500 });
    expect(await degrading(strict.url)).toEqual(before);
    await strict.exporter.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
