/**
 * A body that is one event, as many healers send them: decoded at once, without the columns and lists that a batch
 * is worth.
 */
import { ExporterError } from '../errors.js';
import type { FoldedEvent, HealingEvent, Input } from '../event.js';
import type { AppendGroup, Checkpoint, Delivery } from '../ports.js';
import type { Problem } from '../problem.js';
import { decodeItem, type DecodeContext, type EventSink } from './decode.js';
import type { PlainEvent } from './plain-event.js';
import { spanOfOne } from './split.js';

/** What a body holds. */
export interface DecodedBody {
  /** How many well-formed events there are. */
  readonly size: number;
  /** The other items, with their index among all. */
  readonly problems: readonly Problem[];
  /** The event at a place of the order in which they are to be folded. */
  inOrder(place: number): FoldedEvent;
  /** What the event log is handed. */
  group(input: Input, checkpoint?: Checkpoint): AppendGroup;
}

/** To look at a larger one takes too long for one step. */
const BODY_BYTES_MAX = 16 * 1024;
const NO_PROBLEMS: readonly Problem[] = [];
const FIRST: readonly number[] = [0];
const NO_ID_SPAN: readonly number[] = [0, 0];
const NO_OTHER_IDS: ReadonlyMap<number, string> = new Map();

export class OneEvent implements DecodedBody, EventSink {
  readonly size = 1;
  readonly problems = NO_PROBLEMS;
  #event: FoldedEvent | HealingEvent | undefined;
  #idSpan = NO_ID_SPAN;

  private constructor(
    private readonly body: Uint8Array,
    private readonly span: readonly [number, number],
    private readonly receivedMs: number,
  ) {}

  /** Undefined where there may be more than one, or where it is none: a batch says what is wrong. */
  static read(
    { body, shape }: Pick<Delivery, 'body' | 'shape'>,
    context: DecodeContext,
  ): OneEvent | undefined {
    const span = body.length > BODY_BYTES_MAX ? undefined : spanOfOne(body, shape);
    if (span === undefined) return undefined;
    const one = new OneEvent(body, span, context.receivedMs);
    return decodeItem(body, span[0], span[1], context, one) === undefined ? one : undefined;
  }

  addPlain(event: PlainEvent): boolean {
    this.#event = event.folded();
    if (this.#event === undefined) return false;
    this.#idSpan = [event.idStart + 1, event.idEnd - 1];
    return true;
  }

  add(event: HealingEvent): void {
    this.#event = event;
  }

  inOrder(): FoldedEvent {
    return this.#known;
  }

  group(input: Input, checkpoint?: Checkpoint): AppendGroup {
    const event = this.#known;
    return {
      input,
      receivedMs: this.receivedMs,
      bytes: this.body,
      spans: this.span,
      sources: [event.source],
      sourceIndex: FIRST,
      idSpans: this.#idSpan,
      otherIds: 'id' in event ? new Map([[0, event.id]]) : NO_OTHER_IDS,
      timesMs: [event.timeMs],
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
  }

  get #known(): FoldedEvent | HealingEvent {
    if (this.#event !== undefined) return this.#event;
    throw new ExporterError('INTERNAL', 'one event: asked for before it was read');
  }
}
