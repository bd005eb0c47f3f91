/** Alerts that go blind when a metric is switched off. */
import { expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/table.js';
import { alertsWithout } from '../../src/rules/alerts-without.js';
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { alertGroups } from '../../src/rules/rules-file.js';

test('an alert that reads the metric itself is named', () => {
  expect(alertsWithout(['selfhealer_exporter_label_overflows_total'])).toEqual([
    'SelfHealerLabelLimitReached',
  ]);
});

test('one that reads what is recorded from it is named, once', () => {
  const alerts = alertsWithout(['selfhealer_healing_attempts_total']);
  expect(alerts).toContain('SelfHealerHealingErrorBudgetBurn');
  expect(new Set(alerts).size).toBe(alerts.length);
});

test('one that reads the buckets or sums of a histogram is named', () => {
  expect(alertsWithout(['selfhealer_incident_recovery_duration_seconds'])).toContain(
    'SelfHealerRecoverySlow',
  );
});

test('what no alert reads takes away none', () => {
  expect(alertsWithout([])).toEqual([]);
  expect(alertsWithout(['selfhealer_recommendations'])).toEqual([]);
});

test('without any metric only those are left that read none of ours', () => {
  const all = alertGroups(DEFAULT_OPTIONS).flatMap(({ rules }) =>
    rules.flatMap((rule) => (rule.kind === 'alert' ? [rule.alert] : [])),
  );
  const blind = alertsWithout(Object.keys(METRICS));
  expect(all.filter((alert) => !blind.includes(alert))).toEqual(['SelfHealerWatchdog']);
});
