// Runs the tests of clients/python, each of its files as one test. Without Python they are named as not run.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { notRunNote } from '../support/not-run-reporter.js';

const TESTS = fileURLToPath(new URL('../../clients/python/tests/', import.meta.url));
const PYTHON = 'python3';
const VERSION_MIN = 'import sys; sys.exit(sys.version_info < (3, 9))';

/** The files of tests there are, without `.py`. */
export function pythonTestFiles(): string[] {
  return readdirSync(TESTS)
    .filter((name) => /^test_\w+\.py$/.test(name))
    .map((name) => name.slice(0, -'.py'.length))
    .sort();
}

/** One test for one file of them. It has `timeoutMs` altogether. */
export function testPythonFile(file: string, timeoutMs: number): void {
  test(`python: ${file}`, { timeout: timeoutMs }, async (context) => {
    const { status } = spawnSync(PYTHON, ['-c', VERSION_MIN]);
    if (status !== 0) {
      const note = notRunNote('Python 3.9 or later', 'apt-get install python3');
      if (process.env['CI'] === 'true') throw new Error(note);
      context.skip(note);
    }
    const { code, said } = await runFile(file);
    expect(code, said).toBe(0);
    // A test that python left out must not look like one that passed.
    expect(said).not.toMatch(/skipped=\d/);
  });
}

async function runFile(file: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(PYTHON, ['-B', '-X', 'faulthandler', '-m', 'unittest', '-v', file], {
    cwd: TESTS,
    env: { ...process.env, HEALER_EVENTS_NODE: process.execPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const hear = (part: Buffer): void => void (said += part.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}
