/**
 * What an append to the event log costs: CPU of both threads per event, 1000 events an append, with
 * ids that rise with time (ULID) and with random ones (UUID), beside splitting the same lines and
 * parsing them. Run it with: node --import ./test/support/register-ts.mjs bench/store.ts [events]
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppendGroup } from '../src/core/ports.js';
import { openEventLog } from '../src/store/event-log.js';

const EVENTS = Number(process.argv[2] ?? 100_000);
const PER_APPEND = 1000;
const BEGAN_MS = 1_795_456_800_000;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const STRATEGIES = ['AgentRestartStrategy', 'TaskRetryStrategy', 'CircuitBreakerStrategy'];

const ulid = (timeMs: number): string => {
  let time = '';
  for (let rest = timeMs; time.length < 10; rest = Math.floor(rest / 32)) {
    time = (CROCKFORD[rest % 32] ?? '') + time;
  }
  return time + [...randomBytes(16)].map((byte) => CROCKFORD[byte % 32]).join('');
};

function event(id: string, i: number): string {
  const agent = `agent-${String((i * 7) % 211).padStart(3, '0')}`;
  const time = new Date(BEGAN_MS + i * 37).toISOString();
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: '/swarms/alpha',
    type: 'selfhealer.healing.completed',
    time,
    data: {
      success: i % 5 > 0,
      failure_id: `agent_failure_${agent}_${BEGAN_MS + i * 37}`,
      strategy_used: STRATEGIES[i % 3],
      actions_taken: [`Unregistered ${agent}`, `Re-registered ${agent}`],
      duration_ms: 100 + ((i * 7919) % 900),
      timestamp: time,
      metadata: { agent_id: agent },
    },
  });
}

function groupsOf(makeId: (timeMs: number) => string): AppendGroup[] {
  return Array.from({ length: EVENTS / PER_APPEND }, (_, g) => {
    const timesMs = Float64Array.from(
      { length: PER_APPEND },
      (_, k) => BEGAN_MS + (g * PER_APPEND + k) * 37,
    );
    const ids = Array.from(timesMs, makeId);
    const bytes = Buffer.from(ids.map((id, k) => event(id, g * PER_APPEND + k)).join('\n'));
    const spans = new Uint32Array(PER_APPEND * 2);
    let at = 0;
    for (let k = 0; k < PER_APPEND; k += 1) {
      const next = bytes.indexOf(10, at);
      const end = next < 0 ? bytes.length : next;
      spans.set([at, end], 2 * k);
      at = end + 1;
    }
    return {
      input: 'http',
      receivedMs: BEGAN_MS + g,
      bytes,
      spans,
      sources: ['/swarms/alpha'],
      sourceIndex: new Uint32Array(PER_APPEND),
      idSpans: new Uint32Array(PER_APPEND * 2),
      otherIds: new Map(ids.entries()),
      timesMs,
    };
  });
}

async function measured(work: () => Promise<void>): Promise<{ cpu: number; wall: number }> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / EVENTS, wall: ((performance.now() - began) * 1000) / EVENTS };
}

async function append(
  groups: readonly AppendGroup[],
): Promise<{ cpu: number; wall: number; bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'store-bench-'));
  const path = join(folder, 'events.db');
  const log = await openEventLog({ path });
  const cost = await measured(async () => {
    for (const group of groups) await log.append([group]);
  });
  await log.close();
  const bytes = statSync(path).size / EVENTS;
  rmSync(folder, { recursive: true });
  return { ...cost, bytes };
}

async function parse(groups: readonly AppendGroup[]): Promise<{ cpu: number; wall: number }> {
  return measured(async () => {
    for (const { bytes } of groups) {
      for (const line of Buffer.from(bytes).toString().split('\n')) JSON.parse(line);
    }
  });
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const inputs = { ULID: groupsOf(ulid), UUID: groupsOf(() => randomUUID()) };
for (const [name, groups] of Object.entries(inputs)) {
  const rounds = [];
  for (let round = 0; round < 3; round += 1) {
    rounds.push({ parsed: await parse(groups), appended: await append(groups) });
  }
  const cpu = median(rounds.map(({ appended }) => appended.cpu));
  const parsed = median(rounds.map(({ parsed }) => parsed.cpu));
  const bytes = median(rounds.map(({ appended }) => appended.bytes));
  const wall = median(rounds.map(({ appended }) => appended.wall));
  console.log(
    `${name}: append ${cpu.toFixed(2)} us CPU and ${wall.toFixed(2)} us wall an event, split and parse ` +
      `${parsed.toFixed(2)} us, ratio ${(cpu / parsed).toFixed(2)}, ${bytes.toFixed(0)} bytes on disk an event`,
  );
}
