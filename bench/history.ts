// What a long history costs: a report over any range, and a restart, at 1,000,000 events beside 10,000 events and
// beside folding all of them again.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventStream } from './support/events.js';
import { post, startExporter, type ServerProcess } from './support/exporter-process.js';
import { isShort, publish, ratioOf, rssMegabytes, type Comparison } from './support/measure.js';

const SPAN_MS = 7 * 86_400_000;
const RANGES = ['', '?range=1h', '?range=1d', '?range=7d', '?range=90m', '?range=30d'];
const FEW = 10_000;
const size = isShort()
  ? { questions: 3, restarts: 3, many: 50_000 }
  : { questions: 27, restarts: 9, many: 1_000_000 };

const folder = mkdtempSync(join(tmpdir(), 'selfhealer-bench-'));
try {
  const many = join(folder, 'many');
  publish(await reports(join(folder, 'few'), many));
  publish(await restarts(many));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function reports(few: string, many: string): Promise<Comparison> {
  const small = await filled(few, FEW);
  const large = await filled(many, size.many);
  try {
    const measured = RANGES.map((range) => ({
      range,
      small: [] as number[],
      large: [] as number[],
    }));
    for (let round = -1; round < size.questions; round += 1) {
      for (const { range, ...times } of measured) {
        const ofSmall = await timeReport(small, range);
        const ofLarge = await timeReport(large, range);
        if (round < 0) continue;
        times.small.push(ofSmall);
        times.large.push(ofLarge);
      }
    }
    const named = (range: string): string => (range === '' ? 'everything' : range.slice(1));
    return {
      name: 'A report over any range',
      contestants: measured.flatMap(({ range, ...times }) => [
        { name: `${named(range)}, ${size.many} events`, unit: 'ms', values: times.large },
        { name: `${named(range)}, ${FEW} events`, unit: 'ms', values: times.small },
      ]),
      limits: [
        ...measured.map(({ range, ...times }) =>
          ratioOf(`${named(range)}: many / few`, times.large, times.small, 2),
        ),
        { what: 'memory, MB', ratio: rssMegabytes(large.pid), ratioMax: 250 },
      ],
      notes: [],
    };
  } finally {
    await Promise.all([small.stop(), large.stop()]);
  }
}

/** Events spread evenly over the last week, so that both histories span the same ranges. */
async function filled(path: string, events: number): Promise<ServerProcess> {
  const server = await startExporter(path);
  const fromMs = Date.now() - SPAN_MS;
  const stream = eventStream({ ids: 'ulid', fromMs, msPerEvent: SPAN_MS / events });
  for (let sent = 0; sent < events; sent += 10_000) {
    const bodies = Array.from({ length: 10 }, () => stream.next(1_000));
    const options = { connections: 1, contentType: 'application/x-ndjson' };
    await post(`${server.url}/api/v1/events`, bodies, options);
  }
  return server;
}

/** Other ranges are asked for in between, so that nothing is answered from what the same question left behind. */
async function timeReport(server: ServerProcess, range: string): Promise<number> {
  const startMs = performance.now();
  const response = await fetch(`${server.url}/api/v1/report${range}`);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`bench: report${range} answered ${response.status}`);
  return performance.now() - startMs;
}

async function restarts(path: string): Promise<Comparison> {
  const times = { restart: [] as number[], refold: [] as number[] };
  let memory = 0;
  for (let round = 0; round < size.restarts; round += 1) {
    const restart = await recoverOnce(path, 'restart');
    const refold = await recoverOnce(path, 'refold');
    times.restart.push(restart.ms);
    times.refold.push(refold.ms);
    memory = Math.max(memory, restart.rssMegabytes);
  }
  return {
    name: `From open to recovered, ${size.many} events`,
    contestants: [
      { name: 'restart (snapshot and tail)', unit: 'ms', values: times.restart },
      { name: 'folding all events again', unit: 'ms', values: times.refold },
    ],
    limits: [
      ratioOf('restart / folding all again', times.restart, times.refold, 0.1),
      { what: 'memory, MB', ratio: memory, ratioMax: 250 },
    ],
    notes: [],
  };
}

async function recoverOnce(
  path: string,
  how: 'restart' | 'refold',
): Promise<{ readonly ms: number; readonly rssMegabytes: number }> {
  const script = fileURLToPath(new URL('./support/recover-once.ts', import.meta.url));
  const loader = new URL('../test/support/register-ts.mjs', import.meta.url).href;
  const arguments_ = ['--import', loader, script, join(path, 'events.db'), how];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_);
  const [ms = NaN, rss = NaN] = stdout.trim().split(' ').map(Number);
  return { ms, rssMegabytes: rss };
}
