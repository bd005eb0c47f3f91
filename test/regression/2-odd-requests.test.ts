/** What HTTP allows and hardly anybody sends is answered as the API table says, like everything else. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, startExporter, type ExporterRig } from '../app/exporter-rig.js';
import { completion } from '../sources/pipeline-rig.js';

let rig: ExporterRig;
beforeAll(async () => {
  rig = await startExporter();
});
afterAll(() => rig.exporter.close());

/** The whole answer to a request whose last header closes the connection. */
function talk(lines: readonly string[], body = ''): Promise<string> {
  const { port, hostname } = new URL(rig.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => (heard += part));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
    const sized = [...lines, `Content-Length: ${body.length}`, 'Connection: close', '', body];
    socket.write(sized.join('\r\n'));
  });
}

test('CONNECT is a method that is not allowed, and not a connection that is cut without a word', async () => {
  const heard = await talk(['CONNECT localhost:9464 HTTP/1.1', 'Host: localhost']);
  expect(heard).toMatch(/^HTTP\/1\.1 405 /);
  expect(heard).toMatch(/\r\nAllow: GET, HEAD, POST\r\n/);
  expect(heard).toContain('"code":"method_not_allowed"');
});

test('an expectation that nobody knows changes nothing', async () => {
  const heard = await talk(
    [
      'POST /api/v1/events HTTP/1.1',
      'Host: localhost',
      'Expect: something',
      'Content-Type: application/x-ndjson',
    ],
    completion(),
  );
  expect(heard).toMatch(/^HTTP\/1\.1 200 /);
  expect(heard).toContain('{"accepted":1,');
});

test('events are taken at their whole address, too, as a proxy asks for it', async () => {
  const post = (address: string): Promise<string> =>
    talk(
      [`POST ${address} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/x-ndjson'],
      completion(),
    );
  expect(await post(`${rig.url}/api/v1/events?x=1`)).toContain('{"accepted":1,');
  expect(await post(`${rig.url}/else/api/v1/events`)).toMatch(/^HTTP\/1\.1 404 /);
});

test('a body that is packed for the way is refused, and says how one is taken', async () => {
  const { port, hostname } = new URL(rig.url);
  const head = [
    'POST /api/v1/events HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/x-ndjson',
    'Connection: close',
  ];
  const send = (coding: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let heard = '';
      socket.on('data', (part) => (heard += part.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => resolve(heard));
      const line = completion();
      const body = `${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n0\r\n\r\n`;
      socket.write([...head, `Transfer-Encoding: ${coding}`, '', body].join('\r\n'));
    });
  const refused = await send('gzip, chunked');
  expect(refused).toMatch(/^HTTP\/1\.1 400 /);
  expect(refused).toContain('"code":"invalid_encoding"');
  expect(refused).toContain(
    'expected chunked or none (packed bodies are taken by Content-Encoding',
  );
  expect(await send('Chunked')).toMatch(/^HTTP\/1\.1 200 /);
});

test('a range ends within the years that a time can name', async () => {
  const to = encodeURIComponent('9999-12-31T23:59:59-23:59');
  const { status, json } = await ask(`${rig.url}/api/v1/report?to=${to}`);
  expect(status).toBe(400);
  expect(json.error.message).toMatch(/^to: expected a time until 9999-12-31T23:00:00.000Z, got /);
  expect((await ask(`${rig.url}/api/v1/report?to=9999-12-31T23:00:00Z`)).json.range.to).toBe(
    '9999-12-31T23:00:00.000Z',
  );
});
