/** The whole file of rules: recorded series, then alerts. */
import { exporterAlerts } from './alerts/exporter.js';
import { healingAlerts } from './alerts/healing.js';
import { incidentAlerts } from './alerts/incidents.js';
import { problemsOf } from './check-options.js';
import { MINUTE_MS } from './recorded.js';
import type { RuleOptions } from './options.js';
import { attemptGroups } from './recording/attempts.js';
import { chosenGroup } from './recording/chosen.js';
import { fleetGroup } from './recording/fleet.js';
import { recoveryGroups } from './recording/recovery.js';
import { slowSums, sums } from './recording/sums.js';
import type { AlertRule, AlertSpec, RuleGroup } from './rule.js';
import { renderGroups } from './yaml.js';

export type RulesFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Refuses options with which an alert could never fire, and says why. */
export function rulesFile(options: RuleOptions): RulesFile {
  const alerts = alertGroups(options);
  const names = alerts.flatMap(({ rules }) =>
    rules.flatMap((rule) => (rule.kind === 'alert' ? [rule.alert] : [])),
  );
  const problems = problemsOf(options, names);
  if (problems.length > 0) return { ok: false, problems };
  const percent = Number((options.objective * 100).toPrecision(8));
  const header =
    `Recording and alerting rules of selfhealer-exporter; objective: ${percent} % of healing attempts succeed.\n` +
    'Written by `selfhealer-exporter rules`: to change something, write it again with other options ' +
    '(docs/prometheus.md). Each alert is explained in docs/runbooks.md.' +
    (options.timeScale === 1
      ? ''
      : `\nFor tests: all times are multiplied by ${options.timeScale}; names keep the unscaled ones.`);
  return { ok: true, text: renderGroups(header, ruleGroups(options), options.timeScale) };
}

/** Those that record, and then the alerts. */
export function ruleGroups(options: RuleOptions): readonly RuleGroup[] {
  return [
    chosenGroup(options),
    ...sums(options),
    slowSums(options),
    ...attemptGroups(options),
    ...recoveryGroups(options),
    fleetGroup(options),
    ...alertGroups(options),
  ];
}

export function alertGroups(options: RuleOptions): readonly RuleGroup[] {
  const group = (topic: string, comment: string, specs: readonly AlertSpec[]): RuleGroup => ({
    name: `selfhealer-alerts-${topic}`,
    comment,
    intervalMs: MINUTE_MS / 2,
    rules: specs.map((spec) => complete(spec, options)),
  });
  return [
    group('healing', 'Does healing work?', healingAlerts(options)),
    group('incidents', 'Does what broke recover?', incidentAlerts(options)),
    group('exporter', 'Can the exporter be believed?', exporterAlerts(options)),
  ];
}

function complete(spec: AlertSpec, options: RuleOptions): AlertRule {
  const { alert, severity, expr, summary, description, action } = spec;
  const { dashboard, dashboardVariable } = spec;
  const { severityLabel, jobLabel, instanceLabel, runbookUrl, grafanaUrl } = options;
  const variable =
    dashboardVariable === undefined
      ? ''
      : `?var-${dashboardVariable}={{ $labels.${dashboardVariable} | urlquery }}`;
  // Texts are written with the usual names.
  const named = (text: string): string =>
    text
      .replaceAll('$labels.job', `$labels.${jobLabel}`)
      .replaceAll('$labels.instance', `$labels.${instanceLabel}`);
  return {
    kind: 'alert',
    alert,
    expr,
    pendingMs: options.pendingMs.get(alert) ?? spec.pendingMs,
    labels: { [severityLabel]: severity, ...spec.labels },
    annotations: {
      summary: named(summary),
      description: named(description),
      action,
      runbook_url: `${runbookUrl}#${alert.toLowerCase()}`,
      dashboard_url: `${grafanaUrl.replace(/\/+$/, '')}/d/selfhealer-${dashboard}${variable}`,
    },
    ...(spec.comment === undefined ? {} : { comment: spec.comment }),
  };
}
