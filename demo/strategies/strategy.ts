/** What a way of healing looks like. One file beside this one for each. */
import type { FailureType, Metadata, SkipReason } from '../events.js';
import type { Failure } from '../failure.js';

export interface Healing {
  readonly isHealed: boolean;
  /** For people, in order. */
  readonly actions: readonly string[];
  readonly metadata?: Metadata;
}

/** Throws when `signal` aborts; any other error is a failed attempt. */
export type Act = (signal: AbortSignal) => Promise<Healing>;

export interface Strategy {
  readonly name: string;
  readonly failureTypes: readonly FailureType[];
  /** It may be used on an agent that is still well, to prevent a failure. */
  readonly isGentle?: boolean;
  /** Why not to act on this failure now, or the act. */
  consider(failure: Failure): SkipReason | Act;
}
