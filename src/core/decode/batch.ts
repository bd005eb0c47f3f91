/**
 * A whole body, item by item: what of it is events, what is not, and the order in which they are
 * folded.
 */
import { isAscii } from 'node:buffer';
import type { HealingEvent, Input } from '../event.js';
import type { AppendGroup, Checkpoint } from '../ports.js';
import type { Problem } from '../problem.js';
import { decodeAsciiItem, decodeItem, type DecodeContext } from './decode.js';

/**
 * Decoded in about a tenth of a millisecond; the largest single item takes no more than ten times
 * that.
 */
const BYTES_BETWEEN_PAUSES = 8_192;

export class BatchDecoder {
  /** The well-formed ones, in the order of the body. */
  readonly events: HealingEvent[] = [];
  /** The others, with their index among the items of the body. */
  readonly problems: Problem[] = [];

  readonly #body: Buffer;
  readonly #spans: Uint32Array;
  readonly #context: DecodeContext;
  /** For each of `events`: its item. */
  readonly #items: number[] = [];
  readonly #decodeItem: typeof decodeItem;
  #next = 0;
  #foldOrder: Uint32Array | undefined;

  constructor(body: Uint8Array, spans: Uint32Array, context: DecodeContext) {
    this.#body = Buffer.isBuffer(body)
      ? body
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#spans = spans;
    this.#context = context;
    this.#decodeItem = isAscii(this.#body) ? decodeAsciiItem : decodeItem;
  }

  /** Goes on until it is finished (true) or `shouldPause`, asked every 8 KiB or so, says yes. */
  step(shouldPause: () => boolean): boolean {
    const count = this.#spans.length / 2;
    let bytes = 0;
    while (this.#next < count) {
      const item = this.#next++;
      bytes += this.#decode(item);
      if (bytes < BYTES_BETWEEN_PAUSES) continue;
      if (shouldPause()) break;
      bytes = 0;
    }
    return this.#next >= count;
  }

  /** `events` in the order in which they are to be folded: effective time, source, id. */
  get sortedEvents(): readonly HealingEvent[] {
    const sorted: HealingEvent[] = [];
    for (const index of this.#order()) {
      const event = this.events[index];
      if (event !== undefined) sorted.push(event);
    }
    return sorted;
  }

  /** What the event log is handed: the same events in the same order as `sortedEvents`. */
  group(input: Input, checkpoint?: Checkpoint): AppendGroup {
    const order = this.#order();
    const spans = new Uint32Array(2 * order.length);
    const sourceIndex = new Uint32Array(order.length);
    const timesMs = new Float64Array(order.length);
    const ids: string[] = [];
    const sources = new Map<string, number>();
    let source = '';
    let sourceNumber = 0;
    for (let place = 0; place < order.length; place++) {
      const index = order[place] ?? 0;
      const event = this.events[index];
      const item = this.#items[index];
      if (event === undefined || item === undefined) continue;
      // Mostly the same as before, and then it need not be looked up.
      if (event.source !== source) {
        source = event.source;
        sourceNumber = sources.get(source) ?? sources.size;
        sources.set(source, sourceNumber);
      }
      sourceIndex[place] = sourceNumber;
      spans[2 * place] = this.#spans[2 * item] ?? 0;
      spans[2 * place + 1] = this.#spans[2 * item + 1] ?? 0;
      timesMs[place] = event.timeMs;
      ids.push(event.id);
    }
    return {
      input,
      receivedMs: this.#context.receivedMs,
      bytes: this.#body,
      spans,
      sources: [...sources.keys()],
      sourceIndex,
      ids,
      timesMs,
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
  }

  /** Returns the item's size. */
  #decode(item: number): number {
    const start = this.#spans[2 * item] ?? 0;
    const end = this.#spans[2 * item + 1] ?? 0;
    const decoded = this.#decodeItem(this.#body, start, end, this.#context);
    if (decoded.ok) {
      this.events.push(decoded.event);
      this.#items.push(item);
    } else {
      this.problems.push({ index: item, code: decoded.code, message: decoded.message });
    }
    return end - start;
  }

  /** Indexes of `events`, once all items are decoded. Most bodies are in order as they come. */
  #order(): Uint32Array {
    if (this.#foldOrder !== undefined) return this.#foldOrder;
    const { events } = this;
    const order = new Uint32Array(events.length);
    let sorted = true;
    for (let i = 0; i < order.length; i++) {
      order[i] = i;
      if (sorted && i > 0) sorted = compareAt(events, i - 1, i) <= 0;
    }
    if (!sorted) order.sort((a, b) => compareAt(events, a, b));
    this.#foldOrder = order;
    return order;
  }
}

/**
 * The order in which events of one delivery fold: effective time, then source, then id, each by
 * code units. Negative when `a` comes first.
 */
export function compareEvents(a: HealingEvent, b: HealingEvent): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
}

function compareAt(events: readonly HealingEvent[], a: number, b: number): number {
  const left = events[a];
  const right = events[b];
  return left === undefined || right === undefined ? 0 : compareEvents(left, right);
}
