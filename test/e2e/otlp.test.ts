/** The exporter pushes to a receiver over OTLP: what it takes equals what a scrape shows, also after an outage. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gauge, Registry } from 'prom-client';
import { EVENT_TYPES } from '../../src/core/event.js';
import { TIME, validEvent } from '../core/decode/valid-events.js';
import { seriesOfPush, seriesOfText } from '../support/otlp-series.js';
import { startExporter, postLines, ask, type ExporterRig } from '../app/exporter-rig.js';
import { dataPointsOf, decodePush, metricsOf } from '../support/otlp-definitions.js';

interface Received {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

let folder: string;
let receiver: Server;
let received: Received[];
/** What the receiver answers with. */
let status: number;
let isHanging: boolean;
/** It answers this much later, and then in pieces. */
let slownessMs: number;
/** It begins an answer and never ends it. */
let isEndless: boolean;
/** Requests that wait for their answer. */
let atOnce: number;
let rig: ExporterRig | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'selfhealer-otlp-'));
  received = [];
  status = 200;
  isHanging = false;
  slownessMs = 0;
  isEndless = false;
  atOnce = 0;
  receiver = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const contentType = request.headers['content-type'] ?? '';
      received.push({ path: request.url ?? '', contentType, body });
      if (isHanging) return;
      if (isEndless) {
        response.writeHead(status, { 'content-type': contentType }).write(' ');
        return;
      }
      if (slownessMs > 0) {
        answerSlowly(response);
        return;
      }
      response.writeHead(status, { 'content-type': contentType }).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rig?.exporter.close();
  rig = undefined;
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

test('what arrives is what a scrape shows, with a resource that says who it is', async () => {
  rig = await pushing('http/json');
  await postLines(rig.url, failures(0, 3));
  await vi.waitFor(() => expect(pushedFailures()).toBe(3), { timeout: 10_000 });
  expect(received.at(-1)).toMatchObject({ path: '/v1/metrics', contentType: 'application/json' });
  const attributes = resourceOf(received.at(-1));
  expect(attributes['service.name']).toBe('selfhealer-exporter');
  expect(attributes['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
  const { text } = await ask(`${rig.url}/metrics`);
  expect(text).toMatch(/^selfhealer_exporter_otlp_last_success_timestamp_seconds \d+/m);
});

test('while the receiver refuses, events are taken; afterwards the totals are exact', async () => {
  status = 400;
  rig = await pushing('http/json');
  await postLines(rig.url, failures(0, 5));
  const { url } = rig;
  await vi.waitFor(
    async () => {
      const { text } = await ask(`${url}/metrics`);
      expect(text).toMatch(/^selfhealer_exporter_otlp_failures_total\{code="rejected"\} [1-9]/m);
    },
    { timeout: 10_000 },
  );
  await postLines(rig.url, failures(5, 7));
  received = [];
  status = 200;
  await vi.waitFor(() => expect(pushedFailures()).toBe(7), { timeout: 10_000 });
});

test('in protobuf, as its own definitions read it, is every number that a scrape shows', async () => {
  rig = await pushing(undefined);
  const { url } = rig;
  await postLines(url, failures(0, 4));
  const everything = EVENT_TYPES.map((type) =>
    JSON.stringify(validEvent(type, {}, { id: type })).replaceAll(TIME, new Date().toISOString()),
  );
  expect((await postLines(url, everything)).json).toMatchObject({ accepted: everything.length });
  // What goes on meanwhile (the exporter's own counts, times) lies between a scrape before and one after.
  await vi.waitFor(
    async () => {
      const before = seriesOfText((await ask(`${url}/metrics`)).text);
      const so = received.length;
      await vi.waitFor(() => expect(received.length).toBeGreaterThan(so + 1), { timeout: 5000 });
      const push = seriesOfPush(received.at(-1)?.body);
      const after = seriesOfText((await ask(`${url}/metrics`)).text);
      expect([...push.keys()].sort()).toEqual([...after.keys()].sort());
      const odd = [...push].filter(([series, value]) => {
        const ends = [before.get(series) ?? value, after.get(series) ?? NaN];
        return !(value >= Math.min(...ends) && value <= Math.max(...ends));
      });
      expect(odd).toEqual([]);
    },
    { timeout: 20_000, interval: 50 },
  );
});

test('a slow receiver holds up nothing, and is told the newest values, one push at a time', async () => {
  slownessMs = 500;
  rig = await pushing(undefined);
  const { url } = rig;
  let mostAtOnce = 0;
  const times: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const began = performance.now();
    expect((await postLines(url, failures(n, n + 1))).status).toBe(200);
    times.push(performance.now() - began);
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(mostAtOnce).toBe(1);
  // Were one to wait for the receiver, all of them would.
  expect(times.sort((a, b) => a - b)[times.length / 2]).toBeLessThan(slownessMs / 2);
  await vi.waitFor(() => expect(decodedFailures()).toBe(20), { timeout: 10_000 });
  const { text } = await ask(`${url}/metrics`);
  const failed = /^selfhealer_exporter_otlp_failures_total\{.*\} [1-9]/m;
  expect(text).not.toMatch(failed);
});

test('differences are told once, also where the words after the status never come', async () => {
  // The status must come within it on a machine that does other things, too: a push without one is told again.
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1000');
  isEndless = true;
  const otlp = { endpoint: endpointOf(), interval: '200ms', temporality: 'delta' } as const;
  rig = await startExporter({ otlp });
  await postLines(rig.url, failures(0, 3));
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(3), { timeout: 10_000 });
  await postLines(rig.url, failures(3, 5));
  await vi.waitFor(() => expect(decodedInAll()).toBe(5), { timeout: 10_000 });
  await rig.exporter.close();
  expect(decodedInAll()).toBe(5);
});

test('an exporter that cannot be put into the registry of its host pushes nothing afterwards', async () => {
  const registry = new Registry();
  new Gauge({ name: 'selfhealer_up', help: 'Of the host.', registers: [registry] });
  const otlp = { endpoint: endpointOf(), interval: '100ms' };
  await expect(startExporter({ registry, otlp })).rejects.toThrow(/selfhealer_up/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(received).toEqual([]);
  expect(registry.getMetricsAsArray()).toHaveLength(1);
});

test('differences are what came since the push before, also after a restart', async () => {
  const endpoint = endpointOf();
  const options = { store: { path: join(folder, 'healing.db') } };
  const otlp = { endpoint, interval: '200ms', temporality: 'delta' } as const;
  rig = await startExporter({ ...options, otlp });
  await postLines(rig.url, failures(0, 3));
  await vi.waitFor(() => expect(decodedInAll()).toBe(3), { timeout: 10_000 });
  await rig.exporter.close();
  rig = await startExporter({ ...options, otlp });
  await postLines(rig.url, failures(3, 5));
  await vi.waitFor(() => expect(decodedInAll()).toBe(5), { timeout: 10_000 });
  await rig.exporter.close();
  expect(decodedInAll()).toBe(5);
});

test('a receiver that never answers does not hold up the end', async () => {
  isHanging = true;
  rig = await pushing(undefined);
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(0), { timeout: 10_000 });
  const began = performance.now();
  await rig.exporter.close();
  expect(performance.now() - began).toBeLessThan(5000);
});

test('inside an application the variables of its own telemetry start no push', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpointOf());
  vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '100');
  rig = await startExporter();
  await rig.exporter.close();
  expect(received).toEqual([]);
  vi.unstubAllEnvs();
});

test('protobuf is what goes out unless JSON is asked for', async () => {
  rig = await pushing(undefined);
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(0), { timeout: 10_000 });
  expect(received[0]).toMatchObject({
    path: '/v1/metrics',
    contentType: 'application/x-protobuf',
  });
  expect(received[0]?.body.includes('selfhealer.exporter.build_info')).toBe(true);
});

function answerSlowly(response: ServerResponse): void {
  atOnce += 1;
  setTimeout(() => response.writeHead(status).write('a'), slownessMs);
  setTimeout(() => {
    atOnce -= 1;
    response.end('b');
  }, slownessMs + 100);
}

async function pushing(protocol: 'http/json' | undefined): Promise<ExporterRig> {
  return startExporter({
    otlp: {
      endpoint: endpointOf(),
      interval: '200ms',
      ...(protocol === undefined ? {} : { protocol }),
    },
  });
}

function endpointOf(): string {
  const { port } = receiver.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Of the newest push in protobuf. */
function decodedFailures(push: Received | undefined = received.at(-1)): number {
  if (push === undefined) return 0;
  const metric = metricsOf(decodePush(push.body)).find(
    ({ name }) => name === 'selfhealer.failures',
  );
  const points = metric === undefined ? [] : dataPointsOf(metric);
  return points.reduce((sum, { asDouble = 0 }) => sum + asDouble, 0);
}

/** Of all pushes, added up. */
function decodedInAll(): number {
  return received.reduce((sum, push) => sum + decodedFailures(push), 0);
}

function failures(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) =>
    JSON.stringify({
      specversion: '1.0',
      id: `e${from + i}`,
      source: '/swarms/alpha',
      type: 'selfhealer.failure.detected',
      data: { failure_id: `agent_down_${from + i}`, failure_type: 'agent_down', severity: 'high' },
    }),
  );
}

/** Of the newest push in JSON. */
function pushedFailures(): number | undefined {
  const body = JSON.parse(received.at(-1)?.body.toString() ?? '{}');
  const metrics = body.resourceMetrics?.[0]?.scopeMetrics?.[0]?.metrics ?? [];
  for (const { name, sum } of metrics) {
    if (name === 'selfhealer.failures') return Number(sum.dataPoints[0].asDouble);
  }
  return undefined;
}

function resourceOf(push: Received | undefined): Record<string, string> {
  const body = JSON.parse(push?.body.toString() ?? '{}');
  return Object.fromEntries(
    body.resourceMetrics[0].resource.attributes.map(
      ({ key, value }: { key: string; value: { stringValue: string } }) => [key, value.stringValue],
    ),
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
