/** What one push comes to, by receivers that answer slowly, in pieces or not to the end. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { Compression } from '../../../src/app/push/compression.js';
import { createSender, type Answer } from '../../../src/app/push/sender.js';

let receiver: Server | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  const server = receiver;
  receiver = undefined;
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
});

async function pushTo(
  answer: RequestListener,
  signal?: AbortSignal,
  compression: Compression = 'none',
): Promise<Answer> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  });
  receiver = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1/metrics`;
  const sender = createSender(url, 'application/x-protobuf', compression);
  return sender.send(Buffer.from('body'), signal ?? new AbortController().signal);
}

test.each(['gzip', 'none'] as const)('what is to be sent as %s is', async (compression) => {
  let encoding: string | undefined;
  await pushTo(
    (request, response) => {
      encoding = request.headers['content-encoding'];
      response.end();
    },
    undefined,
    compression,
  );
  expect(encoding).toBe(compression === 'gzip' ? 'gzip' : undefined);
});

test('an answer that comes late and in pieces is whole', async () => {
  const answer = await pushTo((_request, response) => {
    setTimeout(() => response.writeHead(200).write('a'), 50);
    setTimeout(() => response.write('b'), 100);
    setTimeout(() => response.end('c'), 150);
  });
  expect(answer).toMatchObject({ status: 200 });
  expect(Buffer.from(answer.body).toString()).toBe('abc');
});

test('a push that was taken is taken, also when the words after it never end', async () => {
  const aborter = new AbortController();
  const answer = await pushTo((_request, response) => {
    response.writeHead(200).write('a');
    setTimeout(() => aborter.abort(new Error('no answer in time')), 50);
  }, aborter.signal);
  expect(answer.status).toBe(200);
  expect(answer.body).toHaveLength(0);
});

test('a connection that breaks after the status leaves the status', async () => {
  const answer = await pushTo((_request, response) => {
    response.writeHead(429, { 'retry-after': '7', 'content-length': '100' }).write('later');
    setTimeout(() => response.destroy(), 20);
  });
  expect(answer).toMatchObject({ status: 429, retryAfter: '7' });
});

test('an endless answer is not kept', async () => {
  const answer = await pushTo((_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toHaveLength(0);
});

test('no answer at all is none', async () => {
  const sent = pushTo((request) => request.socket.destroy());
  await expect(sent).rejects.toThrow();
});

test('one that is too slow to begin is given up on', async () => {
  const sent = pushTo(() => undefined, AbortSignal.timeout(50));
  await expect(sent).rejects.toThrow();
});

test('the headers of the environment go along, whatever their values hold', async () => {
  const token = Buffer.from('123456:glc_a/b+c==').toString('base64');
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', `Authorization=Basic ${token},X-Scope-OrgID=team%20one`);
  let got: Readonly<Record<string, unknown>> = {};
  await pushTo((request, response) => {
    got = request.headers;
    response.end();
  });
  expect(got).toMatchObject({
    authorization: `Basic ${token}`,
    'x-scope-orgid': 'team one',
    'content-type': 'application/x-protobuf',
  });
});
