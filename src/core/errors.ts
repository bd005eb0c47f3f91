/** The one error of this package. Expected bad input is a value (`Problem`), never an error. */

export const ERROR_CODES = [
  'CONFIG_INVALID', // exit 78
  'USAGE', // exit 2
  'STORE_LOCKED', // exit 1: another process holds the data
  'STORE_CORRUPT', // exit 65: the data need a person's decision
  'STORE_FULL', // out of disk: comes back by itself
  'STORE_FAILED', // exit 74
  'STORE_CLOSED',
  'SERVER_UNREACHABLE', // exit 69
  'SOURCE_FAILED', // exit 74
  'INVALID_REQUEST', // a question that cannot be answered as it is put
  'INTERNAL', // exit 70
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Every error this package throws. `code` is stable across releases; `message` is for people. */
export class ExporterError extends Error {
  override readonly name = 'ExporterError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { readonly cause: unknown },
  ) {
    super(message, options);
  }
}

/** True also for errors from a second installed copy of this package, where instanceof fails. */
export function isExporterError(error: unknown, code?: ErrorCode): error is ExporterError {
  if (!(error instanceof Error && error.name === 'ExporterError')) return false;
  return code === undefined || ('code' in error && error.code === code);
}
