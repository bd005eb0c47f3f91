import type { Fact } from '../facts.js';

/**
 * A part of the state: facts of the kinds `F` in, something to read out. `snapshot` is plain JSON data that `restore`
 * takes back.
 */
export interface Fold<S, F extends Fact = Fact> {
  apply(fact: F, context: FoldContext): void;
  snapshot(): S;
  restore(snapshot: S): void;
}

export interface FoldContext {
  /** Receipt of the event that the fact comes from, Unix milliseconds. */
  readonly receivedMs: number;
  readonly seq: number;
  readonly event: { readonly traceparent?: string | undefined };
}
