/** What a request says its body is: the media type, the character set, the encoding. */
import type { BodyShape, Refusal } from '../../core/ports.js';
import { describeValue } from '../../core/decode/describe.js';

export interface BodyKind {
  /** `binary`: the body is `data` alone, the attributes are in `ce-` headers. */
  readonly shape: BodyShape | 'binary';
  readonly isGzip: boolean;
}

export interface BodyHeaders {
  readonly 'content-type'?: string | undefined;
  readonly 'content-encoding'?: string | undefined;
  readonly 'transfer-encoding'?: string | undefined;
  readonly 'ce-specversion'?: string | string[] | undefined;
}

/**
 * None of them is what a web page may send without asking first, so that no page in somebody's
 * browser can post events to an exporter on that machine.
 */
const SHAPES: ReadonlyMap<string, BodyShape> = new Map([
  ['application/cloudevents+json', 'one'],
  ['application/cloudevents-batch+json', 'array'],
  ['application/x-ndjson', 'lines'],
  ['application/json', 'array_or_one'],
] as const);
/** Of a body that is not packed: nearly every one, so nothing is made anew for it. */
const PLAIN_KINDS = {
  one: { shape: 'one', isGzip: false },
  array: { shape: 'array', isGzip: false },
  lines: { shape: 'lines', isGzip: false },
  array_or_one: { shape: 'array_or_one', isGzip: false },
  binary: { shape: 'binary', isGzip: false },
} as const satisfies Record<BodyKind['shape'], BodyKind>;
/** Of `data` in binary mode; structured events have types of their own. */
const DATA_TYPE = /^(?!application\/cloudevents)[\w.+-]+\/(?:[\w.+-]+\+)?json$/;
const CHARSET = /^charset=(?:"([^"]*)"|([^\s"]*))$/i;

/**
 * `unsupported_media_type`, `unsupported_encoding` and `invalid_encoding` where it is nothing that is
 * taken.
 */
export function readBodyKind(headers: BodyHeaders): BodyKind | Refusal {
  const transfer = headers['transfer-encoding'];
  // Node undoes only the last coding, and hands on what the others made as if it were the body.
  if (transfer !== undefined && transfer.trim().toLowerCase() !== 'chunked') {
    const wanted = 'expected chunked or none (packed bodies are taken by Content-Encoding: gzip)';
    const message = `Transfer-Encoding: ${wanted}, got ${describeValue(transfer)}`;
    return { code: 'invalid_encoding', message };
  }
  const contentType = headers['content-type'];
  const plainShape = contentType === undefined ? undefined : SHAPES.get(contentType);
  if (plainShape !== undefined && headers['content-encoding'] === undefined) {
    return PLAIN_KINDS[isBinary(headers, contentType) ? 'binary' : plainShape];
  }
  const [given = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const type = given.toLowerCase();
  const shape = isBinary(headers, type) ? 'binary' : SHAPES.get(type);
  if (shape === undefined) {
    const wanted = [...SHAPES.keys()].join(', ');
    return mediaTypeRefusal(`expected one of ${wanted}`, contentType);
  }
  for (const parameter of parameters) {
    const match = CHARSET.exec(parameter);
    const charset = match?.[1] ?? match?.[2];
    if (charset === undefined || /^utf-?8$/i.test(charset)) continue;
    return mediaTypeRefusal('expected charset utf-8', contentType);
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity' && encoding !== 'gzip') {
    const got = describeValue(headers['content-encoding']);
    const message = `Content-Encoding: expected gzip or none, got ${got}`;
    return { code: 'unsupported_encoding', message };
  }
  return { shape, isGzip: encoding === 'gzip' };
}

function isBinary(headers: BodyHeaders, type: string | undefined): boolean {
  return headers['ce-specversion'] !== undefined && DATA_TYPE.test(type ?? '');
}

function mediaTypeRefusal(wanted: string, got: string | undefined): Refusal {
  const message = `Content-Type: ${wanted}, got ${describeValue(got)}`;
  return { code: 'unsupported_media_type', message };
}
