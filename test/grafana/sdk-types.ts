/**
 * The committed JSON against the types of Grafana's SDK: keys, required ones, kinds of values and words of enums. The
 * builders are typed, but leave options of a panel and its queries open; here each is held against its own type.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const sdk = dirname(createRequire(import.meta.url).resolve('@grafana/grafana-foundation-sdk/cog'));
const pathOf = (topic: string): string => join(sdk, `../${topic}/types.gen.d.ts`);

/** Types of panels by the folder that declares their options. */
const PANELS: Readonly<Record<string, string>> = {
  barchart: 'barchart',
  heatmap: 'heatmap',
  stat: 'stat',
  'state-timeline': 'statetimeline',
  table: 'table',
  timeseries: 'timeseries',
};

export type Conforms = (value: unknown, path: string) => string[];

export interface SdkTypes {
  readonly dashboard: Conforms;
  readonly query: Conforms;
  /** Undefined for a panel that the dashboards do not use. */
  readonly options: (panelType: string) => Conforms | undefined;
  readonly custom: (panelType: string) => Conforms | undefined;
}

export function sdkTypes(): SdkTypes {
  const topics = ['dashboard', 'prometheus', ...Object.values(PANELS)];
  const program = ts.createProgram(topics.map(pathOf), { strict: true, noEmit: true, types: [] });
  const checker = program.getTypeChecker();
  const exported = (topic: string, name: string): Conforms | undefined => {
    const file = program.getSourceFile(pathOf(topic));
    const symbol = file && checker.getSymbolAtLocation(file);
    const found = symbol && checker.getExportsOfModule(symbol).find((one) => one.name === name);
    if (found === undefined) return undefined;
    const type = checker.getDeclaredTypeOfSymbol(found);
    return (value, path) => problemsOf(checker, type, value, path);
  };
  const needed = (topic: string, name: string): Conforms => {
    const conforms = exported(topic, name);
    if (conforms === undefined) throw new Error(`the SDK has no ${topic}.${name}`);
    return conforms;
  };
  const ofPanel = (name: string) => (panelType: string) => {
    const topic = PANELS[panelType];
    return topic === undefined ? undefined : exported(topic, name);
  };
  return {
    dashboard: needed('dashboard', 'Dashboard'),
    query: needed('prometheus', 'Dataquery'),
    options: ofPanel('Options'),
    custom: ofPanel('FieldConfig'),
  };
}

function problemsOf(
  checker: ts.TypeChecker,
  type: ts.Type,
  value: unknown,
  path: string,
): string[] {
  if ((type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return [];
  if (type.isUnion()) {
    const all = type.types
      .filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0)
      .map((one) => problemsOf(checker, one, value, path));
    return all.reduce((least, one) => (one.length < least.length ? one : least));
  }
  if (type.isStringLiteral() || type.isNumberLiteral()) {
    return value === type.value ? [] : [`${path}: ${show(value)} is not ${show(type.value)}`];
  }
  const wanted = checker.typeToString(type);
  if ((type.flags & ts.TypeFlags.Object) === 0) return ofPrimitive(wanted, value, path);
  if (checker.isArrayType(type)) {
    if (!Array.isArray(value)) return [`${path}: ${show(value)} is not ${wanted}`];
    const item = type.getNumberIndexType();
    return value.flatMap((one: unknown, i) =>
      item === undefined ? [] : problemsOf(checker, item, one, `${path}[${i}]`),
    );
  }
  if (!isRecord(value)) return [`${path}: ${show(value)} is not ${wanted}`];
  return ofObject(checker, type, value, path);
}

function ofPrimitive(wanted: string, value: unknown, path: string): string[] {
  const kind = value === null ? 'null' : typeof value;
  const fits = wanted === kind || (kind === 'boolean' && wanted === String(value));
  return fits ? [] : [`${path}: ${show(value)} is not ${wanted}`];
}

function ofObject(
  checker: ts.TypeChecker,
  type: ts.Type,
  value: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const found: string[] = [];
  const any = type.getStringIndexType();
  const properties = new Map(type.getProperties().map((one) => [one.name, one]));
  // A mark of the SDK for what each data source declares for itself.
  if (properties.size === 1 && properties.has('_implementsDataqueryVariant')) return [];
  for (const [name, property] of properties) {
    const own = checker.getTypeOfSymbol(property);
    if (own.getCallSignatures().length > 0) continue;
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    if (value[name] === undefined) {
      if (!isOptional) found.push(`${path}: lacks ${name}`);
    } else found.push(...problemsOf(checker, own, value[name], `${path}.${name}`));
  }
  for (const [name, one] of Object.entries(value)) {
    if (properties.has(name)) continue;
    if (any === undefined) found.push(`${path}: no such key: ${name}`);
    else found.push(...problemsOf(checker, any, one, `${path}.${name}`));
  }
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}
