/** `GET /metrics`: also for the application of somebody else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../core/ports.js';
import { formatFor, metricFormats, type Format } from '../exposition/formats.js';
import { acceptsGzip } from '../exposition/negotiation.js';
import { sendBody, sendError } from './http-answer.js';
import { Scrapes, type ScrapeParts } from './scrape.js';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface MetricsParts extends ScrapeParts {
  /** Shows `_created` samples in OpenMetrics. */
  readonly created: boolean;
  /** Why there are no true numbers yet; undefined when there are. */
  readonly unready: () => Refusal | undefined;
  readonly onError: (error: unknown) => void;
}

/** Less than this is not worth packing. */
const PACKED_BYTES_MIN = 1024;

export function metricsHandler(parts: MetricsParts): Handler {
  const { created, unready, onError } = parts;
  const formats = metricFormats({ created });
  const scrapes = new Scrapes(parts);
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
    const format = formatFor(request.headers.accept, formats);
    answer(request, response, { format, scrapes }).catch((error: unknown) => {
      onError(error);
      const message = 'the metrics could not be written; the log says why';
      sendError(response, { status: 503, code: 'internal', message });
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { format, scrapes }: { readonly format: Format; readonly scrapes: Scrapes },
): Promise<void> {
  const rendering = await scrapes.render(format);
  const isPacked =
    rendering.body.length >= PACKED_BYTES_MIN && acceptsGzip(request.headers['accept-encoding']);
  const body = isPacked ? await rendering.packed() : rendering.body;
  response.setHeader('vary', 'accept, accept-encoding');
  if (isPacked) response.setHeader('content-encoding', 'gzip');
  sendBody(response, 200, format.writer.contentType, body);
}
