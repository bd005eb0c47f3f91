/** What a healer emitted, as a line of NDJSON. */
import { toCloudEvent } from '../../core/decode/encode.js';
import { EVENT_BYTES_MAX } from '../../core/decode/limits.js';
import { isJsonObject, type JsonObject } from '../../core/decode/nesting.js';
import type { HealerEventName } from './healer.js';

export interface Emitted {
  readonly name: HealerEventName;
  readonly payload: unknown;
  readonly source: string;
  /** Where the payload brings no `eventId`. */
  readonly ownId: () => string;
  readonly timeMs: number;
  /** Of the span that the host is in, where the payload brings none. */
  readonly traceparent: string | undefined;
}

/**
 * Never throws. What cannot be an event becomes a line that `decode` rejects with the right code,
 * so that it is counted as any rejected event.
 */
export function toLine(emitted: Emitted): string {
  try {
    const line = JSON.stringify(toEvent(emitted));
    // Too large already in characters: what is kept is enough to be found too large.
    return line.length > EVENT_BYTES_MAX ? beginningOf(line) : line;
  } catch (error) {
    // A cycle, a BigInt, a getter that throws. A text alone is JSON and no event, and says what was
    // wrong.
    return JSON.stringify(`${emitted.name}: ${error instanceof Error ? error.message : 'no JSON'}`);
  }
}

function toEvent({
  name,
  payload,
  source,
  ownId,
  timeMs,
  traceparent,
}: Emitted): Record<string, unknown> {
  if (payload !== undefined && !isJsonObject(payload)) {
    return { ...toCloudEvent(name, {}, { source, id: ownId(), timeMs }), data: payload };
  }
  const data = payload === undefined ? {} : withoutSilentNulls(payload);
  const event = toCloudEvent(name, data, { source, id: '', timeMs });
  // Also one that is no text: the decoder says what it should have been.
  event.id = payload?.eventId ?? ownId();
  const trace = payload?.traceparent ?? traceparent;
  if (trace !== undefined) event.traceparent = trace;
  return event;
}

/** JSON makes null of NaN and infinity, which would pass for a field that is not there. */
function withoutSilentNulls(payload: JsonObject): JsonObject {
  const faults = Object.entries(payload).filter(([, value]) => {
    return typeof value === 'number' && !Number.isFinite(value);
  });
  if (faults.length === 0) return payload;
  return { ...payload, ...Object.fromEntries(faults.map(([key, value]) => [key, String(value)])) };
}

/** A copy: a slice would keep the whole of it in memory. */
function beginningOf(line: string): string {
  return Buffer.from(line.slice(0, EVENT_BYTES_MAX + 1)).toString();
}
