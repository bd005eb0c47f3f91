/** What every dashboard must keep to, checked on the JSON that Grafana reads. */
import { z } from 'zod';
import type { MetricRow } from '../../src/metrics/define.js';
import { METRICS } from '../../src/metrics/table.js';
import { DEFAULT_OPTIONS } from '../../src/rules/options.js';
import { BURN_LIMIT, OBJECTIVE } from '../../src/rules/recorded.js';
import { rulesFile } from '../../src/rules/rules-file.js';

const panel = z.looseObject({
  id: z.number().optional(),
  type: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  datasource: z.looseObject({ uid: z.string().optional() }).optional(),
  gridPos: z.looseObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  fieldConfig: z.looseObject({
    defaults: z.looseObject({
      unit: z.string().optional(),
      noValue: z.string().optional(),
      mappings: z.array(z.unknown()).optional(),
    }),
    overrides: z.array(
      z.looseObject({
        matcher: z.looseObject({ id: z.string(), options: z.unknown() }),
        properties: z.array(z.looseObject({ id: z.string(), value: z.unknown() })),
      }),
    ),
  }),
  targets: z.array(
    z.looseObject({
      expr: z.string(),
      instant: z.boolean().optional(),
      range: z.boolean().optional(),
      datasource: z.looseObject({ uid: z.string().optional() }).optional(),
    }),
  ),
});
export const dashboardSchema = z.looseObject({
  uid: z.string(),
  title: z.string(),
  editable: z.boolean(),
  tags: z.array(z.string()),
  panels: z.array(panel),
  links: z.array(z.looseObject({ type: z.string(), tags: z.array(z.string()) })),
  annotations: z.looseObject({
    list: z.array(z.looseObject({ name: z.string(), expr: z.string().optional() })),
  }),
  templating: z.looseObject({
    list: z.array(
      z.looseObject({
        name: z.string(),
        type: z.string(),
        label: z.string().optional(),
        datasource: z.looseObject({ uid: z.string().optional() }).optional(),
        multi: z.boolean().optional(),
        allValue: z.string().optional(),
        refresh: z.number().optional(),
      }),
    ),
  }),
});
export type DashboardJson = z.infer<typeof dashboardSchema>;
type PanelJson = z.infer<typeof panel>;

const NAME = /\b(?:selfhealer_\w+|(?:job|instance)\w*:[\w:]+)/g;
/** Of Prometheus and of Node, not ours. */
const ROWS = new Map(
  Object.entries(METRICS).map(([name, row]): [string, MetricRow] => [name, row]),
);
const OTHERS = new Set(['ALERTS', 'scrape_duration_seconds', 'nodejs_eventloop_lag_p99_seconds']);
/** Chosen for all jobs together. */
const OF_NO_JOB: ReadonlySet<string> = new Set([OBJECTIVE, BURN_LIMIT]);
const WORDS_OF_PROMQL = new Set(
  'sum max min count by or and time vector rate increase histogram_quantile topk'.split(' '),
);
const EVERY_LABEL = new Set([
  ...Object.values(METRICS).flatMap(({ labels }) => Object.keys(labels)),
  ...[
    'job',
    'instance',
    'le',
    'long',
    'alertname',
    'alertstate',
    'severity',
    'trend',
    'recommendation',
  ],
]);

/** In words, one for each offence; none when all is well. */
export function findings(dashboard: DashboardJson): string[] {
  const names = dashboard.templating.list.map(({ name }) => name);
  const found: string[] = [];
  if (!dashboard.uid.startsWith('selfhealer-')) found.push(`uid: ${dashboard.uid}`);
  if (dashboard.editable) found.push('is editable');
  for (const variable of ['datasource', 'job', 'instance']) {
    if (!names.includes(variable)) found.push(`has no variable ${variable}`);
  }
  for (const variable of dashboard.templating.list) found.push(...ofVariable(variable));
  for (const [, name = ''] of JSON.stringify(dashboard.panels).matchAll(/=~\\"\|?\$(\w+)/g)) {
    if (!names.includes(name)) found.push(`has no variable ${name}`);
  }
  if (!dashboard.links.some(({ type }) => type === 'dashboards')) found.push('has no links');
  if (!dashboard.annotations.list.some(({ expr = '' }) => expr.startsWith('ALERTS{'))) {
    found.push('does not mark alerts');
  }
  const ids = dashboard.panels.map(({ id }) => id);
  if (ids.includes(undefined) || new Set(ids).size < ids.length) {
    found.push('panels share an id, or have none');
  }
  const titles = dashboard.panels.map(({ title }) => title);
  for (const title of titles.filter((one, i) => titles.indexOf(one) !== i)) {
    found.push(`two panels are called ${title}`);
  }
  for (const [i, one] of dashboard.panels.entries()) {
    found.push(...ofPanel(one).map((what) => `${one.title ?? `panel ${i}`}: ${what}`));
    for (const other of dashboard.panels.slice(i + 1)) {
      if (overlap(one, other)) found.push(`${one.title} and ${other.title} overlap`);
    }
  }
  return found;
}

const ON_TIME_RANGE_CHANGED = 2;

function ofVariable(variable: DashboardJson['templating']['list'][number]): string[] {
  const { name, type, label, datasource, multi, allValue, refresh } = variable;
  if (type === 'datasource') return [];
  const found: string[] = [];
  if ((label ?? '') === '') found.push('has no label');
  if (datasource?.uid !== '${datasource}') found.push('reads another data source');
  if (multi !== true || allValue !== '.+') found.push('cannot stand for several or all');
  if (refresh !== ON_TIME_RANGE_CHANGED) found.push('does not follow the time');
  return found.map((what) => `variable ${name}: ${what}`);
}

function ofPanel(one: PanelJson): string[] {
  const found: string[] = [];
  if (/\$\{__value\.raw\}/.test(JSON.stringify(one))) {
    found.push('links with a value as it is: `&` would end it');
  }
  if ((one.title ?? '') === '') found.push('has no title');
  if ((one.description ?? '') === '') found.push('has no description');
  if ((one.fieldConfig.defaults.unit ?? '') === '') found.push('has no unit');
  if (one.datasource?.uid !== '${datasource}') found.push('reads another data source');
  if (one.gridPos.x + one.gridPos.w > 24) found.push('is wider than the page');
  if (one.targets.length === 0) found.push('asks for nothing');
  if (one.type !== 'table' && (one.fieldConfig.defaults.noValue ?? '') === '') {
    found.push('says nothing of its own when there is no data');
  }
  found.push(...ofCells(one));
  for (const { expr, datasource, instant, range } of one.targets) {
    const isOfNow = instant === true && range !== true;
    if (one.type === 'stat' && !isOfNow) found.push('shows what may be old as if it were of now');
    if (isOfNow && expr.includes('$__rate_interval')) {
      found.push('one number over an interval that is meant for lines');
    }
    if (datasource?.uid !== '${datasource}') found.push('a query reads another data source');
    found.push(...ofExpression(expr));
  }
  return found;
}

/** Grafana gives a cell without a number the colour of the least one. */
function ofCells({ fieldConfig: { defaults, overrides } }: PanelJson): string[] {
  return overrides.flatMap(({ matcher, properties }) => {
    if (!properties.some(({ id }) => id === 'custom.cellOptions')) return [];
    const found: string[] = [];
    if (!['byName', 'byType'].includes(matcher.id)) found.push('colours cells that hold names');
    const mappings = properties.find(({ id }) => id === 'mappings')?.value ?? defaults.mappings;
    if (!JSON.stringify(mappings ?? '').includes('"match":"null+nan"')) {
      found.push('colours cells that hold nothing');
    }
    return found;
  });
}

function ofExpression(expr: string): string[] {
  const found: string[] = [];
  for (const [name] of expr.matchAll(NAME)) {
    if (!isKnown(name)) found.push(`nobody writes ${name}`);
  }
  for (const [, name = '', matchers = ''] of expr.matchAll(/([\w:]+)\{([^}]*)\}/g)) {
    const isRecorded = name.includes(':') || name === 'ALERTS';
    if (!/job=~"\|?\$job"/.test(matchers)) found.push(`${name} is not of $job`);
    if (!isRecorded && !matchers.includes('instance=~"$instance"')) {
      found.push(`${name} is not of $instance`);
    }
    if (!isRecorded && !name.startsWith('selfhealer_') && !OTHERS.has(name)) {
      found.push(`nobody writes ${name}`);
    }
    const labels = labelsOf(name);
    for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)) {
      if (!labels.has(label)) found.push(`${name} has no label ${label}`);
    }
  }
  for (const [name] of expr.matchAll(/\b(?:selfhealer_\w+|[a-z_]\w*:[\w:]+)(?![\w:{])/g)) {
    if (!isLabel(name) && !OF_NO_JOB.has(name)) found.push(`${name} has no matchers`);
  }
  if (/\bby \([^]*\bor\s+vector\(/.test(expr)) found.push('a line of 0 beside those by label');
  for (const [, labels = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
    for (const label of labels.split(', ')) {
      if (!EVERY_LABEL.has(label)) found.push(`no metric has a label ${label}`);
    }
  }
  for (const [, range = ''] of expr.matchAll(/\[([^\]]*)\]/g)) {
    // Within the steps of a subquery Grafana's interval says nothing.
    const isOfSteps = expr.includes('[7d:5m]') && ['7d:5m', '5m'].includes(range);
    if (!isOfSteps && !['$__rate_interval', '$__range'].includes(range)) {
      found.push(`range ${range}`);
    }
  }
  for (const [, name = ''] of expr.matchAll(/\b(?:rate|increase)\((\w+)/g)) {
    const kind = ROWS.get(name)?.kind;
    if (kind === 'gauge' || kind === 'state_set') found.push(`a rate of the gauge ${name}`);
  }
  for (const [, before = '', name = ''] of expr.matchAll(/(\w+\()?\b(selfhealer_\w+)\{/g)) {
    if (ROWS.get(name)?.kind === 'counter' && !['rate(', 'increase('].includes(before)) {
      found.push(`the counter ${name} without a rate`);
    }
  }
  for (const [name, row] of ROWS) {
    if (row.kind !== 'histogram' || row.native !== true) continue;
    if (expr.includes(`${name}_bucket{`) !== expr.includes(`${name}{`)) {
      found.push(`${name} is not read as buckets or native`);
    }
  }
  return found;
}

/** Labels that a selector of the name may match. */
function labelsOf(name: string): ReadonlySet<string> {
  const row = ROWS.get(name) ?? ROWS.get(name.replace(/_bucket$/, ''));
  if (row === undefined) return EVERY_LABEL;
  return new Set([...Object.keys(row.labels), 'job', 'instance', 'le']);
}

function isLabel(name: string): boolean {
  return EVERY_LABEL.has(name) || WORDS_OF_PROMQL.has(name);
}

function isKnown(name: string): boolean {
  if (RECORDED.has(name)) return true;
  const row = Object.entries(METRICS).find(([each]) => name === each);
  if (row !== undefined) return true;
  const base = name.replace(/_bucket$/, '');
  return Object.entries(METRICS).some(([each, { kind }]) => each === base && kind === 'histogram');
}

const RECORDED = recordedNames();

function recordedNames(): ReadonlySet<string> {
  const file = rulesFile(DEFAULT_OPTIONS);
  if (!file.ok) throw new Error(file.problems.join('\n'));
  return new Set([...file.text.matchAll(/^ *- record: (\S+)$/gm)].map((match) => match[1] ?? ''));
}

function overlap({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
