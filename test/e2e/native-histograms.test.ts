/** What a real Prometheus makes of each format: native histograms and exemplars with the feature, buckets without. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExporter, type Exporter } from '../../src/index.js';
import { temporaryFolder } from '../sources/pipeline-rig.js';
import { uniform } from '../support/random.js';
import { describeWith } from '../support/servers.js';
import { query, startPrometheus, type Server } from './prometheus-rig.js';

const DURATIONS = 'selfhealer_healing_duration_seconds';
const PATIENCE_MS = 60_000;
const EVENTS = 6000;
const TRACE_ID = createHash('sha256').update('trace').digest('hex').slice(0, 32);

describeWith(['prometheus'], 'a real Prometheus', (tools) => {
  const [folder, removeFolder] = temporaryFolder();
  let exporter: Exporter;
  let withFeature: Server;
  let without: Server;
  const durationsMs = spread();

  beforeAll(async () => {
    exporter = await createExporter({
      store: 'memory',
      logger: () => undefined,
      web: { listenAddress: '127.0.0.1:0' },
    });
    const { url } = await exporter.listen();
    await post(url, durationsMs);
    const given = { rules: 'groups: []\n', exporter: url, alertmanager: 'http://127.0.0.1:9' };
    const flags = ['--enable-feature=native-histograms,exemplar-storage'];
    withFeature = await startPrometheus(
      { binary: tools.prometheus, dir: `${folder}/with` },
      { ...given, name: 'with', flags },
    );
    without = await startPrometheus(
      { binary: tools.prometheus, dir: `${folder}/without` },
      { ...given, name: 'without', flags: [] },
    );
  }, PATIENCE_MS);

  afterAll(async () => {
    withFeature.stop();
    without.stop();
    await exporter.close();
    removeFolder();
  });

  test(
    'quantiles of native histograms are within 5 % of the exact ones, over six orders of magnitude',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      const sorted = durationsMs.map((ms) => ms / 1000).sort((a, b) => a - b);
      for (const q of [0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.99]) {
        const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? NaN;
        const expression = `histogram_quantile(${q}, ${DURATIONS}{outcome="succeeded"})`;
        const found = await untilFound(() => query(withFeature, expression));
        expect(Math.abs((found[0]?.value ?? NaN) / exact - 1)).toBeLessThan(0.05);
      }
      const classic = await query(withFeature, `${DURATIONS}_bucket`);
      expect(classic).toEqual([]);
    },
  );

  test('an exemplar names the failure and the trace', { timeout: 2 * PATIENCE_MS }, async () => {
    const found = await untilFound(() => exemplars(withFeature));
    expect(found[0]).toMatchObject({ trace_id: TRACE_ID });
    expect(found[0]?.['failure_id']).toMatch(/^f\d+$/);
  });

  test('classic buckets arrive without the feature', { timeout: 2 * PATIENCE_MS }, async () => {
    const expression = `${DURATIONS}_bucket{outcome="succeeded",le="+Inf"}`;
    const found = await untilFound(() => query(without, expression));
    expect(found.map(({ value }) => value)).toEqual([EVENTS]);
    const bounds = await query(without, `${DURATIONS}_bucket{outcome="succeeded"}`);
    expect(bounds).toHaveLength(17);
    expect(await query(without, 'up')).toMatchObject([{ value: 1 }]);
    expect(await query(without, 'process_cpu_seconds_total')).toHaveLength(1);
  });
});

/** From a millisecond to a quarter of an hour, each order of magnitude alike. */
function spread(): number[] {
  const next = uniform(6);
  return Array.from({ length: EVENTS }, () => 10 ** (6 * next()));
}

async function post(url: string, durationsMs: readonly number[]): Promise<void> {
  const time = new Date(Date.now() - 3_600_000).toISOString();
  const events = durationsMs.map((durationMs, i) => ({
    specversion: '1.0',
    id: `e${i}`,
    source: '/e2e',
    type: 'selfhealer.healing.completed',
    time,
    traceparent: `00-${TRACE_ID}-${(i + 1).toString(16).padStart(16, '0')}-01`,
    data: {
      failure_id: `f${i}`,
      failure_type: 'agent_down',
      strategy_used: 'S',
      success: true,
      duration_ms: durationMs,
    },
  }));
  const response = await fetch(`${url}/api/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
  expect(await response.json()).toMatchObject({ accepted: durationsMs.length });
}

interface ExemplarsAnswer {
  readonly data: readonly {
    readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
  }[];
}

async function exemplars({ url }: Server): Promise<readonly Readonly<Record<string, string>>[]> {
  const endSeconds = Date.now() / 1000 + 60;
  const range = `start=${endSeconds - 86_400}&end=${endSeconds}`;
  const address = `${url}/api/v1/query_exemplars?query=${DURATIONS}&${range}`;
  const response = await fetch(address).catch(() => undefined);
  if (response?.status !== 200) return [];
  const { data } = (await response.json()) as ExemplarsAnswer;
  return data.flatMap((series) => series.exemplars.map(({ labels }) => labels));
}

async function untilFound<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await ask();
    if (found.length > 0 || Date.now() > endMs) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
