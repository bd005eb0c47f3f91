/**
 * What the exporter counts about itself, since the process started: the one thing on /metrics that is no fold
 * over the log. Closed label sets are there from the beginning, at 0.
 */
import type { ErrorCode } from '../core/errors.js';
import { INPUTS, type Input } from '../core/event.js';
import type { QueueLevel, SelfMetrics } from '../core/ports.js';
import {
  PROBLEM_CODES,
  REFUSAL_CODES,
  type ProblemCode,
  type RefusalCode,
} from '../core/problem.js';
import type { Count } from '../core/state/counts.js';
import { Family } from '../core/state/family.js';
import {
  DURATION_BUCKETS,
  newHistogram,
  observe,
  type Histogram,
} from '../core/state/histogram.js';

/** What the log rejects with. An error of another code is counted from its first on. */
const STORE_CODES = ['STORE_FULL', 'STORE_FAILED', 'STORE_CLOSED'] as const;

/** Why a push over OTLP failed: no answer, refused for now (429, 503), refused (4xx), failed there (5xx). */
export const OTLP_FAILURES = ['unreachable', 'overloaded', 'rejected', 'server_error'] as const;
export type OtlpFailure = (typeof OTLP_FAILURES)[number];

interface OtlpCounts {
  /** Tried, with success or without. */
  exports: number;
  /** Unix milliseconds. */
  lastSuccessMs: number | undefined;
  readonly failures: Map<OtlpFailure, number>;
}

export class SelfCounts implements SelfMetrics {
  /** input */
  readonly duplicated: Family<Count>;
  /** input, reason */
  readonly rejections: Family<Count>;
  /** input, reason */
  readonly refusals: Family<Count>;
  /** code */
  readonly storeErrors: Family<Count>;
  /** input */
  readonly lagSeconds: Family<Histogram>;
  /** No labels. */
  readonly commitSeconds: Family<Histogram>;

  #lastEventMs = new Map<Input, number>();
  #otlp: OtlpCounts | undefined;
  #queue: QueueLevel | undefined;

  /** `startedMs`: when the process began to count, Unix milliseconds. */
  constructor(private readonly startedMs = 0) {
    this.duplicated = newCounts([INPUTS], startedMs);
    this.rejections = newCounts([INPUTS, PROBLEM_CODES], startedMs);
    this.refusals = newCounts([INPUTS, REFUSAL_CODES], startedMs);
    this.storeErrors = newCounts([STORE_CODES], startedMs);
    this.lagSeconds = newHistograms([INPUTS], startedMs);
    this.commitSeconds = newHistograms([], startedMs);
  }

  /** Receipt of the newest accepted event of each input that was heard, Unix milliseconds. */
  get lastEventMs(): ReadonlyMap<Input, number> {
    return this.#lastEventMs;
  }

  /** Undefined until the queue has told. */
  get queueLevel(): QueueLevel | undefined {
    return this.#queue;
  }

  /** Undefined when nothing is pushed. */
  get otlp(): Readonly<OtlpCounts> | undefined {
    return this.#otlp;
  }

  duplicates(input: Input, events: number): void {
    this.duplicated.at(this.startedMs, input).n += events;
  }

  rejected(input: Input, code: ProblemCode, events: number): void {
    this.rejections.at(this.startedMs, input, code).n += events;
  }

  refused(input: Input, code: RefusalCode): void {
    this.refusals.at(this.startedMs, input, code).n += 1;
  }

  lastEvent(input: Input, receivedMs: number): void {
    this.#lastEventMs.set(input, receivedMs);
  }

  /** An event dated ahead of our clock has no lag. */
  lag(input: Input, seconds: number): void {
    observeSeconds(this.lagSeconds.at(this.startedMs, input), seconds);
  }

  commit(seconds: number): void {
    observeSeconds(this.commitSeconds.at(this.startedMs), seconds);
  }

  /** From here on pushes are shown, at 0. */
  pushes(): void {
    this.#otlp ??= { exports: 0, lastSuccessMs: undefined, failures: new Map() };
  }

  pushed(nowMs: number): void {
    if (this.#otlp === undefined) return;
    this.#otlp.exports += 1;
    this.#otlp.lastSuccessMs = nowMs;
  }

  pushFailed(code: OtlpFailure): void {
    if (this.#otlp === undefined) return;
    this.#otlp.exports += 1;
    this.#otlp.failures.set(code, (this.#otlp.failures.get(code) ?? 0) + 1);
  }

  storeError(code: ErrorCode): void {
    this.storeErrors.at(this.startedMs, code).n += 1;
  }

  queue(level: QueueLevel): void {
    this.#queue = level;
  }
}

/** One number that is none would spoil the sum for ever. */
function observeSeconds(histogram: Histogram, seconds: number): void {
  if (Number.isFinite(seconds)) observe(histogram, DURATION_BUCKETS, Math.max(0, seconds));
}

type Words = readonly (readonly string[])[];

function newCounts(labels: Words, sinceMs: number): Family<Count> {
  return announced(labels, sinceMs, () => ({ n: 0 }));
}

function newHistograms(labels: Words, sinceMs: number): Family<Histogram> {
  return announced(labels, sinceMs, () => newHistogram(DURATION_BUCKETS));
}

/** A family of closed labels with every combination in it. */
function announced<V>(labels: Words, sinceMs: number, create: () => V): Family<V> {
  const open = labels.map(() => false);
  const family = new Family<V>({ open, labelSetsMax: Number.POSITIVE_INFINITY, create });
  let sets: readonly (readonly string[])[] = [[]];
  for (const words of labels) sets = sets.flatMap((set) => words.map((word) => [...set, word]));
  for (const set of sets) family.announce(set, sinceMs);
  return family;
}
