/**
 * From what the log holds to the state of now: the newest snapshot, and the events after it folded
 * again.
 */
import { decodeLogged } from '../core/decode/decode.js';
import { ExporterError, isExporterError } from '../core/errors.js';
import type { FoldedEvent, LoggedEvent } from '../core/event.js';
import type { Clock, EventLog, Log, ReplayBatch } from '../core/ports.js';
import { LiveState, type PrepareCounts } from '../core/state/live-state.js';
import type { Caps } from '../core/state/counts.js';
import type { FalseAlarmBudget } from '../core/state/false-alarms.js';
import { limitAt, readCaps, withCaps, type CapsFrom } from './caps.js';
import { DerivedBuffer } from './derived-buffer.js';
import { Slice } from './slice.js';

export interface RecoverParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly report: Log;
  /** Caps and buckets that are not the usual ones. */
  readonly prepare?: PrepareCounts;
  /** Where it is not the usual one. */
  readonly falseAlarms?: FalseAlarmBudget;
  /** As the state asks for it. */
  readonly hashSeed?: number;
  /** Gives up between two slices; `recover` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Recovered {
  readonly state: LiveState;
  readonly derived: DerivedBuffer;
  /** Events that were folded again. */
  readonly replayed: number;
  /** Undefined where the state counts under the caps that `prepare` sets. */
  readonly newCaps: NewCaps | undefined;
}

/** Others than those that the log was counted under: to be set once they are noted, so that a kill changes nothing. */
export interface NewCaps {
  readonly caps: Caps;
  readonly history: readonly CapsFrom[];
}

/** Events that are folded together, before a look at the time. */
const FOLDED_TOGETHER = 64;

/**
 * Rejects with ExporterError STORE_CORRUPT when the totals of deleted events cannot be read any
 * more, and CONFIG_INVALID when they were counted into other buckets.
 */
export async function recover(parts: RecoverParts): Promise<Recovered> {
  const { log, clock, report, signal } = parts;
  const { lastSeq, rolledSeq } = log.opened;
  const history = readCaps(log.opened);
  const { state, reason } = restore(parts, history);
  const recovery = {
    state,
    history,
    nextCaps: placeAfter(history, state.seq),
    derived: new DerivedBuffer(rolledSeq),
    replayed: 0,
    unreadable: 0,
    reason,
  };
  const slice = new Slice(clock);
  for await (const batch of log.replay(state.seq)) {
    slice.begin();
    for (let i = 0; i < batch.inputs.length; i += FOLDED_TOGETHER) {
      foldAgain(recovery, batch, i, Math.min(i + FOLDED_TOGETHER, batch.inputs.length));
      if (!slice.isOver()) continue;
      await slice.pause();
      signal?.throwIfAborted();
    }
  }
  const counted = log.opened.snapshot?.seq ?? 0;
  if (reason === 'other_buckets' && state.seq < counted) throw uncounted(state.seq + 1);
  state.skipTo(lastSeq);
  limitAt(history, lastSeq, state.counts);
  if (recovery.unreadable > 0) {
    report('error', 'events of the log could not be read; they are left out', {
      events: recovery.unreadable,
    });
  }
  const { caps } = new LiveState(parts.prepare).counts;
  const noted = withCaps(history, caps, lastSeq);
  const newCaps = noted === undefined ? undefined : { caps, history: noted };
  return { state, derived: recovery.derived, replayed: recovery.replayed, newCaps };
}

/** Why everything is folded again, if it is. */
type Reason = 'no_snapshot' | 'other_buckets' | undefined;

function restore(
  { log, report, prepare: wanted = () => undefined, falseAlarms, hashSeed }: RecoverParts,
  history: readonly CapsFrom[],
): {
  readonly state: LiveState;
  readonly reason: Reason;
} {
  const { snapshot } = log.opened;
  const preparedAt =
    (seq: number): PrepareCounts =>
    (counts) => {
      wanted(counts);
      limitAt(history, seq, counts);
    };
  const prepare = preparedAt(0);
  const begin = (): LiveState => new LiveState(prepare, falseAlarms, hashSeed);
  if (snapshot === undefined) return { state: begin(), reason: 'no_snapshot' };
  const preparedThere = preparedAt(snapshot.seq);
  const state = LiveState.restore(snapshot.state, preparedThere, falseAlarms, hashSeed);
  if (state !== undefined) return { state, reason: undefined };
  const isRecounted = LiveState.hasOtherBuckets(snapshot.state, prepare);
  const other = isRecounted ? 'was counted into other buckets' : 'is of another release';
  report('info', `the snapshot ${other}: folding the whole log again`);
  return { state: begin(), reason: isRecounted ? 'other_buckets' : 'no_snapshot' };
}

/** The log begins after its first event, and there is nothing that holds what was before. */
function incomplete(from: number, reason: Reason): ExporterError {
  if (reason === 'other_buckets') return uncounted(1);
  return new ExporterError(
    'STORE_CORRUPT',
    'event log: expected all events, or a snapshot that this release can read, ' +
      `got events from ${from} on; go back to the release that wrote the data`,
  );
}

/** What was counted into other buckets cannot be counted again. */
function uncounted(seq: number): ExporterError {
  return new ExporterError(
    'CONFIG_INVALID',
    'metrics.buckets: expected the buckets that the store was counted into, because the log no ' +
      `longer holds all it has counted (event ${seq} is gone), got others`,
  );
}

function foldAgain(
  recovery: {
    readonly state: LiveState;
    readonly derived: DerivedBuffer;
    replayed: number;
    unreadable: number;
    readonly reason: Reason;
    readonly history: readonly CapsFrom[];
    /** Place in `history` of those that do not hold yet. */
    nextCaps: number;
  },
  batch: ReplayBatch,
  first: number,
  end: number,
): void {
  const { state, derived, history } = recovery;
  let together: LoggedEvent[] = [];
  const fold = (): void => {
    derived.add(state.applyAll(together));
    recovery.replayed += together.length;
    together = [];
  };
  for (let i = first; i < end; i += 1) {
    const seq = batch.firstSeq + i;
    const wanted = state.seq + together.length + 1;
    if (wanted === 1 && seq > 1) throw incomplete(seq, recovery.reason);
    const event = read(batch, i);
    const isGap = event === undefined || seq > wanted;
    if (isGap && recovery.reason === 'other_buckets') throw uncounted(wanted);
    if (event === undefined) {
      recovery.unreadable += 1;
      continue;
    }
    if (isGap) {
      fold();
      // Events that the log has lost: the store counts them as missing.
      state.skipTo(seq - 1);
    }
    if ((history[recovery.nextCaps]?.afterSeq ?? seq) < seq) {
      fold();
      limitAt(history, seq - 1, state.counts);
      recovery.nextCaps = placeAfter(history, seq - 1);
    }
    const input = batch.inputs[i] ?? 'internal';
    together.push({ seq, input, receivedMs: batch.receivedMs[i] ?? 0, event });
  }
  fold();
}

function placeAfter(history: readonly CapsFrom[], seq: number): number {
  const place = history.findIndex(({ afterSeq }) => afterSeq > seq);
  return place < 0 ? history.length : place;
}

function read({ bytes, spans, receivedMs }: ReplayBatch, i: number): FoldedEvent | undefined {
  try {
    return decodeLogged(bytes, spans[2 * i] ?? 0, spans[2 * i + 1] ?? 0, receivedMs[i] ?? 0);
  } catch (error) {
    if (isExporterError(error, 'STORE_CORRUPT')) return undefined;
    throw error;
  }
}
