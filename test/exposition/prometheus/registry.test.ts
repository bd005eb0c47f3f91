// How our metrics live in a prom-client registry: ours, or that of an embedding application.
import { AggregatorRegistry, Counter, Registry, register as globalRegistry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { LiveState } from '../../../src/core/state/live-state.js';
import { registerMetrics } from '../../../src/exposition/prometheus/register.js';
import {
  createRegistry,
  OPENMETRICS_CONTENT_TYPE,
  TEXT_CONTENT_TYPE,
} from '../../../src/exposition/prometheus/registry.js';
import { METRICS } from '../../../src/metrics/table.js';
import { completed, detected, fold } from '../../support/events.js';
import { oneOfEverything } from '../../metrics/every-event.js';
import { familyOf, samplesOf, viewOf } from '../../metrics/scrape.js';

const ATTEMPTS = 'selfhealer_healing_attempts_total';

function registryOver(state: LiveState): Registry {
  const registry = new Registry();
  registerMetrics(registry, () => viewOf(state));
  return registry;
}

test('the text is of the content type that it says', async () => {
  const registry = createRegistry();
  expect(registry.contentType).toBe(TEXT_CONTENT_TYPE);
  expect(TEXT_CONTENT_TYPE).toBe('text/plain; version=0.0.4; charset=utf-8');
  registerMetrics(registry, () => viewOf(new LiveState()));
  expect(await registry.metrics()).toMatch(/^# HELP selfhealer_failures_total .*\n# TYPE .*\n/);
});

test('a scrape shows the state of its moment', async () => {
  const state = new LiveState();
  const registry = registryOver(state);
  expect(familyOf(await registry.metrics(), ATTEMPTS)).not.toMatch(/agent_down/);
  fold([detected(0, 'f1'), completed(1, 'f1')], state);
  expect(familyOf(await registry.metrics(), ATTEMPTS)).toMatch(/"agent_down".* 1$/m);
});

test('a label value with quotes, backslashes and line ends stays one label value', async () => {
  const registry = createRegistry();
  const version = '1"} 1\nfake{x="\\';
  const build = { version, revision: 'a', nodeVersion: 'v20' };
  registerMetrics(registry, () => viewOf(new LiveState(), { build }));
  const text = familyOf(await registry.metrics(), 'selfhealer_exporter_build_info');

  expect(samplesOf(text)).toHaveLength(1);
  expect(text).toContain('version="1\\"} 1\\nfake{x=\\"\\\\"');
});

describe('two registries in one process', () => {
  test('do not disturb each other, and leave the global one alone', async () => {
    const busy = registryOver(fold([detected(0, 'f1'), completed(1, 'f1')]).state);
    const idle = registryOver(new LiveState());

    expect(familyOf(await busy.metrics(), ATTEMPTS)).toMatch(/ 1$/m);
    expect(samplesOf(familyOf(await idle.metrics(), ATTEMPTS))).toEqual([]);
    idle.resetMetrics();
    idle.clear();
    expect(familyOf(await busy.metrics(), ATTEMPTS)).toMatch(/ 1$/m);
    expect(globalRegistry.getMetricsAsArray()).toEqual([]);
  });

  test('show one state alike', async () => {
    const { state } = fold(oneOfEverything());
    expect(await registryOver(state).metrics()).toBe(await registryOver(state).metrics());
  });
});

describe('a registry of the embedding application', () => {
  test('keeps its own metrics beside ours, and loses only ours', async () => {
    const registry = new Registry();
    const own = new Counter({ name: 'app_requests_total', help: 'R.', registers: [registry] });
    own.inc(3);
    const unregister = registerMetrics(registry, () => viewOf(new LiveState()));

    expect(await registry.metrics()).toMatch(/app_requests_total 3\n[^]*selfhealer_/);
    unregister();
    expect(await registry.metrics()).toBe(
      '# HELP app_requests_total R.\n# TYPE app_requests_total counter\napp_requests_total 3\n',
    );
    registerMetrics(registry, () => viewOf(new LiveState()));
    expect(await registry.metrics()).toMatch(/selfhealer_/);
  });

  test('is left as it was when it has one of our names', () => {
    const registry = new Registry();
    registerMetrics(registry, () => viewOf(new LiveState()));
    const before = registry.getMetricsAsArray().length;
    expect(() => registerMetrics(registry, () => viewOf(new LiveState()))).toThrow(
      'registry: it has a metric named selfhealer_failures_total already',
    );
    expect(registry.getMetricsAsArray()).toHaveLength(before);
  });

  test('may add labels of its own; ours win where the names are the same', async () => {
    const registry = registryOver(fold([detected(0, 'f1')]).state);
    registry.setDefaultLabels({ zone: 'north', severity: 'none' });
    expect(familyOf(await registry.metrics(), 'selfhealer_failures_total')).toContain(
      'selfhealer_failures_total{zone="north",failure_type="agent_down",severity="high"} 1',
    );
  });

  test('gives JSON with all labels, which other processes can add up', async () => {
    const registry = registryOver(fold([detected(0, 'f1'), completed(1, 'f1')]).state);
    const json = await registry.getMetricsAsJSON();
    const durations = json.find(({ name }) => name === 'selfhealer_healing_duration_seconds');

    expect(json).toHaveLength(Object.values(METRICS).filter(({ optIn }) => !optIn).length);
    expect(durations?.values).toContainEqual({
      metricName: 'selfhealer_healing_duration_seconds_bucket',
      labels: { strategy: 'AgentRestartStrategy', outcome: 'succeeded', le: '+Inf' },
      value: 1,
    });
    const twice = AggregatorRegistry.aggregate([json, json]);
    expect(await twice.getSingleMetricAsString('selfhealer_failures_total')).toMatch(/ 2$/);
  });

  test('has the process metrics once, whoever collects them', async () => {
    const registry = new Registry();
    registerMetrics(registry, () => viewOf(new LiveState()), { processMetrics: true });
    const text = await registry.metrics();
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text).toMatch(/^nodejs_heap_size_used_bytes \d/m);
    expect(text).not.toMatch(/nodejs_active_\w+_total/);

    const own = new Registry();
    const help = 'Theirs.';
    new Counter({ name: 'process_cpu_seconds_total', help, registers: [own] });
    registerMetrics(own, () => viewOf(new LiveState()), { processMetrics: true });
    expect(familyOf(await own.metrics(), 'process_cpu_seconds_total')).toContain(help);
  });
});

describe('an OpenMetrics registry', () => {
  test('shows counters as OpenMetrics names them', async () => {
    const { state } = fold([detected(0, 'f1'), completed(1, 'f1')]);
    const registry = new Registry<typeof OPENMETRICS_CONTENT_TYPE>();
    registry.setContentType(OPENMETRICS_CONTENT_TYPE);
    registerMetrics(registry, () => viewOf(state));
    for (const scrape of [await registry.metrics(), await registry.metrics()]) {
      expect(scrape).toContain('# TYPE selfhealer_failures counter\n');
      expect(scrape).toMatch(/^selfhealer_failures_total\{.*\} 1$/m);
      expect(scrape).not.toMatch(/_total_total/);
      expect(scrape).toMatch(/# EOF\n$/);
    }
  });

  test('that is turned back shows the names that it showed before', async () => {
    const { state } = fold([detected(0, 'f1'), completed(1, 'f1')]);
    // The type of a registry is bound to its first content type; at run time it is not.
    const registry: Registry<typeof OPENMETRICS_CONTENT_TYPE | typeof TEXT_CONTENT_TYPE> =
      new Registry();
    registerMetrics(registry, () => viewOf(state));
    const before = await registry.metrics();
    registry.setContentType(OPENMETRICS_CONTENT_TYPE);
    await registry.metrics();
    registry.setContentType(TEXT_CONTENT_TYPE);
    expect(await registry.metrics()).toBe(before);
  });
});
