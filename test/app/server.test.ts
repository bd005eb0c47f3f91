import { connect, type Socket } from 'node:net';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request as tlsRequest } from 'node:https';
import { hashSync } from 'bcryptjs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ExporterOptions } from '../../src/app/exporter.js';
import { completion, temporaryFolder, until } from '../sources/pipeline-rig.js';
import {
  ask,
  askWith,
  postLines,
  startExporter,
  valueOf,
  type ExporterRig,
} from './exporter-rig.js';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options?: ExporterOptions): Promise<ExporterRig> {
  const rig = await startExporter(options);
  cleanUps.push(() => rig.exporter.close());
  return rig;
}

/** What comes back until the other side closes. */
function talk(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(url);
    let heard = '';
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => (heard += part));
    socket.on('close', () => resolve(heard));
    socket.write(text, 'latin1');
  });
}

function open(url: string): Socket {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  cleanUps.push(() => void socket.destroy());
  return socket;
}

describe('On a loopback address', () => {
  let rig: ExporterRig;
  beforeAll(async () => {
    rig = await startExporter();
  });
  afterAll(() => rig.exporter.close());

  test.each(['evil.example', 'evil.example:9464', '127.0.0.1.evil.example', 'localhost.evil'])(
    'a request for the host %j is none of ours: a page of that name could be asking',
    async (host) => {
      for (const path of ['/metrics', '/api/v1/report', '/api/v1/events', '/livez']) {
        expect(await askWith(`${rig.url}${path}`, { host })).toBe(403);
      }
    },
  );

  test.each(['localhost', 'LOCALHOST:9464', '127.0.0.1', '127.0.0.1:80', '[::1]:9464', '10.1.2.3'])(
    'a request for %s is',
    async (host) => {
      expect(await askWith(`${rig.url}/livez`, { host })).toBe(200);
    },
  );

  test('what is refused at the door is counted', async () => {
    const series = 'selfhealer_exporter_deliveries_refused_total{input="http",reason="forbidden"}';
    const before = valueOf((await ask(`${rig.url}/metrics`)).text, series) ?? 0;
    await askWith(`${rig.url}/api/v1/events`, { host: 'evil.example' });
    expect(valueOf((await ask(`${rig.url}/metrics`)).text, series)).toBe(before + 1);
  });
});

describe('What is no HTTP request', () => {
  let rig: ExporterRig;
  beforeAll(async () => {
    rig = await startExporter();
  });
  afterAll(() => rig.exporter.close());

  test.each([
    ['nonsense', 'nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
    [
      'two lengths',
      'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a length and chunks',
      'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'headers that are too large',
      `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
    ],
  ])('is told so and cut: %s', async (_name, text, expected) => {
    expect(await talk(rig.url, text)).toMatch(expected);
    expect((await ask(`${rig.url}/livez`)).status).toBe(200);
  });
});

describe('Slow clients', () => {
  // Regression: a handler that only ended its side left such connections open for ever.
  test('are told so and cut, and others are served meanwhile', { timeout: 60_000 }, async () => {
    const { url } = await start();
    const sockets = Array.from({ length: 50 }, () => open(url));
    let heard = '';
    let closed = 0;
    for (const socket of sockets) {
      socket.on('data', (part) => (heard += part.toString('latin1')));
      socket.on('close', () => (closed += 1));
      socket.write('POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    }
    const startMs = Date.now();
    while (closed < sockets.length && Date.now() - startMs < 20_000) {
      expect((await postLines(url, [completion()])).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }

    expect(closed).toBe(50);
    expect(heard.match(/HTTP\/1\.1 408 Request Timeout/g)).toHaveLength(50);
  });
});

describe('With passwords', () => {
  let folder: string;
  let rig: ExporterRig;
  let remove: () => void;
  beforeAll(async () => {
    [folder, remove] = temporaryFolder();
    const file = `${folder}/web.yml`;
    writeFileSync(file, `basic_auth_users:\n  alice: ${hashSync('secret', 4)}\n`);
    rig = await startExporter({ web: { config: { file } } });
  });
  afterAll(async () => {
    await rig.exporter.close();
    remove();
  });
  const as = (user: string, password: string) => ({
    headers: {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-type': 'application/x-ndjson',
    },
  });

  test('who knows one is let in', async () => {
    expect((await ask(`${rig.url}/metrics`, as('alice', 'secret'))).status).toBe(200);
    const post = { method: 'POST', body: completion(), ...as('alice', 'secret') };
    expect((await ask(`${rig.url}/api/v1/events`, post)).json).toMatchObject({ accepted: 1 });
  });

  test('others are not, wherever they knock, and the body is not read', async () => {
    for (const init of [{}, as('alice', 'wrong'), as('bob', 'secret')]) {
      for (const path of ['/metrics', '/api/v1/report', '/', '/openapi.json', '/nowhere']) {
        const answer = await ask(`${rig.url}${path}`, init);
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
        expect(answer.json.error.code).toBe('unauthorized');
      }
      const post = { method: 'POST', body: 'x'.repeat(1_000_000), ...init };
      expect((await ask(`${rig.url}/api/v1/events`, post)).status).toBe(401);
    }
    const { text } = await ask(`${rig.url}/metrics`, as('alice', 'secret'));
    const series =
      'selfhealer_exporter_deliveries_refused_total{input="http",reason="unauthorized"}';
    expect(valueOf(text, series)).toBe(3);
  });

  test('probes need none', async () => {
    expect((await ask(`${rig.url}/livez`)).status).toBe(200);
    expect((await ask(`${rig.url}/readyz`)).status).toBe(200);
  });
});

test('With a certificate it is HTTPS', async () => {
  const [folder, remove] = temporaryFolder();
  cleanUps.push(remove);
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`],
      ...['-days', '1', '-subj', '/CN=localhost'],
    ],
    { stdio: 'ignore' },
  );
  writeFileSync(
    `${folder}/web.yml`,
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n',
  );
  const { url } = await start({ web: { config: { file: `${folder}/web.yml` } } });
  expect(url).toMatch(/^https:/);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false };
    tlsRequest(`${url}/livez`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
});

test('A port that is taken is an error that says so', async () => {
  const { url } = await start();
  const listenAddress = new URL(url).host;
  const second = start({ web: { listenAddress } });
  await expect(second).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
  await expect(second).rejects.toThrow(`cannot listen on ${listenAddress}`);
});

test('A request that is cut while the exporter closes does not hold it up', async () => {
  const { exporter, url } = await start();
  const socket = open(url);
  socket.write(
    'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\n{',
  );
  let isClosed = false;
  socket.on('close', () => (isClosed = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const startMs = Date.now();
  await exporter.close();
  expect(Date.now() - startMs).toBeLessThan(6000);
  await until(() => isClosed);
});
