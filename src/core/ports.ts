/** What the pure core needs from the outside, and what the layers around it agree on. */
import type { CourseMissing, MinutesByName, StrategyHour } from './courses.js';
import type { Input } from './event.js';
import type { ErrorCode } from './errors.js';
import type { Problem, ProblemCode, RefusalCode } from './problem.js';
import type { Cell, MinuteCell } from './rollup.js';

export interface Clock {
  /** Unix milliseconds. May jump. */
  nowMs(): number;
  /** Milliseconds since some fixed moment. Never goes back. */
  monotonicMs(): number;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

// ---- Sources ------------------------------------------------------------------------------------------------

/** What became of a delivery, item by item. `accepted + duplicates + rejected.length` is its number of items. */
export interface Settled {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Problem[];
}

/** How the bytes of a delivery divide into items. */
export type BodyShape = 'one' | 'array' | 'lines' | 'array_or_one';

/** Bytes that a source received together. Either settled or refused, once; a source never hears both. */
export interface Delivery {
  readonly input: Input;
  readonly body: Uint8Array;
  readonly shape: BodyShape;
  /** Stands in the log with the delivery's events, in one transaction: a file's offset. */
  readonly checkpoint?: Checkpoint;
  /** All accepted events are on disk and folded. From now on nobody reads `body`: its memory may be used again. */
  settle(settled: Settled): void;
  /** Nothing of it was kept. Sending it again is safe. Nobody reads `body` any more. */
  refuse(refusal: Refusal): void;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** Set where waiting helps. */
  readonly retryAfterSeconds?: number;
}

/** Where every source hands its deliveries in. Never throws, never blocks. */
export interface Intake {
  offer(delivery: Delivery): void;
  /** Counts a delivery that a source itself turned away before it was read. */
  countRefused(input: Input, code: RefusalCode): void;
}

export interface Source {
  readonly input: Input;
  /** Starts delivering. Rejects with ExporterError('SOURCE_FAILED') when it cannot. */
  start(intake: Intake): Promise<void>;
  /** Stops taking anything new; resolves when everything taken has been offered. */
  stop(): Promise<void>;
}

export interface Checkpoint {
  readonly name: string;
  /** JSON, at most 64 KiB. */
  readonly value: string;
}

// ---- Counting ourselves -------------------------------------------------------------------------------------

/** Where the exporter counts what it does, since this process started. Accepted events are counted by the state. */
export interface SelfMetrics {
  duplicates(input: Input, events: number): void;
  rejected(input: Input, code: ProblemCode, events: number): void;
  refused(input: Input, code: RefusalCode): void;
  /** Receipt of the newest accepted event, Unix milliseconds. */
  lastEvent(input: Input, receivedMs: number): void;
  /** From an event's effective time until it was folded in. */
  lag(input: Input, seconds: number): void;
  /** One group commit. */
  commit(seconds: number): void;
  storeError(code: ErrorCode): void;
  /** What waits to be made durable: told once, and read whenever somebody asks. */
  queue(level: QueueLevel): void;
}

export interface QueueLevel {
  readonly events: number;
  readonly bytes: number;
  readonly capacityBytes: number;
}

// ---- The event log ------------------------------------------------------------------------------------------

/** Of many events in columns; of one, a column would cost more than the event. */
export type Numbers = Uint32Array | readonly number[];

/** The well-formed events of one delivery, in the order in which they are to be folded. */
export interface AppendGroup {
  readonly input: Input;
  readonly receivedMs: number;
  /** The CloudEvents as JSON text; `spans` says where each begins and ends: [start0, end0, start1, end1, …]. */
  readonly bytes: Uint8Array;
  readonly spans: Numbers;
  /** Distinct sources of the group, and for each event its index in them. */
  readonly sources: readonly string[];
  readonly sourceIndex: Numbers;
  /** Where ids stand in `bytes` as they are, without their quotes: nothing in them is escaped there, or has to be. */
  readonly idSpans: Numbers;
  /** Those that do not stand there so, by place; their spans are empty. */
  readonly otherIds: ReadonlyMap<number, string>;
  /** Effective times. */
  readonly timesMs: Float64Array | readonly number[];
  readonly checkpoint?: Checkpoint;
}

/** Minute cells of events up to and including `throughSeq`, and labels that those events do not carry themselves. */
export interface Derived {
  readonly throughSeq: number;
  readonly cells: readonly MinuteCell[];
  /** Ascending by sequence, and newer than those of any `Derived` before. */
  readonly labels: readonly AttemptLabels[];
}

/** Labels of an attempt that come from its incident, where its own event does not say them. */
export interface AttemptLabels {
  readonly seq: number;
  readonly failureType: string;
  readonly agentId: string | undefined;
}

export interface Appended {
  /** Sequence of the first fresh event; the fresh ones have consecutive numbers, over all groups in order. */
  readonly firstSeq: number;
  /** Per group, per event: 1 when fresh, 0 when the log had it already. */
  readonly fresh: readonly Uint8Array[];
  readonly commitSeconds: number;
}

export interface Snapshot {
  /** The state after this event. */
  readonly seq: number;
  /** JSON text of the state. */
  readonly state: string;
}

/** A snapshot to be written. */
export interface NewSnapshot {
  readonly seq: number;
  /** In UTF-8. Its buffer is handed over. */
  readonly text: Uint8Array<ArrayBuffer>;
}

export interface Opened {
  readonly snapshot: Snapshot | undefined;
  readonly lastSeq: number;
  /** Rollups hold every event up to here. */
  readonly rolledSeq: number;
  /** Newest event time whose dedup key retention has deleted; undefined when it has deleted nothing. */
  readonly forgottenMs: number | undefined;
  readonly checkpoints: ReadonlyMap<string, string>;
}

/** Events as they stand in the log, for replay. Consecutive sequences from `firstSeq`. */
export interface ReplayBatch {
  readonly firstSeq: number;
  readonly bytes: Uint8Array;
  readonly spans: Uint32Array;
  readonly inputs: readonly Input[];
  readonly receivedMs: Float64Array;
}

export interface TimeRange {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

export interface Filters {
  readonly failureType?: string;
  readonly strategy?: string;
  readonly agentId?: string;
  readonly source?: string;
}

export interface HistoryQuery {
  /** Undefined: everything since the store began. Bounds lie on minutes (on hours when it is longer than 31 days). */
  readonly range: TimeRange | undefined;
  readonly filters: Filters;
  /** Cells that the log does not hold yet; the answer includes those newer than what it holds. */
  readonly pending: readonly Derived[];
}

/** Sums over the range, per failure type and strategy ('' = no strategy involved). */
export interface History {
  readonly cells: readonly HistoryCell[];
  /** The agents with the most failures, at most 1,000, most first. */
  readonly agents: readonly AgentCounts[];
  /** Agents beyond those, and their failures. */
  readonly agentsLeftOut: { readonly agents: number; readonly failures: number };
  /** What was summed: wider than asked for where retention has left only hours or days. Absent without a range. */
  readonly range?: TimeRange;
}

export interface HistoryCell {
  readonly failureType: string;
  readonly strategy: string;
  readonly cell: Cell;
}

export interface AgentCounts {
  readonly agentId: string;
  readonly failures: number;
  readonly succeeded: number;
  readonly failed: number;
}

export type CourseRange = TimeRange | CourseMissing;

/**
 * How failures lie in time, each over the last weeks of the range that the store still knows in detail; nothing where
 * it says instead why that is missing.
 */
export interface Courses {
  readonly seasons: CourseRange;
  readonly hours: readonly StrategyHour[];
  readonly typesRange: CourseRange;
  readonly types: MinutesByName;
  readonly agentsRange: CourseRange;
  readonly agents: MinutesByName;
}

export interface TimelineQuery {
  readonly range: TimeRange | undefined;
  readonly filters: Filters;
  /** 1–1,000. */
  readonly limit: number;
  readonly pending: readonly Derived[];
}

/** One attempt as its event told it, newest first. `event` is its JSON text. */
export interface TimelineRow {
  readonly seq: number;
  readonly receivedMs: number;
  readonly input: Input;
  readonly event: string;
  /** From the incident where the event itself does not say. */
  readonly failureType: string;
  readonly agentId: string | undefined;
}

export interface StoreStats {
  readonly events: number;
  readonly bytes: number;
  readonly walBytes: number;
  readonly corruptEvents: number;
  readonly missingEvents: number;
}

export interface RetentionLimits {
  readonly ageMs: number;
  readonly sizeBytes: number;
}

export interface Retained {
  readonly deletedEvents: number;
  readonly forgottenMs: number | undefined;
}

/** What `check` found; an empty list of findings is health. */
export interface StoreCheck {
  readonly events: number;
  readonly findings: readonly string[];
}

/**
 * The durable truth. Calls are carried out in the order in which they are made. Every method rejects with
 * ExporterError: STORE_FULL (out of disk: comes back by itself), STORE_FAILED, STORE_CLOSED.
 */
export interface EventLog {
  readonly opened: Opened;
  /** As of the last answer of the log. */
  readonly stats: StoreStats;
  /** Calls that failed since it was opened, by code: SQLITE_FULL, SQLITE_IOERR_FSYNC, … */
  readonly errors: ReadonlyMap<string, number>;
  /** One transaction: on disk when it resolves. `derived` rides along. */
  append(groups: readonly AppendGroup[], derived?: Derived): Promise<Appended>;
  replay(afterSeq: number): AsyncIterable<ReplayBatch>;
  /** Resolves with the buffer of the text, handed back: the next text may take its place. */
  saveSnapshot(snapshot: NewSnapshot, derived: Derived): Promise<ArrayBuffer>;
  history(query: HistoryQuery): Promise<History>;
  courses(query: HistoryQuery & { readonly range: TimeRange }): Promise<Courses>;
  timeline(query: TimelineQuery): Promise<readonly TimelineRow[]>;
  /** Deletes what is over age or size and covered by the newest snapshot. */
  retain(limits: RetentionLimits, nowMs: number): Promise<Retained>;
  check(): Promise<StoreCheck>;
  close(): Promise<void>;
}
