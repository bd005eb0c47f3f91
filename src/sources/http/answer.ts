/** Answers of `POST /api/v1/events`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal, Settled } from '../../core/ports.js';
import type { RefusalCode } from '../../core/problem.js';
import { BODY_BYTES_MAX } from './body.js';

const STATUS_OF_REFUSAL: Readonly<Record<RefusalCode, number>> = {
  malformed_body: 400,
  invalid_encoding: 400,
  unauthorized: 401,
  forbidden: 403,
  request_timeout: 408,
  body_too_large: 413,
  too_many_events: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  overloaded: 429,
  store_unavailable: 503,
  not_ready: 503,
  shutting_down: 503,
};

/**
 * Of a body that was not read to its end. More than that is not discarded for the sake of the
 * connection.
 */
const DISCARDED_BYTES_MAX = BODY_BYTES_MAX;
/** So little is read and discarded without closing the connection. */
const SMALL_BODY_BYTES = 64 * 1024;

/** What most requests are answered, and its headers. */
const ONE_ACCEPTED = '{"accepted":1,"duplicates":0,"rejected":[]}';
const ONE_ACCEPTED_HEADERS = headersFor(ONE_ACCEPTED);

/** Every accepted event is on disk. All rejected: 400, with an `error` that speaks of the first. */
export function answerSettled(response: ServerResponse, settled: Settled): void {
  const { accepted, duplicates, rejected } = settled;
  const [first] = rejected;
  if (accepted === 1 && duplicates === 0 && first === undefined) {
    response.writeHead(200, ONE_ACCEPTED_HEADERS);
    response.end(ONE_ACCEPTED);
    return;
  }
  const counts = `{"accepted":${accepted},"duplicates":${duplicates},"rejected":`;
  if (first === undefined) {
    send(response, 200, `${counts}[]}`);
    return;
  }
  const list = JSON.stringify(rejected);
  if (accepted + duplicates > 0) {
    send(response, 200, `${counts}${list}}`);
    return;
  }
  const message =
    rejected.length === 1
      ? first.message
      : `all ${rejected.length} events were rejected; event ${first.index}: ${first.message}`;
  const error = JSON.stringify({ code: first.code, message });
  send(response, 400, `${counts}${list},"error":${error}}`);
}

export function answerRefusal(response: ServerResponse, refusal: Refusal): void {
  setRetryAfter(response, refusal);
  send(response, STATUS_OF_REFUSAL[refusal.code], errorBody(refusal));
}

/**
 * The same for a request whose body nobody is going to read. Closing at once would make the network
 * drop the answer together with what is still on its way, so the rest is discarded first, as far as
 * it is bounded.
 */
export function answerUnread(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): void {
  if (
    request.complete ||
    Number(request.headers['content-length'] ?? Infinity) <= SMALL_BODY_BYTES
  ) {
    request.resume();
    answerRefusal(response, refusal);
    return;
  }
  const body = errorBody(refusal);
  setRetryAfter(response, refusal);
  response.setHeader('connection', 'close');
  response.writeHead(STATUS_OF_REFUSAL[refusal.code], headersFor(body));
  response.write(body);
  if (request.destroyed) return; // the client is gone
  let discardedBytes = 0;
  const finish = (): void => {
    request.off('data', discard);
    response.end(() => request.socket.destroy());
  };
  const discard = (chunk: Buffer): void => {
    discardedBytes += chunk.length;
    if (discardedBytes > DISCARDED_BYTES_MAX) finish();
  };
  request.once('end', finish);
  request.once('close', finish);
  request.on('data', discard);
  request.resume();
}

export function answerWrongMethod(response: ServerResponse, method: string | undefined): void {
  response.setHeader('allow', 'POST');
  const message = `method: expected POST, got ${method ?? 'nothing'}`;
  send(response, 405, JSON.stringify({ error: { code: 'method_not_allowed', message } }));
}

function setRetryAfter(response: ServerResponse, { retryAfterSeconds }: Refusal): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, headersFor(body));
  response.end(body);
}

function headersFor(body: string): Record<string, string | number> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}

function errorBody({ code, message }: Refusal): string {
  return JSON.stringify({ error: { code, message } });
}
