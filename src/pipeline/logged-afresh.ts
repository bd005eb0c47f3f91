/** Which events of a delivery the log did not hold before, under the numbers that it gave them. */
import type { HealingEvent, LoggedEvent } from '../core/event.js';

/** `fresh` has a 1 for each that was new; the first of them has the sequence `first.seq`. */
export function loggedAfresh(
  events: readonly HealingEvent[],
  fresh: Uint8Array | undefined,
  first: Omit<LoggedEvent, 'event'>,
): LoggedEvent[] {
  const { input, receivedMs } = first;
  const logged: LoggedEvent[] = [];
  for (const [k, event] of events.entries()) {
    if (fresh?.[k] === 1) logged.push({ seq: first.seq + logged.length, input, receivedMs, event });
  }
  return logged;
}
