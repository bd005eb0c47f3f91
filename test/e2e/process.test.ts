import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { completion, temporaryFolder, until } from '../sources/pipeline-rig.js';
import {
  CLI,
  freePort,
  runExporter,
  untilReady,
  type ExporterProcess,
  type RunOptions,
} from './exporter-process.js';
import { domainCounters, Ledger, post, sumOf } from './ledger.js';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

function storage(): string {
  const [folder, remove] = temporaryFolder();
  cleanUps.push(remove);
  return folder;
}

function run(options: RunOptions): ExporterProcess {
  const exporter = runExporter(options);
  cleanUps.push(() => exporter.process.kill('SIGKILL'));
  return exporter;
}

test('A second process on the same data ends at once and names the first', async () => {
  const storagePath = storage();
  const first = run({ storagePath, port: await freePort() });
  await untilReady(first);
  // What it takes here to start the command at all: other tests have this machine too.
  const baseMs = Date.now();
  spawnSync(process.execPath, [CLI, '--version']);
  const startMs = Date.now();
  const second = run({ storagePath, port: await freePort() });

  expect(await second.ended).toBe(1);
  expect(Date.now() - startMs).toBeLessThan(2000 + 3 * (startMs - baseMs));
  expect(second.log()).toContain(String(first.pid));
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
});

test('SIGTERM under load ends with 0 in time and loses nothing acknowledged', async () => {
  const storagePath = storage();
  const port = await freePort();
  const ledger = new Ledger();
  for (let round = 0; round < 3; round++) {
    const exporter = run({ storagePath, port });
    await untilReady(exporter);
    const stop = new AbortController();
    const sending = Array.from({ length: 8 }, () => ledger.send(exporter.url, stop.signal));
    await until(() => ledger.acknowledged.size > 500 * (round + 1));
    const startMs = Date.now();
    exporter.process.kill('SIGTERM');

    expect(await exporter.ended).toBe(0);
    expect(Date.now() - startMs).toBeLessThan(10_000);
    for (const statuses of await Promise.all(sending)) {
      for (const status of statuses) expect([200, 503]).toContain(status);
    }
  }
  const exporter = run({ storagePath, port });
  await untilReady(exporter);
  const acknowledged = [...ledger.acknowledged.values()];
  expect(await post(exporter.url, acknowledged)).toMatchObject({
    settled: { accepted: 0, duplicates: acknowledged.length },
  });
});

test('While it recovers it says so, and shows no number that is not true', async () => {
  const storagePath = storage();
  const port = await freePort();
  const events = 60_000;
  const first = run({ storagePath, port });
  await untilReady(first);
  for (let from = 0; from < events; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, i) => completion({ id: `r${from + i}` }));
    expect(await post(first.url, lines)).toMatchObject({ settled: { accepted: 10_000 } });
  }
  first.process.kill('SIGKILL');
  await first.ended;

  const second = run({ storagePath, port });
  const seen = new Map<number, number>();
  let counters: Map<string, number> | number = 503;
  while (typeof counters === 'number') {
    counters = await domainCounters(second.url).catch(() => 0);
    const status = typeof counters === 'number' ? counters : 200;
    seen.set(status, (seen.get(status) ?? 0) + 1);
    if (status !== 503) continue;
    const answers = await Promise.all(
      ['/livez', '/readyz', '/api/v1/report'].map((path) => fetch(`${second.url}${path}`)),
    );
    const [live, ready, report] = answers.map((answer) => answer.status);
    expect(live).toBe(200);
    // It may have become ready in between.
    expect([200, 503]).toContain(ready);
    expect([200, 503]).toContain(report);
    const posted = await post(second.url, [completion({ id: 'r0' })]);
    expect([200, 503]).toContain(posted?.status);
  }
  expect(seen.get(503) ?? 0).toBeGreaterThan(0);
  expect(sumOf(counters, 'selfhealer_healing_attempts_total')).toBe(events);
});

test('A wrong configuration starts nothing and lists every problem', async () => {
  const storagePath = join(storage(), 'never');
  const flags = ['--analysis.interval=soon', '--queue.capacity=lots', '--no.such=1'];
  const exporter = run({ storagePath, port: await freePort(), flags });

  expect(await exporter.ended).toBe(78);
  for (const name of ['analysis.interval', 'queue.capacity', 'no.such']) {
    expect(exporter.log()).toContain(name);
  }
});

test('A port that is taken ends it with an error, and the data stay free', async () => {
  const port = await freePort();
  const holder = run({ storagePath: storage(), port });
  await untilReady(holder);
  const storagePath = storage();
  const exporter = run({ storagePath, port });
  expect(await exporter.ended).toBe(74);
  expect(exporter.log()).toContain(`127.0.0.1:${port}`);
  const next = run({ storagePath, port: await freePort() });
  await untilReady(next);
});

test('A file is followed across a kill without losing or repeating a line', async () => {
  const storagePath = storage();
  const folder = join(storage(), 'logs');
  mkdirSync(folder);
  const file = join(folder, 'events.ndjson');
  const port = await freePort();
  const written: string[] = [];
  for (let round = 0; round < 5; round++) {
    const exporter = run({ storagePath, port, flags: [`--sources.files=${file}`] });
    await untilReady(exporter);
    for (let i = 0; i < 20; i++) {
      written.push(...Array.from({ length: 50 }, () => completion()));
      writeFileSync(file, `${written.slice(-50).join('\n')}\n`, { flag: 'a' });
      await new Promise((resolve) => setTimeout(resolve, 5 * round));
    }
    exporter.process.kill('SIGKILL');
    await exporter.ended;
  }
  const exporter = run({ storagePath, port, flags: [`--sources.files=${file}`] });
  await untilReady(exporter);
  await until(async () => {
    const counters = await domainCounters(exporter.url);
    if (typeof counters === 'number') return false;
    return sumOf(counters, 'selfhealer_exporter_events_total') >= written.length;
  });
  const response = await fetch(`${exporter.url}/metrics`);
  expect(await response.text()).toContain(
    'selfhealer_exporter_events_duplicate_total{input="file"} 0\n',
  );
  exporter.process.kill('SIGTERM');
  expect(await exporter.ended).toBe(0);
});
