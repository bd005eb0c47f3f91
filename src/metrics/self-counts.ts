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

export class SelfCounts implements SelfMetrics {
  /** input */
  readonly duplicated = newCounts([INPUTS]);
  /** input, reason */
  readonly rejections = newCounts([INPUTS, PROBLEM_CODES]);
  /** input, reason */
  readonly refusals = newCounts([INPUTS, REFUSAL_CODES]);
  /** code */
  readonly storeErrors = newCounts([STORE_CODES]);
  /** input */
  readonly lagSeconds = newHistograms([INPUTS]);
  /** No labels. */
  readonly commitSeconds = newHistograms([]);

  #lastEventMs = new Map<Input, number>();
  #queue: QueueLevel | undefined;

  /** Receipt of the newest accepted event of each input that was heard, Unix milliseconds. */
  get lastEventMs(): ReadonlyMap<Input, number> {
    return this.#lastEventMs;
  }

  /** Undefined until the queue has told. */
  get queueLevel(): QueueLevel | undefined {
    return this.#queue;
  }

  duplicates(input: Input, events: number): void {
    this.duplicated.at([input], 0).n += events;
  }

  rejected(input: Input, code: ProblemCode, events: number): void {
    this.rejections.at([input, code], 0).n += events;
  }

  refused(input: Input, code: RefusalCode): void {
    this.refusals.at([input, code], 0).n += 1;
  }

  lastEvent(input: Input, receivedMs: number): void {
    this.#lastEventMs.set(input, receivedMs);
  }

  /** An event dated ahead of our clock has no lag. */
  lag(input: Input, seconds: number): void {
    observeSeconds(this.lagSeconds.at([input], 0), seconds);
  }

  commit(seconds: number): void {
    observeSeconds(this.commitSeconds.at([], 0), seconds);
  }

  storeError(code: ErrorCode): void {
    this.storeErrors.at([code], 0).n += 1;
  }

  queue(level: QueueLevel): void {
    this.#queue = level;
  }
}

/** One number that is none would spoil the sum for ever. */
function observeSeconds(histogram: Histogram, seconds: number): void {
  if (Number.isFinite(seconds)) observe(histogram, DURATION_BUCKETS, Math.max(0, seconds));
}

function newCounts(labels: readonly (readonly string[])[]): Family<Count> {
  return announced(labels, () => ({ n: 0 }));
}

function newHistograms(labels: readonly (readonly string[])[]): Family<Histogram> {
  return announced(labels, () => newHistogram(DURATION_BUCKETS));
}

/** A family of closed labels with every combination in it. */
function announced<V>(labels: readonly (readonly string[])[], create: () => V): Family<V> {
  const open = labels.map(() => false);
  const family = new Family<V>({ open, labelSetsMax: Number.POSITIVE_INFINITY, create });
  let sets: readonly (readonly string[])[] = [[]];
  for (const words of labels) sets = sets.flatMap((set) => words.map((word) => [...set, word]));
  for (const set of sets) family.announce(set, 0);
  return family;
}
