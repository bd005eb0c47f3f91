/**
 * From flags, environment and file, or from the options of an embedding application, to one
 * `Config`.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { describeValue } from '../../core/decode/describe.js';
import type { LogLevel } from '../../core/ports.js';
import type { FalseAlarmBudget } from '../../core/state/false-alarms.js';
import type { OptIn } from '../../metrics/define.js';
import type { MetricControl } from '../../metrics/control.js';
import { asksWhoIsThere, OPEN_ACCESS, readWebConfig, type WebAccess } from '../web-config.js';
import {
  readEnvironment,
  readFlags,
  readTree,
  readYaml,
  type Given,
  type GivenValue,
} from './given.js';
import { configError, type ConfigProblem, type Origin } from './problem.js';
import {
  configSchema,
  type ConfigInput,
  type LOG_FORMATS,
  type OTLP_PROTOCOLS,
  type OtlpTemporality,
  type ParsedConfig,
} from './schema.js';
import { CONFIG_FILE, SETTINGS } from './settings.js';
import { formatAddress, isLoopback, parseAddress, type Address } from './units.js';

/** The name of the event log inside `storage.path`. */
const DATABASE_NAME = 'events.db';

export interface Config {
  readonly web: {
    readonly listen: Address;
    /** Of the web configuration file, read and checked. */
    readonly access: WebAccess;
    readonly insecureNoAuth: boolean;
  };
  readonly storage: {
    /** The SQLite file. Undefined: in memory, for embedding without a disk. */
    readonly database: string | undefined;
    readonly retentionAgeMs: number;
    readonly retentionSizeBytes: number;
  };
  readonly analysis: {
    readonly intervalMs: number;
    readonly incidentTimeoutMs: number;
    readonly falseAlarms: FalseAlarmBudget;
  };
  readonly sources: { readonly files: readonly FileSourceConfig[] };
  readonly metrics: {
    readonly optIns: readonly OptIn[];
    readonly control: MetricControl;
    /** Shows `_created` samples in OpenMetrics. */
    readonly createdSeries: boolean;
  };
  readonly queue: { readonly capacityBytes: number };
  readonly otlp: PushSettings;
  readonly log: { readonly level: LogLevel; readonly format: (typeof LOG_FORMATS)[number] };
}

/** Where metrics are pushed to. What is undefined is as the environment says. */
export interface PushSettings {
  /** Of the receiver, without `/v1/metrics`. */
  readonly endpoint: string | undefined;
  readonly protocol: OtlpProtocol | undefined;
  readonly intervalMs: number | undefined;
  readonly temporality: OtlpTemporality | undefined;
}

export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

export interface FileSourceConfig {
  readonly path: string;
  /** For lines that are bare HealingResults. */
  readonly source: string | undefined;
}

export interface ConfigPlaces {
  /** Only flags of the configuration. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** UTF-8 text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  /** False where nothing will listen: then the address is nobody's concern. Default true. */
  readonly listens?: boolean;
}

/**
 * The settings of an embedding application: those of the YAML file in camelCase, values as there.
 */
export type ConfigOptions = CamelCased<ConfigInput> & {
  /** The SQLite file itself, or `memory`; instead of `storage.path`. */
  readonly store?: { readonly path: string } | 'memory' | undefined;
};

/** A value that is in force, as it was written, and who wrote it. */
export interface EffectiveValue {
  readonly key: string;
  readonly value: unknown;
  readonly origin: Origin;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly values: readonly EffectiveValue[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Flag wins over environment over file over default. Throws ExporterError CONFIG_INVALID with every
 * problem.
 */
export function loadConfig(places: ConfigPlaces): Config {
  const result = readConfig(places);
  if (!result.ok) throw configError(result.problems);
  return result.config;
}

/** `loadConfig` with the problems as a value, and with where each setting came from. */
export function readConfig({ argv, env, readFile, listens = true }: ConfigPlaces): ConfigResult {
  const flags = readFlags(argv);
  const environment = readEnvironment(env);
  const problems: ConfigProblem[] = [];
  const file = flags.values.get(CONFIG_FILE.key) ?? environment.values.get(CONFIG_FILE.key);
  const layers = [flags, environment];
  if (typeof file?.value === 'string') {
    try {
      layers.push(readYaml(file.value, readFile(file.value)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `expected a file that can be read, got ${reason}`;
      problems.push({ key: CONFIG_FILE.key, message, origin: file.origin });
    }
  }
  return judge(layers, problems, { readFile, listens });
}

/**
 * The same for the options of `createExporter`. What they leave out has its default; flags,
 * environment and file are not looked at. Throws ExporterError CONFIG_INVALID with every problem.
 */
export function parseConfigObject(
  options: ConfigOptions,
  readFile: (path: string) => string,
): Config {
  const { store, ...settings } = options;
  const given = readTree(snakeCased(settings), () => ({ kind: 'option' }));
  const problems = storeProblems(store, given);
  const result = judge([given], problems, { readFile, listens: true });
  if (!result.ok) throw configError(result.problems);
  const { config } = result;
  const parsedStore = storeSchema.parse(store);
  if (parsedStore === undefined) return config;
  const database = parsedStore === 'memory' ? undefined : parsedStore.path;
  return { ...config, storage: { ...config.storage, database } };
}

function judge(
  layers: readonly Given[],
  problemsBefore: readonly ConfigProblem[],
  { readFile, listens }: Required<Pick<ConfigPlaces, 'readFile' | 'listens'>>,
): ConfigResult {
  const problems = [...problemsBefore, ...layers.flatMap((layer) => layer.problems)];
  const values = new Map<string, GivenValue>();
  for (const { key, defaultValue } of SETTINGS) {
    const given = layers.find((layer) => layer.values.has(key))?.values.get(key);
    if (given !== undefined) values.set(key, given);
    else if (defaultValue !== undefined) {
      values.set(key, { value: defaultValue, origin: { kind: 'default' } });
    }
  }
  const parsed = configSchema.safeParse(treeOf(values));
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => locate(issue, values)));

  // The web configuration file is read even where other settings are wrong: one start tells
  // everything.
  const webConfigFile = values.get('web.config.file')?.value;
  const web =
    typeof webConfigFile === 'string' && webConfigFile !== ''
      ? readWebConfig(webConfigFile, readFile)
      : ({ ok: true, access: OPEN_ACCESS } as const);
  if (!web.ok) problems.push(...web.problems);
  const exposed = listens && web.ok ? exposureProblem(values, web.access) : undefined;
  if (exposed !== undefined) problems.push(exposed);
  if (!parsed.success || !web.ok || problems.length > 0) return { ok: false, problems };
  const effective = [...values].map(([key, { value, origin }]) => ({ key, value, origin }));
  return { ok: true, config: toConfig(parsed.data, web.access), values: effective };
}

function toConfig(parsed: ParsedConfig, access: WebAccess): Config {
  const { web, storage, analysis, sources, metrics, queue, otlp, log } = parsed;
  return {
    web: { listen: web.listen_address, access, insecureNoAuth: web.insecure_no_auth },
    storage: {
      database: join(storage.path, DATABASE_NAME),
      retentionAgeMs: storage.retention_age,
      retentionSizeBytes: storage.retention_size,
    },
    analysis: {
      intervalMs: analysis.interval,
      incidentTimeoutMs: analysis.incident_timeout,
      falseAlarms: {
        perStrategyDays: analysis.false_alarms.per_strategy,
        fleetDays: analysis.false_alarms.fleet,
      },
    },
    sources: { files: sources.files.map(({ path, source }) => ({ path, source })) },
    metrics: {
      optIns: metrics.opt_in,
      control: {
        disabled: metrics.disable,
        droppedLabels: metrics.drop_labels,
        labelSetsMax: metrics.label_sets_max,
        buckets: metrics.buckets,
      },
      createdSeries: metrics.created_series,
    },
    queue: { capacityBytes: queue.capacity },
    otlp: {
      endpoint: otlp.endpoint,
      protocol: otlp.protocol,
      intervalMs: otlp.interval,
      temporality: otlp.temporality,
    },
    log,
  };
}

/**
 * Whoever reaches the port could post events and read everything. So somebody has to have decided
 * that.
 */
function exposureProblem(
  values: ReadonlyMap<string, GivenValue>,
  access: WebAccess,
): ConfigProblem | undefined {
  const given = values.get('web.listen_address');
  const address = typeof given?.value === 'string' ? parseAddress(given.value.trim()) : undefined;
  // What is no address or no boolean has been complained about already.
  if (address === undefined || values.get('web.insecure_no_auth')?.value !== false)
    return undefined;
  if (isLoopback(address) || asksWhoIsThere(access)) return undefined;
  const got = describeValue(formatAddress(address));
  return {
    key: 'web.listen_address',
    message:
      'expected a loopback address such as 127.0.0.1:9464, because anybody who reaches another ' +
      `one could post and read without a password, got ${got}; put basic_auth_users or client ` +
      'certificates into web.config.file, or, where the network itself keeps strangers out, set ' +
      'web.insecure_no_auth: true ' +
      '(--web.insecure-no-auth, SELFHEALER_WEB_INSECURE_NO_AUTH=true)',
    origin: given?.origin ?? { kind: 'default' },
  };
}

/**
 * An issue of the schema, with its key as people write it and the place that the value came from.
 */
function locate(issue: z.core.$ZodIssue, values: ReadonlyMap<string, GivenValue>): ConfigProblem {
  const setting = SETTINGS.find(({ path }) => path.every((part, i) => issue.path[i] === part));
  if (setting === undefined) {
    return { key: issue.path.join('.'), message: issue.message, origin: { kind: 'default' } };
  }
  const inside = issue.path.slice(setting.path.length);
  const key = inside.reduce<string>((text, part) => {
    return typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`;
  }, setting.key);
  const given = values.get(setting.key);
  const origin = given?.originAt?.(inside) ?? given?.origin ?? { kind: 'default' as const };
  return { key, message: issue.message, origin };
}

const storeSchema = z
  .union([z.literal('memory'), z.strictObject({ path: z.string().min(1) })])
  .optional();

function storeProblems(store: unknown, given: Given): ConfigProblem[] {
  const origin = { kind: 'option' } as const;
  const problems: ConfigProblem[] = [];
  if (!storeSchema.safeParse(store).success) {
    const message = `expected { path: 'healing.db' } or 'memory', got ${describeValue(store)}`;
    problems.push({ key: 'store', message, origin });
  }
  if (store !== undefined && given.values.has('storage.path')) {
    problems.push({ key: 'store', message: 'expected store or storage.path, got both', origin });
  }
  return problems;
}

interface Tree {
  [name: string]: unknown;
}

function treeOf(values: ReadonlyMap<string, GivenValue>): Tree {
  const tree: Tree = {};
  for (const { key, path } of SETTINGS) {
    const given = values.get(key);
    if (given === undefined) continue;
    let group = tree;
    for (const name of path.slice(0, -1)) {
      const next = group[name];
      const inner: Tree = isTree(next) ? next : {};
      group[name] = inner;
      group = inner;
    }
    group[path.at(-1) ?? ''] = given.value;
  }
  return tree;
}

function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased);
  if (!isTree(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    return [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), snakeCased(inner)];
  });
  return Object.fromEntries(entries);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

type CamelCased<T> = T extends readonly (infer Item)[]
  ? readonly CamelCased<Item>[]
  : T extends object
    ? { readonly [K in keyof T as K extends string ? CamelCase<K> : never]: CamelCased<T[K]> }
    : T;
