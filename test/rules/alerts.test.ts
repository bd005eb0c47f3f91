/** Every alert, by promtool over the committed rules: one that fires, one that keeps quiet just below. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { alertGroups } from '../../src/rules/rules-file.js';
import { describeWith } from '../support/servers.js';
import { ALERT_CASES, type AlertCase } from './alert-cases.js';
import { neededRules, RULES } from './needed-rules.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const alerts = alertGroups(DEFAULT_OPTIONS)
  .flatMap((group) => group.rules)
  .filter((rule) => rule.kind === 'alert');

const dir = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Whether the alert fires, as promtool sees it. */
function promtoolTest(
  one: AlertCase,
  series: Readonly<Record<string, string>>,
  at: string,
  fires: boolean,
) {
  const labels = Object.entries({ alertname: one.alert, alertstate: 'firing', ...one.labels });
  const selector = labels.map(([name, value]) => `${name}="${value}"`).join(',');
  return {
    interval: '30s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `sum(ALERTS{${selector}})`,
        eval_time: at,
        exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  };
}

describeWith(['promtool'], 'alerts', ({ promtool }) => {
  test('the committed rules are valid', async () => {
    await run(promtool, ['check', 'rules', '--lint-fatal', RULES]);
    await run(promtool, ['check', 'config', join(root, 'prometheus/prometheus.yml')]);
  });

  test.concurrent.each(ALERT_CASES.map((one, i) => [one.alert, one.labels ?? {}, i] as const))(
    '%s %o fires, and keeps quiet just below',
    async (_alert, _labels, i) => {
      const one = ALERT_CASES[i]!;
      const tests = [promtoolTest(one, one.fires, one.at, true)];
      if (one.quiet) tests.push(promtoolTest(one, one.quiet, one.quietAt ?? one.at, false));
      const path = join(dir, `${i}.yml`);
      const rules = join(dir, `${i}-rules.yml`);
      writeFileSync(rules, neededRules([one.alert]));
      writeFileSync(path, stringify({ rule_files: [rules], evaluation_interval: '30s', tests }));
      const result = await run(promtool, ['test', 'rules', path]).catch((error: unknown) => ({
        stdout: String(error),
      }));
      expect(result.stdout).not.toContain('FAILED');
    },
    180_000,
  );

  test('the watchdog fires when there is nothing at all, and is held back by nothing', async () => {
    const path = join(dir, 'watchdog.yml');
    const firing = {
      expr: 'ALERTS{alertname="SelfHealerWatchdog",alertstate="firing"}',
      eval_time: '1m',
      exp_samples: [
        {
          labels: 'ALERTS{alertname="SelfHealerWatchdog",alertstate="firing",severity="info"}',
          value: 1,
        },
      ],
    };
    const tests = [{ interval: '30s', input_series: [], promql_expr_test: [firing] }];
    writeFileSync(path, stringify({ rule_files: [RULES], evaluation_interval: '30s', tests }));
    await run(promtool, ['test', 'rules', path]);
    // It has no job, and what inhibits wants the same one.
    const config = parse(readFileSync(join(root, 'prometheus/alertmanager.yml'), 'utf8'));
    for (const { equal } of config.inhibit_rules) expect(equal).toContain('job');
  });

  test('the notification of a worn-out strategy has its numbers and links', async () => {
    const series = 'selfhealer_strategy_trend{job="j",strategy="S",trend="degrading"}';
    const path = join(dir, 'annotations.yml');
    const firing = {
      exp_labels: { severity: 'warning', job: 'j', strategy: 'S' },
      exp_annotations: {
        summary: 'S heals less often than it used to.',
        description: 'The success rate of S in j has fallen. In the last hour it was not tried.',
        action: 'Undo what changed when the trend did; until then let another strategy go first.',
        runbook_url: 'docs/runbooks.md#selfhealerstrategydegrading',
        dashboard_url: 'http://localhost:3000/d/selfhealer-strategies?var-strategy=S',
      },
    };
    const tests = [
      {
        interval: '30s',
        input_series: [{ series, values: '1x40' }],
        alert_rule_test: [
          { alertname: 'SelfHealerStrategyDegrading', eval_time: '12m', exp_alerts: [firing] },
        ],
      },
    ];
    writeFileSync(path, stringify({ rule_files: [RULES], tests }));
    await run(promtool, ['test', 'rules', path]);
  });
});

test('every alert has a case that fires it and one that does not', () => {
  const covered = new Set(ALERT_CASES.map(({ alert }) => alert));
  expect(
    [...new Set(alerts.map(({ alert }) => alert))].filter((name) => !covered.has(name)),
  ).toEqual([]);
});

test('every alert has a summary, a description, a section in the runbooks and a dashboard', () => {
  const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8');
  const anchors = new Set(
    [...runbooks.matchAll(/^## (.+)$/gm)].map(([, title]) => title!.toLowerCase()),
  );
  for (const { annotations } of alerts) {
    expect(annotations['summary']).toMatch(/\.$/);
    expect(annotations['description']).toMatch(/\.(\{\{ end \}\})?$/);
    expect(annotations['action']).toMatch(/^[A-Z].+\.$/);
    expect(anchors).toContain(annotations['runbook_url']!.split('docs/runbooks.md#')[1]);
    expect(annotations['dashboard_url']).toMatch(
      /\/d\/selfhealer-(overview|strategies|incidents|exporter)(\?|$)/,
    );
  }
  expect([...anchors].sort()).toEqual(
    [...new Set(alerts.map(({ alert }) => alert.toLowerCase()))].sort(),
  );
});

describeWith(['amtool'], 'Alertmanager', ({ amtool }) => {
  const config = join(root, 'prometheus/alertmanager.yml');

  test('takes the configuration', async () => {
    await run(amtool, ['check-config', config]);
  });

  test.each([
    ['critical', 'pager'],
    ['warning', 'tickets'],
    ['info', 'log'],
  ])('sends %s to %s', async (severity, receiver) => {
    const of = alerts.filter(({ labels }) => labels['severity'] === severity);
    expect(of).not.toEqual([]);
    for (const alertname of new Set(of.map(({ alert }) => alert))) {
      const args = ['config', 'routes', 'test', `--config.file=${config}`];
      args.push(`--verify.receivers=${receiver}`, `severity=${severity}`, `alertname=${alertname}`);
      await run(amtool, args);
    }
  });

  test('inhibits by alerts that exist', () => {
    const { inhibit_rules } = parse(readFileSync(config, 'utf8'));
    const named = JSON.stringify(inhibit_rules).match(/SelfHealer\w+/g) ?? [];
    const names = new Set(alerts.map(({ alert }) => alert));
    expect(named.filter((name: string) => !names.has(name))).toEqual([]);
    // What is critical of one strategy or failure type says nothing of another one.
    const [worse] = inhibit_rules;
    expect(worse.equal).toEqual(['alertname', 'job', 'strategy', 'failure_type']);
  });

  test('renders which strategy, how bad, since when and what to do', async () => {
    const data = {
      status: 'firing',
      groupLabels: { alertname: 'SelfHealerStrategyDegrading', job: 'j' },
      commonLabels: { strategy: 'S', severity: 'warning' },
      commonAnnotations: {},
      alerts: [
        {
          status: 'firing',
          labels: { strategy: 'S', severity: 'warning' },
          annotations: {
            summary: 'S got worse.',
            description: '40 % failed.',
            action: 'Undo it.',
            runbook_url: 'http://r',
            dashboard_url: 'http://d',
          },
          startsAt: '2026-01-02T03:04:05Z',
          endsAt: '0001-01-01T00:00:00Z',
        },
      ],
    };
    const path = join(dir, 'data.json');
    writeFileSync(path, JSON.stringify(data));
    const render = async (name: string): Promise<string> => {
      const args = ['template', 'render', `--template.glob=${join(root, 'prometheus/*.tmpl')}`];
      args.push(`--template.text={{ template "selfhealer.${name}" . }}`, `--template.data=${path}`);
      return (await run(amtool, args)).stdout.trim();
    };
    expect(await render('title')).toBe('[1 firing] SelfHealerStrategyDegrading in j: S');
    expect(await render('text')).toBe(
      [
        'S got worse. (warning)',
        'Strategy: S',
        'How bad: 40 % failed.',
        'Since: 2026-01-02 03:04:05 UTC',
        'What to do: Undo it. More: http://r',
        'Dashboard: http://d',
      ].join('\n'),
    );
  });
});
