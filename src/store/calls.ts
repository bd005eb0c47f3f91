/** What the main thread asks of the store's worker, and what it hears back. */
import type { ErrorCode } from '../core/errors.js';
import type {
  Courses,
  Filters,
  History,
  NewSnapshot,
  Opened,
  RetentionLimits,
  StoreCheck,
  TimelineRow,
  TimeRange,
} from '../core/ports.js';
import type { ConnectionOptions } from './connection.js';
import type { PackedDerived } from './pack-derived.js';
import type { PackedAppend } from './pack.js';
import type { RetainStep } from './retention.js';
import type { AppendedAll, Batch, LogStats } from './store.js';

interface Call<Question, Answer> {
  readonly question: Question;
  readonly answer: Answer;
}

export interface Calls {
  readonly open: Call<ConnectionOptions, Opened>;
  readonly append: Call<
    { readonly packed: PackedAppend; readonly derived: PackedDerived | undefined },
    AppendedAll & {
      readonly commitSeconds: number;
      /** Handed back, so that the next append need not take another. */
      readonly buffer?: ArrayBuffer;
    }
  >;
  readonly saveSnapshot: Call<
    { readonly snapshot: NewSnapshot; readonly derived: PackedDerived },
    /** That of the text, handed back. */
    { readonly buffer: ArrayBuffer }
  >;
  readonly read: Call<{ readonly afterSeq: number }, Batch | undefined>;
  readonly history: Call<PackedQuery, History>;
  readonly courses: Call<PackedQuery & { readonly range: TimeRange }, Courses>;
  readonly timeline: Call<PackedQuery & { readonly limit: number }, readonly TimelineRow[]>;
  readonly retain: Call<{ readonly limits: RetentionLimits; readonly nowMs: number }, RetainStep>;
  readonly check: Call<undefined, StoreCheck>;
  readonly close: Call<undefined, undefined>;
}
export type CallName = keyof Calls;

interface PackedQuery {
  readonly range: TimeRange | undefined;
  readonly filters: Filters;
  readonly pending: readonly PackedDerived[];
}

export type Request = {
  readonly [Name in CallName]: {
    readonly name: Name;
    readonly question: Calls[Name]['question'];
  };
}[CallName];

export type Reply =
  | {
      readonly kind: 'answer';
      readonly answer: Calls[CallName]['answer'];
      readonly stats: LogStats;
    }
  | {
      readonly kind: 'error';
      readonly code: ErrorCode;
      readonly message: string;
      /** SQLITE_FULL … as the errors are counted. */
      readonly cause: string;
    };
