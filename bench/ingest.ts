// Durable ingest: NDJSON, 1,000 events a request, to the exporter as users run it. Beside it, in turns: bare
// splitting and parsing of the same lines, and mtail counting them.
import { execFile, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventStream, type EventStream, type IdKind } from './support/events.js';
import {
  freePort,
  post,
  startExporter,
  whenReady,
  type ServerProcess,
} from './support/exporter-process.js';
import {
  cpuMicros,
  isShort,
  publish,
  ratioOf,
  rssMegabytes,
  type Comparison,
} from './support/measure.js';
import { toolPath } from './support/tools.js';

const EVENTS_A_REQUEST = 1_000;
const CONNECTIONS = 4;
/** They do not count: code is compiled in them, and the memory of ended incidents fills, so that forgetting is measured. */
const WARM_UP_ROUNDS = 3;
const NDJSON = 'application/x-ndjson';

const MTAIL_PROGRAM = `
counter healing_total by strategy, success
counter failures_total by failure_type
histogram healing_duration_ms by strategy buckets 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000
/"type":"selfhealer.healing.completed".*"success":(?P<success>true|false).*"strategy_used":"(?P<strategy>[^"]+)".*"duration_ms":(?P<ms>\\d+)/ {
  healing_total[$strategy][$success]++
  healing_duration_ms[$strategy] = $ms
}
/"type":"selfhealer.failure.detected".*"failure_type":"(?P<failure_type>[^"]+)"/ {
  failures_total[$failure_type]++
}
`;

const size = isShort()
  ? { rounds: 5, requestsPerRound: 20 }
  : { rounds: 11, requestsPerRound: 100 };

publish(await ingest());

async function ingest(): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'selfhealer-bench-'));
  const mtail = await startMtail(folder);
  const fromMs = Date.now() - 3_600_000;
  const ours = {
    ulid: await contestant(folder, 'ulid', fromMs),
    uuid: await contestant(folder, 'uuid', fromMs),
  };
  const micros = {
    ulid: [] as number[],
    uuid: [] as number[],
    parse: [] as number[],
    mtail: [] as number[],
  };
  const perSecond: number[] = [];
  try {
    for (let round = -WARM_UP_ROUNDS; round < size.rounds; round += 1) {
      const bodies = bodiesOf(ours.ulid.stream, size.requestsPerRound);
      const randomBodies = bodiesOf(ours.uuid.stream, size.requestsPerRound);
      const startMs = performance.now();
      const ulid = await timeIngest(ours.ulid.server, bodies);
      const seconds = (performance.now() - startMs) / 1000;
      const uuid = await timeIngest(ours.uuid.server, randomBodies);
      const parse = await timeParse(folder, Buffer.concat(bodies));
      const lines = size.requestsPerRound * EVENTS_A_REQUEST;
      const counted = await timeMtail(mtail, Buffer.concat(bodies), lines);
      if (round < 0) continue;
      micros.ulid.push(ulid);
      micros.uuid.push(uuid);
      micros.parse.push(parse);
      micros.mtail.push(counted);
      perSecond.push(lines / seconds);
    }
    const rss = Math.max(rssMegabytes(ours.ulid.server.pid), rssMegabytes(ours.uuid.server.pid));
    return {
      name: `Durable ingest, ${EVENTS_A_REQUEST} events a request: CPU per event`,
      contestants: [
        { name: 'exporter, time-ordered ids', unit: 'us', values: micros.ulid },
        { name: 'exporter, random ids', unit: 'us', values: micros.uuid },
        { name: 'bare split and JSON.parse', unit: 'us', values: micros.parse },
        { name: 'mtail', unit: 'us', values: micros.mtail },
        { name: 'exporter, throughput', unit: 'events/s', values: perSecond },
      ],
      limits: [
        ratioOf('exporter / bare parse', micros.ulid, micros.parse, 4.5),
        ratioOf('exporter / mtail', micros.ulid, micros.mtail, 0.4),
        ratioOf('exporter with random ids / bare parse', micros.uuid, micros.parse, undefined),
        { what: 'memory, MB', ratio: rss, ratioMax: 250 },
      ],
      notes: [],
    };
  } finally {
    await Promise.all([ours.ulid.server.stop(), ours.uuid.server.stop(), mtail.server.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function contestant(
  folder: string,
  ids: IdKind,
  fromMs: number,
): Promise<{ readonly server: ServerProcess; readonly stream: EventStream }> {
  const server = await startExporter(join(folder, ids));
  return { server, stream: eventStream({ ids, fromMs, msPerEvent: 1 }) };
}

function bodiesOf(stream: EventStream, requests: number): Buffer[] {
  return Array.from({ length: requests }, () => stream.next(EVENTS_A_REQUEST));
}

async function timeIngest(server: ServerProcess, bodies: readonly Buffer[]): Promise<number> {
  const before = cpuMicros(server.pid);
  const options = { connections: CONNECTIONS, contentType: NDJSON };
  await post(`${server.url}/api/v1/events`, bodies, options);
  return (cpuMicros(server.pid) - before) / (bodies.length * EVENTS_A_REQUEST);
}

async function timeParse(folder: string, lines: Buffer): Promise<number> {
  const path = join(folder, 'lines.ndjson');
  writeFileSync(path, lines);
  const script = fileURLToPath(new URL('./support/parse-lines.ts', import.meta.url));
  const arguments_ = ['--import', 'tsx', script, path, '3'];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_);
  return Number(stdout);
}

interface Mtail {
  readonly server: ServerProcess;
  readonly logPath: string;
  lines: number;
}

async function startMtail(folder: string): Promise<Mtail> {
  const programs = join(folder, 'mtail');
  mkdirSync(programs);
  writeFileSync(join(programs, 'healing.mtail'), MTAIL_PROGRAM);
  const logPath = join(folder, 'healing.log');
  writeFileSync(logPath, '');
  const port = await freePort();
  const flags = [
    `--progs=${programs}`,
    `--logs=${logPath}`,
    '--address=127.0.0.1',
    `--port=${port}`,
    `--log_dir=${folder}`,
  ];
  const child = spawn(toolPath('mtail'), flags, { stdio: 'ignore' });
  return {
    server: await whenReady(child, `http://127.0.0.1:${port}`, '/metrics'),
    logPath,
    lines: 0,
  };
}

async function timeMtail(mtail: Mtail, body: Buffer, lines: number): Promise<number> {
  const before = cpuMicros(mtail.server.pid);
  appendFileSync(mtail.logPath, body);
  mtail.lines += lines;
  while ((await linesRead(mtail)) < mtail.lines) await delay(20);
  return (cpuMicros(mtail.server.pid) - before) / lines;
}

async function linesRead({ server }: Mtail): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  let lines = 0;
  for (const match of text.matchAll(/^(?:healing_total|failures_total)\{.*\} (\d+)$/gm)) {
    lines += Number(match[1]);
  }
  return lines;
}
