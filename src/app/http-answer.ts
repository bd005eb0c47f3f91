/** What every answer of the server carries, and how an error reads. */
import type { ServerResponse } from 'node:http';

/** Nothing that is served may run, be framed, be guessed at or be kept. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/**
 * Codes of answers that are about no event and no delivery: those have `PROBLEM_CODES` and
 * `REFUSAL_CODES`.
 */
export const REQUEST_CODES = [
  'invalid_request', // a parameter that is unknown, repeated or malformed
  'not_found', // no such address
  'method_not_allowed', // `Allow` says which are
  'internal', // a defect of the exporter; the log says more
] as const;

export interface HttpError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

export function sendBody(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value, null, 2)}\n`;
  sendBody(response, status, 'application/json; charset=utf-8', body);
}

export function sendError(response: ServerResponse, error: HttpError): void {
  const { status, code, message, retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  sendJson(response, status, { error: { code, message } });
}
