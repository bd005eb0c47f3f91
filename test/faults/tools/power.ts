/** Power losses of a process that writes to the event log, and what is left after each. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../../../src/store/connection.js';
import { Store } from '../../../src/store/store.js';
import { transpile } from './transpiled.js';

const LIBRARY = fileURLToPath(new URL('./powerfail.c', import.meta.url));
const LOSSES_PER_STORE = 5;
const POWER_LOST = 137;
/** Enough to reach into the second hundred of appends; small ones hit the first opening. */
const WRITES_MAX = 900;

export interface Bench {
  readonly folder: string;
  readonly library: string;
  readonly writer: string;
}

export interface Damage {
  readonly losses: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly findings: readonly string[];
}

/** Compiles what the cycles need, once. */
export function setUp(): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'power-'));
  const library = join(folder, 'powerfail.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, LIBRARY, '-ldl']);
  transpile(folder, [
    'src/core',
    'src/core/state',
    'src/store',
    'test/store/events.ts',
    'test/faults/tools/writer.ts',
  ]);
  return { folder, library, writer: join(folder, 'test/faults/tools/writer.js') };
}

export function tearDown({ folder }: Bench): void {
  rmSync(folder, { recursive: true, force: true });
}

/** `losses` power losses at seeded places, five to a store, two stores at a time. */
export async function losePower(
  bench: Bench,
  options: { readonly losses: number; readonly synchronous?: 'NORMAL' },
): Promise<Damage> {
  const stores = Math.ceil(options.losses / LOSSES_PER_STORE);
  const damages: Damage[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < stores) {
      next += 1;
      damages.push(await loseStore(bench, next, options.synchronous));
    }
  };
  await Promise.all([work(), work()]);
  return damages.reduce((a, b) => ({
    losses: a.losses + b.losses,
    acknowledged: a.acknowledged + b.acknowledged,
    lost: a.lost + b.lost,
    findings: [...a.findings, ...b.findings],
  }));
}

async function loseStore(bench: Bench, no: number, synchronous?: 'NORMAL'): Promise<Damage> {
  const dir = join(bench.folder, `store-${synchronous ?? 'FULL'}-${no}`);
  const path = join(dir, 'data', 'events.db');
  const ledger = join(bench.folder, `ledger-${synchronous ?? 'FULL'}-${no}`);
  const faults = JSON.stringify({
    ...(synchronous === undefined ? {} : { synchronous }),
    ...(no % 2 === 0 ? { checkpointPages: 60 } : {}), // so that some losses fall into a checkpoint
  });
  let seed = no * 7919;
  let losses = 0;
  const findings: string[] = [];
  let lost = 0;
  for (let cycle = 0; cycle < LOSSES_PER_STORE; cycle += 1) {
    seed = (seed * 48271) % 0x7fffffff;
    const env = {
      ...process.env,
      LD_PRELOAD: bench.library,
      PF_DIR: dir,
      PF_AT: String(1 + (seed % WRITES_MAX)),
      PF_MODE: cycle % 2 === 0 ? 'all' : 'random',
      PF_SEED: String(seed),
    };
    const status = await exitOf([bench.writer, path, ledger, faults, `${no}-${cycle}`], env);
    if (status === POWER_LOST) losses += 1;
    else if (status !== 0) findings.push(`the writer of store ${no} ended with ${status}`);
    const left = inspect(path, ledger);
    lost = left.lost;
    findings.push(...left.findings.map((finding) => `store ${no}, loss ${cycle}: ${finding}`));
  }
  const acknowledged = idsIn(ledger).length;
  rmSync(dir, { recursive: true, force: true });
  return { losses, acknowledged, lost, findings };
}

async function exitOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | string> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env }, (_error, _stdout, stderr) => {
      const { exitCode, signalCode } = child;
      resolve(exitCode ?? signalCode ?? stderr);
    });
  });
}

function inspect(path: string, ledger: string): { lost: number; findings: readonly string[] } {
  const acknowledged = idsIn(ledger);
  if (!existsSync(path)) return { lost: acknowledged.length, findings: [] };
  const store = new Store(connect({ path }), path);
  try {
    const stored: string[] = [];
    for (let after = 0; ;) {
      const batch = store.read(after);
      if (batch === undefined) break;
      const { text, spans, count } = batch.entries;
      for (let i = 0; i < count; i += 1) {
        stored.push(
          JSON.parse(Buffer.from(text.subarray(spans[2 * i], spans[2 * i + 1])).toString()).id,
        );
      }
      after = batch.nextSeq - 1;
    }
    const unique = new Set(stored);
    const findings = [...store.check().findings];
    if (unique.size !== stored.length) findings.push('an event stands twice');
    const { rolledSeq } = store.opened();
    const { cells } = store.history({ range: undefined, filters: {}, pending: [] });
    const counted = cells.reduce((sum, { cell }) => sum + cell.succeeded, 0);
    if (counted !== rolledSeq) findings.push(`${counted} counted, ${rolledSeq} rolled up`);
    return { lost: acknowledged.filter((id) => !unique.has(id)).length, findings };
  } finally {
    store.close();
  }
}

function idsIn(ledger: string): string[] {
  if (!existsSync(ledger)) return [];
  return readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
}
