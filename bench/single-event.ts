// One event a request over 64 kept-alive connections, durable before it is answered. Beside it, in turns: a bare
// node:http server that parses the same bodies and keeps nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStream } from './support/events.js';
import {
  post,
  startExporter,
  startScript,
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

const CONNECTIONS = 64;
const size = isShort() ? { rounds: 5, requests: 1_000 } : { rounds: 11, requests: 10_000 };

publish(await singleEvent());

async function singleEvent(): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'selfhealer-bench-'));
  const ours = await startExporter(folder);
  const bare = await startScript('./parse-server.ts');
  const stream = eventStream({ ids: 'ulid', fromMs: Date.now() - 3_600_000, msPerEvent: 1 });
  const micros = { ours: [] as number[], bare: [] as number[] };
  const perSecond = { ours: [] as number[], bare: [] as number[] };
  try {
    for (let round = -1; round < size.rounds; round += 1) {
      const bodies = Array.from({ length: size.requests }, () => stream.next(1));
      const mine = await timePosts(ours, `${ours.url}/api/v1/events`, bodies);
      const theirs = await timePosts(bare, bare.url, bodies);
      if (round < 0) continue;
      micros.ours.push(mine.micros);
      micros.bare.push(theirs.micros);
      perSecond.ours.push(mine.perSecond);
      perSecond.bare.push(theirs.perSecond);
    }
    const rss = rssMegabytes(ours.pid);
    return {
      name: `One event a request, ${CONNECTIONS} connections: CPU per event`,
      contestants: [
        { name: 'exporter', unit: 'us', values: micros.ours },
        { name: 'bare node:http and JSON.parse', unit: 'us', values: micros.bare },
        { name: 'exporter, throughput', unit: 'events/s', values: perSecond.ours },
        { name: 'bare, throughput', unit: 'events/s', values: perSecond.bare },
      ],
      limits: [
        ratioOf('exporter / bare', micros.ours, micros.bare, 2.2),
        ratioOf('throughput, exporter / bare', perSecond.ours, perSecond.bare, undefined),
        { what: 'memory, MB', ratio: rss, ratioMax: 250 },
      ],
      notes: [],
    };
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timePosts(
  server: ServerProcess,
  url: string,
  bodies: readonly Buffer[],
): Promise<{ readonly micros: number; readonly perSecond: number }> {
  const before = cpuMicros(server.pid);
  const startMs = performance.now();
  await post(url, bodies, {
    connections: CONNECTIONS,
    contentType: 'application/cloudevents+json',
  });
  const seconds = (performance.now() - startMs) / 1000;
  return {
    micros: (cpuMicros(server.pid) - before) / bodies.length,
    perSecond: bodies.length / seconds,
  };
}
