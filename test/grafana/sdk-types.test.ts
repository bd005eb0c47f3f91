// The four dashboards as committed, and spoilt ones, against the types of Grafana's SDK.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DASHBOARDS } from '../../src/rules/rule.js';
import { sdkTypes } from './sdk-types.js';

const panel = z.looseObject({
  type: z.string(),
  options: z.looseObject({}),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ custom: z.unknown().optional() }) }),
  targets: z.array(z.looseObject({})),
});
const schema = z.looseObject({ panels: z.array(panel) });
type Dashboard = z.infer<typeof schema>;
const types = sdkTypes();

function committed(name: string): Dashboard {
  const url = new URL(`../../grafana/dashboards/selfhealer-${name}.json`, import.meta.url);
  return schema.parse(JSON.parse(readFileSync(fileURLToPath(url), 'utf8')));
}

function problems(dashboard: Dashboard): string[] {
  const ofPanels = dashboard.panels.flatMap(({ type, options, fieldConfig, targets }, i) => {
    const { custom } = fieldConfig.defaults;
    const conforms = types.options(type);
    if (conforms === undefined) return [`panels[${i}]: no type of panel: ${type}`];
    return [
      ...conforms(options, `panels[${i}].options`),
      ...(custom === undefined ? [] : (types.custom(type)?.(custom, `panels[${i}].custom`) ?? [])),
      ...targets.flatMap((target, j) => types.query(target, `panels[${i}].targets[${j}]`)),
    ];
  });
  return [...types.dashboard(dashboard, 'dashboard'), ...ofPanels];
}

test.each(DASHBOARDS)('the dashboard %s is what the types of the SDK say', (name) => {
  expect(problems(committed(name))).toEqual([]);
});

describe('the types find', () => {
  const spoil = (change: (dashboard: Dashboard, first: z.infer<typeof panel>) => void): string => {
    const dashboard = structuredClone(committed('overview'));
    const [first] = dashboard.panels;
    if (first !== undefined) change(dashboard, first);
    return problems(dashboard).join('\n');
  };

  test.each<[string, Parameters<typeof spoil>[0], RegExp]>([
    ['a key that is none', (one) => (one['titel'] = ''), /no such key: titel/],
    ['a key that is missing', (one) => delete one['schemaVersion'], /lacks schemaVersion/],
    ['a value of another kind', (one) => (one['title'] = 1), /dashboard.title: 1 is not string/],
    ['a word that is none', (one) => (one['graphTooltip'] = 7), /graphTooltip: 7 is not/],
    ['a kind of panel that is none', (_, first) => (first.type = 'pie'), /no type of panel: pie/],
    ['an option that is none', (_, first) => (first.options['sice'] = 1), /no such key: sice/],
    ['an option that is wrong', (_, first) => (first.options['graphMode'] = 'bar'), /graphMode/],
    [
      'a query of another kind',
      (_, { targets: [target] }) => target && (target['format'] = 'heat'),
      /targets\[0\].format/,
    ],
    [
      'a key of a query that is none',
      (_, { targets: [target] }) => target && (target['exp'] = ''),
      /no such key: exp/,
    ],
  ])('%s', (_, change, said) => {
    expect(spoil(change)).toMatch(said);
  });
});
