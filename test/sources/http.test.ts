import { request as startRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startHttp, type HttpRig } from './http-rig.js';
import { completion, openRig, until, type PipelineRig } from './pipeline-rig.js';

const ONE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const LINES = 'application/x-ndjson';
const MIB = 1024 * 1024;

let rig: PipelineRig;
let http: HttpRig;
beforeAll(async () => {
  rig = await openRig();
  http = await startHttp(rig.intake);
});
afterAll(async () => {
  await http.close();
  await rig.close();
});

interface Answer {
  readonly status: number;
  readonly body: ReturnType<typeof JSON.parse>;
  readonly headers: Headers;
}

async function post(
  contentType: string | undefined,
  body: string | Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(http.url, {
    method: 'POST',
    headers: contentType === undefined ? headers : { ...headers, 'content-type': contentType },
    body: typeof body === 'string' ? Buffer.from(body) : body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

const refused = (code: string) => rig.counts.refusals.at(0, 'http', code).n;

describe('Events are taken', () => {
  test.each([
    ['one', ONE, () => completion(), 1],
    ['a batch', BATCH, () => `[${completion()}, ${completion()}]`, 2],
    ['lines', LINES, () => `${completion()}\n\n${completion()}\r\n`, 2],
    ['one, by its shape', 'application/json', () => ` ${completion()}`, 1],
    ['a batch, by its shape', 'application/json', () => `\n[${completion()}]`, 1],
    ['with a character set', 'application/json; charset="UTF-8"', () => completion(), 1],
    ['in capitals', 'Application/CloudEvents+JSON;charset=utf-8', () => completion(), 1],
  ])('%s', async (_name, contentType, body, accepted) => {
    const before = rig.state.seq;
    const answer = await post(contentType, body());

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ accepted, duplicates: 0, rejected: [] });
    expect(rig.state.seq).toBe(before + accepted);
  });

  test('an empty batch is zeros', async () => {
    expect((await post(BATCH, '[]')).body).toEqual({ accepted: 0, duplicates: 0, rejected: [] });
    expect((await post(LINES, '\n\n')).status).toBe(200);
  });

  test('the good ones of a delivery, with the index of each bad one', async () => {
    const answer = await post(
      BATCH,
      `[${completion()}, 5, ${completion()}, {"specversion":"1.0"}]`,
    );

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(answer.body.rejected).toEqual([
      { index: 1, code: 'invalid_json', message: expect.any(String) },
      { index: 3, code: 'invalid_envelope', message: expect.any(String) },
    ]);
  });

  test('all rejected is a 400 that says the same, and what was wrong with the first', async () => {
    const answer = await post(LINES, '{}\n[]');

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(answer.body.rejected).toHaveLength(2);
    expect(answer.body.error.code).toBe(answer.body.rejected[0].code);
    expect(answer.body.error.message).toContain(answer.body.rejected[0].message);
  });

  test('duplicates alone are a success', async () => {
    const line = completion();
    await post(ONE, line);
    const answer = await post(ONE, line);
    expect(answer).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 1 } });
  });
});

describe('Binary mode', () => {
  const attributes = (id: string, more: Record<string, string> = {}) => ({
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': '/test',
    'ce-type': 'selfhealer.healing.completed',
    ...more,
  });
  const data = { failure_id: 'a_1', strategy_used: 'S', success: true, duration_ms: 1 };

  test('takes attributes from headers and data from the body', async () => {
    const headers = attributes('binary-1', { 'ce-time': '2026-11-23T18:00:00Z' });
    const answer = await post('application/json', JSON.stringify(data), headers);
    expect(answer.body).toEqual({ accepted: 1, duplicates: 0, rejected: [] });

    const structured = completion({ id: 'binary-1' });
    expect((await post(ONE, structured)).body).toMatchObject({ duplicates: 1 });
  });

  test('takes any JSON type as that of the data', async () => {
    for (const contentType of ['application/vnd.healer+json; charset=utf-8', 'text/json']) {
      const answer = await post(
        contentType,
        JSON.stringify(data),
        attributes(contentType.slice(0, 9)),
      );
      expect(answer.status).toBe(200);
      expect((await post(contentType, '{}')).status).toBe(415);
    }
  });

  test('decodes percent-encoded and quoted headers, once', async () => {
    const headers = attributes('%C3%BC%2525', { 'ce-source': '"/te\\st"' });
    const answer = await post('application/json', JSON.stringify(data), headers);
    expect(answer.body).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    expect((await post(ONE, completion({ id: 'ü%25' }))).body).toMatchObject({ duplicates: 1 });
  });

  test.each([
    ['no body for a heartbeat', { 'ce-type': 'selfhealer.heartbeat' }, '', undefined],
    ['bytes that are no UTF-8', { 'ce-id': '%FF' }, '{}', 'invalid_utf8'],
    ['an attribute with a quote', { 'ce-id': 'a%22b' }, '{}', 'invalid_identifier'],
    ['a body that is no JSON', {}, '{"a":1},"id":"x"', 'invalid_json'],
    ['no id', { 'ce-id': '' }, '{}', 'invalid_identifier'],
    ['another version', { 'ce-specversion': '0.3' }, '{}', 'invalid_envelope'],
    ['data in a header', { 'ce-data': 'x' }, '{}', 'missing_field'],
    ['an array as data', {}, '[]', 'invalid_envelope'],
  ])('%s', async (name, more, body, code) => {
    const headers = attributes(`case ${name}`, more);
    const answer = await post('application/json', body, headers);
    expect(answer.body.rejected[0]?.code).toBe(code);
    expect(answer.status).toBe(code === undefined ? 200 : 400);
  });
});

describe('What is no event is refused', () => {
  test.each([
    ['text/plain', 'x', {}, 415, 'unsupported_media_type'],
    ['application/x-www-form-urlencoded', 'a=b', {}, 415, 'unsupported_media_type'],
    ['multipart/form-data; boundary=x', 'x', {}, 415, 'unsupported_media_type'],
    [undefined, Buffer.from('x'), {}, 415, 'unsupported_media_type'],
    ['application/json; charset=latin1', '[]', {}, 415, 'unsupported_media_type'],
    [ONE, '{}', { 'content-encoding': 'br' }, 415, 'unsupported_encoding'],
    [ONE, '{}', { 'content-encoding': 'gzip, gzip' }, 415, 'unsupported_encoding'],
    [ONE, '{}', { 'content-encoding': 'deflate' }, 415, 'unsupported_encoding'],
    [ONE, '{}', { 'content-encoding': 'gzip' }, 400, 'invalid_encoding'],
    [BATCH, '{}', {}, 400, 'malformed_body'],
    [BATCH, '[1', {}, 400, 'malformed_body'],
    [BATCH, '', {}, 400, 'malformed_body'],
    ['application/json', '', {}, 400, 'malformed_body'],
    [LINES, '{}\n'.repeat(50_001), {}, 413, 'too_many_events'],
  ])('%s %#', async (contentType, body, headers, status, code) => {
    const before = refused(code);
    const answer = await post(contentType, body, headers);

    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: { code, message: expect.any(String) } });
    expect(refused(code)).toBe(before + 1);
  });

  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])(
    '%s is told what is allowed',
    async (method) => {
      const response = await fetch(http.url, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('A packed body', () => {
  test('is taken', async () => {
    const body = gzipSync(`${completion()}\n${completion()}`);
    const answer = await post(LINES, body, { 'content-encoding': 'GZIP' });
    expect(answer.body).toEqual({ accepted: 2, duplicates: 0, rejected: [] });
  });

  test('that ends too early, or has a flaw, is refused as a whole', async () => {
    const before = rig.state.seq;
    const packed = gzipSync(Array.from({ length: 100 }, () => completion()).join('\n'));
    const flawed = Buffer.from(packed);
    flawed[flawed.length >> 1]! ^= 0xff;
    for (const body of [packed.subarray(0, -1), packed.subarray(0, 20), flawed]) {
      const answer = await post(LINES, body, { 'content-encoding': 'gzip' });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_encoding' } } });
    }
    expect(rig.state.seq).toBe(before);
  });

  test('that unfolds into far more than is taken costs no more than the limit', async () => {
    // In the background: a loop that stands still for seconds would miss that kept-alive connections end.
    const bomb = await promisify(gzip)(Buffer.alloc(512 * MIB));
    const before = process.memoryUsage().rss;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(LINES, bomb, { 'content-encoding': 'gzip' })),
    );
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 413, body: { error: { code: 'body_too_large' } } });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * MIB);
  });
});

describe('A body over 16 MiB is told so', () => {
  test('by its length, before it is read', async () => {
    const answer = await post(LINES, Buffer.alloc(16 * MIB + 1, 32));
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'body_too_large' } } });
  });

  test('exactly 16 MiB is not', async () => {
    const answer = await post(LINES, Buffer.alloc(16 * MIB, 32));
    expect(answer).toMatchObject({ status: 200, body: { accepted: 0 } });
  });

  test('without a length, when it has come so far', async () => {
    let sentBytes = 0;
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const options = { method: 'POST', headers: { 'content-type': LINES } };
      const request = startRequest(http.url, options, (response: IncomingMessage) => {
        response.resume();
        response.on('close', () => resolve(response.statusCode));
      });
      request.on('error', () => undefined);
      request.on('close', () => reject(new Error('closed without an answer')));
      const chunk = Buffer.alloc(MIB, 32);
      const pump = (): void => {
        while (!request.destroyed) {
          sentBytes += chunk.length;
          if (!request.write(chunk)) {
            request.once('drain', pump);
            return;
          }
        }
      };
      pump();
    });

    expect(answer).toBe(413);
    expect(sentBytes).toBeLessThan(48 * MIB);
  });
});

describe('A client that goes away', () => {
  test('in the middle of its body is counted, and nothing is kept of it', async () => {
    const before = { refused: refused('request_timeout'), seq: rig.state.seq };
    const { port } = new URL(http.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: ${LINES}\r\nContent-Length: 9999\r\n\r\n${completion()}\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await until(() => refused('request_timeout') === before.refused + 1);

    expect(rig.state.seq).toBe(before.seq);
    expect(await post(LINES, completion())).toMatchObject({ status: 200 });
  });

  test('before it has its answer loses nothing: the events are taken', async () => {
    const before = rig.state.seq;
    const body = completion();
    const { port } = new URL(http.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(
      `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: ${ONE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    socket.on('error', () => undefined);
    socket.resume();
    await until(() => rig.state.seq === before + 1);
  });
});

describe('A source that does not run', () => {
  let idle: HttpRig;
  beforeEach(async () => {
    idle = await startHttp(undefined);
  });
  afterEach(() => idle.close());

  test('asks to come again', async () => {
    const options = { method: 'POST', headers: { 'content-type': ONE }, body: completion() };
    const early = await fetch(idle.url, options);
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await early.json()).toMatchObject({ error: { code: 'not_ready' } });

    await idle.source.stop();
    const late = await fetch(idle.url, options);
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await late.json()).toMatchObject({ error: { code: 'shutting_down' } });
  });
});

describe('Whatever is sent', () => {
  const contentType = fc.constantFrom(ONE, BATCH, LINES, 'application/json', 'text/plain', 'a/b;c');
  const item = fc.oneof(
    fc.constant(null).map(() => completion()),
    fc.json(),
    fc.string(),
    fc
      .record({ type: fc.string(), data: fc.jsonValue() })
      .map(({ type, data }) => completion({ type, data: { data } })),
  );
  const text = fc.oneof(
    fc.array(item).map((items) => items.join('\n')),
    fc.array(item).map((items) => `[${items.join(',')}]`),
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    text.map((value) => new Uint8Array(Buffer.from(value))),
    text.map((value) => new Uint8Array(gzipSync(value))),
  );
  const encoding = fc.constantFrom(undefined, 'gzip', 'identity', 'br');

  test('is answered with what became of it, and never with an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(contentType, body, encoding, async (type, bytes, packing) => {
        const before = rig.state.seq;
        const headers = packing === undefined ? {} : { 'content-encoding': packing };
        const answer = await post(type, bytes, headers);

        expect([200, 400, 413, 415]).toContain(answer.status);
        if (answer.status === 200) expect(answer.body.error).toBeUndefined();
        else
          expect(answer.body.error).toEqual({
            code: expect.any(String),
            message: expect.any(String),
          });
        expect(rig.state.seq).toBe(before + (answer.body.accepted ?? 0));
      }),
      { numRuns: 300, seed: 20261123 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(rig.fatal).toEqual([]);
  });
});
