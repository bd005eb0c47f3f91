// Many scrapes at once: few renderings, each true, and nothing else waits long.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/app/clock.js';
import { Scrapes } from '../../src/app/scrape.js';
import { LiveState } from '../../src/core/state/live-state.js';
import { metricFormats } from '../../src/exposition/formats.js';
import { RowWalker } from '../../src/exposition/row-walker.js';
import { metricRows } from '../../src/metrics/table.js';
import { completed, fold } from '../support/events.js';
import { viewOf } from '../metrics/scrape.js';

const FORMATS = metricFormats({ created: false });

function scrapesOver(state: LiveState): { readonly scrapes: Scrapes; readings: () => number } {
  let readings = 0;
  const scrapes = new Scrapes({
    walker: new RowWalker(metricRows([])),
    view: () => {
      readings += 1;
      return viewOf(state);
    },
    foreign: () => Promise.resolve([]),
    clock: systemClock,
  });
  return { scrapes, readings: () => readings };
}

test('a hundred at once cost two renderings, and one packing each', async () => {
  const { scrapes, readings } = scrapesOver(fold([completed(0, 'f')]).state);
  const all = await Promise.all(Array.from({ length: 100 }, () => scrapes.render(FORMATS[0])));
  expect(new Set(all).size).toBeLessThanOrEqual(2);
  expect(readings()).toBeLessThanOrEqual(2);
  const [first] = all;
  const packed = await Promise.all([first?.packed(), first?.packed()]);
  expect(packed[0]).toBe(packed[1]);
  expect(gunzipSync(packed[0] ?? '')).toEqual(first?.body);
});

test('a scrape shows what was folded before it was asked for, also while others are written', async () => {
  const { state } = fold([completed(0, 'f0')]);
  const { scrapes } = scrapesOver(state);
  const asked: Promise<number>[] = [];
  const attemptsIn = async (): Promise<number> => {
    const { body } = await scrapes.render(FORMATS[0]);
    const line = /^selfhealer_healing_attempts_total\{.*"reactive"\} (\d+)$/m.exec(body.toString());
    return Number(line?.[1]);
  };
  for (let n = 1; n <= 40; n += 1) {
    fold([completed(n, `f${n}`)], state);
    asked.push(attemptsIn());
    // Sometimes in one turn, sometimes in others.
    if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const shown = await Promise.all(asked);
  for (const [i, attempts] of shown.entries()) expect(attempts).toBeGreaterThanOrEqual(i + 2);
});

test('one that fails does not fail the next', async () => {
  let fails = true;
  const scrapes = new Scrapes({
    walker: new RowWalker(metricRows([])),
    view: () => {
      if (fails) throw new Error('no');
      return viewOf(new LiveState());
    },
    foreign: () => Promise.resolve([]),
    clock: systemClock,
  });
  await expect(scrapes.render(FORMATS[0])).rejects.toThrow('no');
  fails = false;
  expect((await scrapes.render(FORMATS[0])).body.toString()).toMatch(/^# HELP selfhealer_/);
});
