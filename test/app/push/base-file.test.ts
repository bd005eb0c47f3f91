/** What is kept of the differences between two processes, and files that are no such thing. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { baseKeeper } from '../../../src/app/push/base-file.js';
import { Deltas } from '../../../src/exposition/otlp/delta.js';
import { RowWalker, type MetricFamily } from '../../../src/exposition/row-walker.js';
import { metricRows } from '../../../src/metrics/table.js';
import { fold } from '../../support/events.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { viewOf } from '../../metrics/scrape.js';
import { temporaryFolder } from '../../sources/pipeline-rig.js';

type Told = Exclude<MetricFamily, { kind: 'summary' }>;

const { state } = fold(oneOfEverything());
const counted = new RowWalker(metricRows([]))
  .read(viewOf(state))
  .filter((family): family is Told => family.kind === 'counter' || family.kind === 'histogram');
let folder: string;
let remove: () => void;
let complaints: string[];

beforeEach(() => {
  [folder, remove] = temporaryFolder();
  complaints = [];
});
afterEach(() => remove());

function keeper(): ReturnType<typeof baseKeeper> {
  return baseKeeper(join(folder, 'events.db'), (level, message) => {
    complaints.push(`${level} ${message}`);
  });
}

function told(deltas: Deltas): number {
  const values = counted.flatMap((family) =>
    deltas.since(family, 2).points.map(({ value }) => value),
  );
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === 'number' ? value : value.count),
    0,
  );
}

async function kept(): Promise<string> {
  const deltas = new Deltas(undefined);
  deltas.advance({ families: counted, nowMs: 1 }, counted);
  if (deltas.base === undefined) throw new Error('no base');
  await keeper().save(deltas.base);
  return join(folder, 'events.db.otlp-base');
}

test('what was written is read again, and nothing else is left in the folder', async () => {
  expect(keeper().load()).toBeUndefined();
  await kept();
  expect(told(new Deltas(keeper().load()))).toBe(0);
  expect(readdirSync(folder)).toEqual(['events.db.otlp-base']);
  expect(complaints).toEqual([]);
});

test.each([
  ['nothing', () => ''],
  ['zeros', () => '\0'.repeat(4096)],
  ['something else', () => '{"a":1}\n'],
  ['half of it', (whole: string) => whole.slice(0, whole.length / 2)],
  ['no time', (whole: string) => whole.replace(/^\d+/, 'then')],
  ['a text as a value', (whole: string) => whole.replace(/,\d+\]/, ',"1"]')],
])('with %s in it, it is said so and nothing is told twice', async (_name, damage) => {
  const path = await kept();
  writeFileSync(path, damage(readFileSync(path, 'utf8')));
  const deltas = new Deltas(keeper().load());
  expect(complaints.join()).toMatch(/^error what was pushed before is not known/);
  expect(told(deltas)).toBe(0);
  deltas.advance({ families: counted, nowMs: 3 }, counted);
  expect(told(deltas)).toBe(0);
});

test('a folder in its place is said, too', () => {
  mkdirSync(join(folder, 'events.db.otlp-base'));
  expect(keeper().load()).toBe('unknown');
  expect(complaints).toHaveLength(1);
});
