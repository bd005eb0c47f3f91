/**
 * What the process answers with when it ends. The numbers from 64 on are those of BSD's sysexits.
 */
import { isExporterError, type ErrorCode } from '../core/errors.js';

export const EXIT = {
  ok: 0,
  /** Another process holds the data, or a check failed. */
  failed: 1,
  usage: 2,
  /** Some of the data were not taken, or need a person's decision. */
  data: 65,
  unavailable: 69,
  internal: 70,
  io: 74,
  config: 78,
  /** Ended by Ctrl-C before the work was done: 128 + SIGINT. */
  interrupted: 130,
} as const;

const BY_ERROR = {
  CONFIG_INVALID: EXIT.config,
  USAGE: EXIT.usage,
  STORE_LOCKED: EXIT.failed,
  STORE_CORRUPT: EXIT.data,
  STORE_FULL: EXIT.io,
  STORE_FAILED: EXIT.io,
  STORE_CLOSED: EXIT.internal,
  SERVER_UNREACHABLE: EXIT.unavailable,
  SOURCE_FAILED: EXIT.io,
  INVALID_REQUEST: EXIT.usage,
  INTERNAL: EXIT.internal,
} as const satisfies Record<ErrorCode, number>;

/**
 * 74 where the system refused (a full disk, say), 70 for whatever else is none of our own errors.
 */
export function exitCodeOf(error: unknown): number {
  if (isExporterError(error)) return BY_ERROR[error.code];
  return isSystemError(error) ? EXIT.io : EXIT.internal;
}

/** An error of Node that stands for one of the system: ENOSPC, EIO, … */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
