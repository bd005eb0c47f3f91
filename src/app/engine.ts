/**
 * Everything but the port: the log, the recovery from it, the sources, the analyses and the
 * housekeeping, started and ended in the right order.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { ExporterError, isExporterError } from '../core/errors.js';
import type { Clock, EventLog, Intake, Log, Refusal, Source } from '../core/ports.js';
import type { LiveState } from '../core/state/live-state.js';
import { prepareCounts } from '../metrics/control.js';
import { SelfCounts } from '../metrics/self-counts.js';
import { METRICS } from '../metrics/table.js';
import { analyzePeriodically, type PeriodicAnalysis } from '../pipeline/analyze-periodically.js';
import { noteCaps } from '../pipeline/caps.js';
import { Ingest } from '../pipeline/ingest.js';
import { Housekeeping } from '../pipeline/keep-house.js';
import { recover, type NewCaps } from '../pipeline/recover.js';
import { EmitterSource } from '../sources/emitter/emitter-source.js';
import { FileTailSource } from '../sources/file-tail/file-tail-source.js';
import { HttpSource } from '../sources/http/http-source.js';
import { activeTraceparent } from './active-trace.js';
import { delay, every, startTimer } from './clock.js';
import type { Config } from './config/config.js';

/** What there is once the state is recovered. */
export interface Live {
  readonly log: EventLog;
  readonly state: LiveState;
  readonly ingest: Ingest;
  readonly analysis: PeriodicAnalysis;
}

export interface EngineParts {
  readonly config: Config;
  /** Opened; the engine closes it. */
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly report: Log;
  /** False: nothing expires, because what it waits for may still come. */
  readonly expires?: boolean | undefined;
}

/** One append that takes this long is no slow disk any more. */
const STALLED_MS = 10_000;

const NOT_READY: Refusal = {
  code: 'not_ready',
  message: 'recovery from the log is not complete; ask again later',
  retryAfterSeconds: 1,
};
const SHUTTING_DOWN: Refusal = {
  code: 'shutting_down',
  message: 'the exporter is shutting down',
  retryAfterSeconds: 5,
};

export class Engine {
  readonly counts: SelfCounts;
  /** When this process began, Unix milliseconds. */
  readonly startedMs: number;
  readonly http: HttpSource;
  readonly emitters: EmitterSource;
  /** Resolves when the state is recovered and every source has started; rejects when that fails. */
  readonly ready: Promise<void>;
  /** Settles when it cannot go on by itself: with the reason. */
  readonly failed: Promise<Error>;
  /** Where deliveries from elsewhere go in. Refuses while there is no state. */
  readonly intake: Intake;
  #live: Live | undefined;
  #isClosing = false;
  #housekeeping: Housekeeping | undefined;
  #sources: Source[] = [];
  #stopTicking: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  #fail: (error: Error) => void = () => undefined;
  readonly #recovery = new AbortController();
  private readonly log: EventLog;

  /** Recovery from the log begins at once. */
  constructor(private readonly parts: EngineParts) {
    const { clock, report } = parts;
    this.log = parts.eventLog;
    this.startedMs = clock.nowMs();
    this.counts = new SelfCounts(this.startedMs);
    const countRefused: Intake['countRefused'] = (input, code) => this.counts.refused(input, code);
    this.http = new HttpSource(countRefused);
    this.emitters = new EmitterSource({
      clock,
      startTimer,
      bootId: randomUUID(),
      activeTraceparent,
      report,
    });
    this.intake = {
      countRefused,
      offer: (delivery) => {
        if (this.#live !== undefined) {
          this.#live.ingest.offer(delivery);
          return;
        }
        const refusal = this.#isClosing ? SHUTTING_DOWN : NOT_READY;
        countRefused(delivery.input, refusal.code);
        delivery.refuse(refusal);
      },
    };
    this.failed = new Promise((settle) => (this.#fail = settle));
    this.ready = this.#start();
    this.ready.catch((error: unknown) => this.#noteFailure(error));
  }

  /** Undefined until recovery is complete. */
  get live(): Live | undefined {
    return this.#live;
  }

  /** Undefined when events are taken and made durable. */
  get hindrance(): Refusal | undefined {
    if (this.#isClosing) return SHUTTING_DOWN;
    if (this.#live === undefined) return NOT_READY;
    const { trouble, appendingMs } = this.#live.ingest;
    if (trouble === 'store_full') return unavailable('the disk is full');
    if (trouble === 'store_failed') return unavailable('the event log has failed');
    if (appendingMs < STALLED_MS) return undefined;
    const seconds = Math.floor(appendingMs / 1000);
    return unavailable(`the event log has been writing for ${seconds} s without an end`);
  }

  /** Ends what is due now: for those who answer once, and do not wait for what senders have to tell. */
  async expire(): Promise<void> {
    await this.ready;
    await this.#housekeeping?.expire(this.parts.clock.nowMs());
  }

  /** Stops the sources, makes what was taken durable, writes a snapshot. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #start(): Promise<void> {
    const { config, clock, report } = this.parts;
    const startMs = clock.monotonicMs();
    const { signal } = this.#recovery;
    const { state, derived, replayed, newCaps } = await recover({
      log: this.log,
      clock,
      report,
      signal,
      prepare: prepareCounts(METRICS, config.metrics.control),
      falseAlarms: config.analysis.falseAlarms,
      hashSeed: randomInt(2 ** 32),
    });
    signal.throwIfAborted();
    if (newCaps !== undefined) await this.#setCaps(state, newCaps);
    const ingest = new Ingest({
      log: this.log,
      state,
      derived,
      clock,
      metrics: this.counts,
      capacityBytes: config.queue.capacityBytes,
      sleep: delay,
      onFatal: (error) => this.#noteFailure(error),
    });
    const { retentionAgeMs: ageMs, retentionSizeBytes: sizeBytes } = config.storage;
    const housekeeping = new Housekeeping({
      ingest,
      state,
      clock,
      report,
      incidentTimeoutMs:
        this.parts.expires === false ? undefined : config.analysis.incidentTimeoutMs,
      limits: { ageMs, sizeBytes },
    });
    this.#housekeeping = housekeeping;
    // An import leaves what nobody ended. What fell due after the newest event may still be told of, up to the first round.
    await housekeeping.expire(Math.min(clock.nowMs(), state.incidents.newestMs));
    const analysis = analyzePeriodically({
      state: () => state,
      clock,
      every: (run) => every(config.analysis.intervalMs, run),
      log: report,
    });
    analysis.run();
    this.#live = { log: this.log, state, ingest, analysis };
    this.#stopTicking = every(config.analysis.intervalMs, () => void housekeeping.round());
    report('info', 'recovered', {
      events: state.seq,
      replayed,
      seconds: (clock.monotonicMs() - startMs) / 1000,
    });
    await this.#startSources(ingest);
  }

  /** Noted first: what is shown under them must be counted under them again after a kill. */
  async #setCaps(state: LiveState, { caps, history }: NewCaps): Promise<void> {
    const { clock, report } = this.parts;
    try {
      await noteCaps(this.log, clock, history);
      state.counts.limit(caps);
    } catch (error) {
      report('warn', 'metrics.label_sets_max could not be noted: earlier caps go on to hold', {
        error,
      });
    }
  }

  async #startSources(ingest: Ingest): Promise<void> {
    const { config, report } = this.parts;
    const { checkpoints } = this.log.opened;
    const files = config.sources.files.map(({ path, source }) => {
      return new FileTailSource({ path: resolve(path), source, checkpoints, startTimer, report });
    });
    for (const source of [this.http, this.emitters, ...files]) {
      if (this.#isClosing) return;
      await source.start(ingest);
      this.#sources.push(source);
    }
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    this.#recovery.abort(new ExporterError('STORE_CLOSED', 'closed before recovery was complete'));
    await this.ready.catch(() => undefined);
    this.#stopTicking?.();
    this.#live?.analysis.stop();
    await Promise.all(this.#sources.map((source) => source.stop()));
    await this.#live?.ingest.close();
    // The events are on disk already; the reason why closing failed has been told where it arose.
    await this.log.close().catch(() => undefined);
  }

  #noteFailure(error: unknown): void {
    const isClosed = this.#isClosing && isExporterError(error, 'STORE_CLOSED');
    if (isClosed) return;
    const failure =
      error instanceof Error
        ? error
        : new ExporterError('INTERNAL', String(error), { cause: error });
    this.parts.report('error', 'the exporter cannot go on', { error: failure });
    this.#fail(failure);
  }
}

function unavailable(message: string): Refusal {
  return { code: 'store_unavailable', message, retryAfterSeconds: 5 };
}
