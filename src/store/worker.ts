/**
 * The thread that the database lives on. It answers one request after the other, in their order.
 */
import { parentPort } from 'node:worker_threads';
import { ExporterError } from '../core/errors.js';
import type { Opened } from '../core/ports.js';
import type { Calls, CallName, Reply, Request } from './calls.js';
import {
  MEMORY_PATH,
  connect,
  errorCodeOf,
  storeError,
  type ConnectionOptions,
} from './connection.js';
import { holderOf, removePid, writePid } from './files.js';
import { unpackDerived } from './pack-derived.js';
import { Store, type LogStats } from './store.js';

/** Of appends: handing one back costs more than a small one. The largest hold about ten thousand events. */
const SPARE_BYTES_MIN = 64 * 1024;
const SPARE_BYTES_MAX = 4 * 1024 * 1024;

let path = MEMORY_PATH;
let store: Store | undefined;
let stats: LogStats = { events: 0, bytes: 0, corruptEvents: 0, missingEvents: 0 };

parentPort?.on('message', (request: Request) => {
  try {
    const answer = carryOut(request);
    stats = currentStats();
    const buffer = answer !== undefined && 'buffer' in answer ? answer.buffer : undefined;
    post({ kind: 'answer', answer, stats }, buffer === undefined ? [] : [buffer]);
  } catch (error) {
    const { code, message } = storeError(error, path);
    post({ kind: 'error', code, message, cause: errorCodeOf(error) });
  }
});

/**
 * What is committed stays told as committed, even when the disk fails while it is being measured.
 */
function currentStats(): LogStats {
  try {
    return store?.stats() ?? stats;
  } catch {
    return stats;
  }
}

function carryOut(request: Request): Calls[CallName]['answer'] {
  switch (request.name) {
    case 'open':
      return open(request.question);
    case 'append':
      return append(request.question);
    case 'saveSnapshot': {
      const { snapshot, derived } = request.question;
      opened().saveSnapshot(snapshot, derived);
      return { buffer: snapshot.text.buffer };
    }
    case 'read':
      return opened().read(request.question.afterSeq);
    case 'history': {
      const { pending, ...query } = request.question;
      return opened().history({ ...query, pending: pending.map(unpackDerived) });
    }
    case 'courses': {
      const { pending, ...query } = request.question;
      return opened().courses({ ...query, pending: pending.map(unpackDerived) });
    }
    case 'timeline': {
      const { pending, ...query } = request.question;
      return opened().timeline({ ...query, pending: pending.map(unpackDerived) });
    }
    case 'retain':
      return opened().retainStep(request.question.limits, request.question.nowMs);
    case 'check':
      return opened().check();
    case 'close':
      return close();
  }
}

function open(options: ConnectionOptions): Opened {
  ({ path } = options);
  try {
    store = new Store(connect(options), path);
  } catch (error) {
    throw namingHolder(error);
  }
  // eslint-disable-next-line no-restricted-globals -- only for the message that a second process gives
  if (path !== MEMORY_PATH) writePid(path, process.pid);
  return store.opened();
}

function append({ packed, derived }: Calls['append']['question']): Calls['append']['answer'] {
  const beganMs = monotonicMs();
  const appended = opened().append(packed, derived);
  const commitSeconds = (monotonicMs() - beganMs) / 1000;
  const { buffer } = packed.text;
  const isWorthIt = buffer.byteLength >= SPARE_BYTES_MIN && buffer.byteLength <= SPARE_BYTES_MAX;
  return isWorthIt ? { ...appended, commitSeconds, buffer } : { ...appended, commitSeconds };
}

function monotonicMs(): number {
  // eslint-disable-next-line no-restricted-globals, no-restricted-properties -- a thread cannot be handed a clock
  return performance.now();
}

function close(): undefined {
  opened().close();
  store = undefined;
  if (path !== MEMORY_PATH) removePid(path);
  return undefined;
}

function opened(): Store {
  if (store === undefined) throw new ExporterError('STORE_CLOSED', `${path}: the store is closed`);
  return store;
}

function namingHolder(error: unknown): ExporterError {
  const said = storeError(error, path);
  if (said.code !== 'STORE_LOCKED') return said;
  const pid = holderOf(path, isRunning);
  const holder = pid === undefined ? 'another process' : `process ${String(pid)}`;
  return new ExporterError('STORE_LOCKED', `${path}: ${holder} holds it. Stop that one first.`, {
    cause: error,
  });
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks. EPERM would say that it runs, as another user.
    // eslint-disable-next-line no-restricted-globals
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}

function post(reply: Reply, transfer: readonly ArrayBuffer[] = []): void {
  if (transfer.length === 0) parentPort?.postMessage(reply);
  else parentPort?.postMessage(reply, transfer);
}
