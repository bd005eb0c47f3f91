/** Every metric has one name, whichever way it goes to Prometheus. */
import { expect, test } from 'vitest';
import { RowWalker } from '../../../src/exposition/row-walker.js';
import type { MetricRow } from '../../../src/metrics/define.js';
import { METRICS } from '../../../src/metrics/table.js';
import { fold } from '../../support/events.js';
import { viewOf } from '../../metrics/scrape.js';
import { prometheusName, type PointKind } from '../../support/prometheus-name.js';

const ROWS: readonly (readonly [string, MetricRow])[] = Object.entries(METRICS);
const KINDS = {
  counter: 'counter',
  gauge: 'gauge',
  state_set: 'up_down_counter',
  histogram: 'histogram',
} as const satisfies Record<MetricRow['kind'], PointKind>;

test.each([
  ['http.server.duration', 's', 'histogram', 'http_server_duration_seconds'],
  ['system.io', 'By/s', 'gauge', 'system_io_bytes_per_second'],
  ['system.network.dropped', '{packets}', 'counter', 'system_network_dropped_total'],
  ['system.network.dropped', 'packets', 'gauge', 'system_network_dropped_packets'],
  ['system.memory.utilization', '1', 'gauge', 'system_memory_utilization_ratio'],
  ['system.memory.utilization', '1', 'up_down_counter', 'system_memory_utilization'],
  ['a.total.b', '1', 'counter', 'a_b_total'],
  ['a.seconds.b', 's', 'gauge', 'a_seconds_b'],
  ['(lambda).function..executions(#)', '', 'gauge', 'lambda_function_executions'],
  ['1st', '', 'gauge', '_1st'],
] as const)('the rule: %s of %s as %s is %s', (otel, unit, kind, name) => {
  expect(prometheusName(otel, unit, kind)).toBe(name);
});

test.each(ROWS)('%s', (name, { otel, unit, kind }) => {
  expect(prometheusName(otel, unit, KINDS[kind])).toBe(name);
  // Small letters, dots and underscores: as OpenTelemetry names instruments, and within its 255 characters.
  expect(otel).toMatch(/^[a-z][a-z0-9_.]{0,254}$/);
});

test('no two metrics have one name in OpenTelemetry, and no label is renamed on the way', () => {
  expect(new Set(ROWS.map(([, { otel }]) => otel)).size).toBe(ROWS.length);
  const labels = ROWS.flatMap(([, row]) => Object.keys(row.labels));
  expect(labels.filter((label) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(label))).toEqual([]);
  // These two are what the resource becomes.
  expect(labels.filter((label) => /^(job|instance)$/.test(label))).toEqual([]);
});

test('what a scrape calls a family is what the row is called', () => {
  const families = new RowWalker(METRICS).read(viewOf(fold([]).state));
  expect(families.map(({ name }) => name)).toEqual(ROWS.map(([name]) => name));
});
