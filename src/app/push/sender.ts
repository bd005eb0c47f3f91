/** One HTTP request with a push in it: every end that it may come to is a value. */
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BUILD } from '../build.js';

export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** As `Retry-After` says it; undefined where it says nothing. */
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array;
}

export interface Sender {
  /** Where to, without user and password. */
  readonly place: string;
  /** Of one request, from its beginning to the end of its answer. */
  readonly timeoutMs: number;
  /** Rejects when there is no answer, and when `signal` says so. */
  send(body: Uint8Array, signal: AbortSignal): Promise<Answer>;
}

/** An answer says little; who sends more is no receiver. */
const ANSWER_BYTES_MAX = 1024 * 1024;

const pack = promisify(gzip);

/** `url`: undefined for what the environment says, as for headers, certificates, compression and timeout. */
export function createSender(url: string | undefined, contentType: string): Sender {
  const options = convertLegacyHttpOptions(
    url === undefined ? {} : { url },
    'METRICS',
    'v1/metrics',
    {
      'Content-Type': contentType,
    },
  );
  const target = new URL(options.url);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  let agent: ReturnType<typeof options.agentFactory> | undefined;
  return {
    place: `${target.origin}${target.pathname}`,
    timeoutMs: options.timeoutMillis,
    send: async (body, signal) => {
      const isPacked = String(options.compression) === 'gzip';
      const headers = {
        ...(await options.headers()),
        'User-Agent': `selfhealer-exporter/${BUILD.version}`,
        ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
      };
      const sent = isPacked ? await pack(body) : body;
      agent ??= options.agentFactory(target.protocol);
      const used = await agent;
      return new Promise((resolve, reject) => {
        const outgoing = request(target, { method: 'POST', headers, agent: used, signal });
        outgoing.on('error', reject);
        outgoing.on('response', (response) => {
          answerOf(response).then(resolve, reject);
        });
        outgoing.end(sent);
      });
    },
  };
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response.iterator({ destroyOnReturn: true })) {
    if (!Buffer.isBuffer(part)) continue;
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is longer than an answer may be');
    parts.push(part);
  }
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    retryAfter: response.headers['retry-after'],
    body: Buffer.concat(parts),
  };
}
