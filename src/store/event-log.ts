/** The event log: SQLite on a worker thread, so that the event loop waits for no commit. */
import { Worker } from 'node:worker_threads';
import { ExporterError, type ErrorCode } from '../core/errors.js';
import type {
  AppendGroup,
  Appended,
  Derived,
  Courses,
  EventLog,
  History,
  HistoryQuery,
  NewSnapshot,
  Opened,
  ReplayBatch,
  Retained,
  RetentionLimits,
  StoreCheck,
  StoreStats,
  TimelineQuery,
  TimelineRow,
  TimeRange,
} from '../core/ports.js';
import { inputAt } from './block.js';
import type { CallName, Calls } from './calls.js';
import type { ConnectionOptions } from './connection.js';
import { walBytes } from './files.js';
import { packDerived, type PackedDerived } from './pack-derived.js';
import { packAppend } from './pack.js';
import type { LogStats } from './store.js';

export interface EventLogOptions {
  /**
   * The database file, made with its folder when missing; ':memory:' keeps everything in memory,
   * without a lock.
   */
  readonly path: string;
}

/**
 * Opens the log and holds it until `close`.
 *
 * Errors: STORE_LOCKED (held by another process, which is named), STORE_CORRUPT (needs a person's
 * decision; the message holds the command), STORE_FULL, STORE_FAILED.
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  return openEventLogWith({ path: options.path });
}

/**
 * For tests of faults: the same log on a disk with less room, or with a setting that does not
 * survive power loss.
 */
export async function openEventLogWith(options: ConnectionOptions): Promise<EventLog> {
  const worker = new StoreWorker();
  try {
    return new WorkerEventLog(worker, await worker.call('open', options), options.path);
  } catch (error) {
    await worker.end();
    throw error;
  }
}

/** What most single events are told: nothing is made anew for it. */
const FRESH = Uint8Array.of(1);
const KNOWN = Uint8Array.of(0);

class WorkerEventLog implements EventLog {
  readonly opened: Opened;
  readonly #worker: StoreWorker;
  readonly #path: string;
  /** Of the last append. Left to the collector of the worker's thread, a hundred of them would gather there. */
  #spare: ArrayBuffer | undefined;

  constructor(worker: StoreWorker, opened: Opened, path: string) {
    this.#worker = worker;
    this.#path = path;
    this.opened = opened;
  }

  get stats(): StoreStats {
    return { ...this.#worker.stats, walBytes: walBytes(this.#path) };
  }

  get errors(): ReadonlyMap<string, number> {
    return this.#worker.errors;
  }

  async append(groups: readonly AppendGroup[], derived?: Derived): Promise<Appended> {
    const packed = packAppend(groups, this.#spare);
    this.#spare = undefined;
    const question = { packed, derived: derived && packDerived(derived) };
    const answer = await this.#worker.call('append', question, [packed.text.buffer]);
    this.#spare = answer.buffer;
    let at = 0;
    const fresh = groups.map(({ timesMs }) => {
      at += timesMs.length;
      if (timesMs.length === 1) return answer.fresh[at - 1] === 1 ? FRESH : KNOWN;
      return answer.fresh.subarray(at - timesMs.length, at);
    });
    return { firstSeq: answer.firstSeq, fresh, commitSeconds: answer.commitSeconds };
  }

  async *replay(afterSeq: number): AsyncIterable<ReplayBatch> {
    let next = this.#worker.call('read', { afterSeq });
    for (;;) {
      const batch = await next;
      if (batch === undefined) return;
      // The next batch is read while this one is folded.
      next = this.#worker.call('read', { afterSeq: batch.nextSeq - 1 });
      next.catch(() => undefined); // Who stops early never hears of it; who goes on awaits it above.
      const { entries, firstSeq } = batch;
      yield {
        firstSeq,
        bytes: entries.text,
        spans: entries.spans,
        inputs: Array.from({ length: entries.count }, (_, i) => inputAt(entries, i)),
        receivedMs: entries.receivedMs,
      };
    }
  }

  async saveSnapshot(snapshot: NewSnapshot, derived: Derived): Promise<ArrayBuffer> {
    const question = { snapshot, derived: packDerived(derived) };
    const { buffer } = await this.#worker.call('saveSnapshot', question, [snapshot.text.buffer]);
    return buffer;
  }

  async history({ range, filters, pending }: HistoryQuery): Promise<History> {
    return this.#worker.call('history', { range, filters, pending: pending.map(packedOnce) });
  }

  async courses(query: HistoryQuery & { readonly range: TimeRange }): Promise<Courses> {
    const { range, filters } = query;
    return this.#worker.call('courses', {
      range,
      filters,
      pending: query.pending.map(packedOnce),
    });
  }

  async timeline(query: TimelineQuery): Promise<readonly TimelineRow[]> {
    const { range, filters, limit } = query;
    const pending = query.pending.map(packedOnce);
    return this.#worker.call('timeline', { range, filters, limit, pending });
  }

  async retain(limits: RetentionLimits, nowMs: number): Promise<Retained> {
    let deletedEvents = 0;
    for (;;) {
      // One short transaction after the other, so that appends come in between.
      const step = await this.#worker.call('retain', { limits, nowMs });
      deletedEvents += step.deletedEvents;
      if (step.done) return { deletedEvents, forgottenMs: step.forgottenMs };
    }
  }

  async check(): Promise<StoreCheck> {
    return this.#worker.call('check', undefined);
  }

  async close(): Promise<void> {
    if (this.#worker.ended) return;
    try {
      await this.#worker.call('close', undefined);
    } finally {
      await this.#worker.end();
    }
  }
}

/** A report asks several questions, and all of them carry along the same. */
const packedBefore = new WeakMap<Derived, PackedDerived>();

function packedOnce(derived: Derived): PackedDerived {
  const packed = packedBefore.get(derived) ?? packDerived(derived);
  packedBefore.set(derived, packed);
  return packed;
}

/** The thread makes little that lives on: what it is handed lies outside of its heap, which need not grow for it. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

interface Waiting {
  /** Takes the answer to its own question. */
  readonly resolve: (answer: never) => void;
  readonly reject: (error: ExporterError) => void;
}

type Heard =
  | {
      readonly kind: 'answer';
      readonly answer: never;
      readonly stats: LogStats;
    }
  | {
      readonly kind: 'error';
      readonly code: ErrorCode;
      readonly message: string;
      readonly cause: string;
    };

class StoreWorker {
  readonly #worker: Worker;
  /** The worker answers one question after the other, in their order. */
  readonly #waiting: Waiting[] = [];
  readonly #errors = new Map<string, number>();
  #stats: LogStats = { events: 0, bytes: 0, corruptEvents: 0, missingEvents: 0 };
  /** Why nothing can be asked any more. */
  #ended: ExporterError | undefined;

  constructor() {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { resourceLimits: LIMITS });
    this.#worker.unref(); // A log that nobody waits for does not keep a process alive.
    this.#worker.on('message', (heard: Heard) => {
      this.#settle(heard);
    });
    this.#worker.on('error', (cause) => {
      this.#die(
        new ExporterError('STORE_FAILED', `The store's thread failed: ${cause.message}`, { cause }),
      );
    });
    // Answers are told apart by their order alone: none may be left out.
    this.#worker.on('messageerror', (cause) => {
      this.#die(
        new ExporterError('STORE_FAILED', "The store's thread was not understood", { cause }),
      );
    });
    this.#worker.on('exit', () => {
      this.#die(new ExporterError('STORE_FAILED', "The store's thread ended"));
    });
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  get stats(): LogStats {
    return this.#stats;
  }

  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  async call<Name extends CallName>(
    name: Name,
    question: Calls[Name]['question'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Calls[Name]['answer']> {
    if (this.#ended !== undefined) throw this.#ended;
    return new Promise<Calls[Name]['answer']>((resolve, reject) => {
      this.#worker.postMessage({ name, question }, transfer);
      if (this.#waiting.length === 0) this.#worker.ref();
      this.#waiting.push({ resolve, reject });
    });
  }

  async end(): Promise<void> {
    this.#ended ??= new ExporterError('STORE_CLOSED', 'The event log is closed');
    await this.#worker.terminate();
  }

  #settle(heard: Heard): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if (heard.kind === 'answer') {
      this.#stats = heard.stats;
      waiting?.resolve(heard.answer);
      return;
    }
    this.#errors.set(heard.cause, (this.#errors.get(heard.cause) ?? 0) + 1);
    waiting?.reject(new ExporterError(heard.code, heard.message));
  }

  #die(reason: ExporterError): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
