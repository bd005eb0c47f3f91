/** One HTTP request with a push in it: every end that it may come to is a value. */
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BUILD } from '../build.js';
import type { Compression } from './compression.js';

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
  /** Rejects when there is no answer, and when `signal` says so before there is one. */
  send(body: Uint8Array, signal: AbortSignal): Promise<Answer>;
}

/** An answer says little; who sends more is no receiver. */
const ANSWER_BYTES_MAX = 1024 * 1024;

const pack = promisify(gzip);

/** `url`: undefined for what the environment says, as for headers, certificates and timeout. */
export function createSender(
  url: string | undefined,
  contentType: string,
  compression: Compression,
): Sender {
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
  const isPacked = compression === 'gzip';
  let agent: ReturnType<typeof options.agentFactory> | undefined;
  return {
    place: `${target.origin}${target.pathname}`,
    timeoutMs: options.timeoutMillis,
    send: async (body, signal) => {
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
          // From here on there is an answer: what becomes of the connection changes nothing about it.
          outgoing.off('error', reject).on('error', () => undefined);
          void answerOf(response).then(resolve);
        });
        outgoing.end(sent);
      });
    },
  };
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    retryAfter: response.headers['retry-after'],
    body: await wordsOf(response),
  };
}

/**
 * Empty for what is cut off, too slow or too long: the status has said what became of the push. A push that was taken and
 * is sent again, because the words after the status were lost, would be counted twice.
 */
async function wordsOf(response: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response.iterator({ destroyOnReturn: true })) {
      if (!Buffer.isBuffer(part)) continue;
      bytes += part.length;
      if (bytes > ANSWER_BYTES_MAX) return new Uint8Array();
      parts.push(part);
    }
  } catch {
    return new Uint8Array();
  }
  return Buffer.concat(parts);
}
