import { metrics } from '@opentelemetry/api';
import { EventEmitter } from 'node:events';
import express from 'express';
import type { AddressInfo } from 'node:net';
import { register, Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { createExporter, type ExporterOptions } from '../../src/app/exporter.js';
import { completion, temporaryFolder } from '../sources/pipeline-rig.js';
import { ask, postLines, startExporter, valueOf, type ExporterRig } from './exporter-rig.js';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options?: ExporterOptions): Promise<ExporterRig> {
  const rig = await startExporter(options);
  cleanUps.push(() => rig.exporter.close());
  return rig;
}

function storeOf(): { store: { path: string } } {
  const [folder, remove] = temporaryFolder();
  cleanUps.push(remove);
  return { store: { path: `${folder}/deep/events.db` } };
}

const ATTEMPTS =
  'selfhealer_healing_attempts_total{strategy="S",failure_type="agent_down",trigger="reactive"}';

describe('An embedded exporter', () => {
  test('tells in process what the healer beside it did', async () => {
    const { exporter } = await start();
    const healer = new EventEmitter();
    exporter.attach(healer, { source: '/swarms/alpha' });
    const failure = { failureId: 'agent_down_1', failureType: 'agent_down', agentId: 'a1' };
    healer.emit('failure.detected', { ...failure, severity: 'high' });
    healer.emit('healing.completed', {
      ...failure,
      strategyUsed: 'S',
      success: true,
      durationMs: 20,
    });
    await exporter.flush();

    expect(await exporter.stats()).toMatchObject({ total_failures: 1, total_healings: 1 });
    expect(await exporter.stats({ agentId: 'nobody' })).toMatchObject({ total_healings: 0 });
    expect((await exporter.report({ range: '1h' })).recent_timeline).toHaveLength(1);
    expect(await exporter.recommendations()).toEqual({
      recommendations: expect.any(Array),
      recommendation_details: expect.any(Array),
    });
    const best = exporter.bestStrategy('agent_down');
    expect(best).toMatchObject({ strategy: null, verdict: 'insufficient' });
    expect(best.candidates[0]).toMatchObject({ strategy: 'S', attempts: 1 });
    expect(best).toMatchObject({ basedOn: 'failure_type', evidence: 'association' });
    const alike = exporter.bestStrategy('agent_down', { severity: 'high', attempt: 1 });
    expect(alike).toEqual(best);
    expect(await exporter.bestStrategy('agent_down', { agentId: 'a1' })).toEqual(best);
    expect(() => exporter.bestStrategy('agent_down', { attempt: 0 })).toThrow(
      /whole number from 1/,
    );
  });

  test('takes typed healers, and nothing that is none', async () => {
    const { exporter } = await start();
    class Healer extends EventEmitter<{ 'healing.completed': [{ failureId: string }] }> {}
    exporter.attach(new Healer(), { source: '/typed' }).detach();
    const notAHealer = { on: (): void => undefined };
    const attach = () => {
      // @ts-expect-error: without `off` it could not be detached.
      exporter.attach(notAHealer, { source: '/x' });
    };
    expect(attach).toThrow(/expected a healer with on and off/);
  });

  test('serves metrics through the application of somebody else', async () => {
    const exporter = await createExporter({ store: 'memory', logger: () => undefined });
    cleanUps.push(() => exporter.close());
    const app = express();
    app.use('/metrics', exporter.metrics());
    const server = app.listen(0, '127.0.0.1');
    cleanUps.push(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;

    const answer = await ask(`http://127.0.0.1:${port}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.text).toContain('selfhealer_exporter_build_info{');
    expect(answer.text).toContain('process_cpu_seconds_total');
  });

  test('puts its metrics into the registry of the application', async () => {
    const registry = new Registry();
    const { exporter } = await start({ registry });
    expect(await registry.metrics()).toContain('selfhealer_exporter_build_info{');
    expect(await registry.metrics()).not.toContain('process_cpu_seconds_total');

    const other = new Registry();
    const takeOut = exporter.register(other);
    expect(await other.metrics()).toContain('selfhealer_exporter_build_info{');
    expect(() => exporter.register(other)).toThrow(/it has a metric named/);
    takeOut();
    expect(await other.metrics()).not.toContain('selfhealer');
    await exporter.close();
    expect(await registry.metrics()).not.toContain('selfhealer');
  });

  test('refuses a wrong configuration with every problem, and opens nothing', async () => {
    const opening = createExporter({
      web: { listenAddress: 'nowhere' },
      analysis: { interval: '1 fortnight' },
    });
    await expect(opening).rejects.toMatchObject({ name: 'ExporterError', code: 'CONFIG_INVALID' });
    await expect(opening).rejects.toThrow(/web\.listenAddress[^]*analysis\.interval/);
  });

  test('refuses a question that is not well-formed', async () => {
    const { exporter } = await start();
    for (const options of [{ range: 'x' }, { source: 'a"b' }, { from: 'x' }]) {
      await expect(exporter.report(options)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    }
  });

  test('refuses a folder as a file to follow, and holds nothing afterwards', async () => {
    const { store } = storeOf();
    const options = { store, logger: () => undefined };
    const opening = createExporter({ ...options, sources: { files: ['/tmp'] } });
    await expect(opening).rejects.toMatchObject({ code: 'SOURCE_FAILED' });
    await (await createExporter(options)).close();
  });
});

test('Two exporters in one process leave each other and everything global alone', async () => {
  const before = metrics.getMeterProvider();
  const registry = new Registry();
  const failures = (n: number): string =>
    `selfhealer_failures_total{failure_type="t${n}",severity="high"} 1`;
  const exporters = await Promise.all(
    [0, 1].map(() => createExporter({ store: 'memory', logger: () => undefined })),
  );
  for (const [n, exporter] of exporters.entries()) {
    const healer = new EventEmitter();
    exporter.attach(healer, { source: `/s${n}` });
    healer.emit('failure.detected', { failureId: 'f', failureType: `t${n}`, severity: 'high' });
    await exporter.flush();
  }
  const [first, second] = exporters;
  const takeOut = first?.register(registry);
  expect(() => second?.register(registry)).toThrow(/has a metric named/);
  expect(await registry.metrics()).toContain(failures(0));
  takeOut?.();
  expect(registry.getMetricsAsArray()).toEqual([]);
  second?.register(registry);
  const text = await registry.metrics();
  expect(text).toContain(failures(1));
  expect(text).not.toContain(failures(0));
  const { resourceMetrics } = (await second?.metricProducer().collect()) ?? {};
  const [scope] = resourceMetrics?.scopeMetrics ?? [];
  const failed = scope?.metrics.find(({ descriptor }) => descriptor.name === 'selfhealer.failures');
  expect(failed?.dataPoints.map(({ attributes }) => attributes['failure_type'])).toEqual(['t1']);
  expect(register.getMetricsAsArray()).toEqual([]);
  expect(metrics.getMeterProvider()).toBe(before);
  await Promise.all(exporters.map((exporter) => exporter.close()));
  expect(registry.getMetricsAsArray()).toEqual([]);
});

describe('Closing', () => {
  test('makes durable what was emitted last, and can be done twice', async () => {
    const { store } = storeOf();
    const { exporter } = await start({ store });
    const healer = new EventEmitter();
    exporter.attach(healer, { source: '/s' });
    for (let i = 0; i < 100; i++) healer.emit('heartbeat');
    await Promise.all([exporter.close(), exporter.close()]);
    await exporter.close();
    await expect(exporter.listen()).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(healer.eventNames()).toEqual([]);

    const { url } = await start({ store });
    const { text } = await ask(`${url}/metrics`);
    const series = 'selfhealer_exporter_events_total{input="emitter",type="selfhealer.heartbeat"}';
    expect(valueOf(text, series)).toBe(100);
  });

  test('answers the requests in hand and turns away the later ones', async () => {
    const { exporter, url } = await start();
    // A connection that the system had accepted and we had not is cut.
    const before = Promise.all(
      Array.from({ length: 20 }, () => postLines(url, [completion()]).catch(() => undefined)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const closing = exporter.close();
    const after = await postLines(url, [completion()]).catch(() => undefined);
    const answers = await before;
    await closing;

    for (const answer of answers) expect([200, 503, undefined]).toContain(answer?.status);
    expect([503, undefined]).toContain(after?.status);
    await expect(ask(`${url}/livez`)).rejects.toThrow();
  });
});

describe('A restart', () => {
  test('goes on where it was: no counter falls, nothing counts twice', async () => {
    const { store } = storeOf();
    const lines = Array.from({ length: 25 }, () =>
      completion({ data: { strategy_used: 'S', success: true } }),
    );
    for (let round = 1; round <= 3; round++) {
      const { exporter, url } = await start({ store });
      const { json } = await postLines(url, lines.slice(0, 5 * round));
      expect(json).toEqual({ accepted: 5, duplicates: 5 * (round - 1), rejected: [] });
      const { text } = await ask(`${url}/metrics`);
      expect(valueOf(text, ATTEMPTS.replace('agent_down', 'agent'))).toBe(5 * round);
      await exporter.close();
    }
  });
});

describe('A scrape', () => {
  test('begun after an answer includes its events', async () => {
    const { url } = await start();
    for (let i = 1; i <= 10; i++) {
      await postLines(url, [completion({ data: { strategy_used: 'S' } })]);
      const { text } = await ask(`${url}/metrics`);
      expect(valueOf(text, ATTEMPTS.replace('agent_down', 'agent'))).toBe(i);
      const stats = (await ask(`${url}/api/v1/stats`)).json;
      expect(stats.overall_stats.total_healings).toBe(i);
    }
  });

  test('whose client leaves spoils no other that shares its rendering', async () => {
    const { url } = await start();
    const accepts = [
      'text/plain',
      'application/openmetrics-text',
      'application/vnd.google.protobuf',
    ];
    const scrapes = Array.from({ length: 60 }, (_, n) => {
      const headers = {
        accept: accepts[n % 3] ?? '*/*',
        'accept-encoding': n % 2 === 0 ? 'gzip' : 'identity',
      };
      const leaves = n % 4 === 1;
      const signal = leaves ? AbortSignal.timeout(n % 5) : AbortSignal.timeout(20_000);
      return ask(`${url}/metrics`, { headers, signal }).then(
        ({ status, headers: answered, text }) => {
          expect([status, answered.get('content-type')?.split(';')[0]]).toEqual([
            200,
            accepts[n % 3],
          ]);
          if (n % 3 === 1) expect(text.endsWith('\n# EOF\n')).toBe(true);
        },
        (error: unknown) => {
          if (!leaves) throw error;
        },
      );
    });
    await Promise.all(scrapes);
    expect((await ask(`${url}/metrics`, { method: 'HEAD' })).text).toBe('');
    expect((await ask(`${url}/metrics`)).status).toBe(200);
  });

  test('is packed where that is taken', async () => {
    const { url } = await start();
    for (const [accepted, packed] of [
      ['gzip', 'gzip'],
      ['br;q=1.0, gzip;q=0.8, *;q=0.1', 'gzip'],
      ['gzip;q=0', null],
      ['identity', null],
    ] as const) {
      const { headers, text } = await ask(`${url}/metrics`, {
        headers: { 'accept-encoding': accepted },
      });
      expect([accepted, headers.get('content-encoding')]).toEqual([accepted, packed]);
      expect(text).toContain('selfhealer_exporter_build_info{');
    }
  });

  test('shows every input and reason from the beginning, and what was refused', async () => {
    const { url } = await start();
    await ask(`${url}/api/v1/events`, { method: 'POST', body: 'x' });
    await postLines(url, ['nonsense', completion()]);
    const { text } = await ask(`${url}/metrics`);
    const refusals = 'selfhealer_exporter_deliveries_refused_total';
    expect(valueOf(text, `${refusals}{input="http",reason="unsupported_media_type"}`)).toBe(1);
    expect(valueOf(text, `${refusals}{input="http",reason="overloaded"}`)).toBe(0);
    const rejected = 'selfhealer_exporter_events_rejected_total';
    expect(valueOf(text, `${rejected}{input="http",reason="invalid_json"}`)).toBe(1);
  });
});
