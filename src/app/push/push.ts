/**
 * Pushes all our metrics over OTLP/HTTP, by the settings and the standard variables of OpenTelemetry. Nothing waits
 * for it: every push reads the newest values, so an outage of the receiver costs points, never totals.
 */
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '../../core/ports.js';
import { JsonRequestWriter } from '../../exposition/otlp/json-request.js';
import { ProtobufRequestWriter } from '../../exposition/otlp/protobuf-request.js';
import { BUILD } from '../build.js';
import type { Config } from '../config/config.js';
import type { Engine } from '../engine.js';
import type { OpenTelemetry } from '../open-telemetry.js';
import { baseKeeper } from './base-file.js';
import { attributesFault } from './environment.js';
import type { PushPlan } from './plan.js';
import { RowExporter } from './row-exporter.js';
import { createSender } from './sender.js';

export interface PushParts {
  readonly plan: PushPlan;
  readonly config: Config;
  readonly engine: Engine;
  readonly openTelemetry: OpenTelemetry;
  readonly clock: Clock;
  readonly report: Log;
}

/**
 * Starts pushing. Returns what pushes once more and ends it, within seconds; that never rejects. Throws ExporterError
 * CONFIG_INVALID for an environment that cannot be followed.
 */
export function startPush(parts: PushParts): () => Promise<void> {
  const { plan, config, engine, openTelemetry, clock, report } = parts;
  const fault = attributesFault(process.env);
  if (fault !== undefined) {
    report('warn', `OTEL_RESOURCE_ATTRIBUTES: ${fault}; all of it is left out`);
  }
  const { url, protocol, intervalMs, timeoutMs, deltaKinds, durationsAs, compression } = plan;
  const isJson = protocol === 'http/json';
  const writer = isJson ? new JsonRequestWriter() : new ProtobufRequestWriter();
  const serializer = isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const exporter = new RowExporter({
    sender: createSender(url, writer.contentType, compression),
    writer,
    deltaKinds,
    durationsAs,
    keeper: baseKeeper(config.storage.database, report),
    intervalMs,
    timeoutMs,
    clock,
    report,
    counts: engine.counts,
    leftOut: (answer) => leftOutOf(() => serializer.deserializeResponse(answer)),
  });
  engine.counts.pushes();
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: intervalMs,
    metricProducers: [openTelemetry.metricProducer()],
  });
  const provider = new MeterProvider({ resource: resource(), readers: [reader] });
  return () => {
    exporter.hurry();
    return provider.shutdown().catch(() => undefined);
  };
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

interface PartialAnswer {
  readonly partialSuccess?: {
    readonly rejectedDataPoints?: number;
    readonly errorMessage?: string;
  };
}

/** What cannot be read says nothing: the status has said that the push was taken. */
function leftOutOf(read: () => PartialAnswer): string | undefined {
  try {
    const { partialSuccess } = read();
    if (partialSuccess === undefined) return undefined;
    const { rejectedDataPoints = 0, errorMessage = '' } = partialSuccess;
    if (Number(rejectedDataPoints) === 0 && errorMessage === '') return undefined;
    return `${rejectedDataPoints} points: ${errorMessage}`;
  } catch {
    return undefined;
  }
}
