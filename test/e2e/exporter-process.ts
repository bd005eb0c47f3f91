/** The exporter as a user runs it: the built program, in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface ExporterProcess {
  readonly process: ChildProcess;
  readonly url: string;
  readonly pid: number;
  /** Everything it said so far. */
  readonly log: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface RunOptions {
  readonly storagePath: string;
  readonly port: number;
  readonly flags?: readonly string[];
}

/** Does not wait for anything. */
export function runExporter({ storagePath, port, flags = [] }: RunOptions): ExporterProcess {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build makes it`);
  const address = `127.0.0.1:${port}`;
  const own = [`--web.listen-address=${address}`, `--storage.path=${storagePath}`];
  const child = spawn(process.execPath, [CLI, 'serve', ...own, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  let log = '';
  child.stderr.on('data', (part: Buffer) => (log += part.toString()));
  return {
    process: child,
    url: `http://${address}`,
    pid: child.pid ?? 0,
    log: () => log,
    ended: new Promise((resolve) => {
      child.on('close', (code, signal) => resolve(signal ?? code ?? -1));
    }),
  };
}

/** Resolves when it takes events. */
export async function untilReady({ url, log, ended }: ExporterProcess): Promise<void> {
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  const endMs = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    if (hasEnded || Date.now() > endMs) throw new Error(`it did not become ready: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
