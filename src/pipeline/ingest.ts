/**
 * The one way into the log: decode, append, fold, settle. While the log writes one turn of
 * deliveries, the next is decoded and the one before folded, so a slow disk makes turns larger, not
 * queues longer. Where many send little, the one before is folded first: see GATHER_MS.
 */
import type { Input } from '../core/event.js';
import { ExporterError, isExporterError } from '../core/errors.js';
import type {
  Appended,
  Clock,
  Delivery,
  Derived,
  EventLog,
  Intake,
  Retained,
  RetentionLimits,
  SelfMetrics,
} from '../core/ports.js';
import type { RefusalCode } from '../core/problem.js';
import type { LiveState } from '../core/state/live-state.js';
import { DecodeQueue, type Decoded } from './decode-queue.js';
import type { DerivedBuffer } from './derived-buffer.js';
import { GrowingText } from './growing-text.js';
import { OpenDeliveries } from './open-deliveries.js';
import { NextTurn } from './next-turn.js';
import { portionsOf, type Portion } from './portions.js';
import { OVERLOADED, SHUTTING_DOWN, STORE_FAILED, STORE_FULL } from './refusals.js';
import { Slice } from './slice.js';

export interface IngestParts {
  readonly log: EventLog;
  readonly state: LiveState;
  readonly derived: DerivedBuffer;
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  /** Bytes that may wait for the log. */
  readonly capacityBytes: number;
  /** Resolves after so long; nothing else is waited for meanwhile. */
  readonly sleep: (durationMs: number) => Promise<void>;
  /**
   * The log has failed, or we have: nothing is taken any more, and the process should end. Called
   * once.
   */
  readonly onFatal: (error: unknown) => void;
}

/**
 * Where many send little, answers go out before the next turn is taken, and it waits for what they
 * send next: a commit costs the same for one event as for a hundred.
 */
const GATHER_MS = 1;
const GATHER_MS_MAX = 5;
const GATHER_DELIVERIES_MIN = 8;
/** How long derived cells may gather before they ride along. */
const DERIVED_AGE_MS = 5000;
/** Fewer cost the queries that carry them along less than a commit of their own. */
const DERIVED_SAVED_MIN = 200;

interface Written {
  readonly turn: readonly Decoded[];
  readonly appended: Appended;
}

/**
 * Work that needs the log to itself: nothing is being appended meanwhile, and everything written is
 * folded.
 */
interface LoneWork {
  readonly work: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Ingest implements Intake {
  #phase: 'open' | 'closing' | 'closed' | 'failed' = 'open';
  readonly #next = new NextTurn();
  #lone: LoneWork[] = [];
  #wake: (() => void) | undefined;
  #derivedTakenMs: number;
  #appendBeganMs: number | undefined;
  #isStoreFull = false;
  #forgottenMs: number | undefined;
  #snapshotSeq: number;
  readonly #snapshotText = new GrowingText();
  readonly #open: OpenDeliveries;
  readonly #queue: DecodeQueue;
  readonly #slice: Slice;
  readonly #ended: Promise<void>;

  constructor(private readonly parts: IngestParts) {
    const { clock, log, metrics, capacityBytes } = parts;
    this.#derivedTakenMs = clock.monotonicMs();
    this.#forgottenMs = log.opened.forgottenMs;
    this.#snapshotSeq = log.opened.snapshot?.seq ?? 0;
    this.#open = new OpenDeliveries(metrics, capacityBytes);
    this.#slice = new Slice(clock);
    this.#queue = new DecodeQueue({
      clock,
      mayDecode: () => this.#next.hasRoom,
      forgottenMs: () => this.#forgottenMs,
      onDecoded: (decoded) => this.#takeDecoded(decoded),
      onMalformed: (taken, refusal) => this.#open.refuse(taken, refusal),
      onDefect: (error) => this.#fail(error),
    });
    this.#ended = this.#run().catch((error: unknown) => this.#fail(error));
  }

  /** Events folded since the newest snapshot: what a restart would have to fold again. */
  get tail(): number {
    return this.parts.state.seq - this.#snapshotSeq;
  }

  /** Why nothing can be made durable at the moment; undefined when it can. */
  get trouble(): 'store_full' | 'store_failed' | undefined {
    if (this.#phase === 'failed') return 'store_failed';
    return this.#isStoreFull ? 'store_full' : undefined;
  }

  /** For how long the log has been at the append in hand; 0 when there is none. */
  get appendingMs(): number {
    const beganMs = this.#appendBeganMs;
    return beganMs === undefined ? 0 : this.parts.clock.monotonicMs() - beganMs;
  }

  offer(delivery: Delivery): void {
    if (this.#phase !== 'open') {
      this.#open.turnAway(delivery, this.#phase === 'failed' ? STORE_FAILED : SHUTTING_DOWN);
    } else if (!this.#open.hasRoomFor(delivery)) {
      this.#open.turnAway(delivery, OVERLOADED);
    } else {
      this.#queue.add(this.#open.add(delivery, this.parts.clock.nowMs()));
    }
  }

  countRefused(input: Input, code: RefusalCode): void {
    this.parts.metrics.refused(input, code);
  }

  /** What queries of the log are to be handed. */
  pending(): readonly Derived[] {
    return this.parts.derived.pending(this.parts.state.seq);
  }

  /** Writes down the state as it is now, so that a restart folds only what comes after. */
  async saveSnapshot(): Promise<void> {
    const { log, state, derived } = this.parts;
    await this.#alone(async () => {
      await derived.handOver(state.seq, async (taken) => {
        const text = await this.#writeState();
        this.#snapshotText.giveBack(await log.saveSnapshot({ seq: state.seq, text }, taken));
      });
      this.#snapshotSeq = state.saved();
    });
  }

  /** Hands the log what has gathered and no append has taken along: every query would carry it. */
  async saveDerived(): Promise<void> {
    const { log, state, derived } = this.parts;
    if (derived.cells < DERIVED_SAVED_MIN) return;
    await this.#alone(() => derived.handOver(state.seq, (taken) => log.append([], taken)));
  }

  /** Deletes what is over the limits and covered by the newest snapshot. */
  async retain(limits: RetentionLimits): Promise<Retained> {
    const { log, clock } = this.parts;
    let retained: Retained = { deletedEvents: 0, forgottenMs: this.#forgottenMs };
    await this.#alone(async () => {
      retained = await log.retain(limits, clock.nowMs());
      if (retained.forgottenMs === this.#forgottenMs) return;
      this.#forgottenMs = retained.forgottenMs;
      // What waits may now be too old to be told from a duplicate.
      this.#queue.decodeAgain(this.#next.takeAll());
    });
    return retained;
  }

  /**
   * Takes nothing more. Resolves when all that was taken is answered and a snapshot stands. Never
   * rejects.
   */
  async close(): Promise<void> {
    if (this.#phase !== 'open') return this.#ended;
    this.#phase = 'closing';
    await this.#open.untilEmpty();
    // Without the snapshot the next start takes longer, and that is all.
    const isWorthIt = this.tail > 0 || this.parts.state.hasUnsavedAdvice;
    if (isWorthIt) await this.saveSnapshot().catch(() => undefined);
    if (this.trouble !== 'store_failed') this.#phase = 'closed';
    this.#wake?.();
    return this.#ended;
  }

  async #run(): Promise<void> {
    let written: Written | undefined;
    while (this.#phase === 'open' || this.#phase === 'closing') {
      if (written !== undefined && this.#isWorthGathering(written)) {
        const expected = this.#next.size + written.turn.length;
        await this.#fold(written);
        written = undefined;
        await this.#gather(expected);
        continue; // Meanwhile it may have been closed, and nobody would wake us.
      }
      if (written === undefined && !this.#hasWork()) await this.#sleep();
      const turn = this.#lone.length > 0 ? [] : this.#takeTurn();
      const appending = turn.length > 0 ? this.#append(turn) : undefined;
      if (written !== undefined) await this.#fold(written);
      written = await appending;
      if (written === undefined) await this.#doLoneWork();
    }
  }

  /** Undefined when the log could not take it: then nothing of it was kept. */
  async #append(turn: readonly Decoded[]): Promise<Written | undefined> {
    const { log, metrics, clock, derived } = this.parts;
    const taken = this.#takeDerived();
    this.#appendBeganMs = clock.monotonicMs();
    try {
      const groups = turn.map(({ group }) => group);
      const appended = await log.append(groups, taken);
      if (taken !== undefined) derived.acknowledge();
      this.#isStoreFull = false;
      metrics.commit(appended.commitSeconds);
      return { turn, appended };
    } catch (error) {
      if (taken !== undefined) derived.giveBack();
      this.#noteStoreError(error);
      for (const { taken } of turn) this.#open.refuse(taken, STORE_FULL);
      return undefined;
    } finally {
      this.#appendBeganMs = undefined;
    }
  }

  /** Only what the disk has, in the order of the log. */
  async #fold({ turn, appended }: Written): Promise<void> {
    this.#slice.begin();
    for (const portion of portionsOf(turn, appended)) {
      this.#foldPortion(portion);
      if (this.#slice.isOver()) await this.#slice.pause();
    }
  }

  #foldPortion({ logged, through }: Portion): void {
    const { state, derived, clock, metrics } = this.parts;
    const nowMs = clock.nowMs();
    for (const { input, event } of logged) {
      metrics.lag(input, Math.max(0, nowMs - event.timeMs) / 1000);
    }
    if (logged.length > 0) derived.add(state.applyAll(logged));
    for (const { decoded, accepted } of through) {
      const { taken, body } = decoded;
      if (accepted > 0) metrics.lastEvent(taken.delivery.input, taken.receivedMs);
      const duplicates = body.size - accepted;
      this.#open.settle(taken, { accepted, duplicates, rejected: body.problems });
    }
  }

  #takeDecoded(decoded: Decoded): void {
    const { taken, body } = decoded;
    if (body.size === 0 && taken.delivery.checkpoint === undefined) {
      this.#open.settle(taken, { accepted: 0, duplicates: 0, rejected: body.problems });
      return;
    }
    this.#open.decoded(taken, body.size);
    this.#next.add(decoded);
    this.#wake?.();
  }

  #takeTurn(): readonly Decoded[] {
    const turn = this.#next.take();
    if (turn.length > 0) this.#queue.resume();
    return turn;
  }

  /** Whether the next turn, taken now, would leave out many who are about to send again. */
  #isWorthGathering({ turn }: Written): boolean {
    return this.#next.size + turn.length >= GATHER_DELIVERIES_MIN && this.#next.isSmall;
  }

  /** Waits for those who were just answered, as long as more of them come. */
  async #gather(expected: number): Promise<void> {
    let before = 0;
    for (let waitedMs = 0; waitedMs < GATHER_MS_MAX; waitedMs += GATHER_MS) {
      const { size, isSmall } = this.#next;
      const isAll = size >= expected || (size === before && waitedMs > 0 && size > 0);
      if (isAll || !isSmall) return;
      before = size;
      await this.parts.sleep(GATHER_MS);
    }
  }

  #takeDerived(): Derived | undefined {
    const { derived, state, clock } = this.parts;
    const nowMs = clock.monotonicMs();
    const isDue = nowMs - this.#derivedTakenMs >= DERIVED_AGE_MS || derived.isLarge;
    if (!isDue || derived.isEmpty) return undefined;
    this.#derivedTakenMs = nowMs;
    return derived.take(state.seq);
  }

  /** Piece by piece: others are served between them, but nothing is folded, as this is done alone. */
  async #writeState(): Promise<Uint8Array<ArrayBuffer>> {
    this.#slice.begin();
    for (const piece of this.parts.state.snapshotPieces()) {
      this.#snapshotText.addLine(piece);
      if (this.#slice.isOver()) await this.#slice.pause();
    }
    return this.#snapshotText.take();
  }

  #alone(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#phase === 'closed' || this.#phase === 'failed') {
        reject(new ExporterError('STORE_CLOSED', 'event log: closed'));
        return;
      }
      this.#lone.push({ work, resolve, reject });
      this.#wake?.();
    });
  }

  async #doLoneWork(): Promise<void> {
    const lone = this.#lone.shift();
    try {
      await lone?.work();
      if (lone !== undefined) this.#isStoreFull = false;
      lone?.resolve();
    } catch (error) {
      this.#noteStoreError(error);
      lone?.reject(error);
    }
  }

  /** A full disk is waited for. After any other failure nobody can say what the disk holds. */
  #noteStoreError(error: unknown): void {
    if (isExporterError(error)) this.parts.metrics.storeError(error.code);
    this.#isStoreFull = isExporterError(error, 'STORE_FULL');
    if (!this.#isStoreFull) this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#phase === 'failed') return;
    this.#phase = 'failed';
    this.#queue.clear();
    this.#next.takeAll();
    this.#open.refuseAll(STORE_FAILED);
    for (const { reject } of this.#lone.splice(0)) reject(error);
    this.#wake?.();
    this.parts.onFatal(error);
  }

  #hasWork(): boolean {
    return this.#next.size > 0 || this.#lone.length > 0;
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
  }
}
