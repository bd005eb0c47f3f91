import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/store/connection.js';
import { openEventLog } from '../../src/store/event-log.js';
import { SCHEMA_VERSION } from '../../src/store/migrations.js';
import { groupOf, heartbeats, testFolder } from './support.js';

const HOLDER = fileURLToPath(new URL('../faults/tools/holder.ts', import.meta.url));

async function storeAt(path: string): Promise<void> {
  const log = await openEventLog({ path });
  await log.append([groupOf(heartbeats(0, 100))]);
  await log.close();
}

/** A process that holds the store until it is killed. */
async function holderOf(path: string) {
  const child = spawn(process.execPath, [...process.execArgv, HOLDER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

describe('opening', () => {
  // Trap: the library runs a write-ahead log at NORMAL, and says FULL only until the first access.
  test('syncs at every commit, on the first open and on every other', () => {
    const path = join(testFolder(), 'events.db');
    for (let i = 0; i < 3; i += 1) {
      const db = connect({ path });
      db.prepare("UPDATE meta SET value = value WHERE key = 'last_seq'").run();
      expect(db.prepare('SELECT count(*) FROM blocks').pluck().get()).toBe(0);
      expect(db.pragma('synchronous', { simple: true })).toBe(2);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      db.close();
    }
  });

  test('the library alone does not: that is why it is set and read back', () => {
    const path = join(testFolder(), 'plain.db');
    new Database(path).pragma('journal_mode = WAL');
    const db = new Database(path);
    db.exec('CREATE TABLE t (x)');
    expect(db.pragma('synchronous', { simple: true })).toBe(1);
    db.close();
  });

  test('a second process is told who holds it; after the holder’s death it opens', async () => {
    const path = join(testFolder(), 'events.db');
    const holder = await holderOf(path);
    await expect(openEventLog({ path })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining(`process ${holder.pid}`),
    });

    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${holder.pid}\n`); // stale, and in nobody's way
    const log = await openEventLog({ path });
    expect(log.opened.lastSeq).toBe(1);
    await log.close();
  });

  test('a second log of the same process is refused as well', async () => {
    const path = join(testFolder(), 'events.db');
    const log = await openEventLog({ path });
    onTestFinished(() => log.close());
    await expect(openEventLog({ path })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    rmSync(`${path}.pid`);
    await expect(openEventLog({ path })).rejects.toThrow('another process holds it');
  });

  const damages: [string, (bytes: Buffer) => Buffer, string][] = [
    ['is no database', () => Buffer.from('a,b,c\n'.repeat(1000)), 'not an SQLite database'],
    ['has a zeroed header', (bytes) => bytes.fill(0, 0, 100), 'not an SQLite database'],
    ['is cut inside its header', (bytes) => bytes.subarray(0, 60), 'not an SQLite database'],
    ['has a header SQLite refuses', (bytes) => bytes.fill(255, 16, 24), 'SQLite says'],
    ['is cut to its first page', (bytes) => bytes.subarray(0, 4096), 'SQLite says'],
    ['has a zeroed schema', (bytes) => bytes.fill(0, 100, 4096), 'SQLite says'],
    [
      'belongs to another program',
      (bytes) => {
        bytes.writeUInt32BE(7, 68);
        return bytes;
      },
      'another program',
    ],
  ];
  test.each(damages)(
    'a file that %s is STORE_CORRUPT and stays as it is',
    async (_, damage, said) => {
      const path = join(testFolder(), "it's.db");
      await storeAt(path);
      const damaged = damage(readFileSync(path));
      writeFileSync(path, damaged);
      await expect(openEventLog({ path })).rejects.toMatchObject({
        code: 'STORE_CORRUPT',
        message: expect.stringMatching(
          new RegExp(`${said}.*mkdir '.*it'\\\\''s\\.db\\.aside' && mv`),
        ),
      });
      expect(readFileSync(path).equals(damaged)).toBe(true);
    },
  );

  test('a store of a later release is STORE_CORRUPT, and stays as it is', async () => {
    const path = join(testFolder(), 'events.db');
    await storeAt(path);
    const db = new Database(path);
    db.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    db.close();
    const before = readFileSync(path);
    await expect(openEventLog({ path })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('newer than'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
