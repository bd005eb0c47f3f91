// The exporter as users run it: the built command in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const START_MS_MAX = 120_000;

export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startExporter(storagePath: string): Promise<ServerProcess> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      CLI,
      'serve',
      `--storage.path=${storagePath}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return whenReady(child, `http://127.0.0.1:${port}`, '/readyz');
}

/** A script of this folder that listens on the port that it is given, run by tsx. */
export async function startScript(script: string): Promise<ServerProcess> {
  const port = await freePort();
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return whenReady(child, `http://127.0.0.1:${port}`, '/');
}

export async function whenReady(
  child: ChildProcess,
  url: string,
  path: string,
): Promise<ServerProcess> {
  const { pid } = child;
  if (pid === undefined) throw new Error(`bench: could not start ${child.spawnfile}`);
  const ended = once(child, 'exit');
  const deadlineMs = Date.now() + START_MS_MAX;
  while (!(await answers(url + path))) {
    if (child.exitCode !== null) throw new Error(`bench: ${child.spawnargs.join(' ')} ended`);
    if (Date.now() > deadlineMs) throw new Error(`bench: ${url} does not answer`);
    await delay(5);
  }
  return {
    pid,
    url,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('bench: no port');
  return address.port;
}

/** Posts the bodies over a number of kept-alive connections, each body as soon as a connection is free. */
export async function post(
  url: string,
  bodies: readonly Buffer[],
  options: { readonly connections: number; readonly contentType: string },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  let next = 0;
  const sendAll = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      await postOne(agent, url, body, options.contentType);
    }
  };
  await Promise.all(Array.from({ length: options.connections }, sendAll));
  agent.destroy();
}

function postOne(agent: Agent, url: string, body: Buffer, contentType: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType, 'content-length': body.length };
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`bench: ${url} answered ${String(response.statusCode)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
