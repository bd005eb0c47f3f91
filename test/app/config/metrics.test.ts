// Control of the metrics: what is refused, why, and all of it at once.
import { expect, test } from 'vitest';
import { readConfig, type ConfigResult } from '../../../src/app/config/config.js';
import { isExporterError } from '../../../src/core/errors.js';
import { createExporter } from '../../../src/index.js';

function read(yaml: string, argv: readonly string[] = []): ConfigResult {
  return readConfig({
    argv: ['--config.file=c.yml', ...argv],
    env: {},
    readFile: () => yaml,
  });
}

test('families, labels, caps and buckets are taken from the file', () => {
  const result = read(`
metrics:
  opt_in: [agents]
  disable: [selfhealer_failures_predicted_total]
  drop_labels: {selfhealer_healing_attempts_total: [failure_type, trigger]}
  label_sets_max: {selfhealer_agent_failures_total: 50, selfhealer_up: 10}
  buckets: {selfhealer_healing_duration_seconds: [0.5, 1, 10]}
  created_series: true
`);
  if (!result.ok) expect.fail(JSON.stringify(result.problems));
  expect(result.config.metrics).toEqual({
    optIns: ['agents'],
    control: {
      disabled: ['selfhealer_failures_predicted_total'],
      droppedLabels: { selfhealer_healing_attempts_total: ['failure_type', 'trigger'] },
      labelSetsMax: { selfhealer_agent_failures_total: 50, selfhealer_up: 10 },
      buckets: { selfhealer_healing_duration_seconds: [0.5, 1, 10] },
    },
    createdSeries: true,
  });
});

test('maps and lists can be flags', () => {
  const result = read('', [
    '--metrics.opt-in=agents',
    '--metrics.opt-in=circuits',
    '--metrics.label-sets-max={selfhealer_up: 5}',
  ]);
  if (!result.ok) expect.fail(JSON.stringify(result.problems));
  expect(result.config.metrics.optIns).toEqual(['agents', 'circuits']);
  expect(result.config.metrics.control.labelSetsMax).toEqual({ selfhealer_up: 5 });
});

test.each([
  [
    '{disable: [selfhealer_healing_attempt_total]}',
    /disable\[0\].*did you mean selfhealer_healing_attempts_total\?/,
  ],
  ['{disable: [__proto__]}', /expected the name of a metric/],
  ['{opt_in: [everything]}', /opt_in.*expected one of agents, circuits/],
  [
    '{drop_labels: {selfhealer_failures_total: [kind]}}',
    /expected one of failure_type, severity, got "kind"/,
  ],
  ['{drop_labels: {selfhealer_healing_duration_seconds: [le]}}', /metrics\.buckets sets these/],
  ['{drop_labels: {selfhealer_strategy_trend: [trend]}}', /state set/],
  ['{drop_labels: {selfhealer_strategy_trend: [strategy]}}', /state set/],
  ['{drop_labels: {selfhealer_strategy_success_ratio: [window]}}', /have no sum/],
  ['{drop_labels: {selfhealer_mttr_seconds: [nothing]}}', /expected one of window/],
  ['{drop_labels: {selfhealer_exporter_queue_events: [x]}}', /it has none/],
  ['{label_sets_max: {selfhealer_circuit_breakers: 5}}', /closed labels only/],
  ['{label_sets_max: {selfhealer_strategy_trend: 1}}', /expected at least \d, because .*, got 1/],
  ['{label_sets_max: {selfhealer_failures_total: 0}}', /whole number from 1 to 100000/],
  [
    '{label_sets_max: {selfhealer_agent_failures_total: 5}}',
    /metrics\.opt_in does not name agents/,
  ],
  [
    '{label_sets_max: {selfhealer_incident_oldest_open_timestamp_seconds: 5}}',
    /those of selfhealer_incidents_open/,
  ],
  ['{buckets: {selfhealer_failures_total: [1]}}', /expected a histogram, got a counter/],
  ['{buckets: {selfhealer_exporter_event_lag_seconds: [1]}}', /its buckets are fixed/],
  ['{buckets: {selfhealer_healing_duration_seconds: [2, 1]}}', /each above the one before/],
  ['{buckets: {selfhealer_healing_duration_seconds: []}}', /1 to 100 upper bounds/],
  ['{buckets: {selfhealer_healing_duration_seconds: [-1]}}', /a number above 0/],
  ['{buckets: [1]}', /a map by metric name/],
  [
    '{disable: [selfhealer_failures_total], drop_labels: {selfhealer_failures_total: [severity]}}',
    /metrics\.disable takes it away/,
  ],
])('%s is refused with its reason', (metrics, reason) => {
  const result = read(`metrics: ${metrics}`);
  if (result.ok) expect.fail('it was taken');
  const text = result.problems.map(({ key, message }) => `${key}: ${message}`).join('\n');
  expect(text).toMatch(reason);
  expect(text).toMatch(/^metrics\./);
});

test.each(['0', '-5', '1.5', '1e99', '100001', '.inf', '.nan', '"10"', 'null', '[1]'])(
  'a cap of %s is one problem',
  (cap) => {
    const result = read(`metrics: {label_sets_max: {selfhealer_failures_total: ${cap}}}`);
    if (result.ok) expect.fail('it was taken');
    expect(result.problems).toHaveLength(1);
    expect(result.problems[0]?.message).toContain('a whole number from 1 to 100000');
  },
);

test.each(['[1, 1]', '[0]', '[1, .inf]', '[1, .nan]', '[1e400]', '["a"]', '5', '[[1]]', '[1, -2]'])(
  'buckets of %s are refused',
  (buckets) => {
    const result = read(`metrics: {buckets: {selfhealer_healing_duration_seconds: ${buckets}}}`);
    expect(result.ok).toBe(false);
  },
);

test('every problem is told at once, with its place', () => {
  const result = read(`
metrics:
  disable: [nothing_total]
  drop_labels:
    selfhealer_up: [source]
    selfhealer_failures_total: [a, b]
queue:
  capacity: none
`);
  if (result.ok) expect.fail('it was taken');
  expect(result.problems.map(({ key }) => key)).toEqual([
    'metrics.disable[0]',
    'metrics.drop_labels.selfhealer_up[0]',
    'metrics.drop_labels.selfhealer_failures_total[0]',
    'metrics.drop_labels.selfhealer_failures_total[1]',
    'queue.capacity',
  ]);
  expect(result.problems[0]?.origin).toMatchObject({ kind: 'file', line: 3 });
});

test('the options of an application are told apart in the same way', async () => {
  const opening = createExporter({
    store: 'memory',
    metrics: { dropLabels: { selfhealer_up: ['source'] } },
  });
  await expect(opening).rejects.toSatisfy((error) => isExporterError(error, 'CONFIG_INVALID'));
});
