/** The few kinds of panels that the dashboards are made of. */
import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  VizLegendOptionsBuilder,
  LegendDisplayMode,
  LegendPlacement,
  VisibilityMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  type Panel,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { COLORED_CELL, EMPTY_CELL, thresholds, type Steps } from './cells.js';

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Said of every panel. Widths are of 24 columns; heights of about 38 pixels. */
export interface Said {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly width: number;
  readonly height?: number;
  /** Instead of a bare "No data", where there may be none. */
  readonly nothing?: string;
}

export interface Query {
  readonly expr: string;
  /** With labels in braces: `{{strategy}}`. */
  readonly legend?: string;
}

const HEIGHT = 8;
const STAT_HEIGHT = 4;

/**
 * One number with a colour, of now: the last value of the time that is shown may be hours old. A line behind it would
 * need that time.
 */
export function statPanel(said: Said, query: Query, steps: Steps): Builder<Panel> {
  return framed(new stat.PanelBuilder(), said, STAT_HEIGHT)
    .targets([valueQuery('A', query)])
    .thresholds(thresholds(steps))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue(said.nothing ?? 'not known yet');
}

/** `limits` matches the legends of what is drawn dashed and red. */
export function timeSeriesPanel(
  said: Said,
  queries: readonly Query[],
  limits?: string,
): Builder<Panel> {
  const panel = framed(new timeseries.PanelBuilder(), said)
    .targets(queries.map((query, i) => rangeQuery(refId(i), query)))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .noValue(said.nothing ?? NOTHING_YET)
    .min(0);
  if (limits === undefined) return panel;
  return panel.overrideByRegexp(limits, [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
    { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
  ]);
}

/** Observations by size over time. */
export function heatmapPanel(said: Said, expr: string): Builder<Panel> {
  const query = legendQuery('A', { expr, legend: '{{le}}' })
    .format(PromQueryFormat.Heatmap)
    .range();
  return framed(new heatmap.PanelBuilder(), said)
    .targets([query])
    .yAxis(new heatmap.YAxisConfigBuilder().unit(said.unit))
    .noValue(said.nothing ?? NOTHING_YET)
    .hideLegend();
}

/** Words over time, a line for each series. */
export function wordsPanel(said: Said, query: Query, mapping: ValueMap): Builder<Panel> {
  return framed(new statetimeline.PanelBuilder(), said)
    .targets([rangeQuery('A', query)])
    .mappings([mapping])
    .noValue(said.nothing ?? NOTHING_YET)
    .showValue(VisibilityMode.Auto)
    .mergeValues(true);
}

export interface Column {
  /** Under which name the query gives it: a label, or `Value #A`. */
  readonly from: string;
  readonly title: string;
  readonly properties?: readonly DynamicConfigValue[];
}

/** A row for each combination of labels; what is not among `columns` is not shown. */
export function tablePanel(
  said: Said,
  expressions: readonly string[],
  columns: readonly Column[],
): Builder<Panel> {
  const rename = Object.fromEntries(columns.map(({ from, title }) => [from, title]));
  const order = Object.fromEntries(columns.map(({ from }, i) => [from, i]));
  const shown = columns.map(({ from }) => from).map(escaped);
  const panel = columns.reduce(
    (built, { title, properties = [] }) => built.overrideByName(title, [...properties]),
    framed(new table.PanelBuilder(), said)
      .targets(expressions.map((expr, i) => instantQuery(refId(i), expr)))
      .withTransformation({ id: 'merge', options: {} })
      .withTransformation({
        id: 'filterFieldsByName',
        options: { include: { pattern: `^(${shown.join('|')})$` } },
      })
      .withTransformation({
        id: 'organize',
        options: { renameByName: rename, indexByName: order, excludeByName: {} },
      }),
  );
  // Of a table that has rows it would be said in each empty cell.
  return said.nothing === undefined ? panel : panel.noValue(said.nothing);
}

/** Rows, columns and cells of one value by two labels. */
export function matrixPanel(
  said: Said,
  expr: string,
  { row, column }: { readonly row: string; readonly column: string },
  steps: Steps,
): Builder<Panel> {
  return (
    framed(new table.PanelBuilder(), said)
      .targets([instantQuery('A', expr)])
      .withTransformation({
        id: 'groupingToMatrix',
        options: { rowField: row, columnField: column, valueField: 'Value', emptyValue: 'null' },
      })
      .thresholds(thresholds(steps))
      .mappings([EMPTY_CELL])
      // The first column holds names: coloured, they would be as red as the worst.
      .overrideByFieldType('number', [COLORED_CELL])
  );
}

/** A bar for each value of a label that holds numbers, in their order. */
export function barsPanel(said: Said, expr: string, label: string): Builder<Panel> {
  const as = (destinationType: 'number' | 'string') => ({
    id: 'convertFieldType',
    options: { conversions: [{ targetField: label, destinationType }] },
  });
  return framed(new barchart.PanelBuilder(), said)
    .targets([instantQuery('A', expr)])
    .withTransformation({
      id: 'filterFieldsByName',
      options: { include: { names: [label, 'Value'] } },
    })
    .withTransformation(as('number'))
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: label }] } })
    .withTransformation(as('string'))
    .noValue(said.nothing ?? NOTHING_YET)
    .xField(label);
}

const NOTHING_YET = 'nothing yet';

/** What every kind of panel can be told. */
interface Frame {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  datasource(datasource: typeof DATASOURCE): this;
  span(width: number): this;
  height(height: number): this;
}

function framed<P extends Frame>(panel: P, said: Said, height = HEIGHT): P {
  return panel
    .title(said.title)
    .description(said.description)
    .unit(said.unit)
    .datasource(DATASOURCE)
    .span(said.width)
    .height(said.height ?? height);
}

function rangeQuery(id: string, query: Query): DataqueryBuilder {
  return legendQuery(id, query).range();
}

/** What stands now; nothing when there is nothing now. */
function valueQuery(id: string, query: Query): DataqueryBuilder {
  return legendQuery(id, query).instant();
}

function legendQuery(id: string, { expr, legend = '' }: Query): DataqueryBuilder {
  return bareQuery(id, expr).legendFormat(legend === '' ? '__auto' : legend);
}

function instantQuery(id: string, expr: string): DataqueryBuilder {
  return bareQuery(id, expr).format(PromQueryFormat.Table).instant();
}

function bareQuery(id: string, expr: string): DataqueryBuilder {
  return new DataqueryBuilder().refId(id).datasource(DATASOURCE).expr(expr);
}

function refId(i: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + i);
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
