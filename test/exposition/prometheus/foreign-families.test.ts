// Metrics of a prom-client registry that are not ours, through our writers: the lines that prom-client writes.
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { expect, test } from 'vitest';
import {
  foreignFamily,
  foreignMetrics,
} from '../../../src/exposition/prometheus/foreign-families.js';
import { OpenMetricsWriter } from '../../../src/exposition/prometheus/openmetrics-writer.js';
import { registerProcessMetrics } from '../../../src/exposition/prometheus/process-metrics.js';
import { registerMetrics } from '../../../src/exposition/prometheus/register.js';
import { TextWriter } from '../../../src/exposition/prometheus/text-writer.js';
import { ProtobufWriter } from '../../../src/exposition/protobuf/protobuf-writer.js';
import { LiveState } from '../../../src/core/state/live-state.js';
import { viewOf } from '../../metrics/scrape.js';
import { decodeFamilies } from '../protobuf/metrics-proto.js';
import { written, writtenBytes } from '../written.js';

function application(): Registry {
  const registry = new Registry();
  const common = { registers: [registry] };
  const requests = new Counter({
    ...common,
    name: 'app_requests_total',
    help: 'All\\of them,\nby "path".',
    labelNames: ['path', 'code'],
  });
  requests.inc({ path: '/a"b\\c\nd', code: 200 }, 3);
  new Counter({ ...common, name: 'app_odd', help: 'A counter without its end.' }).inc();
  const gauge = new Gauge({ ...common, name: 'app_temperature', help: 'T.', labelNames: ['at'] });
  for (const [at, value] of [
    ['a', -1.5],
    ['b', Infinity],
    ['c', -Infinity],
    ['d', 1e21],
  ] as const) {
    gauge.set({ at }, value);
  }
  const sizes = new Histogram({
    ...common,
    name: 'app_size_bytes',
    help: 'S.',
    labelNames: ['kind'],
    buckets: [0.5, 1, 10],
  });
  for (const value of [0.1, 1, 5, 50]) sizes.observe({ kind: 'x' }, value);
  sizes.observe({ kind: 'y' }, 2);
  const waits = new Summary({ ...common, name: 'app_wait_seconds', help: 'W.', labelNames: ['q'] });
  for (const value of [1, 2, 3]) waits.observe({ q: 'r' }, value);
  return registry;
}

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean).sort();

test('the text is that of prom-client', async () => {
  const registry = application();
  const families = (await foreignMetrics(registry)).map(foreignFamily);
  expect(linesOf(written(new TextWriter(), families))).toEqual(linesOf(await registry.metrics()));
});

test('ours are not asked twice, process metrics are there', async () => {
  const registry = application();
  registerMetrics(registry, () => viewOf(new LiveState()));
  registerProcessMetrics(registry);
  const names = (await foreignMetrics(registry)).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('selfhealer'))).toEqual([]);
  expect(names).toContain('app_odd');
  expect(names).toContain('process_cpu_seconds_total');
});

test('OpenMetrics and protobuf know them too', async () => {
  const registry = application();
  registerProcessMetrics(registry);
  const families = (await foreignMetrics(registry)).map(foreignFamily);
  const openMetrics = written(new OpenMetricsWriter({ created: true }), families);
  expect(openMetrics).toContain('# TYPE app_requests counter\n');
  expect(openMetrics).toContain('app_requests_total{path="/a\\"b\\\\c\\nd",code="200"} 3\n');
  expect(openMetrics).toContain('# TYPE app_odd counter\n');
  expect(openMetrics).toContain('app_odd_total 1\n');
  expect(openMetrics).toContain('app_size_bytes_bucket{le="10.0",kind="x"} 3\n');
  expect(openMetrics).toContain('app_wait_seconds{quantile="0.5",q="r"} 2\n');
  expect(openMetrics).toMatch(/^process_cpu_seconds_total \d/m);
  expect(openMetrics.endsWith('# EOF\n')).toBe(true);

  const decoded = decodeFamilies(writtenBytes(new ProtobufWriter(), families));
  const of = (name: string) => decoded.find((family) => family.name === name);
  expect(of('app_size_bytes')?.metric[0]?.histogram).toMatchObject({
    sample_count: 4,
    bucket: [{ cumulative_count: 1 }, { cumulative_count: 2 }, { cumulative_count: 3 }],
  });
  expect(of('app_wait_seconds')).toMatchObject({ type: 'SUMMARY' });
  expect(of('process_cpu_seconds_total')).toMatchObject({ type: 'COUNTER' });
  expect(of('nodejs_gc_duration_seconds')?.type ?? 'HISTOGRAM').toBe('HISTOGRAM');
});
