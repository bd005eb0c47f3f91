/** What to push, where to and how often: settings first, then the standard variables of OpenTelemetry. */
import type { OtlpProtocol, PushSettings } from '../config/config.js';
import { OTLP_PROTOCOLS, OTLP_TEMPORALITIES, type OtlpTemporality } from '../config/schema.js';
import type { DurationsAs } from '../../exposition/otlp/otlp-writer.js';
import {
  invalid,
  nameGiven,
  namesFor,
  refuseFiles,
  refuseHeaders,
  valueOf,
  type Environment,
} from './environment.js';
import { COMPRESSIONS, type Compression } from './compression.js';
import type { DeltaKinds } from './row-exporter.js';

export interface PushPlan {
  /** Undefined: as the environment says it. */
  readonly url: string | undefined;
  readonly protocol: OtlpProtocol;
  readonly intervalMs: number;
  /** How long a push and its tries may take together; undefined where nobody says it. */
  readonly timeoutMs: number | undefined;
  readonly deltaKinds: DeltaKinds;
  readonly durationsAs: DurationsAs;
  readonly compression: Compression;
}

const INTERVAL_MS = 60_000;
/** As far as a timer goes. */
const TIMER_MAX_MS = 2 ** 31 - 1;
const METRICS_PATH = '/v1/metrics';

/** Counters are read when they are told, as observable ones are; `lowmemory` leaves those as totals. */
const DELTA_KINDS: Readonly<Record<OtlpTemporality, DeltaKinds>> = {
  cumulative: new Set(),
  delta: new Set(['counter', 'histogram']),
  lowmemory: new Set(['histogram']),
};

/** As OpenTelemetry calls them. */
const DURATIONS_AS: Readonly<Record<string, DurationsAs>> = {
  base2_exponential_bucket_histogram: 'exponential',
  explicit_bucket_histogram: 'explicit',
};

/** Undefined where nothing is to be pushed. Throws ExporterError CONFIG_INVALID for a variable that says nothing. */
export function planOf(
  settings: PushSettings,
  environment: Environment,
  isEmbedded: boolean,
): PushPlan | undefined {
  const { endpoint } = settings;
  const isSaid = endpoint !== undefined || (!isEmbedded && isWanted(environment));
  if (!isSaid) return undefined;
  refuseTimeouts(environment);
  refuseHeaders(environment);
  refuseFiles(environment);
  return {
    url: endpoint === undefined ? undefined : metricsUrl(endpoint),
    protocol: protocolOf(settings, environment),
    intervalMs: intervalOf(settings, environment),
    timeoutMs: millisOf(environment, 'OTEL_METRIC_EXPORT_TIMEOUT'),
    deltaKinds: DELTA_KINDS[temporalityOf(settings, environment)],
    durationsAs: durationsAsOf(environment),
    compression: compressionOf(environment),
  };
}

/** A setting of ours says more than what the variables say to every program. */
function isWanted(environment: Environment): boolean {
  if (valueOf(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return false;
  // A list: who names others only, wants to be scraped, or nothing at all.
  const exporters = valueOf(environment, 'OTEL_METRICS_EXPORTER')?.toLowerCase() ?? 'otlp';
  if (!exporters.split(',').some((one) => one.trim() === 'otlp')) return false;
  return isEndpointGiven(environment);
}

function isEndpointGiven(environment: Environment): boolean {
  const name = nameGiven(environment, 'ENDPOINT');
  if (name === undefined) return false;
  const given = valueOf(environment, name) ?? '';
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    throw invalid(name, 'a URL such as http://127.0.0.1:4318', `"${given}"`);
  }
  return true;
}

function metricsUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(METRICS_PATH) ? path : path + METRICS_PATH;
  return url.href;
}

function protocolOf({ protocol }: PushSettings, environment: Environment): OtlpProtocol {
  if (protocol !== undefined) return protocol;
  const name = nameGiven(environment, 'PROTOCOL');
  const word = name === undefined ? undefined : wordOf(environment, name, OTLP_PROTOCOLS);
  return word ?? 'http/protobuf';
}

function temporalityOf({ temporality }: PushSettings, environment: Environment): OtlpTemporality {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
  return temporality ?? wordOf(environment, name, OTLP_TEMPORALITIES) ?? 'cumulative';
}

function intervalOf({ intervalMs }: PushSettings, environment: Environment): number {
  return intervalMs ?? millisOf(environment, 'OTEL_METRIC_EXPORT_INTERVAL') ?? INTERVAL_MS;
}

function durationsAsOf(environment: Environment): DurationsAs {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const word = wordOf(environment, name, Object.keys(DURATIONS_AS));
  return DURATIONS_AS[word ?? ''] ?? 'exponential';
}

function compressionOf(environment: Environment): Compression {
  const [ofMetrics, ofAll] = namesFor('COMPRESSION').map((name) =>
    wordOf(environment, name, COMPRESSIONS),
  );
  return ofMetrics ?? ofAll ?? 'none';
}

/** What the sender takes from the environment by itself, and would leave out without a word. */
function refuseTimeouts(environment: Environment): void {
  for (const name of namesFor('TIMEOUT')) millisOf(environment, name);
}

function millisOf(environment: Environment, name: string): number | undefined {
  const given = valueOf(environment, name);
  if (given === undefined) return undefined;
  const parsed = Number(given);
  if (parsed >= 1 && parsed <= TIMER_MAX_MS) return parsed;
  throw invalid(name, 'milliseconds', `"${given}"`);
}

/** In any case, as OpenTelemetry reads them. */
function wordOf<W extends string>(
  environment: Environment,
  name: string,
  words: readonly W[],
): W | undefined {
  const given = valueOf(environment, name);
  if (given === undefined) return undefined;
  const known = words.find((word) => word === given.toLowerCase());
  if (known === undefined) throw invalid(name, `one of ${words.join(', ')}`, `"${given}"`);
  return known;
}
