/**
 * Healers in this process. What they emit is written down as a line at once and handed in behind
 * their back, one delivery at a time: a slow disk makes deliveries larger, and a full queue drops,
 * counted. The host never waits and never sees an exception.
 */
import { isIdentifier, identifierFault } from '../../core/decode/identifier.js';
import { ExporterError } from '../../core/errors.js';
import type { Clock, Intake, Log, Refusal, Settled, Source } from '../../core/ports.js';
import type { ProblemCode } from '../../core/problem.js';
import type { StartTimer } from '../timer.js';
import { HEALER_EVENT_NAMES, type HealerEmitter } from './healer.js';
import { toLine } from './line.js';

export interface EmitterSourceParts {
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  /** Begins every id that a payload does not bring itself: another one for every process. */
  readonly bootId: string;
  /** The trace that the host is in when it emits, as W3C Trace Context writes it. Must not throw. */
  readonly activeTraceparent?: () => string | undefined;
  readonly report: Log;
}

export interface Attachment {
  /** Stops listening. What was emitted before is still taken. */
  detach(): void;
  /**
   * Resolves when everything emitted so far is on disk, rejected or dropped. Rejects with
   * ExporterError STORE_FULL or STORE_FAILED when the log cannot take it at present; it stays
   * queued.
   */
  flush(): Promise<void>;
}

const QUEUE_EVENTS_MAX = 100_000;
const QUEUE_CHARACTERS_MAX = 16 * 1024 * 1024;
const DELIVERY_EVENTS_MAX = 5000;
const DELIVERY_CHARACTERS_MAX = 4 * 1024 * 1024;
const RETRY_MS = 1000;

interface Flush {
  /** Of the lines taken since the start, how many must be through. */
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: ExporterError) => void;
}

export class EmitterSource implements Source {
  readonly input = 'emitter';
  #intake: Intake | undefined;
  #lines: string[] = [];
  #characters = 0;
  #takenCount = 0;
  /** Settled or given up. */
  #throughCount = 0;
  #isDelivering = false;
  #cancelRetry: (() => void) | undefined;
  #isStopped = false;
  #lastId = 0;
  #flushes: Flush[] = [];
  #detachAll = new Set<() => void>();
  readonly #rejectedCodes = new Set<ProblemCode>();

  constructor(private readonly parts: EmitterSourceParts) {}

  async start(intake: Intake): Promise<void> {
    this.#intake = intake;
    this.#deliverSoon();
  }

  /** Hands in what is queued. What the log does not take now is dropped, counted. */
  async stop(): Promise<void> {
    for (const detach of [...this.#detachAll]) detach();
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#intake === undefined) this.#dropAll();
    this.#deliver();
    await this.flush().catch(() => undefined);
  }

  /**
   * Throws ExporterError INVALID_REQUEST when `source` is no identifier, or the healer has no `on`
   * and `off`.
   */
  attach(healer: HealerEmitter, { source }: { readonly source: string }): Attachment {
    if (!isIdentifier(source)) {
      throw new ExporterError('INVALID_REQUEST', `attach: source: ${identifierFault(source)}`);
    }
    if (this.#isStopped) {
      throw new ExporterError(
        'INVALID_REQUEST',
        'attach: expected an open exporter, got a closed one',
      );
    }
    if (!isEmitter(healer)) {
      const message = 'attach: expected a healer with on and off, as an EventEmitter has them';
      throw new ExporterError('INVALID_REQUEST', message);
    }
    const listeners = HEALER_EVENT_NAMES.map((name) => {
      const listener = (payload?: unknown): void => this.#take(name, payload, source);
      healer.on(name, listener);
      return { name, listener };
    });
    const detach = (): void => {
      this.#detachAll.delete(detach);
      try {
        for (const { name, listener } of listeners.splice(0)) healer.off(name, listener);
      } catch (error) {
        this.parts.report('warn', 'a healer could not be detached', { source, error });
      }
    };
    this.#detachAll.add(detach);
    return { detach, flush: () => this.flush() };
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#flushes.push({ count: this.#takenCount, resolve, reject });
      this.#settleFlushes();
    });
  }

  #take(name: (typeof HEALER_EVENT_NAMES)[number], payload: unknown, source: string): void {
    if (this.#isFull()) {
      this.#intake?.countRefused('emitter', 'overloaded');
      return;
    }
    const { clock, bootId, activeTraceparent } = this.parts;
    const ownId = (): string => {
      this.#lastId += 1;
      return `${bootId}-${this.#lastId}`;
    };
    const timeMs = clock.nowMs();
    const traceparent = activeTraceparent?.();
    const line = toLine({ name, payload, source, ownId, timeMs, traceparent });
    this.#lines.push(line);
    this.#characters += line.length;
    this.#takenCount += 1;
    if (this.#lines.length === 1) this.#deliverSoon();
  }

  #isFull(): boolean {
    return this.#lines.length >= QUEUE_EVENTS_MAX || this.#characters >= QUEUE_CHARACTERS_MAX;
  }

  #deliverSoon(): void {
    // The host goes on first; and what it emits in one go is delivered in one go.
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    const intake = this.#intake;
    if (intake === undefined || this.#isDelivering || this.#cancelRetry !== undefined) return;
    const lines = this.#lines.slice(0, this.#deliveryLength());
    if (lines.length === 0) return;
    this.#isDelivering = true;
    intake.offer({
      input: 'emitter',
      body: Buffer.from(lines.join('\n')),
      shape: 'lines',
      settle: (settled) => {
        this.#isDelivering = false;
        this.#tellRejected(settled);
        this.#remove(lines.length);
        this.#deliver();
      },
      refuse: (refusal) => {
        this.#isDelivering = false;
        this.#retry(refusal);
      },
    });
  }

  #deliveryLength(): number {
    let characters = 0;
    let count = 0;
    while (count < this.#lines.length && count < DELIVERY_EVENTS_MAX) {
      characters += this.#lines[count]?.length ?? 0;
      if (count > 0 && characters > DELIVERY_CHARACTERS_MAX) break;
      count += 1;
    }
    return count;
  }

  #remove(count: number): void {
    for (const line of this.#lines.splice(0, count)) this.#characters -= line.length;
    this.#throughCount += count;
    this.#settleFlushes();
  }

  #retry({ code, message, retryAfterSeconds }: Refusal): void {
    if (code === 'store_unavailable') {
      const error = new ExporterError('STORE_FULL', message);
      for (const { reject } of this.#flushes.splice(0)) reject(error);
    }
    if (this.#isStopped) {
      this.#dropAll();
      return;
    }
    const delayMs = retryAfterSeconds === undefined ? RETRY_MS : retryAfterSeconds * 1000;
    this.#cancelRetry = this.parts.startTimer(delayMs, () => {
      this.#cancelRetry = undefined;
      this.#deliver();
    });
  }

  #dropAll(): void {
    for (let i = 0; i < this.#lines.length; i++) {
      this.#intake?.countRefused('emitter', 'shutting_down');
    }
    this.#remove(this.#lines.length);
  }

  #settleFlushes(): void {
    while (this.#flushes[0] !== undefined && this.#flushes[0].count <= this.#throughCount) {
      this.#flushes.shift()?.resolve();
    }
  }

  /** The first of each kind: a healer that is wrong is wrong a thousand times an hour. */
  #tellRejected({ rejected }: Settled): void {
    for (const { code, message } of rejected) {
      if (this.#rejectedCodes.has(code)) continue;
      this.#rejectedCodes.add(code);
      this.parts.report('warn', 'an event of an attached healer was rejected', { code, message });
    }
  }
}

/** Not every application is type-checked. */
function isEmitter(healer: unknown): boolean {
  if (typeof healer !== 'object' || healer === null || !('on' in healer && 'off' in healer)) {
    return false;
  }
  return typeof healer.on === 'function' && typeof healer.off === 'function';
}
