/**
 * Deliveries on their way from a source to the log: split and decoded in slices, in the order of
 * arrival.
 */
import { BatchDecoder } from '../core/decode/batch.js';
import type { DecodeContext } from '../core/decode/decode.js';
import { OneEvent, type DecodedBody } from '../core/decode/one-event.js';
import { BodySplitter } from '../core/decode/split.js';
import type { AppendGroup, Clock, Refusal } from '../core/ports.js';
import type { Taken } from './open-deliveries.js';
import { nextTurn, Slice } from './slice.js';

/** A delivery whose items are known. */
export interface Decoded {
  readonly taken: Taken;
  readonly body: DecodedBody;
  readonly group: AppendGroup;
}

export interface DecodeQueueParts {
  readonly clock: Clock;
  /**
   * Whether more may be decoded now: decoded events take several times the memory of their text.
   */
  readonly mayDecode: () => boolean;
  readonly forgottenMs: () => number | undefined;
  readonly onDecoded: (decoded: Decoded) => void;
  readonly onMalformed: (taken: Taken, refusal: Refusal) => void;
  /** A defect of ours: what is being decoded cannot be settled. */
  readonly onDefect: (error: unknown) => void;
}

interface Current {
  readonly taken: Taken;
  readonly splitter: BodySplitter;
  decoder: BatchDecoder | undefined;
}

export class DecodeQueue {
  #waiting: Taken[] = [];
  #current: Current | undefined;
  #running = false;
  readonly #slice: Slice;
  readonly #isOver: () => boolean;

  constructor(private readonly parts: DecodeQueueParts) {
    this.#slice = new Slice(parts.clock);
    this.#isOver = () => this.#slice.isOver();
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#current === undefined;
  }

  add(taken: Taken): void {
    this.#waiting.push(taken);
    this.resume();
  }

  /** Goes on after `mayDecode` has said no. */
  resume(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  /**
   * Once more from the start, ahead of the others: the bounds that they were decoded under have
   * moved.
   */
  decodeAgain(decoded: readonly Decoded[]): void {
    const again = decoded.map(({ taken }) => taken);
    if (this.#current !== undefined) again.push(this.#current.taken);
    this.#current = undefined;
    this.#waiting.unshift(...again);
    this.resume();
  }

  clear(): void {
    this.#waiting = [];
    this.#current = undefined;
  }

  async #run(): Promise<void> {
    try {
      // What arrived together is decoded together, and so is committed together.
      await nextTurn();
      this.#slice.begin();
      while (!this.isEmpty && this.parts.mayDecode()) {
        if (!this.#step() || this.#slice.isOver()) await this.#slice.pause();
      }
    } catch (error) {
      this.parts.onDefect(error);
    } finally {
      this.#running = false;
    }
  }

  /** Works on the first delivery; true when it is done. */
  #step(): boolean {
    const current = (this.#current ??= this.#next());
    // Nothing waits any more, or it was one event and is decoded.
    if (current === undefined) return true;
    if (current.decoder === undefined && !this.#split(current, current.splitter)) return false;
    const { taken, decoder } = current;
    if (decoder === undefined) return true; // its body could not be split
    if (!decoder.step(this.#isOver)) return false;
    this.#current = undefined;
    this.#handOn(taken, decoder);
    return true;
  }

  #handOn(taken: Taken, body: DecodedBody): void {
    const group = body.group(taken.delivery.input, taken.delivery.checkpoint);
    this.parts.onDecoded({ taken, body, group });
  }

  /** Takes the next in hand, unless it is one event: that is done at once. */
  #next(): Current | undefined {
    const taken = this.#waiting.shift();
    if (taken === undefined) return undefined;
    const { body, shape } = taken.delivery;
    const one = OneEvent.read(taken.delivery, this.#contextOf(taken));
    if (one !== undefined) {
      this.#handOn(taken, one);
      return undefined;
    }
    return { taken, splitter: new BodySplitter(body, shape), decoder: undefined };
  }

  /** True when there is nothing more to split. */
  #split(current: Current, splitter: BodySplitter): boolean {
    if (!splitter.step(this.#isOver)) return false;
    const { body } = current.taken.delivery;
    const spans = splitter.result;
    if (!(spans instanceof Uint32Array)) {
      this.#current = undefined;
      this.parts.onMalformed(current.taken, spans);
      return true;
    }
    current.decoder = new BatchDecoder(body, spans, this.#contextOf(current.taken));
    return true;
  }

  #contextOf({ delivery, receivedMs }: Taken): DecodeContext {
    const internal = delivery.input === 'internal';
    return { receivedMs, forgottenMs: this.parts.forgottenMs(), internal };
  }
}
