// Our text beside prom-client's rendering of the same series.
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { LiveState } from '../../../src/core/state/live-state.js';
import { TextWriter } from '../../../src/exposition/prometheus/text-writer.js';
import { registerMetrics } from '../../../src/exposition/prometheus/register.js';
import { RowWalker } from '../../../src/exposition/row-walker.js';
import { metricRows } from '../../../src/metrics/table.js';
import { deriveGauges } from '../../../src/analysis/derived.js';
import { completed, detected, fold } from '../../support/events.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { viewOf } from '../../metrics/scrape.js';
import { written } from '../written.js';

const OPT_INS = ['agents', 'circuits'] as const;

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

test.each([
  ['nothing', () => []],
  ['one of every event', oneOfEverything],
])('the lines are those of prom-client: %s', async (_name, events) => {
  const { state } = fold(events());
  const view = viewOf(state, { report: deriveGauges(state, 1_795_456_800_000) });
  const registry = new Registry();
  registerMetrics(registry, () => view, { optIns: OPT_INS });
  const walker = new RowWalker(metricRows(OPT_INS));
  const text = written(new TextWriter(), walker.read(view));

  expect(linesOf(text).sort()).toEqual(linesOf(await registry.metrics()).sort());
});

test('label values and help keep quotes, backslashes and line ends', () => {
  const build = { version: 'a"b\\c\nd', revision: 'é', nodeVersion: 'v20' };
  const walker = new RowWalker(metricRows([]));
  const text = written(new TextWriter(), walker.read(viewOf(new LiveState(), { build })));
  expect(text).toContain('{version="a\\"b\\\\c\\nd",revision="é",node_version="v20"} 1\n');
});

test('what was written for a series is used again, and never for another', () => {
  const state = new LiveState();
  const walker = new RowWalker(metricRows([]));
  const writer = new TextWriter();
  written(writer, walker.read(viewOf(state)));
  const events = [detected(0, 'f1'), completed(1, 'f1')];
  const view = viewOf(fold(events, state).state);
  const again = written(writer, walker.read(view));
  expect(again).toBe(written(new TextWriter(), new RowWalker(metricRows([])).read(view)));
  expect(written(writer, walker.read(view))).toBe(again);
});

test('a reading is one moment: what is folded afterwards is not in it', () => {
  const state = fold([detected(0, 'f1'), completed(1, 'f1')]).state;
  const reading = new RowWalker(metricRows([])).read(viewOf(state));
  const before = written(new TextWriter(), reading);
  fold([detected(2, 'f2'), completed(3, 'f2')], state);
  expect(written(new TextWriter(), reading)).toBe(before);
});
