/** The demo as `npm start` runs it: what the healer printed that it did is what /metrics says of it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, runExporter, untilReady } from './exporter-process.js';

const DEMO = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));
const SECONDS = 15;
/** Series that each strategy brings. */
const PER_STRATEGY = 75;

let folder: string;
let printed: string;
let metrics: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'selfhealer-tally-'));
  printed = await runDemo(folder, await freePort());
  metrics = await metricsOf(folder, await freePort());
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the healer did something of every kind, or the other tests would show nothing', () => {
  for (const title of ['failure', 'attempts', 'skipped', 'resolved', 'prediction']) {
    expect(tallyOf(title), title).not.toEqual([]);
  }
});

test('failures are those that the healer saw', () => {
  for (const [type, rest] of tallyOf('failure')) {
    expect(sumOf('selfhealer_failures_total', { failure_type: type }), type).toBe(Number(rest));
  }
});

test('attempts that succeeded, failed and were skipped are those that the healer made', () => {
  for (const [strategy, rest] of tallyOf('attempts')) {
    const [succeeded, failed, skipped] = rest.match(/\d+/g)?.map(Number) ?? [];
    const attempts = sumOf('selfhealer_healing_attempts_total', { strategy });
    const failures = sumOf('selfhealer_healing_failures_total', { strategy });
    expect([attempts - failures, failures], strategy).toEqual([succeeded, failed]);
    expect(sumOf('selfhealer_healing_skipped_total', { strategy }), strategy).toBe(skipped);
  }
});

test('skips are for the reasons that the healer gave', () => {
  for (const [reason, rest] of tallyOf('skipped')) {
    expect(sumOf('selfhealer_healing_skipped_total', { reason }), reason).toBe(Number(rest));
  }
});

test('incidents ended as the healer said', () => {
  for (const [resolution, rest] of tallyOf('resolved')) {
    const resolved = sumOf('selfhealer_incidents_resolved_total', { resolution });
    expect(resolved, resolution).toBe(Number(rest));
  }
});

test('predictions were settled as the healer said', () => {
  for (const [outcome, rest] of tallyOf('prediction')) {
    expect(sumOf('selfhealer_prediction_outcomes_total', { outcome }), outcome).toBe(Number(rest));
  }
});

test('there are fewer than 2,000 series when every strategy has acted, as the formula says', () => {
  const series = metrics.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const distinct = (pattern: RegExp): number =>
    new Set([...metrics.matchAll(pattern)].map(([found]) => found)).size;
  const strategies = distinct(/\bstrategy="[^"]*"/g);
  expect(tallyOf('attempts')).toHaveLength(strategies);
  // docs/prometheus.md, "How many series".
  const most =
    822 +
    PER_STRATEGY * strategies +
    101 * distinct(/\bfailure_type="[^"]*"/g) +
    5 * distinct(/\bstrategy="[^"]*",failure_type="[^"]*"/g) +
    3 * distinct(/\bresource="[^"]*"/g) +
    distinct(/\bsource="[^"]*"/g);
  expect(series.length).toBeLessThanOrEqual(most);
  expect(series.length).toBeLessThan(2000);
});

/** What it printed last, after it had stopped. */
async function runDemo(storagePath: string, port: number): Promise<string> {
  const flags = [
    `--listen-address=127.0.0.1:${port}`,
    `--storage.path=${storagePath}`,
    `--duration=${SECONDS}`,
    '--pace=12',
    '--wear-after=10',
  ];
  const child = spawn(process.execPath, [DEMO, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, output).toBe(0);
  return output.slice(output.lastIndexOf('What the healer did'));
}

async function metricsOf(storagePath: string, port: number): Promise<string> {
  const exporter = runExporter({ storagePath, port });
  await untilReady(exporter);
  const text = await (await fetch(`${exporter.url}/metrics`)).text();
  exporter.process.kill('SIGTERM');
  await exporter.ended;
  return text;
}

/** Name and the rest of each line of the tally under this title. */
function tallyOf(title: string): [name: string, rest: string][] {
  return [...printed.matchAll(new RegExp(`^  ${title} +(\\S+) +(\\d.*)$`, 'gm'))].map(
    ([, name = '', rest = '']) => [name, rest],
  );
}

function sumOf(metric: string, labels: Readonly<Record<string, string>>): number {
  let sum = 0;
  for (const [, set = '', value] of metrics.matchAll(
    new RegExp(`^${metric}{(.*)} (\\S+)$`, 'gm'),
  )) {
    const matches = Object.entries(labels).every(([name, text]) =>
      set.includes(`${name}="${text}"`),
    );
    if (matches) sum += Number(value);
  }
  return sum;
}
