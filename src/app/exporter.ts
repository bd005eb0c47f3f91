/**
 * The exporter as a whole, for embedding and for the commands: the engine, the port and the answers
 * together.
 */
import type { Meter } from '@opentelemetry/api';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { readFileSync } from 'node:fs';
import type { OverallStatsJson, Report } from '../analysis/report-json.js';
import { ExporterError } from '../core/errors.js';
import type { Clock, EventLog, Log } from '../core/ports.js';
import { foreignMetrics } from '../exposition/prometheus/foreign-families.js';
import { registerProcessMetrics } from '../exposition/prometheus/process-metrics.js';
import { registerMetrics } from '../exposition/prometheus/register.js';
import { createRegistry, type MetricRegistry } from '../exposition/prometheus/registry.js';
import { RowWalker } from '../exposition/row-walker.js';
import type { OptIn } from '../metrics/define.js';
import { metricRows } from '../metrics/table.js';
import type { MetricsView } from '../metrics/view.js';
import type { Attachment } from '../sources/emitter/emitter-source.js';
import type { HealerEmitter } from '../sources/emitter/healer.js';
import { invalidRequest, reportFor } from './answers.js';
import { createAuthenticator, type Authenticator } from './authenticator.js';
import { answerBest, type AskBest } from './best-question.js';
import { BUILD } from './build.js';
import { delay, systemClock } from './clock.js';
import type { RunningExporter } from './commands/command.js';
import { parseConfigObject, type Config, type ConfigOptions } from './config/config.js';
import { Engine, type Live } from './engine.js';
import { createLog } from './log.js';
import { metricsHandler, type Handler } from './metrics-handler.js';
import { openStore } from './open-store.js';
import { createOpenTelemetry, type InstrumentOptions } from './open-telemetry.js';
import { planOf } from './push/plan.js';
import type { PushParts } from './push/push.js';
import { readQuestion } from './question.js';
import { routes } from './routes.js';
import { answerTuning, type TuningJson, type TuningOptions } from './tuning-answer.js';
import { startServer, type RunningServer } from './server.js';

/** The settings of docs/configuration.md in camelCase, and what only an application can hand in. */
export type ExporterOptions = ConfigOptions & {
  /**
   * Takes the log's entries. Default: lines on stderr, warnings and errors only unless `log.level`
   * says more.
   */
  readonly logger?: Log;
  /**
   * A registry of the application: gets our metrics, and `/metrics` shows what else is in it.
   * Default: none; then `/metrics` shows process metrics beside ours.
   */
  readonly registry?: MetricRegistry;
  /** Metrics that are shown only when asked for. */
  readonly optInMetrics?: readonly OptIn[];
};

/** What a report is to cover. Without `range`, `from` and `to`: everything. */
export interface ReportOptions {
  /** Back from now, as in Prometheus: `15m`, `1h`, `30d`. */
  readonly range?: string;
  /** RFC 3339. */
  readonly from?: string;
  readonly to?: string;
  readonly failureType?: string;
  readonly strategy?: string;
  readonly agentId?: string;
  readonly source?: string;
}

export interface Exporter {
  /**
   * Hears every event of the healer from now on. `source` names it, as in `/swarms/alpha`. The
   * healer never waits and never sees an exception of ours. Throws ExporterError INVALID_REQUEST
   * for a wrong `source`.
   */
  attach(healer: HealerEmitter, options: { readonly source: string }): Attachment;
  /** For `app.use('/metrics', exporter.metrics())` in Express, or for node:http. */
  metrics(): Handler;
  /** Puts our metrics into another prom-client registry too. Returns what takes them out again. */
  register(registry: MetricRegistry): () => void;
  /**
   * For the `metricProducers` of a reader of OpenTelemetry's SDK: everything, cumulative. Each reader
   * gets one of its own.
   */
  metricProducer(): MetricProducer;
  /**
   * Our counters, gauges and state sets as observable instruments of this meter; histograms are not
   * among them, because the API has no observable one. Returns what takes them out again. Throws ExporterError
   * INVALID_REQUEST for a meter that shows an exporter with the same `attributes` already.
   */
  instrument(meter: Meter, options?: InstrumentOptions): () => void;
  /**
   * Opens the port of `web.listenAddress`. Rejects with ExporterError SOURCE_FAILED when it cannot
   * be had.
   */
  listen(): Promise<{ readonly url: string }>;
  /** As `GET /api/v1/report` answers it. Rejects with ExporterError INVALID_REQUEST. */
  report(options?: ReportOptions): Promise<Report>;
  /** The report's `overall_stats`. */
  stats(options?: ReportOptions): Promise<OverallStatsJson>;
  /** The report's `recommendations` and `recommendation_details`. */
  recommendations(
    options?: ReportOptions,
  ): Promise<Pick<Report, 'recommendations' | 'recommendation_details'>>;
  /**
   * Which strategy to try next on a failure of this type, and why; from those failures that are
   * like it, where enough of them are known. An association, no cause. With an `agentId` it is a
   * promise: the history of an agent is read from the log. Throws ExporterError INVALID_REQUEST.
   */
  readonly bestStrategy: AskBest;
  /**
   * As `GET /api/v1/strategies/{name}/tuning` answers it. Rejects with ExporterError
   * INVALID_REQUEST.
   */
  tuning(strategy: string, options?: TuningOptions): Promise<TuningJson>;
  /**
   * Resolves when everything emitted so far by attached healers is on disk, rejected or dropped.
   */
  flush(): Promise<void>;
  /** Stops, makes everything that was taken durable, and closes the log. Can be called again. */
  close(): Promise<void>;
  /**
   * Settles when the exporter cannot go on by itself, with the reason. What was acknowledged is
   * safe.
   */
  readonly failed: Promise<Error>;
}

export interface OpenParts {
  readonly log: Log;
  /** Opened; closed by the exporter. */
  readonly eventLog: EventLog;
  readonly clock?: Clock;
  readonly registry?: MetricRegistry | undefined;
  readonly optInMetrics?: readonly OptIn[] | undefined;
  /** False: nothing expires. */
  readonly expires?: boolean | undefined;
}

/**
 * How long `openExporter` waits for the recovery of a small log before it lets the port be opened.
 */
const SHORT_RECOVERY_MS = 200;
/** Of a close, for requests whose body is still on its way. */
const UNFINISHED_REQUESTS_MS = 2000;

/**
 * Opens the log, recovers from it, and starts following the configured files. Nothing listens
 * before `listen`. Rejects with ExporterError CONFIG_INVALID (every problem at once), STORE_LOCKED,
 * STORE_CORRUPT, STORE_FULL, STORE_FAILED, SOURCE_FAILED.
 */
export async function createExporter(options: ExporterOptions = {}): Promise<Exporter> {
  const { logger, registry, optInMetrics, ...settings } = options;
  const config = parseConfigObject(settings, (path) => readFileSync(path, 'utf8'));
  const log =
    logger ??
    createLog({
      level: settings.log?.level === undefined ? 'warn' : config.log.level,
      format: config.log.format === 'text' ? 'text' : 'json',
      write: (line) => void process.stderr.write(line),
      now: () => systemClock.nowMs(),
    });
  const eventLog = await openStore(config);
  const parts = { log, eventLog, registry, optInMetrics, isEmbedded: true };
  const exporter = await assemble(config, parts);
  await untilReady(exporter);
  return exporter;
}

/**
 * The same for the commands, on a log that is open. One that takes long to recover from is
 * recovered in the background: until then the port answers 503, and `report` waits.
 */
export async function openExporter(config: Config, parts: OpenParts): Promise<RunningExporter> {
  const exporter = await assemble(config, parts);
  const { engine, clock } = exporter;
  await Promise.race([untilReady(exporter), delay(SHORT_RECOVERY_MS)]);
  return {
    intake: engine.intake,
    failed: engine.failed,
    listen: () => exporter.listen(),
    close: () => exporter.close(),
    report: async (query) => {
      await engine.expire();
      return answerReport(liveOf(engine), clock, Object.entries(query));
    },
  };
}

interface Assembled extends Exporter {
  readonly engine: Engine;
  readonly clock: Clock;
}

async function untilReady(exporter: Assembled): Promise<void> {
  try {
    await exporter.engine.ready;
  } catch (error) {
    await exporter.close();
    throw error;
  }
}

interface AssemblyParts extends OpenParts {
  readonly isEmbedded?: boolean;
}

async function assemble(config: Config, parts: AssemblyParts): Promise<Assembled> {
  const { log: report, eventLog, clock = systemClock, registry = createRegistry() } = parts;
  const isEmbedded = parts.isEmbedded ?? false;
  const engine = new Engine({ config, eventLog, clock, report, expires: parts.expires });
  const { optIns, control, createdSeries } = config.metrics;
  const rows = metricRows([...optIns, ...(parts.optInMetrics ?? [])], control);
  const view = (): MetricsView => viewOf(engine, clock);
  const openTelemetry = createOpenTelemetry({
    rows,
    view: () => (engine.live === undefined ? undefined : view()),
  });
  const isOwnRegistry = parts.registry === undefined;
  const unregister: (() => void)[] = [];
  let endPush: () => Promise<void>;
  try {
    if (isOwnRegistry) registerProcessMetrics(registry);
    else unregister.push(registerMetrics(registry, view, { rows }));
    endPush = await push({ engine, clock, report, config, openTelemetry }, isEmbedded);
  } catch (error) {
    for (const takeOut of unregister.splice(0)) takeOut();
    await engine.close();
    throw error;
  }
  const metrics = metricsHandler({
    walker: new RowWalker(rows),
    view,
    foreign: () => foreignMetrics(registry),
    clock,
    created: createdSeries,
    unready: () => (engine.live === undefined ? engine.hindrance : undefined),
    onError: (error) => report('error', 'the metrics could not be written', { error }),
  });
  const port = new Port(config, { engine, clock, report, metrics });
  const reportWith = async (options: ReportOptions = {}): Promise<Report> =>
    answerReport(liveOf(engine), clock, parametersOf(options));

  return {
    engine,
    clock,
    failed: engine.failed,
    attach: (healer, options) => engine.emitters.attach(healer, options),
    metrics: () => metrics,
    register: (other) => {
      const takeOut = registerMetrics(other, view, { rows });
      unregister.push(takeOut);
      return takeOut;
    },
    metricProducer: () => openTelemetry.metricProducer(),
    instrument: (meter, options) => {
      const takeOut = openTelemetry.instrument(meter, options);
      unregister.push(takeOut);
      return takeOut;
    },
    listen: () => port.open(),
    report: reportWith,
    stats: async (options) => (await reportWith(options)).overall_stats,
    recommendations: async (options) => recommendationsOf(await reportWith(options)),
    bestStrategy: answerBest(() => liveOf(engine)),
    tuning: async (strategy, options = {}) =>
      answerTuning(liveOf(engine), clock, strategy, parametersOf(options)),
    flush: () => engine.emitters.flush(),
    close: async () => {
      await port.close(async () => {
        await endPush();
        await engine.close();
      });
      for (const takeOut of unregister.splice(0)) takeOut();
    },
  };
}

/** Pushes where an endpoint is configured, by a setting or the environment. Returns what ends it. */
async function push(
  parts: Omit<PushParts, 'plan'>,
  isEmbedded: boolean,
): Promise<() => Promise<void>> {
  const plan = planOf(parts.config.otlp, process.env, isEmbedded);
  if (plan === undefined) return () => Promise.resolve();
  // What nobody asks for takes no memory: OpenTelemetry's SDK comes with it.
  const { startPush } = await import('./push/push.js');
  return startPush({ ...parts, plan });
}

function recommendationsOf({
  recommendations,
  recommendation_details,
}: Report): Awaited<ReturnType<Exporter['recommendations']>> {
  return { recommendations, recommendation_details };
}

/** The server while there is one. */
class Port {
  #server: Promise<RunningServer> | undefined;
  #authenticator: Authenticator | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly config: Config,
    private readonly parts: Parameters<typeof routes>[0],
  ) {}

  async open(): Promise<{ readonly url: string }> {
    if (this.#closed !== undefined) {
      throw new ExporterError(
        'INVALID_REQUEST',
        'listen: expected an open exporter, got a closed one',
      );
    }
    this.#server ??= this.#start();
    const { url } = await this.#server;
    return { url };
  }

  /**
   * `whileAnswering`: the rest of the closing, during which requests in hand are still answered.
   */
  close(whileAnswering: () => Promise<void>): Promise<void> {
    this.#closed ??= this.#close(whileAnswering);
    return this.#closed;
  }

  async #start(): Promise<RunningServer> {
    const { listen, access } = this.config.web;
    this.#authenticator = access.users.size > 0 ? createAuthenticator(access.users) : undefined;
    return startServer({
      listen,
      tls: access.tls,
      authenticator: this.#authenticator,
      events: this.parts.engine.http,
      others: routes(this.parts),
    });
  }

  async #close(whileAnswering: () => Promise<void>): Promise<void> {
    const server = await this.#server?.catch(() => undefined);
    server?.stopAccepting();
    const timer = setTimeout(() => server?.cutUnfinishedRequests(), UNFINISHED_REQUESTS_MS);
    await whileAnswering();
    clearTimeout(timer);
    await server?.close();
    await this.#authenticator?.close();
  }
}

function viewOf(engine: Engine, clock: Clock): MetricsView {
  const { state, analysis, log } = liveOf(engine);
  return {
    nowMs: clock.nowMs(),
    state,
    report: analysis.latest,
    self: engine.counts,
    store: log.stats,
    build: BUILD,
    startedMs: engine.startedMs,
  };
}

function liveOf({ live }: Engine): Live {
  if (live !== undefined) return live;
  throw new ExporterError('STORE_CLOSED', 'recovery from the event log is not complete');
}

async function answerReport(
  live: Live,
  clock: Clock,
  parameters: readonly (readonly [string, string])[],
): Promise<Report> {
  const asked = readQuestion(parameters, [], clock.nowMs());
  return asked.ok ? reportFor(live, clock, asked.question) : invalidRequest(asked.message);
}

/** In the names of the query string. */
function parametersOf({
  range,
  from,
  to,
  failureType,
  strategy,
  agentId,
  source,
}: ReportOptions): (readonly [string, string])[] {
  const named = {
    range,
    from,
    to,
    failure_type: failureType,
    strategy,
    agent_id: agentId,
    source,
  };
  return Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}
