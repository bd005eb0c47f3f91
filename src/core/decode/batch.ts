/**
 * A whole body, item by item: what of it is events, what is not, and the order in which they are
 * folded.
 */
import type { FoldedEvent, Input } from '../event.js';
import type { AppendGroup, Checkpoint } from '../ports.js';
import type { Problem } from '../problem.js';
import { decodeItem, type DecodeContext } from './decode.js';
import { compareText, WaitingEvents } from './waiting-events.js';

/**
 * Decoded in about a tenth of a millisecond; the largest single item takes no more than ten times
 * that.
 */
const BYTES_BETWEEN_PAUSES = 8_192;
/** To say what is wrong with an item of no bytes takes time, too. */
const ITEM_BYTES_LEAST = 256;

const NO_IDS: ReadonlyMap<number, string> = new Map();

export class BatchDecoder {
  /** The well-formed ones, in the order of the body. */
  readonly #events: WaitingEvents;
  /** The others, with their index among the items of the body. */
  readonly problems: Problem[] = [];

  readonly #body: Buffer;
  readonly #spans: Uint32Array;
  readonly #context: DecodeContext;
  /** For each of them: its item. */
  readonly #items: number[] = [];
  #next = 0;
  #foldOrder: Uint32Array | undefined;

  constructor(body: Uint8Array, spans: Uint32Array, context: DecodeContext) {
    this.#body = Buffer.isBuffer(body)
      ? body
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#spans = spans;
    this.#events = new WaitingEvents(this.#body, spans.length / 2);
    this.#context = context;
  }

  /** Goes on until it is finished (true) or `shouldPause`, asked every 8 KiB or so, says yes. */
  step(shouldPause: () => boolean): boolean {
    const count = this.#spans.length / 2;
    let bytes = 0;
    while (this.#next < count) {
      const item = this.#next++;
      bytes += Math.max(this.#decode(item), ITEM_BYTES_LEAST);
      if (bytes < BYTES_BETWEEN_PAUSES) continue;
      if (shouldPause()) break;
      bytes = 0;
    }
    return this.#next >= count;
  }

  /** How many well-formed ones there are. */
  get size(): number {
    return this.#events.size;
  }

  /** The event at a place of the order in which they are to be folded: effective time, source, id. */
  inOrder(place: number): FoldedEvent {
    return this.#events.at(this.#order()[place] ?? place);
  }

  /** What the event log is handed: all events, in the order in which they are to be folded. */
  group(input: Input, checkpoint?: Checkpoint): AppendGroup {
    const order = this.#order();
    const spans = new Uint32Array(2 * order.length);
    const idSpans = new Uint32Array(2 * order.length);
    const sourceIndex = new Uint32Array(order.length);
    const timesMs = new Float64Array(order.length);
    let otherIds: Map<number, string> | undefined;
    const sources = new DistinctTexts();
    for (let place = 0; place < order.length; place++) {
      const index = order[place] ?? 0;
      const item = this.#items[index] ?? 0;
      sourceIndex[place] = sources.of(this.#events.source(index));
      spans[2 * place] = this.#spans[2 * item] ?? 0;
      spans[2 * place + 1] = this.#spans[2 * item + 1] ?? 0;
      timesMs[place] = this.#events.timeMs(index);
      const idEnd = this.#events.idEnd(index);
      idSpans[2 * place] = this.#events.idStart(index);
      idSpans[2 * place + 1] = idEnd;
      if (idEnd === 0) (otherIds ??= new Map()).set(place, this.#events.id(index));
    }
    const group = {
      input,
      receivedMs: this.#context.receivedMs,
      bytes: this.#body,
      spans,
      sources: sources.texts,
      sourceIndex,
      idSpans,
      otherIds: otherIds ?? NO_IDS,
      timesMs,
    };
    return checkpoint === undefined ? group : { ...group, checkpoint };
  }

  /** Returns the item's size. */
  #decode(item: number): number {
    const start = this.#spans[2 * item] ?? 0;
    const end = this.#spans[2 * item + 1] ?? 0;
    const rejected = decodeItem(this.#body, start, end, this.#context, this.#events);
    if (rejected === undefined) this.#items.push(item);
    else this.problems.push({ index: item, code: rejected.code, message: rejected.message });
    return end - start;
  }

  /** Indexes of the events, once all items are decoded. Most bodies are in order as they come. */
  #order(): Uint32Array {
    if (this.#foldOrder !== undefined) return this.#foldOrder;
    const events = this.#events;
    const order = new Uint32Array(events.size);
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

/** Texts in the order in which they first came. */
class DistinctTexts {
  readonly texts: string[] = [];
  #numbers: Map<string, number> | undefined;
  #last = 0;

  of(text: string): number {
    // Mostly the same as before, and then it need not be looked up.
    if (this.texts[this.#last] === text) return this.#last;
    // Where all are the same, nothing has to be looked up at all.
    const [first] = this.texts;
    if (first !== undefined) this.#numbers ??= new Map([[first, 0]]);
    this.#last = this.#numbers?.get(text) ?? this.texts.length;
    if (this.#last === this.texts.length) {
      this.#numbers?.set(text, this.#last);
      this.texts.push(text);
    }
    return this.#last;
  }
}

/**
 * The order in which events of one delivery fold: effective time, then source, then id, each by
 * code units. Negative when the event at `a` comes first.
 */
function compareAt(events: WaitingEvents, a: number, b: number): number {
  const laterMs = events.timeMs(a) - events.timeMs(b);
  if (laterMs !== 0) return laterMs;
  return compareText(events.source(a), events.source(b)) || events.compareIds(a, b);
}
