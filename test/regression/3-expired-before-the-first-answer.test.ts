// What housekeeping had not come to end stood open: `report` on a store right after an import, and the first answer of a
// server on it, called incidents of last month open and a source of predictions that guesses always right.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processIo } from '../../src/app/commands/process-io.js';
import { runCommand } from '../app/commands/fake-io.js';
import { ask, startExporter, type Json } from '../app/exporter-rig.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'expiry-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const { openExporter } = processIo(new AbortController().signal);

function line(type: string, id: string, timeMs: number, data: object): string {
  const time = new Date(timeMs).toISOString();
  const source = '/swarms/test';
  return JSON.stringify({ specversion: '1.0', id, source, type: `selfhealer.${type}`, time, data });
}

/** An incident of three days ago that nobody ended, and one that goes on; a prediction that nobody settled. */
function history(nowMs: number): string[] {
  const oldMs = nowMs - 3 * DAY_MS;
  const soon = { failure_type: 'disk_full', confidence: 0.8, expected_time_ms: HOUR_MS };
  return [
    line('failure.detected', 'd1', oldMs, { failure_id: 'disk_1', failure_type: 'disk_full' }),
    line('failure.predicted', 'p1', oldMs + HOUR_MS, { ...soon, prediction_id: 'p1' }),
    line('failure.detected', 'd2', nowMs - HOUR_MS, {
      failure_id: 'disk_2',
      failure_type: 'disk_full',
    }),
  ];
}

async function importLines(lines: readonly string[]): Promise<void> {
  const path = join(folder, 'history');
  writeFileSync(path, lines.join('\n'));
  const ran = await runCommand(['import', path, `--storage.path=${folder}`], { openExporter });
  expect(ran).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`accepted ${lines.length}`),
  });
}

async function offlineReport(): Promise<Json> {
  const words = ['report', `--storage.path=${folder}`, '--format=json'];
  const { code, stdout } = await runCommand(words, { openExporter });
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const ENDED = {
  predictions: {
    standing: 0,
    by_source: { unknown: { outcomes: { expired: 1 }, precision: 0 } },
  },
  mttr: { by_failure_type: { disk_full: { open_incidents: 1, expired: 1 } } },
};

test('a report of a store that nobody kept house in', async () => {
  await importLines(history(Date.now()));
  const report = await offlineReport();
  expect(report).toMatchObject(ENDED);
  expect(await offlineReport()).toMatchObject(ENDED);
});

test('the first answer of a server on such a store', async () => {
  await importLines(history(Date.now()));
  const { exporter, url } = await startExporter({
    store: { path: join(folder, 'events.db') },
    analysis: { interval: '1h' },
  });
  try {
    expect((await ask(`${url}/api/v1/report`)).json).toMatchObject(ENDED);
    const { text } = await ask(`${url}/metrics`);
    expect(text).toMatch(
      /selfhealer_incidents_resolved_total\{[^}]*resolution="expired"[^}]*\} 1\n/,
    );
  } finally {
    await exporter.close();
  }
});

test('a history in parts: what a later part ends has not expired before', async () => {
  const nowMs = Date.now();
  await importLines(history(nowMs));
  const healed = { failure_id: 'disk_1', strategy_used: 'Clean', success: true, duration_ms: 10 };
  await importLines([line('healing.completed', 'c1', nowMs - 3 * DAY_MS + 60_000, healed)]);
  const { mttr } = await offlineReport();
  expect(mttr.by_failure_type.disk_full).toMatchObject({
    open_incidents: 1,
    expired: 0,
    recovered: 1,
  });
});
