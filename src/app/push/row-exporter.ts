/**
 * The exporter of the push: writes what our producer has read, and sends it. One push at a time: while one is under
 * way or a receiver wants to be left alone, what the SDK's reader brings is put off; the next reading tells all of it.
 */
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Clock, Log } from '../../core/ports.js';
import { Deltas } from '../../exposition/otlp/delta.js';
import { readingOf, type Reading } from '../../exposition/otlp/metric-producer.js';
import type { DurationsAs, OtlpWriter } from '../../exposition/otlp/otlp-writer.js';
import { ToldExemplars } from '../../exposition/otlp/told-exemplars.js';
import type { MetricFamily } from '../../exposition/row-walker.js';
import type { OtlpFailure } from '../../metrics/self-counts.js';
import { Slice } from '../../pipeline/slice.js';
import type { BaseKeeper } from './base-file.js';
import { delayMs, failureOf, isRetryable, isTaken, retryAfterMs } from './retry.js';
import type { Answer, Sender } from './sender.js';

/** Which kinds of rows tell what came since the last push; the others tell totals. */
export type DeltaKinds = ReadonlySet<'counter' | 'histogram'>;

export interface RowExporterParts {
  readonly sender: Sender;
  readonly writer: OtlpWriter;
  readonly deltaKinds: DeltaKinds;
  readonly durationsAs: DurationsAs;
  readonly keeper: BaseKeeper;
  /** How long a push may be tried again: then the next reading is due. */
  readonly intervalMs: number;
  /** What a push and its tries may take together; undefined for what the tries take by themselves. */
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
  readonly report: Log;
  readonly counts: {
    pushed(nowMs: number): void;
    pushFailed(code: OtlpFailure): void;
  };
  /** What a receiver that took a push says it has left out; undefined for nothing. */
  readonly leftOut: (answer: Uint8Array) => string | undefined;
}

type Told = Exclude<MetricFamily, { kind: 'summary' }>;

/** Once everything ends: all that is given to the push under way and to the last one together, and to the former. */
const CLOSE_MS = 2000;
const CLOSE_UNDER_WAY_MS = 1000;

export class RowExporter implements PushMetricExporter {
  readonly #deltas: Deltas | undefined;
  readonly #exemplars = new ToldExemplars();
  #underWay: Promise<boolean> | undefined;
  #isFailing = false;
  /** Monotonic milliseconds, as the next one. */
  #heldUntilMs = 0;
  #closedByMs: number | undefined;
  #interrupt: () => void = () => undefined;

  constructor(private readonly parts: RowExporterParts) {
    if (parts.deltaKinds.size > 0) this.#deltas = new Deltas(parts.keeper.load());
  }

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    const before = this.#underWay;
    if ((before !== undefined && !this.#isClosing()) || this.#isHeld()) {
      done({ code: ExportResultCode.FAILED, error: new Error('put off: the next one tells it') });
      return;
    }
    const push = before === undefined ? this.#push(metrics) : this.#pushAfter(before, metrics);
    this.#underWay = push;
    void push.then(
      (isTold) => {
        this.#forget(push);
        done({ code: isTold ? ExportResultCode.SUCCESS : ExportResultCode.FAILED });
      },
      (error: unknown) => {
        this.#forget(push);
        this.parts.report('error', 'metrics could not be written for a push', { error });
        done({ code: ExportResultCode.FAILED });
      },
    );
  }

  async forceFlush(): Promise<void> {
    await this.#underWay?.catch(() => undefined);
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  /** From here on nothing is tried twice, and everything ends within two seconds. */
  hurry(): void {
    this.#closedByMs ??= this.parts.clock.monotonicMs() + CLOSE_MS;
    this.#interrupt();
  }

  /** What is to be told at the end is tried, whatever the receiver wanted. */
  #isHeld(): boolean {
    return this.#closedByMs === undefined && this.parts.clock.monotonicMs() < this.#heldUntilMs;
  }

  #forget(push: Promise<boolean>): void {
    if (this.#underWay === push) this.#underWay = undefined;
  }

  /** What is told at the end has no next one that would tell it. */
  async #pushAfter(before: Promise<boolean>, metrics: ResourceMetrics): Promise<boolean> {
    await before.catch(() => undefined);
    return this.#push(metrics);
  }

  async #push({ resource, scopeMetrics }: ResourceMetrics): Promise<boolean> {
    for (const one of scopeMetrics) {
      const reading = readingOf(one);
      if (reading === undefined) continue;
      const { families, deltas, counted } = this.#told(reading);
      const body = await this.#written({
        families,
        deltas,
        nowMs: reading.nowMs,
        resource: textsOf(resource.attributes),
        scope: { name: one.scope.name, version: one.scope.version ?? '' },
        durationsAs: this.parts.durationsAs,
      });
      if (!(await this.#deliver(body))) return false;
      this.#exemplars.advance(reading.families);
      await this.#advance(reading, counted);
    }
    return true;
  }

  #told(reading: Reading): {
    readonly families: readonly MetricFamily[];
    readonly deltas: ReadonlySet<MetricFamily>;
    /** In total, those that are told as differences. */
    readonly counted: readonly Told[];
  } {
    const deltas = new Set<MetricFamily>();
    const counted: Told[] = [];
    const families = reading.families.map((read) => {
      const family = read.kind === 'histogram' ? this.#exemplars.since(read) : read;
      const kind = family.row?.kind;
      const isDelta =
        (kind === 'counter' || kind === 'histogram') && this.parts.deltaKinds.has(kind);
      if (!isDelta || family.kind === 'summary' || this.#deltas === undefined) return family;
      counted.push(family);
      const difference = this.#deltas.since(family, reading.nowMs);
      deltas.add(difference);
      return difference;
    });
    return { families, deltas, counted };
  }

  async #written(request: Parameters<OtlpWriter['write']>[0]): Promise<Uint8Array> {
    const slice = new Slice(this.parts.clock);
    await slice.pause();
    const writing = this.parts.writer.write(request);
    let step = writing.next();
    while (step.done !== true) {
      if (slice.isOver()) await slice.pause();
      step = writing.next();
    }
    return step.value;
  }

  async #advance(reading: Reading, counted: readonly Told[]): Promise<void> {
    if (this.#deltas === undefined) return;
    this.#deltas.advance(reading, counted);
    const { base } = this.#deltas;
    if (base === undefined) return;
    try {
      await this.parts.keeper.save(base);
    } catch (error) {
      const message = 'what was pushed could not be noted: a restart now would push it again';
      this.parts.report('error', message, { error });
    }
  }

  /** Tries until it is taken, refused for good, or the next reading is due. */
  async #deliver(body: Uint8Array): Promise<boolean> {
    const { clock, counts, intervalMs, timeoutMs = Number.POSITIVE_INFINITY } = this.parts;
    const beganMs = clock.monotonicMs();
    const triedMs = Math.min(intervalMs, timeoutMs);
    for (let failures = 1; ; failures += 1) {
      const { answer, error } = await this.#try(body, beganMs + timeoutMs);
      if (answer !== undefined && isTaken(answer)) {
        counts.pushed(clock.nowMs());
        this.#isFailing = false;
        this.#reportLeftOut(answer.body);
        return true;
      }
      counts.pushFailed(failureOf(answer));
      this.#reportFailure(answer, error);
      if (!isRetryable(answer) || this.#closedByMs !== undefined) return false;
      const asked = retryAfterMs(answer?.retryAfter, clock.nowMs());
      const waitMs = delayMs(failures, asked, Math.random());
      if (asked !== undefined) this.#heldUntilMs = clock.monotonicMs() + asked;
      if (clock.monotonicMs() + waitMs - beganMs >= triedMs) return false;
      await this.#pause(waitMs);
      if (this.#isClosing()) return false;
    }
  }

  async #try(
    body: Uint8Array,
    untilMs: number,
  ): Promise<{ readonly answer?: Answer; readonly error?: unknown }> {
    const { sender, clock } = this.parts;
    const allowedMs = Math.min(sender.timeoutMs, untilMs - clock.monotonicMs());
    const aborter = new AbortController();
    const keptMs = this.#isClosing() ? 0 : CLOSE_MS - CLOSE_UNDER_WAY_MS;
    const leftMs = (): number =>
      this.#closedByMs === undefined ? allowedMs : this.#closedByMs - keptMs - clock.monotonicMs();
    const abort = (): void => aborter.abort(new Error('no answer in time'));
    let timer = setTimeout(abort, Math.min(allowedMs, leftMs()));
    this.#interrupt = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, leftMs());
    };
    try {
      return { answer: await sender.send(body, aborter.signal) };
    } catch (error) {
      return { error };
    } finally {
      clearTimeout(timer);
      this.#interrupt = () => undefined;
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      timer.unref();
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #isClosing(): boolean {
    return this.#closedByMs !== undefined;
  }

  #reportFailure(answer: Answer | undefined, error: unknown): void {
    const { report, sender } = this.parts;
    const fields = { to: sender.place, ...reasonOf(answer, error) };
    const level = this.#isFailing ? 'debug' : 'warn';
    report(level, 'metrics could not be pushed; it goes on trying', fields);
    this.#isFailing = true;
  }

  #reportLeftOut(body: Uint8Array): void {
    const leftOut = this.parts.leftOut(body);
    if (leftOut === undefined) return;
    const { report, sender } = this.parts;
    report('warn', 'the receiver took a push but not all of it', { to: sender.place, leftOut });
  }
}

const ANSWER_TEXT_MAX = 200;

function reasonOf(answer: Answer | undefined, error: unknown): Readonly<Record<string, unknown>> {
  if (answer === undefined) return { error };
  const text = Buffer.from(answer.body).toString('utf8').slice(0, ANSWER_TEXT_MAX);
  return { status: answer.status, reason: answer.reason, answer: text };
}

/** Ours, and those of the environment: all of them are texts. */
function textsOf(attributes: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value] as const] : [],
    ),
  );
}
