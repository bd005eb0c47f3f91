/**
 * Where the system denies that the folder above exists, Node's own way of making folders tried for
 * ever: the process neither served nor ended.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEventLog } from '../../src/store/event-log.js';
import { temporaryFolder } from '../sources/pipeline-rig.js';

test.runIf(process.platform === 'linux')(
  'a folder that cannot be made ends the start',
  async () => {
    for (const folder of ['/proc/selfhealer', '/proc/selfhealer/data']) {
      const error = await openEventLog({ path: `${folder}/events.db` }).catch(String);
      expect(error).toMatch(/mkdir '\/proc\/selfhealer'/);
    }
  },
);

test('folders are made as far as they are missing, for their owner only', async () => {
  const [folder, remove] = temporaryFolder();
  try {
    const made = join(folder, 'a', 'b');
    mkdirSync(join(folder, 'a'), { mode: 0o755 });
    await (await openEventLog({ path: join(made, 'events.db') })).close();
    expect(statSync(made).mode & 0o777).toBe(0o700);
    writeFileSync(join(folder, 'file'), '');
    const inFile = openEventLog({ path: join(folder, 'file', 'c', 'events.db') });
    await expect(inFile).rejects.toMatchObject({ code: 'STORE_FAILED' });
  } finally {
    remove();
  }
});
