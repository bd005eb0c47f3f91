/**
 * Every setting, once: its key, what it takes, its default and what it means. Flags, environment
 * variables, the options of `createExporter` and docs/configuration.md follow from here. A setting
 * is added here and in `config.ts`, where it gets its place in `Config`.
 */
import { z } from 'zod';
import type { LogLevel } from '../../core/ports.js';
import { OPT_INS } from '../../metrics/define.js';
import { metricFaults } from './metric-faults.js';
import {
  address,
  duration,
  fileSources,
  frequency,
  list,
  metricName,
  number,
  oneOf,
  path,
  perMetric,
  size,
  url,
  wanted,
  wholeNumber,
} from './setting-kinds.js';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];
export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export const OTLP_TEMPORALITIES = ['cumulative', 'delta', 'lowmemory'] as const;
export type OtlpTemporality = (typeof OTLP_TEMPORALITIES)[number];
export const LOG_FORMATS = ['auto', 'json', 'text'] as const;

/** Keys in snake_case, as in the YAML file. */
export const configSchema = z.strictObject({
  web: z
    .strictObject({
      listen_address: address()
        .prefault('127.0.0.1:9464')
        .describe(
          'Where to listen: `host:port`, `[::1]:9464`, or `:9464` for every address of the ' +
            'machine. Port 0 picks a free one. An address that other machines can reach needs ' +
            'users or client certificates in `web.config.file`, or `web.insecure_no_auth`.',
        ),
      config: z
        .strictObject({
          file: path()
            .optional()
            .describe(
              'TLS and users, in the format of the Prometheus exporter-toolkit; see "The web ' +
                'configuration file" below.',
            ),
        })
        .prefault({}),
      insecure_no_auth: z
        .boolean({ error: wanted('true or false') })
        .prefault(false)
        .describe(
          'Serve without authentication on an address that other machines can reach. Only where ' +
            'the network itself keeps strangers out, for example inside a container whose port ' +
            'is published on loopback.',
        ),
    })
    .prefault({}),
  storage: z
    .strictObject({
      path: path()
        .prefault('./data')
        .describe('Folder of the event log, `events.db`. Made when it is missing.'),
      retention_age: duration({ leastMs: HOUR_MS, mostMs: 100 * 365 * DAY_MS })
        .prefault('400d')
        .describe('Events older than this are deleted. Totals are kept.'),
      retention_size: size({ leastBytes: MIB, mostBytes: 1024 * 1024 * MIB * 64 })
        .prefault('10GiB')
        .describe(
          'When the store is larger than this, its oldest events are deleted. Totals are kept.',
        ),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      interval: duration({ leastMs: 100, mostMs: HOUR_MS })
        .prefault('15s')
        .describe('How often the derived gauges (trend, MTTR, recommendations) are computed.'),
      incident_timeout: duration({ leastMs: SECOND_MS, mostMs: 365 * DAY_MS })
        .prefault('24h')
        .describe('An incident that nothing was heard of for this long ends as expired.'),
      false_alarms: z
        .strictObject({
          per_strategy: frequency()
            .prefault('1 in 30d')
            .describe(
              'How often a trend of one strategy may be called where nothing has changed, on ' +
                'average and at most. The rarer, the later a true change is called. See ' +
                '[analysis.md](analysis.md#how-often-it-is-wrong).',
            ),
          fleet: frequency()
            .prefault('1 in 1d')
            .describe(
              'The same for all strategies together; the rarer of the two counts. `1 in 30d` is ' +
                'one false alarm a month for the whole fleet. A change holds for what comes from ' +
                'then on; what was called before stays called.',
            ),
        })
        .prefault({}),
    })
    .prefault({}),
  sources: z
    .strictObject({
      files: fileSources()
        .prefault([])
        .describe(
          'NDJSON files to follow as they grow: a list of `{path, source}`. `source` is given ' +
            'to lines that are bare HealingResults; lines that are CloudEvents bring their own. ' +
            'As a flag or in the environment: a path, or the list in YAML or JSON; the flag may ' +
            'be repeated.',
        ),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      opt_in: list(oneOf(OPT_INS), `a list of ${OPT_INS.join(', ')}`)
        .prefault([])
        .describe('Metrics that are shown only when asked for: per agent, per circuit breaker.'),
      disable: list(metricName(), 'a list of metric names')
        .prefault([])
        .describe(
          'Metrics that are not shown. They are counted all the same. Panels that read them are ' +
            'empty and alerts that do keep quiet: `check` and the log at start name these alerts.',
        ),
      drop_labels: perMetric(list(z.string({ error: wanted('a label') }), 'a list of labels'))
        .prefault({})
        .describe(
          'Labels that are summed over, by metric: `{selfhealer_healing_attempts_total: ' +
            '[failure_type]}`. Only of counters, histograms, and gauges that are a number of ' +
            'things; what has no sum is refused.',
        ),
      label_sets_max: perMetric(wholeNumber(1, 100_000))
        .prefault({})
        .describe(
          'How many label sets a metric keeps apart, by metric. What comes beyond shares ' +
            '`__overflow__`. A raised cap holds for what comes from then on; a gauge that has ' +
            'begun to share keeps the cap that it had. The store keeps since when each cap ' +
            'held, so what is counted again after a kill, for other buckets or for another ' +
            'release falls into the same series.',
        ),
      buckets: perMetric(list(number(), 'a list of upper bounds'))
        .prefault({})
        .describe(
          'Upper bounds of a histogram, by metric, in its unit. For a new store; another one is ' +
            'counted again from its log, and refused where the log no longer holds all it has ' +
            'counted.',
        ),
      created_series: z
        .boolean({ error: wanted('true or false') })
        .prefault(false)
        .describe(
          'Say in OpenMetrics when each counter and histogram began, as `_created` samples. ' +
            'Prometheus stores them as one more series each. Protobuf says it always.',
        ),
    })
    .superRefine((metrics, context) => {
      for (const { path, message } of metricFaults(metrics)) {
        context.addIssue({ code: 'custom', path: [...path], message });
      }
    })
    .prefault({}),
  queue: z
    .strictObject({
      capacity: size({ leastBytes: 64 * KIB, mostBytes: 4 * 1024 * MIB })
        .prefault('64MiB')
        .describe(
          'Bytes of events that may wait for the disk. What comes beyond is refused, and ' +
            'senders are told when to try again.',
        ),
    })
    .prefault({}),
  otlp: z
    .strictObject({
      endpoint: url()
        .optional()
        .describe(
          'Push all metrics over OTLP/HTTP to this receiver; `/v1/metrics` is added. Without it ' +
            'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT and OTEL_EXPORTER_OTLP_ENDPOINT hold; without ' +
            'these, and inside an application without a setting, nothing is pushed. See ' +
            '[opentelemetry.md](opentelemetry.md).',
        ),
      protocol: oneOf(OTLP_PROTOCOLS)
        .optional()
        .describe(
          'Without it OTEL_EXPORTER_OTLP_METRICS_PROTOCOL and OTEL_EXPORTER_OTLP_PROTOCOL hold, ' +
            'else it is http/protobuf.',
        ),
      interval: duration({ leastMs: 100, mostMs: HOUR_MS })
        .optional()
        .describe(
          'How often to push. Without it OTEL_METRIC_EXPORT_INTERVAL holds, else it is 60s.',
        ),
      temporality: oneOf(OTLP_TEMPORALITIES)
        .optional()
        .describe(
          'Whether counters and histograms tell their totals (cumulative) or what came since the ' +
            'last push that was taken (delta; lowmemory: of histograms only). Without it ' +
            'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE holds, else it is cumulative.',
        ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: oneOf(LOG_LEVELS).prefault('info').describe('The least severe level that is logged.'),
      format: oneOf(LOG_FORMATS)
        .prefault('auto')
        .describe('Of the log on stderr. `auto` is `text` on a terminal and `json` elsewhere.'),
    })
    .prefault({}),
});

export type ParsedConfig = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
