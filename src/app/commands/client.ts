/** Talks to a running exporter over HTTP. */
import { describeValue } from '../../core/decode/describe.js';
import { ExporterError } from '../../core/errors.js';
import type { CommandIo } from './command.js';

export const DEFAULT_URL = 'http://127.0.0.1:9464';

export interface Client {
  /** Without credentials, for messages. */
  readonly url: string;
  /** Any answer is an answer. Throws ExporterError SERVER_UNREACHABLE when there is none. */
  request(path: string, init?: ClientRequest): Promise<Answer>;
}

export interface ClientRequest {
  readonly query?: Readonly<Record<string, string>>;
  /** Posted as NDJSON. */
  readonly lines?: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
}

/** No answer of the exporter takes nearly as long. */
const TIMEOUT_MS = 60_000;

/** `url` may carry `user:password@`. Throws ExporterError USAGE when it is no http(s) URL. */
export function createClient(url: string, io: CommandIo): Client {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol)) {
    throw new ExporterError(
      'USAGE',
      `--url: expected a URL such as ${DEFAULT_URL}, got ${describeValue(url)}`,
    );
  }
  const user = decodeURIComponent(base.username);
  const password = decodeURIComponent(base.password);
  base.username = '';
  base.password = '';
  const shownUrl = base.href.replace(/\/$/, '');
  const headers: Record<string, string> =
    user === '' && password === ''
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };

  return {
    url: shownUrl,
    request: async (path, { query = {}, lines } = {}) => {
      const target = new URL(base.href.replace(/\/?$/, path));
      for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
      try {
        const response = await io.fetch(target, {
          ...(lines === undefined
            ? { headers }
            : {
                method: 'POST',
                headers: { ...headers, 'content-type': 'application/x-ndjson' },
                body: Buffer.from(lines),
              }),
          // Credentials are for this server only.
          redirect: 'error',
          signal: AbortSignal.any([io.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), io.clock.nowMs());
        return { status: response.status, retryAfterMs, text: await response.text() };
      } catch (error) {
        throw new ExporterError(
          'SERVER_UNREACHABLE',
          `${shownUrl}: no answer: ${reasonOf(error)}`,
          {
            cause: error,
          },
        );
      }
    },
  };
}

/** What an answer that is no success says, in one line. */
export function describeAnswer({ status, text }: Answer): string {
  const body = parseJson(text);
  const error =
    typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error === 'object' && error !== null && 'message' in error) {
    if (typeof error.message === 'string') return `${status}: ${error.message}`;
  }
  return text === '' ? String(status) : `${status}: ${describeValue(text)}`;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds or an HTTP date. */
function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** fetch says only "fetch failed"; what happened is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    return cause.message === '' ? code : cause.message;
  }
  return error.message;
}
