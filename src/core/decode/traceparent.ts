/**
 * Where an event stands in a distributed trace: the `traceparent` of W3C Trace Context. A version to come begins as
 * version 00 does, and is read as that, which is what the specification asks of those who do not know it.
 */

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Version ff is none. Whatever follows, follows a dash. */
const OF_ANOTHER_VERSION =
  /^(?!00|ff)[0-9a-f]{2}(-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-)([0-9a-f]{2})(?:-.*)?$/;
/** Of the flags, the only one that version 00 knows. */
const SAMPLED = 1;

/** In the words of version 00. Undefined for anything else: a trace that cannot be followed is no reason to lose an event. */
export function readTraceparent(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (TRACEPARENT.test(value)) return value;
  const [, ids, flags = ''] = OF_ANOTHER_VERSION.exec(value) ?? [];
  if (ids === undefined) return undefined;
  return `00${ids}0${Number.parseInt(flags, 16) & SAMPLED}`;
}
