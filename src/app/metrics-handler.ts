/** `GET /metrics`: also for the application of somebody else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  renderText,
  TEXT_CONTENT_TYPE,
  type MetricRegistry,
} from '../exposition/prometheus/registry.js';
import type { Refusal } from '../core/ports.js';
import { sendBody, sendError } from './http-answer.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface MetricsParts {
  readonly registry: MetricRegistry;
  /** Why there are no true numbers yet; undefined when there are. */
  readonly unready: () => Refusal | undefined;
  readonly onError: (error: unknown) => void;
}

/** Less than this is not worth packing. */
const PACKED_BYTES_MIN = 1024;
/** Fast: the text is the same again and again, and packs well at any level. */
const PACKING = { level: 1 } as const;
const pack = promisify(gzip);

export function metricsHandler({ registry, unready, onError }: MetricsParts): Handler {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      const message = `method: expected GET, got ${request.method ?? 'nothing'}`;
      sendError(response, { status: 405, code: 'method_not_allowed', message });
      return;
    }
    // A counter that is not up to date would look like one that was reset.
    const refusal = unready();
    if (refusal !== undefined) {
      sendError(response, { status: 503, ...refusal });
      return;
    }
    scrape(request, response, registry).catch((error: unknown) => {
      onError(error);
      const message = 'the metrics could not be written; the log says why';
      sendError(response, { status: 503, code: 'internal', message });
    });
  };
}

async function scrape(
  request: IncomingMessage,
  response: ServerResponse,
  registry: MetricRegistry,
): Promise<void> {
  const text = Buffer.from(await renderText(registry));
  response.setHeader('vary', 'accept-encoding');
  const isPacked =
    text.length >= PACKED_BYTES_MIN && acceptsGzip(request.headers['accept-encoding']);
  const body = isPacked ? await pack(text, PACKING) : text;
  if (isPacked) response.setHeader('content-encoding', 'gzip');
  sendBody(response, 200, TEXT_CONTENT_TYPE, body);
}

/** Named, or any encoding, and not with a weight of 0. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  const weights = new Map<string, number>();
  for (const item of String(header ?? '').split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
