import type { Fact } from '../facts.js';

/** A part of the state: facts in, something to read. `snapshot` is plain JSON data that `restore` takes back. */
export interface Fold<S> {
  apply(fact: Fact, context: FoldContext): void;
  snapshot(): S;
  restore(snapshot: S): void;
}

export interface FoldContext {
  /** Receipt of the event that the fact comes from, Unix milliseconds. */
  readonly receivedMs: number;
  readonly seq: number;
  readonly event: { readonly traceparent?: string | undefined };
}
