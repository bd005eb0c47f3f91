// Label values and help of an embedding application may be any text: all three writers keep each of them one value.
import { expect, test } from 'vitest';
import { Gauge, Histogram, Registry } from 'prom-client';
import { foreignFamily, foreignMetrics } from '../../src/exposition/prometheus/foreign-families.js';
import { OpenMetricsWriter } from '../../src/exposition/prometheus/openmetrics-writer.js';
import { TextWriter } from '../../src/exposition/prometheus/text-writer.js';
import { ProtobufWriter } from '../../src/exposition/protobuf/protobuf-writer.js';
import type { MetricFamily } from '../../src/exposition/row-walker.js';
import { decodeFamilies } from './protobuf/metrics-proto.js';
import { written, writtenBytes } from './written.js';

const VALUES = [
  '',
  'a"b',
  'a\\b',
  'a\\',
  'a\nb',
  'a\\nb',
  '\n# EOF\nfake{a="b"} 1\n',
  '"} 1\nfake{a="b',
  'a\0b',
  'a\r\nb\u2028c',
  'größe 👩‍🔧',
  '{}=,',
  'x'.repeat(300_000),
];
const HELP = 'Help with "quotes", \\ and\n# TYPE fake counter\nlines.';

async function families(): Promise<readonly MetricFamily[]> {
  const registry = new Registry();
  const common = { help: HELP, labelNames: ['odd'], registers: [registry] };
  const gauge = new Gauge({ ...common, name: 'app_gauge' });
  const sizes = new Histogram({ ...common, name: 'app_size', buckets: [1] });
  for (const [i, odd] of VALUES.entries()) {
    gauge.set({ odd }, i);
    sizes.observe({ odd }, 2);
  }
  return (await foreignMetrics(registry)).map(foreignFamily);
}

/** As the formats say it: a backslash before itself, a quote, or n for a line end. */
function readBack(escaped: string): string {
  return escaped.replace(/\\(.)/g, (_whole, letter: string) => (letter === 'n' ? '\n' : letter));
}

test.each([
  ['text', new TextWriter()],
  ['OpenMetrics', new OpenMetricsWriter({ created: true })],
])('%s: each stands on its line and is read back as it was', async (_name, writer) => {
  const lines = written(writer, await families()).split('\n');
  const gauges = lines.filter((line) => line.startsWith('app_gauge{'));
  const matches = gauges.map((line) => /^app_gauge\{odd="((?:[^"\\]|\\.)*)"\} (\d+)$/.exec(line));
  expect(matches.map((match) => readBack(match?.[1] ?? 'no match'))).toEqual(VALUES);
  expect(matches.map((match) => Number(match?.[2]))).toEqual([...VALUES.keys()]);
  const others = lines.filter((line) => !/^(app_|# (HELP|TYPE) app_|# EOF$|$)/.test(line));
  expect(others).toEqual([]);
  expect(lines.filter((line) => line.startsWith('app_size_count{'))).toHaveLength(VALUES.length);
});

test('protobuf: each is read back as it was', async () => {
  const decoded = decodeFamilies(writtenBytes(new ProtobufWriter(), await families()));
  for (const { help, metric } of decoded) {
    expect(help).toBe(HELP);
    expect(metric.map(({ label }) => label)).toEqual(
      VALUES.map((value) => [{ name: 'odd', value }]),
    );
  }
});

test('half a character is replaced, and what comes after it stands where it belongs', () => {
  const labels = { odd: 'a\ud800', next: 'ä' };
  const points = [{ labels, value: 1, sinceMs: undefined }];
  const family: MetricFamily = { kind: 'gauge', name: 'g', help: 'G.', points, row: undefined };
  const line = 'g{odd="a\ufffd",next="ä"} 1';
  expect(written(new TextWriter(), [family])).toContain(`${line}\n`);
  expect(written(new OpenMetricsWriter({ created: false }), [family])).toContain(`${line}\n`);
  const [decoded] = decodeFamilies(writtenBytes(new ProtobufWriter(), [family]));
  expect(decoded?.metric[0]).toMatchObject({
    label: [
      { name: 'odd', value: 'a\ufffd' },
      { name: 'next', value: 'ä' },
    ],
    gauge: { value: 1 },
  });
});
