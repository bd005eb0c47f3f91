/** Caps that change between two processes, of which one is killed: what was shown stays, whatever is counted again. */
import Sqlite from 'better-sqlite3';
import { cpSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completion, temporaryFolder } from '../sources/pipeline-rig.js';
import { ask, postLines, startExporter } from './exporter-rig.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';
const CAPPED = [
  ATTEMPTS,
  'selfhealer_healing_duration_seconds',
  'selfhealer_failures_total',
  'selfhealer_healing_failures_total',
];

interface Phase {
  readonly cap: number;
  /** Until the kill: then everything after the snapshot before is counted again. */
  readonly isClosed?: boolean;
  /** As after an update to a release that cannot read it. */
  readonly isSnapshotLost?: boolean;
}

/** What must never fall, by series. */
function countersIn(page: string): Map<string, number> {
  const types = new Map(
    [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  const found = new Map<string, number>();
  for (const [, series = '', name = '', value] of page.matchAll(/^((\w+)(?:\{.*\})?) (\S+)$/gm)) {
    const family = name.replace(/_(bucket|count|sum)$/, '');
    const isCounter = types.get(name) === 'counter' || types.get(family) === 'histogram';
    const isOfLog = /^selfhealer_(?!exporter)|^selfhealer_exporter_label_overflows/.test(name);
    if (isCounter && isOfLog) found.set(series, Number(value));
  }
  return found;
}

function attemptsIn(counters: Map<string, number>): number {
  return [...counters].reduce(
    (sum, [series, n]) => (series.startsWith(`${ATTEMPTS}{`) ? sum + n : sum),
    0,
  );
}

/** Strategies that come in turns, some for the first time. */
function eventsOf(phase: number): string[] {
  return Array.from({ length: 10 }, (_, n) =>
    completion({
      data: {
        strategy_used: `S${n % (phase + 3)}`,
        failure_type: `type_${n % (phase + 2)}`,
        success: n % 3 > 0,
      },
    }),
  );
}

test.each<{ readonly name: string; readonly phases: readonly Phase[] }>([
  { name: 'raised', phases: [{ cap: 1 }, { cap: 100 }, { cap: 100 }] },
  { name: 'lowered', phases: [{ cap: 100 }, { cap: 1 }, { cap: 1 }] },
  { name: 'changed at every start', phases: [{ cap: 1 }, { cap: 3 }, { cap: 2 }, { cap: 50 }] },
  {
    name: 'raised after a snapshot',
    phases: [{ cap: 1, isClosed: true }, { cap: 100 }, { cap: 2, isClosed: true }, { cap: 3 }],
  },
  {
    name: 'raised, with all of it counted again',
    phases: [
      { cap: 1, isClosed: true, isSnapshotLost: true },
      { cap: 100, isClosed: true, isSnapshotLost: true },
      { cap: 100 },
    ],
  },
])('caps that are $name take nothing back', async ({ phases }) => {
  const [folder, remove] = temporaryFolder();
  let shown = new Map<string, number>();
  for (const [i, { cap, isClosed, isSnapshotLost }] of phases.entries()) {
    const path = `${folder}/${i}/events.db`;
    const labelSetsMax = Object.fromEntries(CAPPED.map((name) => [name, cap * 4]));
    const { exporter, url } = await startExporter({ store: { path }, metrics: { labelSetsMax } });
    const scrape = async (): Promise<Map<string, number>> =>
      countersIn((await ask(`${url}/metrics`)).text);
    const begun = await scrape();
    const fallen = [...shown].filter(([series, n]) => (begun.get(series) ?? -1) < n);
    expect(fallen).toEqual([]);
    expect(attemptsIn(begun)).toBe(10 * i);
    expect((await postLines(url, eventsOf(i))).status).toBe(200);
    shown = await scrape();
    if (isClosed === true) await exporter.close();
    // The files as a kill would leave them.
    copyStore(`${folder}/${i}`, `${folder}/${i + 1}`);
    if (isClosed !== true) await exporter.close();
    if (isSnapshotLost === true) dropSnapshots(`${folder}/${i + 1}/events.db`);
  }
  remove();
});

test('a cap that is raised holds for what comes from then on, as often as it is counted again', async () => {
  const [folder, remove] = temporaryFolder();
  const seriesUnder = async (i: number, cap: number): Promise<number> => {
    const labelSetsMax = { [ATTEMPTS]: cap };
    const store = { path: `${folder}/${i}/events.db` };
    const { exporter, url } = await startExporter({ store, metrics: { labelSetsMax } });
    await postLines(url, eventsOf(i));
    const { text } = await ask(`${url}/metrics`);
    copyStore(`${folder}/${i}`, `${folder}/${i + 1}`);
    await exporter.close();
    return text.split('\n').filter((line) => line.startsWith(`${ATTEMPTS}{`)).length;
  };
  const low = await seriesUnder(0, 3);
  const high = await seriesUnder(1, 1000);
  expect(high).toBeGreaterThan(low);
  expect(await seriesUnder(2, 1000)).toBeGreaterThan(high);
  remove();
});

function copyStore(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (!name.endsWith('.pid')) cpSync(`${from}/${name}`, `${to}/${name}`);
  }
}

function dropSnapshots(path: string): void {
  const db = new Sqlite(path);
  db.exec('DELETE FROM snapshots');
  db.close();
}
