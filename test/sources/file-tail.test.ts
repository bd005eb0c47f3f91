import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileTailSource } from '../../src/sources/file-tail/file-tail-source.js';
import {
  completion,
  openRig,
  quickTimer,
  temporaryFolder,
  totalOf,
  until,
  type PipelineRig,
} from './pipeline-rig.js';

let rig: PipelineRig;
let folder: string;
let path: string;
let removeFolder: () => void;
let sources: FileTailSource[] = [];
const reports: string[] = [];
const REPLACED = 'the file was replaced meanwhile: what was not read before is lost';

beforeEach(async () => {
  rig = await openRig();
  [folder, removeFolder] = temporaryFolder();
  path = join(folder, 'events.ndjson');
  reports.length = 0;
});
afterEach(async () => {
  for (const source of sources) await source.stop();
  sources = [];
  await rig.close();
  removeFolder();
});

function newSource(source?: string): FileTailSource {
  const checkpoints = new Map(
    rig.heard.flatMap(({ delivery: { checkpoint }, outcome }) =>
      checkpoint === undefined || 'code' in outcome ? [] : [[checkpoint.name, checkpoint.value]],
    ),
  );
  const report = (_level: string, message: string): void => void reports.push(message);
  const made = new FileTailSource({ path, source, checkpoints, startTimer: quickTimer, report });
  sources.push(made);
  return made;
}

async function follow(source?: string): Promise<FileTailSource> {
  const started = newSource(source);
  await started.start(rig.intake);
  return started;
}

function write(...lines: string[]): void {
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

/** In the state, and their deliveries told: a large one is folded in slices. */
const accepted = (count: number) =>
  until(() => rig.eventsBefore + totalOf(rig).accepted >= count && rig.state.seq >= count);

/** Long enough for several looks at the file. */
const looks = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('A followed file', () => {
  test('that does not exist is waited for', async () => {
    await follow();
    await looks();
    write(completion());
    await accepted(1);
  });

  test('is read from its beginning the first time, and from where it was left after that', async () => {
    write(completion(), completion());
    const first = await follow();
    await accepted(2);
    await first.stop();
    write(completion());
    await follow();
    await accepted(3);
    await looks();
    expect(totalOf(rig)).toEqual({ accepted: 3, duplicates: 0, rejected: 0 });
  });

  test('a last line without its end waits until it is whole', async () => {
    const line = completion();
    write(completion());
    appendFileSync(path, line.slice(0, 40));
    await follow();
    await accepted(1);
    await looks();
    expect(rig.state.seq).toBe(1);
    appendFileSync(path, `${line.slice(40)}\n`);
    await accepted(2);
    expect(totalOf(rig)).toEqual({ accepted: 2, duplicates: 0, rejected: 0 });
  });

  test('may end its lines as Windows does, begin with a mark and hold empty lines', async () => {
    writeFileSync(path, `\ufeff${completion()}\r\n\r\n\n${completion()}\r\n`);
    await follow();
    await accepted(2);
    expect(totalOf(rig)).toEqual({ accepted: 2, duplicates: 0, rejected: 0 });
  });

  test('a line that is too long is counted and passed over, however long it is', async () => {
    const file = openSync(path, 'a');
    writeSync(file, `${completion()}\n"`);
    for (let i = 0; i < 20; i++) writeSync(file, 'x'.repeat(1024 * 1024));
    await follow();
    await accepted(1);
    writeSync(
      file,
      `"\n${completion()}\n${JSON.stringify('y'.repeat(100_000))}\n${completion()}\n`,
    );
    closeSync(file);
    await accepted(3);

    expect(totalOf(rig)).toEqual({ accepted: 3, duplicates: 0, rejected: 2 });
    expect(rig.counts.rejections.at(0, 'file', 'event_too_large').n).toBe(2);
    const longest = Math.max(...rig.heard.map(({ delivery }) => delivery.body.length));
    expect(longest).toBeLessThanOrEqual(1024 * 1024);
  });

  test('a line that is no event is counted, and the others are taken', async () => {
    write(completion(), 'nonsense', completion());
    await follow();
    await accepted(2);
    expect(totalOf(rig)).toEqual({ accepted: 2, duplicates: 0, rejected: 1 });
    expect(reports).toContain('a line was rejected');
  });

  test('may be larger than what is read at once', async () => {
    const lines = Array.from({ length: 12_000 }, () => completion());
    write(...lines);
    await follow();
    await accepted(lines.length);
    expect(totalOf(rig)).toEqual({ accepted: lines.length, duplicates: 0, rejected: 0 });
  });
});

describe('Bare healing results', () => {
  const result = {
    failure_id: 'agent_down_1',
    strategy_used: 'S',
    success: true,
    duration_ms: 5,
    timestamp: '2026-11-23 18:00:00',
  };

  test('are events of the source that the file was given', async () => {
    write(JSON.stringify(result), completion(), JSON.stringify({ ...result, success: false }));
    await follow('/swarms/alpha');
    await accepted(2);
    await looks();

    expect([...rig.state.heard.lastReceivedMs.keys()].sort()).toEqual(['/swarms/alpha', '/test']);
    expect(totalOf(rig)).toMatchObject({ accepted: 2, duplicates: 1 });
  });

  test('are rejected where no source is given, and where they have no time', async () => {
    write(JSON.stringify(result), completion());
    const first = await follow();
    await accepted(1);
    await first.stop();
    write(JSON.stringify({ ...result, timestamp: undefined }), completion());
    await follow('/swarms/alpha');
    await accepted(2);

    expect(totalOf(rig)).toEqual({ accepted: 2, duplicates: 0, rejected: 2 });
  });
});

describe('Rotation', () => {
  test('reads the old file to its end, also what is still written to it, then the new one', async () => {
    write(completion());
    await follow();
    await accepted(1);
    const old = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    writeSync(old, `${completion()}\n`);
    write(completion());
    writeSync(old, completion()); // without a line feed: there will be none
    closeSync(old);
    await accepted(4);

    expect(totalOf(rig)).toEqual({ accepted: 4, duplicates: 0, rejected: 0 });
    write(completion());
    await accepted(5);
  });

  test('leaves a writer time to hear of it', async () => {
    write(completion());
    await follow();
    await accepted(1);
    const old = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    for (let i = 0; i < 20; i++) await looks();
    writeSync(old, `${completion()}\n`);
    await accepted(2);
    closeSync(old);
    write(completion());
    await accepted(3);
    expect(reports).toContain('file was rotated');
  });

  test.each(['events.ndjson-20261123', 'events-20261123.ndjson', 'h.1'])(
    'while the exporter was away loses nothing of the file that is %s now',
    async (name) => {
      write(completion());
      const first = await follow();
      await accepted(1);
      await first.stop();
      write(completion(), completion());
      renameSync(path, join(folder, name));
      write(completion());
      writeFileSync(`${path}.unrelated`, `${completion()}\n`);
      await follow();
      await accepted(4);
      await looks();

      expect(totalOf(rig)).toEqual({ accepted: 4, duplicates: 0, rejected: 0 });
      expect(reports).not.toContain(REPLACED);
    },
  );

  test('while the exporter was away is told when the old file is gone', async () => {
    write(completion());
    const first = await follow();
    await accepted(1);
    await first.stop();
    write(completion());
    renameSync(path, `${folder}.gone`);
    write(completion());
    await follow();
    rmSync(`${folder}.gone`);
    await accepted(2);
    expect(reports).toContain(REPLACED);
  });

  test('to a file of the same number is noticed by how it begins', async () => {
    write(completion(), completion());
    const first = await follow();
    await accepted(2);
    await first.stop();
    // As large as before, or larger: the offset alone would not tell.
    writeFileSync(path, '');
    write(completion(), completion(), completion());
    await follow();
    await accepted(5);
    expect(totalOf(rig)).toEqual({ accepted: 5, duplicates: 0, rejected: 0 });
  });
});

describe('A file that is emptied', () => {
  test('is read anew from its beginning', async () => {
    write(completion(), completion(), completion());
    await follow();
    await accepted(3);
    truncateSync(path);
    write(completion());
    await accepted(4);
    expect(totalOf(rig)).toEqual({ accepted: 4, duplicates: 0, rejected: 0 });
    expect(reports.some((message) => message.includes('truncated'))).toBe(true);
  });

  test('and removed, and made again, is followed again', async () => {
    write(completion());
    await follow();
    await accepted(1);
    rmSync(path);
    await looks();
    write(completion());
    await accepted(2);
  });
});

describe('What is no ordinary file', () => {
  test('is refused at the start', async () => {
    mkdirSync(path);
    await expect(newSource().start(rig.intake)).rejects.toMatchObject({
      name: 'ExporterError',
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('a folder'),
    });
    rmSync(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    await expect(newSource().start(rig.intake)).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
    sources = [];
  });

  test('is not read when it takes the place of the file', async () => {
    write(completion());
    await follow();
    await accepted(1);
    renameSync(path, `${path}.1`);
    symlinkSync(folder, path);
    await looks();
    expect(reports).toContain('file cannot be followed; it is tried again');
    rmSync(path);
    write(completion());
    await accepted(2);
  });
});
