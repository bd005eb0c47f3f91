/** One item of a body, decoded as in a body of many. */
import { BatchDecoder } from '../../../src/core/decode/batch.js';
import type { DecodeContext, Decoded } from '../../../src/core/decode/decode.js';
import { idsOf } from '../../support/group-ids.js';
import { asFolded } from './valid-events.js';

export type DecodedAlone =
  | { readonly ok: true; readonly event: Readonly<Record<string, unknown>> }
  | Exclude<Decoded, { readonly ok: true }>;

/** Its event as it is folded, with its id; or why it is none. */
export function decodeAlone(
  body: Uint8Array,
  context: DecodeContext,
  start = 0,
  end = body.length,
): DecodedAlone {
  const decoder = new BatchDecoder(body, Uint32Array.of(start, end), context);
  while (!decoder.step(() => false));
  const [problem] = decoder.problems;
  if (problem !== undefined) return { ok: false, code: problem.code, message: problem.message };
  const [id] = idsOf(decoder.group('http'));
  return { ok: true, event: { ...asFolded(decoder.inOrder(0)), id } };
}

/** The same of an event that was decoded whole. */
export function asAlone(decoded: Decoded): DecodedAlone {
  if (!decoded.ok) return decoded;
  return { ok: true, event: { ...asFolded(decoded.event), id: decoded.event.id } };
}
