/** `rules > rules.yml` on a full disk left part of a file, or nothing, and ended with 0. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
/** Takes nothing, as a disk without room. Of Linux. */
const FULL = '/dev/full';

test.runIf(process.platform === 'linux')('output that finds no room is an I/O error', () => {
  const full = openSync(FULL, 'w');
  const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, CLI, 'rules'], {
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  expect(status).toBe(74);
  expect(String(stderr)).toMatch(/^error: standard output: .*ENOSPC/);
});
