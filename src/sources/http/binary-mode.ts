/** CloudEvents' binary mode over HTTP: attributes in `ce-` headers, `data` alone in the body. */
import { EVENT_BYTES_MAX } from '../../core/decode/limits.js';

const PREFIX = 'ce-';
const ATTRIBUTE = /^[a-z0-9]+$/;

/**
 * The same event in structured mode. Headers are those of node:http: names in lower case, values as
 * Latin-1. A body that is no JSON comes back as it is: no event, which is then rejected as such.
 */
export function toStructured(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Buffer {
  if (body.length > EVENT_BYTES_MAX || (body.length > 0 && !isJson(body))) return body;
  const attributes = Object.entries(headers).flatMap(([header, value]) => {
    const name = header.slice(PREFIX.length);
    if (!header.startsWith(PREFIX) || typeof value !== 'string') return [];
    // `data` comes from the body alone.
    if (!ATTRIBUTE.test(name) || name === 'data') return [];
    return [`"${name}":${JSON.stringify(unescapeHeader(value))}`];
  });
  // Latin-1 on the way in and out: the bytes stay what they were, and `decode` judges them as
  // UTF-8.
  const envelope = Buffer.from(`{${attributes.join(',')}`, 'latin1');
  const separator = attributes.length === 0 ? '' : ',';
  if (body.length === 0) return Buffer.concat([envelope, Buffer.from('}')]);
  return Buffer.concat([envelope, Buffer.from(`${separator}"data":`), body, Buffer.from('}')]);
}

/**
 * A quoted string is unquoted first, then one round of percent-decoding, as the HTTP binding says.
 */
function unescapeHeader(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  const text = quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1');
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
