// The four dashboards, as committed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DASHBOARDS } from '../../src/rules/rule.js';
import { dashboardSchema, findings, type DashboardJson } from './lint.js';

function committed(name: string): DashboardJson {
  const url = new URL(`../../grafana/dashboards/selfhealer-${name}.json`, import.meta.url);
  return dashboardSchema.parse(JSON.parse(readFileSync(fileURLToPath(url), 'utf8')));
}

describe.each(DASHBOARDS)('the dashboard %s', (name) => {
  const dashboard = committed(name);

  test('keeps to the rules', () => {
    expect(findings(dashboard)).toEqual([]);
  });

  test('is found where alerts send people', () => {
    expect(dashboard.uid).toBe(`selfhealer-${name}`);
  });

  test('shows something', () => {
    expect(dashboard.panels.length).toBeGreaterThan(8);
  });
});

test('layouts hold no queries', () => {
  for (const name of [...DASHBOARDS, 'dashboard', 'panels', 'cells']) {
    const url = new URL(`../../grafana/${name}.ts`, import.meta.url);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    expect(text, name).not.toMatch(/promql|recording|=~|\b(sum|max|rate|count|increase)\s?\(/);
  }
});

test('the objective comes from the rules, whatever was chosen there', () => {
  const texts = DASHBOARDS.map((name) => JSON.stringify(committed(name)));
  expect(texts.join('\n')).not.toMatch(/1 - 0\.|[Oo]bjective(:| of) \d/);
  expect(texts.filter((text) => text.includes('selfhealer:objective:ratio'))).toHaveLength(2);
});

test('the dashboard of strategies has the variable that alerts open it with', () => {
  const names = committed('strategies').templating.list.map(({ name }) => name);
  expect(names).toContain('strategy');
});

describe('the rules find', () => {
  const spoil = (change: (panel: DashboardJson['panels'][number]) => void): string[] => {
    const dashboard = structuredClone(committed('overview'));
    const [panel] = dashboard.panels;
    if (panel !== undefined) change(panel);
    return findings(dashboard);
  };
  const asking = (expr: string): string[] =>
    spoil(({ targets: [target] }) => {
      if (target !== undefined) target.expr = expr;
    });

  test.each([
    ['a metric that is none', 'selfhealer_nonsense{job=~"$job",instance=~"$instance"}', 'nobody'],
    ['a recorded name that is none', 'job:selfhealer_nonsense:x{job=~"$job"}', 'nobody'],
    [
      'a bucket of a counter',
      'selfhealer_failures_total_bucket{job=~"$job",instance=~"$instance"}',
      'nobody',
    ],
    ['a metric of any job', 'sum(selfhealer_up{instance=~"$instance"})', '$job'],
    ['a metric of any instance', 'sum(selfhealer_up{job=~"$job"})', '$instance'],
    ['a metric without matchers', 'sum(selfhealer_up)', 'no matchers'],
    [
      'a label that is none',
      'sum by (strategem) (selfhealer_up{job=~"$job",instance=~"$instance"})',
      'strategem',
    ],
    [
      'a label of another metric',
      'sum(selfhealer_up{job=~"$job",instance=~"$instance",strategy=~"x"})',
      'no label strategy',
    ],
    [
      'a rate of a gauge',
      'rate(selfhealer_up{job=~"$job",instance=~"$instance"}[$__rate_interval])',
      'gauge',
    ],
    [
      'a counter as it is',
      'sum(selfhealer_failures_total{job=~"$job",instance=~"$instance"})',
      'without a rate',
    ],
    [
      'a duration of one shape',
      'sum by (le) (rate(selfhealer_healing_duration_seconds_bucket{job=~"$job",instance=~"$instance"}[$__rate_interval]))',
      'buckets or native',
    ],
    [
      'a variable that is none',
      'sum(selfhealer_up{job=~"$job",instance=~"$instance",source=~"$sauce"})',
      'sauce',
    ],
    [
      'a line of 0 beside those by label',
      'sum by (source) (selfhealer_up{job=~"$job",instance=~"$instance"})\n  or\nvector(0)',
      'line of 0',
    ],
    [
      'one number over an interval of lines',
      'sum(rate(selfhealer_failures_total{job=~"$job",instance=~"$instance"}[$__rate_interval]))',
      'meant for lines',
    ],
    [
      'a fixed range',
      'rate(selfhealer_failures_total{job=~"$job",instance=~"$instance"}[5m])',
      '5m',
    ],
  ])('%s', (_, expr, said) => {
    expect(asking(expr).join('\n')).toContain(said);
  });

  test('a panel without unit, description or title', () => {
    const found = spoil((panel) => {
      panel.title = '';
      panel.description = '';
      panel.fieldConfig.defaults.unit = '';
    });
    expect(found).toHaveLength(3);
  });

  test('panels that overlap', () => {
    expect(spoil((panel) => (panel.gridPos.w = 24)).join('\n')).toContain('overlap');
  });

  test('a dashboard without links, marks of alerts or a variable', () => {
    const dashboard = structuredClone(committed('overview'));
    dashboard.links = [];
    dashboard.annotations.list = [];
    dashboard.templating.list = dashboard.templating.list.filter(({ name }) => name !== 'job');
    const found = findings(dashboard).join('\n');
    for (const said of ['no links', 'mark alerts', 'no variable job'])
      expect(found).toContain(said);
  });

  test('a variable of another source, that knows no all, or stands still', () => {
    const dashboard = structuredClone(committed('overview'));
    for (const variable of dashboard.templating.list) {
      Object.assign(variable, { datasource: { uid: 'mine' }, multi: false, refresh: 1, label: '' });
    }
    expect(findings(dashboard)).toHaveLength(2 * 4);
  });

  test('panels without an id, and two with the same', () => {
    for (const id of [undefined, 2]) {
      expect(spoil((panel) => (panel.id = id)).join('\n')).toContain('id');
    }
  });

  test('a panel that shows a bare "No data"', () => {
    expect(spoil((panel) => (panel.fieldConfig.defaults.noValue = ''))).toHaveLength(1);
  });

  test('a table that colours names, or cells without a number', () => {
    const properties = [{ id: 'custom.cellOptions', value: { type: 'color-background' } }];
    const matcher = { id: 'byRegexp', options: '.*' };
    const found = spoil((panel) => (panel.fieldConfig.overrides = [{ matcher, properties }]));
    expect(found.join('\n')).toMatch(/hold names\n.*hold nothing/);
  });

  test('a number that may be old, and a link that is not encoded', () => {
    const ofRange = spoil(({ targets }) => {
      for (const target of targets) Object.assign(target, { instant: false, range: true });
    });
    expect(ofRange.join('\n')).toContain('old');
    const linked = spoil((panel) => Object.assign(panel, { links: ['?var-x=${__value.raw}'] }));
    expect(linked.join('\n')).toContain('as it is');
  });

  test('a fixed data source', () => {
    expect(spoil((panel) => (panel.datasource = { uid: 'mine' }))).toHaveLength(1);
  });
});
