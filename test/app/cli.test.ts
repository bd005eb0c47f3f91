// The program as a process of its own: what only the process can show.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEventLog } from '../../src/store/event-log.js';

const ROOT = join(import.meta.dirname, '../..');
const REGISTER = join(ROOT, 'test/support/register-ts.mjs');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In a folder of its own, without the environment of the tests. */
function start(words: readonly string[], env: Record<string, string> = {}) {
  const argv = ['--import', REGISTER, join(ROOT, 'src/cli.ts'), ...words];
  const child = spawn(process.execPath, argv, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

describe('the program', () => {
  test('says the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await start(['--version']).ended).toEqual({
      code: 0,
      stdout: `selfhealer-exporter ${version}\n`,
      stderr: '',
    });
  });

  test('with a bad configuration opens nothing and ends with 78', async () => {
    const env = { SELFHEALER_LOG_LEVEL: 'loud' };
    const { code, stdout, stderr } = await start(['serve', '--queue.capacity=much'], env).ended;
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(/^error: configuration: 2 problems\n {2}queue\.capacity: /);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('with wrong usage ends with 2, with nobody there with 69', async () => {
    expect((await start(['frobnicate']).ended).code).toBe(2);
    expect((await start(['report', '--url=http://127.0.0.1:1']).ended).code).toBe(69);
  });

  test('reads a history from standard input', async () => {
    const { child, ended } = start(['import', '-', '--source=/s', '--url=http://127.0.0.1:1']);
    child.stdin.end('{"failure_id":"x","strategy_used":"s","timestamp":"no time"}\n');
    const { code, stdout, stderr } = await ended;
    expect([code, stdout]).toEqual([65, 'accepted 0, duplicates 0, rejected 1\n']);
    expect(stderr).toMatch(/^line 1: invalid_time: /);
  });

  test('checks the store itself, unless another process holds it', async () => {
    const log = await openEventLog({ path: join(folder, 'data/events.db') });
    const held = await start(['check', '--storage.path=data']).ended;
    await log.close();
    expect(held.code).toBe(1);
    expect(held.stdout).toMatch(new RegExp(`failed  store: .*\\b${process.pid}\\b`));

    const free = await start(['check', '--storage.path=data']).ended;
    expect([free.code, free.stderr]).toEqual([0, '']);
    expect(free.stdout).toContain('ok      store: data/events.db is whole, 0 events');
  });

  test('is not upset by a reader that leaves', async () => {
    const { child, ended } = start(['config', 'print']);
    child.stdout.destroy();
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
  });
});
