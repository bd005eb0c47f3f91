/** A named pipe in the place of the store held the process for ever: no signal but SIGKILL ended it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEventLog } from '../../src/store/event-log.js';
import { temporaryFolder } from '../sources/pipeline-rig.js';

test.each([
  ['a named pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdirSync(path)],
])('a store that is %s is refused at once', async (_what, make) => {
  const [folder, remove] = temporaryFolder();
  try {
    const path = join(folder, 'events.db');
    make(path);
    const error = await openEventLog({ path }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'STORE_FAILED' });
    expect(String(error)).toContain(`${path}: expected a file, got a folder or a device`);
  } finally {
    remove();
  }
});
