/** Which events of a delivery the log did not hold before, under the numbers that it gave them. */
import type { BatchDecoder } from '../core/decode/batch.js';
import type { LoggedEvent } from '../core/event.js';

/** Events that are handed out, and folded, together. */
const TOGETHER = 64;

/**
 * `fresh` has a 1 for each that was new; the first of them has the sequence `first.seq`. They are made when they are
 * asked for, so that no more of them are there at a time than are being folded.
 */
export function* loggedAfresh(
  decoder: BatchDecoder,
  fresh: Uint8Array | undefined,
  first: Omit<LoggedEvent, 'event'>,
): Iterable<readonly LoggedEvent[]> {
  const { input, receivedMs } = first;
  let { seq } = first;
  let logged: LoggedEvent[] = [];
  for (let place = 0; place < decoder.size; place += 1) {
    if (fresh?.[place] !== 1) continue;
    logged.push({ seq, input, receivedMs, event: decoder.inOrder(place) });
    seq += 1;
    if (logged.length < TOGETHER) continue;
    yield logged;
    logged = [];
  }
  if (logged.length > 0) yield logged;
}
