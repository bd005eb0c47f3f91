/** What the four dashboards have in common. */
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Dashboard as DashboardJson,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '../src/rules/rule.js';
import { DATASOURCE } from './panels.js';
import { COMMON } from './queries/common.js';

const TAG = 'selfhealer';

/** Read only: what is changed in Grafana would be lost with the next release. */
export function newDashboard(
  name: Dashboard,
  title: string,
  description: string,
): DashboardBuilder {
  return new DashboardBuilder(`Self-healing: ${title}`)
    .uid(`selfhealer-${name}`)
    .description(description)
    .tags([TAG])
    .readonly()
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Self-healing')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Alerts')
        .datasource(DATASOURCE)
        .enable(true)
        .iconColor('red')
        .expr(COMMON.alerts)
        .step('60s')
        .titleFormat('{{alertname}}')
        .textFormat('{{strategy}}{{failure_type}}')
        .tagKeys('severity'),
    )
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    )
    .withVariable(labelVariable('job', 'Job', COMMON.jobs))
    .withVariable(labelVariable('instance', 'Instance', COMMON.instances));
}

/**
 * With an id for each panel: addresses and links of a single panel are made of it. Links and the switch of the alerts
 * stand above the panels, not in a menu as the builders have it.
 */
export function finished(dashboard: DashboardBuilder): DashboardJson {
  const built = dashboard.build();
  for (const [i, panel] of (built.panels ?? []).entries()) panel.id = i + 1;
  for (const shown of [...(built.links ?? []), ...(built.annotations.list ?? [])]) {
    delete shown.placement;
  }
  return built;
}

/** Any values of a label, or all. */
export function labelVariable(label: string, title: string, of: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .label(title)
    .datasource(DATASOURCE)
    .query(`label_values(${of}, ${label})`)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}
