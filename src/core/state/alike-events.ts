/** Events of a batch by what is counted of each: two or three lines instead of dozens of look-ups. */
import type { HealingEvent, Input, LoggedEvent } from '../event.js';

export interface AlikeEvents {
  readonly input: Input;
  readonly type: HealingEvent['type'];
  /** Receipt of the first of them, Unix milliseconds. */
  readonly receivedMs: number;
  count: number;
}

/** In the order in which the first of each came. */
export function alike(events: readonly LoggedEvent[]): readonly AlikeEvents[] {
  const all: AlikeEvents[] = [];
  for (const { input, receivedMs, event } of events) {
    const known = all.find((one) => one.type === event.type && one.input === input);
    if (known === undefined) all.push({ input, type: event.type, receivedMs, count: 1 });
    else known.count += 1;
  }
  return all;
}
