/** What a turn brought the log, in portions that are folded together. */
import type { LoggedEvent } from '../core/event.js';
import type { Appended } from '../core/ports.js';
import type { Decoded } from './decode-queue.js';

/** Folded together they are cheaper than one by one; more of them would be there at a time than need be. */
const TOGETHER = 64;

export interface Portion {
  /** Which the log did not hold before, under the numbers that it gave them. */
  readonly logged: readonly LoggedEvent[];
  /** Deliveries that have been folded when these are, and how many of their events were new. */
  readonly through: readonly { readonly decoded: Decoded; readonly accepted: number }[];
}

interface Growing extends Portion {
  readonly logged: LoggedEvent[];
  readonly through: { readonly decoded: Decoded; readonly accepted: number }[];
}

/** In the order of the log. Events become objects when they are asked for, so that few of them are there at a time. */
export function* portionsOf(
  turn: readonly Decoded[],
  { firstSeq, fresh }: Appended,
): Iterable<Portion> {
  let seq = firstSeq;
  let portion: Growing = { logged: [], through: [] };
  for (let i = 0; i < turn.length; i += 1) {
    const decoded = turn[i];
    if (decoded === undefined) continue;
    const { body, taken } = decoded;
    const { receivedMs } = taken;
    const { input } = taken.delivery;
    const isFresh = fresh[i];
    const before = seq;
    for (let place = 0; place < body.size; place += 1) {
      if (isFresh?.[place] !== 1) continue;
      if (portion.logged.length === TOGETHER) {
        yield portion;
        portion = { logged: [], through: [] };
      }
      portion.logged.push({ seq, input, receivedMs, event: body.inOrder(place) });
      seq += 1;
    }
    portion.through.push({ decoded, accepted: seq - before });
  }
  yield portion;
}
