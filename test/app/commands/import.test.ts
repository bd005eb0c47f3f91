import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../../src/core/ports.js';
import { fakeExporter, opening, runCommand, type FakeOptions } from './fake-io.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-test-'));
  // Where the command puts its own temporary files, so that what is left over is seen.
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const T0 = Date.UTC(2026, 10, 1);
const iso = (second: number): string => new Date(T0 + second * 1000).toISOString();

function result(second: number, changes: object = {}) {
  return {
    success: true,
    failure_id: `agent_${second}`,
    strategy_used: 'AgentRestartStrategy',
    actions_taken: [],
    duration_ms: 10,
    timestamp: iso(second),
    metadata: {},
    ...changes,
  };
}

function event(second: number, id = `e${second}`) {
  return {
    specversion: '1.0',
    id,
    source: '/s',
    type: 'selfhealer.heartbeat',
    time: iso(second),
  };
}

const ndjson = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

function write(text: string | Uint8Array): string {
  const path = join(folder, 'history');
  writeFileSync(path, text);
  return path;
}

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A server that takes everything, but for what `reply` says. */
function server(
  reply: (items: Record<string, unknown>[], request: number) => Reply | undefined = () => undefined,
) {
  const batches: Record<string, unknown>[][] = [];
  const requests: Request[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    requests.push(request);
    const text = await request.text();
    const items = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        try {
          return JSON.parse(line);
        } catch {
          return { line };
        }
      });
    const {
      status,
      headers = {},
      body,
    } = reply(items, requests.length) ?? {
      status: 200,
      body: { accepted: items.length, duplicates: 0, rejected: [] },
    };
    if (status === 200 || status === 400) batches.push(items);
    return new Response(JSON.stringify(body ?? {}), { status, headers });
  };
  return { batches, requests, fetch };
}

const importFile = (path: string, fake: FakeOptions, ...words: string[]) =>
  runCommand(['import', path, ...words], fake);

describe('to a running exporter', () => {
  test('bare results become events of the source, oldest first', async () => {
    const { batches, requests, fetch } = server();
    const path = write(ndjson([result(3), result(1), result(2)]));
    expect(await importFile(path, { fetch }, '--source=/swarms/alpha')).toEqual({
      code: 0,
      stdout: 'accepted 3, duplicates 0, rejected 0\n',
      stderr: '',
    });
    expect(batches[0]?.map(({ time }) => time)).toEqual([iso(1), iso(2), iso(3)]);
    expect(batches[0]?.[0]).toMatchObject({
      specversion: '1.0',
      source: '/swarms/alpha',
      type: 'selfhealer.healing.completed',
      data: result(1),
    });
    expect(requests[0]?.url).toBe('http://127.0.0.1:9464/api/v1/events');
    expect(requests[0]?.headers.get('content-type')).toBe('application/x-ndjson');
  });

  test('CloudEvents keep what they bring, also beside bare results', async () => {
    const { batches, fetch } = server();
    const path = write(ndjson([event(5), result(4), event(3)]));
    await importFile(path, { fetch }, '--source=/mine');
    expect(batches[0]?.map(({ source }) => source)).toEqual(['/s', '/mine', '/s']);
    expect(batches[0]?.[0]).toEqual(event(3));
  });

  test('what the data say goes before the time of the envelope; without any it comes last', async () => {
    const { batches, fetch } = server();
    const timeless = { ...event(0, 'timeless'), time: undefined };
    const early = { ...event(9, 'early'), data: { detected_at: iso(1) } };
    const python = { ...event(9, 'python'), data: { timestamp: '2026-11-01 00:00:02.000000' } };
    await importFile(write(ndjson([timeless, python, event(3, 'plain'), early])), { fetch });
    expect(batches[0]?.map(({ id }) => id)).toEqual(['early', 'python', 'plain', 'timeless']);
  });

  test('equal times keep the order of the file', async () => {
    const { batches, fetch } = server();
    const ids = Array.from({ length: 200 }, (_, i) => `e${i}`);
    await importFile(write(ndjson(ids.map((id) => event(1, id)))), { fetch });
    expect(batches[0]?.map(({ id }) => id)).toEqual(ids);
  });

  test('goes in batches of a thousand', async () => {
    const { batches, fetch } = server();
    const path = write(ndjson(Array.from({ length: 2500 }, (_, i) => event(i))));
    const { stdout } = await importFile(path, { fetch });
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(stdout).toBe('accepted 2500, duplicates 0, rejected 0\n');
  });

  test('large events make smaller batches, so that no request is too large', async () => {
    const { batches, requests, fetch } = server();
    const big = 'x'.repeat(60_000);
    const events = Array.from({ length: 300 }, (_, i) => ({ ...event(i), data: { big } }));
    await importFile(write(ndjson(events)), { fetch });
    expect(batches.flat()).toHaveLength(300);
    expect(batches.length).toBeGreaterThan(2);
    expect(requests.length).toBe(batches.length);
  });

  test('duplicates are counted, and importing twice is no error', async () => {
    const { fetch } = server((items) => ({
      status: 200,
      body: { accepted: 0, duplicates: items.length, rejected: [] },
    }));
    expect(await importFile(write(ndjson([event(1), event(2)])), { fetch })).toMatchObject({
      code: 0,
      stdout: 'accepted 0, duplicates 2, rejected 0\n',
    });
  });
});

describe('what is rejected', () => {
  test('is told by its line of the file, and ends with 65; the rest is taken', async () => {
    const { fetch } = server((items) => ({
      status: 200,
      body: {
        accepted: items.length - 1,
        duplicates: 0,
        rejected: [{ index: 0, code: 'unknown_type', message: 'type: expected an event type' }],
      },
    }));
    // The oldest stands on line 4, behind a blank one.
    const path = write(`${ndjson([event(3), event(2)])}\n${ndjson([event(1)])}`);
    expect(await importFile(path, { fetch })).toEqual({
      code: 65,
      stdout: 'accepted 2, duplicates 0, rejected 1\n',
      stderr: 'line 4: unknown_type: type: expected an event type\n',
    });
  });

  test('all of it, too', async () => {
    const rejected = [{ index: 0, code: 'invalid_json', message: 'm' }];
    const { fetch } = server(() => ({
      status: 400,
      body: { accepted: 0, duplicates: 0, rejected, error: { code: 'all_rejected', message: 'm' } },
    }));
    expect(await importFile(write('{\n'), { fetch })).toMatchObject({
      code: 65,
      stderr: 'line 1: invalid_json: m\n',
    });
  });

  test('bare results without what their id needs, before they are sent', async () => {
    const { batches, fetch } = server();
    const path = write(
      ndjson([result(1), result(2, { timestamp: 'soon' }), result(3, { failure_id: 7 })]),
    );
    const { code, stderr, stdout } = await importFile(path, { fetch }, '--source=/s');
    expect(code).toBe(65);
    expect(stderr).toContain(
      'line 2: invalid_time: timestamp: expected a time in RFC 3339, got "soon"',
    );
    expect(stderr).toContain('line 3: invalid_field: failure_id: expected a string, got 7');
    expect(stdout).toBe('accepted 1, duplicates 0, rejected 2\n');
    expect(batches[0]).toHaveLength(1);
  });

  test('a line of megabytes, which is not even read', async () => {
    const { batches, fetch } = server();
    const path = write(
      `${ndjson([event(1)])}{"x":"${'y'.repeat(5_000_000)}"}\n${ndjson([event(2)])}`,
    );
    const { code, stderr } = await importFile(path, { fetch });
    expect(code).toBe(65);
    expect(stderr).toBe('line 2: event_too_large: event: expected at most 65536 bytes, got more\n');
    expect(batches[0]?.map(({ id }) => id)).toEqual(['e1', 'e2']);
  });

  test('what is no JSON is left to the exporter, bytes and all', async () => {
    const bodies: Buffer[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      bodies.push(Buffer.from(await new Request(input, init).arrayBuffer()));
      return new Response('{"accepted":0,"duplicates":0,"rejected":[]}');
    };
    const text = Buffer.concat([
      Buffer.from('{"a":'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('}\n'),
    ]);
    await importFile(write(text), { fetch });
    expect(bodies[0]?.equals(text)).toBe(true);
  });

  test('in the thousands is summed up', async () => {
    const lines = Array.from({ length: 1500 }, (_, i) => result(i, { timestamp: 'x' }));
    const { stderr, stdout } = await importFile(write(ndjson(lines)), server(), '--source=/s');
    expect(stderr.trim().split('\n')).toHaveLength(1001);
    expect(stderr).toMatch(/and 500 more\n$/);
    expect(stdout).toBe('accepted 0, duplicates 0, rejected 1500\n');
  });
});

describe('a server that is busy or away', () => {
  test('is asked again after the time it names', async () => {
    const waits: number[] = [];
    const { batches, fetch } = server((_, request) =>
      request <= 2
        ? { status: request === 1 ? 503 : 429, headers: { 'retry-after': '90' } }
        : undefined,
    );
    const sleep = async (durationMs: number): Promise<void> => void waits.push(durationMs);
    const { code } = await importFile(write(ndjson([event(1)])), { fetch, sleep });
    expect([code, waits, batches.length]).toEqual([0, [90_000, 90_000], 1]);
  });

  test('waits grow where it names none, and end', async () => {
    const waits: number[] = [];
    const { fetch } = server(() => ({
      status: 503,
      body: { error: { code: 'overloaded', message: 'queue full' } },
    }));
    const sleep = async (durationMs: number): Promise<void> => void waits.push(durationMs);
    const { code, stderr, stdout } = await importFile(write(ndjson([event(1)])), { fetch, sleep });
    expect(code).toBe(69);
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...waits)).toBe(30_000);
    expect(stderr).toContain('gave up after 12 attempts');
    expect(stderr).toContain('503: queue full');
    expect(stdout).toBe('accepted 0, duplicates 0, rejected 0\n');
  });

  test('that was never there ends at once with 69', async () => {
    const { code, stderr } = await importFile(write(ndjson([event(1)])), {});
    expect(code).toBe(69);
    expect(stderr).toContain('no answer: connect ECONNREFUSED');
  });

  test('that goes away in between is tried again, and nothing is skipped', async () => {
    const { batches, fetch } = server();
    let count = 0;
    const flaky: typeof globalThis.fetch = async (input, init) => {
      count += 1;
      if (count === 2) throw new TypeError('fetch failed', { cause: new Error('socket hang up') });
      return fetch(input, init);
    };
    const path = write(ndjson(Array.from({ length: 1500 }, (_, i) => event(i))));
    const { code } = await importFile(path, { fetch: flaky });
    expect(code).toBe(0);
    expect(batches.flat().map(({ id }) => id)).toEqual(
      Array.from({ length: 1500 }, (_, i) => `e${i}`),
    );
  });

  test.each([401, 413, 415, 500])('%d is not tried again', async (status) => {
    const { requests, fetch } = server(() => ({ status }));
    const { code } = await importFile(write(ndjson([event(1)])), { fetch });
    expect([code, requests.length]).toEqual([69, 1]);
  });

  test('a signal ends it with 130 and says what was done', async () => {
    const controller = new AbortController();
    const { fetch } = server((_, request) => {
      if (request === 2) controller.abort();
      return undefined;
    });
    const path = write(ndjson(Array.from({ length: 5000 }, (_, i) => event(i))));
    const { code, stdout } = await importFile(path, { fetch, signal: controller.signal });
    expect(code).toBe(130);
    expect(stdout).toBe('accepted 2000, duplicates 0, rejected 0\n');
  });
});

describe('into a store', () => {
  const store = (): string => `--storage.path=${join(folder, 'data')}`;

  test('as deliveries of import, and the exporter is closed afterwards', async () => {
    const exporter = fakeExporter();
    const path = write(ndjson([result(2), result(1)]));
    const ran = await importFile(path, opening(exporter), store(), '--source=/s');
    expect(ran).toEqual({ code: 0, stdout: 'accepted 2, duplicates 0, rejected 0\n', stderr: '' });
    expect(exporter.calls).toEqual(['close']);
    expect(exporter.deliveries[0]).toMatchObject({ input: 'import', shape: 'lines' });
    const [first] = Buffer.from(exporter.deliveries[0]?.body ?? [])
      .toString()
      .split('\n');
    expect(JSON.parse(first ?? '').time).toBe(iso(1));
  });

  test('what it refuses for now is offered again, what it refuses for good ends the import', async () => {
    const replies: ((delivery: Delivery) => void)[] = [
      (delivery) => delivery.refuse({ code: 'overloaded', message: 'full', retryAfterSeconds: 2 }),
      (delivery) => delivery.settle({ accepted: 1, duplicates: 0, rejected: [] }),
    ];
    const waits: number[] = [];
    const sleep = async (durationMs: number): Promise<void> => void waits.push(durationMs);
    const intake = {
      offer: (delivery: Delivery) => replies.shift()?.(delivery),
      countRefused: () => undefined,
    };
    const exporter = fakeExporter({ intake });
    const path = write(ndjson([event(1)]));
    expect((await importFile(path, { ...opening(exporter), sleep }, store())).code).toBe(0);
    expect(waits).toEqual([2000]);

    replies.push((delivery) => delivery.refuse({ code: 'store_unavailable', message: 'EIO' }));
    const { code, stderr } = await importFile(path, opening(exporter), store());
    expect(code).toBe(74);
    expect(stderr).toContain('store_unavailable: EIO');
    expect(exporter.calls).toEqual(['close', 'close']);
  });
});

describe('the file', () => {
  test('may be an array, also over many lines, and is then counted by item', async () => {
    const { batches, fetch } = server();
    const path = write(
      `\ufeff  ${JSON.stringify([result(2), result(1), result(3, { timestamp: 'x' })], null, 2)}`,
    );
    const { code, stderr } = await importFile(path, { fetch }, '--source=/s');
    expect(code).toBe(65);
    expect(stderr).toMatch(/^item 3: invalid_time/);
    expect(batches[0]?.map(({ time }) => time)).toEqual([iso(1), iso(2)]);
    expect(readdirSync(folder)).toEqual(['history']);
  });

  test('- is standard input, in pieces of any size', async () => {
    const text = Buffer.from(ndjson(Array.from({ length: 300 }, (_, i) => event(300 - i))));
    const stdin = async function* (): AsyncIterable<Uint8Array> {
      for (let at = 0; at < text.length; at += 777) yield text.subarray(at, at + 777);
    };
    const { batches, fetch } = server();
    expect((await importFile('-', { fetch, stdin })).code).toBe(0);
    expect(batches[0]?.map(({ id }) => id)).toEqual(
      Array.from({ length: 300 }, (_, i) => `e${i + 1}`),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('may be a pipe', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const { batches, fetch } = server();
    const importing = importFile(path, { fetch });
    await writeFile(path, ndjson([event(2), event(1)]));
    expect(await importing).toMatchObject({ code: 0, stderr: '' });
    expect(batches[0]).toEqual([event(1), event(2)]);
  });

  test('may begin with a byte order mark, end lines as Windows does, and lack the last line feed', async () => {
    const { batches, fetch } = server();
    const path = write(`\ufeff${JSON.stringify(event(1))}\r\n\r\n${JSON.stringify(event(2))}`);
    expect((await importFile(path, { fetch })).code).toBe(0);
    expect(batches[0]).toEqual([event(1), event(2)]);
  });

  test('that is empty sends nothing', async () => {
    const { requests, fetch } = server();
    expect(await importFile(write(''), { fetch })).toMatchObject({
      code: 0,
      stdout: 'accepted 0, duplicates 0, rejected 0\n',
    });
    expect(requests).toEqual([]);
  });

  test.each([
    ['is not there', () => join(folder, 'gone'), 'expected a file that can be read, got ENOENT'],
    ['is a folder', () => folder, 'expected a file, got the folder'],
    ['is half an array', () => write('[{"a":1},'), 'got an array that is not JSON'],
    [
      'has bare results and no source was given',
      () => write(ndjson([event(1), result(2)])),
      'line 2 is a bare HealingResult: expected --source',
    ],
  ])('that %s is wrong usage', async (_, path, message) => {
    const { requests, fetch } = server();
    const { code, stderr } = await importFile(path(), { fetch });
    expect([code, requests.length]).toEqual([2, 0]);
    expect(stderr).toContain(message);
  });

  test('a source must be a name', async () => {
    const { code, stderr } = await importFile(write(''), {}, '--source=a"b');
    expect(code).toBe(2);
    expect(stderr).toContain('--source: expected a name such as /swarms/alpha');
  });

  test('comes out complete and in order, whatever the order, the blank lines and the sizes', async () => {
    const line = fc.record({
      second: fc.nat({ max: 50 }),
      pad: fc.nat({ max: 3000 }),
      blank: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 1200 }), async (lines) => {
        const events = lines.map(({ second, pad }, i) => ({
          ...event(second, `e${i}`),
          pad: 'é'.repeat(pad),
        }));
        const text = events.map(
          (one, i) => `${JSON.stringify(one)}\n${lines[i]?.blank ? ' \n' : ''}`,
        );
        const { batches, fetch } = server();
        await importFile(write(text.join('')), { fetch });
        const wanted = events.map((one, i) => ({ one, i }));
        wanted.sort((a, b) =>
          a.one.time === b.one.time ? a.i - b.i : a.one.time < b.one.time ? -1 : 1,
        );
        expect(batches.flat()).toEqual(wanted.map(({ one }) => one));
      }),
      { numRuns: 15 },
    );
  });
});
