/** Cells of tables: their colours, words, units and links. */
import {
  DashboardLinkBuilder,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DashboardLink,
  type DynamicConfigValue,
  type SpecialValueMap,
  type Threshold,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** From a value on, a colour; the first from the least value on. */
export type Steps = readonly [from: number | null, color: string][];

/** What has no value would otherwise have the colour of the least. */
export const EMPTY_CELL: SpecialValueMap = {
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text: '–', color: 'transparent' } },
};

/** A table's cell takes the colour of its value. */
export const COLORED_CELL: DynamicConfigValue = {
  id: 'custom.cellOptions',
  value: { type: 'color-background' },
};

export function cellUnit(unit: string): DynamicConfigValue[] {
  return [
    { id: 'unit', value: unit },
    { id: 'mappings', value: [EMPTY_CELL] },
  ];
}

export function cellWords(mapping: ValueMap): DynamicConfigValue {
  return { id: 'mappings', value: [mapping, EMPTY_CELL] };
}

/** Coloured by its number. */
export function coloredCell(unit: string, steps: Steps): DynamicConfigValue[] {
  return [...cellUnit(unit), COLORED_CELL, { id: 'thresholds', value: thresholds(steps).build() }];
}

/** To the panels of the strategy that the cell names, with what is chosen and shown here. */
export const STRATEGY_LINK = cellLink(
  'Only this one',
  '/d/selfhealer-strategies?var-strategy=${__value.raw:percentencode}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}',
);

function cellLink(title: string, url: string): DynamicConfigValue {
  const link: DashboardLink = new DashboardLinkBuilder(title).url(url).build();
  return { id: 'links', value: [{ title: link.title, url: link.url }] };
}

export function thresholds(steps: Steps): ThresholdsConfigBuilder {
  const all: Threshold[] = steps.map(([value, color]) => ({ value, color }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(all);
}
