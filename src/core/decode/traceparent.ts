/** Where an event stands in a distributed trace: the `traceparent` of W3C Trace Context, version 00. */

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Undefined for anything else: a trace that cannot be followed is no reason to lose an event. */
export function readTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}
