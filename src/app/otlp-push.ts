/**
 * Pushes all our metrics over OTLP/HTTP, by the settings and the standard variables of OpenTelemetry. Nothing waits
 * for it: every push reads the newest values, so an outage of the receiver costs points, never totals.
 */
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPExporterError } from '@opentelemetry/otlp-exporter-base';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { randomUUID } from 'node:crypto';
import { ExporterError } from '../core/errors.js';
import type { Clock, Log } from '../core/ports.js';
import type { OtlpFailure } from '../metrics/self-counts.js';
import { BUILD } from './build.js';
import type { Config, OtlpProtocol, PushSettings } from './config/config.js';
import { OTLP_PROTOCOLS } from './config/schema.js';
import type { Engine } from './engine.js';
import type { OpenTelemetry } from './open-telemetry.js';

interface PushParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly openTelemetry: OpenTelemetry;
  readonly clock: Clock;
  readonly report: Log;
}

type Environment = Readonly<Record<string, string | undefined>>;

const INTERVAL_MS = 60_000;
const METRICS_PATH = '/v1/metrics';

/**
 * Starts pushing where an endpoint is configured, by a setting or the environment. Returns what pushes once more and
 * ends it; that never rejects. Throws ExporterError CONFIG_INVALID for an environment that cannot be followed.
 */
export function startPush(parts: PushParts): () => Promise<void> {
  const { config, engine, openTelemetry } = parts;
  const { env: environment } = process;
  const settings = config.otlp;
  if (!isConfigured(settings, environment)) return () => Promise.resolve();
  const exporter = counted(exporterFor(settings, environment), parts);
  const exportIntervalMillis = intervalOf(settings, environment);
  engine.counts.pushes();
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis: exportIntervalMillis,
    metricProducers: [openTelemetry.metricProducer()],
  });
  const provider = new MeterProvider({ resource: resource(), readers: [reader] });
  return () => provider.shutdown().catch(() => undefined);
}

function isConfigured({ endpoint }: PushSettings, environment: Environment): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: own } =
    environment;
  return [endpoint, all, own].some((url) => url !== undefined && url.trim() !== '');
}

function exporterFor(
  { endpoint, protocol }: PushSettings,
  environment: Environment,
): PushMetricExporter {
  const url = endpoint === undefined ? {} : { url: metricsUrl(endpoint) };
  const chosen = protocol ?? protocolOf(environment);
  return chosen === 'http/json' ? new JsonExporter(url) : new ProtobufExporter(url);
}

function metricsUrl(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, '');
  return base.endsWith(METRICS_PATH) ? base : base + METRICS_PATH;
}

function protocolOf(environment: Environment): OtlpProtocol {
  const given =
    valueOf(environment, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') ??
    valueOf(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/protobuf';
  const known = OTLP_PROTOCOLS.find((protocol) => protocol === given.trim());
  if (known !== undefined) return known;
  throw new ExporterError(
    'CONFIG_INVALID',
    `OTEL_EXPORTER_OTLP_PROTOCOL: expected one of ${OTLP_PROTOCOLS.join(', ')}, got "${given}"`,
  );
}

function intervalOf({ intervalMs }: PushSettings, environment: Environment): number {
  const given = valueOf(environment, 'OTEL_METRIC_EXPORT_INTERVAL');
  if (intervalMs !== undefined || given === undefined) return intervalMs ?? INTERVAL_MS;
  const parsed = Number(given);
  if (Number.isFinite(parsed) && parsed >= 1) return parsed;
  throw new ExporterError(
    'CONFIG_INVALID',
    `OTEL_METRIC_EXPORT_INTERVAL: expected milliseconds, got "${given}"`,
  );
}

/** An empty variable is one that is not set, as OpenTelemetry has it. */
function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before what we say. */
function resource(): Resource {
  const ours = resourceFromAttributes({
    'service.name': 'selfhealer-exporter',
    'service.version': BUILD.version,
    'service.instance.id': randomUUID(),
  });
  return ours.merge(detectResources({ detectors: [envDetector] }));
}

/** Counts what became of every push. */
function counted(
  inner: PushMetricExporter,
  { engine: { counts }, report, clock }: PushParts,
): PushMetricExporter {
  let isFailing = false;
  const note = ({ code, error }: ExportResult): void => {
    if (code === ExportResultCode.SUCCESS) {
      counts.pushed(clock.nowMs());
      isFailing = false;
      return;
    }
    counts.pushFailed(failureOf(error));
    if (!isFailing) report('warn', 'metrics could not be pushed; it goes on trying', { error });
    isFailing = true;
  };
  return {
    export: (metrics: ResourceMetrics, done) =>
      inner.export(metrics, (result) => {
        note(result);
        done(result);
      }),
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  };
}

function failureOf(error: Error | undefined): OtlpFailure {
  if (!(error instanceof OTLPExporterError) || error.code === undefined) return 'unreachable';
  if (error.code === 429 || error.code === 503) return 'overloaded';
  return error.code >= 500 ? 'server_error' : 'rejected';
}
