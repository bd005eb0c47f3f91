/**
 * From what the log holds to the state of now: the newest snapshot, and the events after it folded
 * again.
 */
import { decodeLogged } from '../core/decode/decode.js';
import { ExporterError, isExporterError } from '../core/errors.js';
import type { HealingEvent } from '../core/event.js';
import type { Clock, EventLog, Log, ReplayBatch } from '../core/ports.js';
import { LiveState } from '../core/state/live-state.js';
import { DerivedBuffer } from './derived-buffer.js';
import { Slice } from './slice.js';

export interface RecoverParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly report: Log;
  /** Gives up between two slices; `recover` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Recovered {
  readonly state: LiveState;
  readonly derived: DerivedBuffer;
  /** Events that were folded again. */
  readonly replayed: number;
}

/** The clock is asked once per so many events. */
const EVENTS_BETWEEN_LOOKS = 32;

/**
 * Rejects with ExporterError STORE_CORRUPT when the totals of deleted events cannot be read any
 * more.
 */
export async function recover({ log, clock, report, signal }: RecoverParts): Promise<Recovered> {
  const { lastSeq, rolledSeq } = log.opened;
  const state = restore(log, report);
  const recovery = { state, derived: new DerivedBuffer(rolledSeq), replayed: 0, unreadable: 0 };
  const slice = new Slice(clock);
  for await (const batch of log.replay(state.seq)) {
    slice.begin();
    for (let i = 0; i < batch.inputs.length; i++) {
      foldAgain(recovery, batch, i);
      if (i % EVENTS_BETWEEN_LOOKS !== 0 || !slice.isOver()) continue;
      await slice.pause();
      signal?.throwIfAborted();
    }
  }
  state.skipTo(lastSeq);
  if (recovery.unreadable > 0) {
    report('error', 'events of the log could not be read; they are left out', {
      events: recovery.unreadable,
    });
  }
  return recovery;
}

function restore({ opened: { snapshot } }: EventLog, report: Log): LiveState {
  if (snapshot === undefined) return new LiveState();
  const state = LiveState.restore(snapshot.state);
  if (state !== undefined) return state;
  report('info', 'the snapshot is of another release: folding the whole log again');
  return new LiveState();
}

function foldAgain(
  recovery: {
    readonly state: LiveState;
    readonly derived: DerivedBuffer;
    replayed: number;
    unreadable: number;
  },
  batch: ReplayBatch,
  i: number,
): void {
  const { state, derived } = recovery;
  const seq = batch.firstSeq + i;
  if (state.seq === 0 && seq > 1) {
    throw new ExporterError(
      'STORE_CORRUPT',
      'event log: expected all events, or a snapshot that this release can read, ' +
        `got events from ${seq} on; go back to the release that wrote the data`,
    );
  }
  const event = read(batch, i);
  if (event === undefined) {
    recovery.unreadable += 1;
    return;
  }
  // Events that the log has lost: the store counts them as missing.
  state.skipTo(seq - 1);
  const input = batch.inputs[i] ?? 'internal';
  const logged = { seq, input, receivedMs: batch.receivedMs[i] ?? 0, event };
  derived.add(logged, state.apply(logged));
  recovery.replayed += 1;
}

function read({ bytes, spans, receivedMs }: ReplayBatch, i: number): HealingEvent | undefined {
  try {
    return decodeLogged(bytes, spans[2 * i] ?? 0, spans[2 * i + 1] ?? 0, receivedMs[i] ?? 0);
  } catch (error) {
    if (isExporterError(error, 'STORE_CORRUPT')) return undefined;
    throw error;
  }
}
