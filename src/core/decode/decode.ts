/**
 * From the bytes of one CloudEvent to an event, or to why it is none. docs/events.md says it to
 * people.
 */
import { isUtf8 } from 'node:buffer';
import { ExporterError } from '../errors.js';
import type { FoldedEvent, HealingEvent } from '../event.js';
import { readEvent } from './data.js';
import { describeValue } from './describe.js';
import { FIELD } from './field-names.js';
import { ParsedFields } from './fields.js';
import { identifierFault, isIdentifier } from './identifier.js';
import {
  AHEAD_MS_MAX,
  EARLIEST_MS,
  EVENT_BYTES_MAX,
  IDENTIFIER_LENGTH_MAX,
  INTERNAL_ID_LENGTH_MAX,
} from './limits.js';
import { findFlaw, isJsonObject, textNestsTooDeep, tooDeep, type JsonObject } from './nesting.js';
import { PlainEvent } from './plain-event.js';
import { knownName, rememberName } from './recurring-names.js';
import { rejection, type Rejection } from './rejection.js';
import { formatTime, parseTime } from './time.js';
import { readTraceparent } from './traceparent.js';

export interface DecodeContext {
  /** Unix milliseconds: the time of an event that says none, and what "ahead" is measured from. */
  readonly receivedMs: number;
  /** Newest event time whose dedup key retention has deleted. Older events are refused. */
  readonly forgottenMs: number | undefined;
  /** The exporter's own events, whose ids may be longer. */
  readonly internal?: boolean;
}

/** Where events go that are well-formed. */
export interface EventSink {
  /** Still holds what it read. False, and nothing is taken, when its `data` is not in order, or may not be. */
  addPlain(event: PlainEvent): boolean;
  /** Any other. */
  add(event: HealingEvent): void;
}

export type Decoded = { readonly ok: true; readonly event: HealingEvent } | Rejection;

/**
 * Up to here JSON.parse and one walk over its result are cheaper than looking at the bytes first.
 */
const UNSCANNED_BYTES_MAX = 4096;
const REPLACEMENT_CHARACTER = '\ufffd';
const JSON_MEDIA_TYPE = /^[\w.+*-]+\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const NO_DATA: JsonObject = {};

/** One for all: it holds an event only while that is read. */
const plain = new PlainEvent();

/**
 * One CloudEvent as JSON text in `body[start, end)`: taken into `events`, or rejected. A body that is a Buffer is read
 * without wrapping it.
 */
export function decodeItem(
  body: Uint8Array,
  start: number,
  end: number,
  context: DecodeContext,
  events: EventSink,
): Rejection | undefined {
  if (plain.read(body, start, end, context) && timeFault(plain.timeMs, context) === undefined) {
    if (events.addPlain(plain)) return undefined;
  }
  const parsed = parseItem(body, start, end);
  const decoded = parsed.ok ? decodeValue(parsed.value, context) : parsed;
  if (!decoded.ok) return decoded;
  events.add(decoded.event);
  return undefined;
}

/** From JSON that is parsed already. Its size is the caller's to bound. Does not throw. */
export function decodeValue(value: unknown, context: DecodeContext): Decoded {
  return decodeParsed(value, context, undefined);
}

/**
 * For replay: the text stood in the log, so it was taken once, and its time is not held against any
 * clock. Throws ExporterError STORE_CORRUPT when it is not an event.
 */
export function decodeLogged(
  body: Uint8Array,
  start: number,
  end: number,
  receivedMs: number,
): FoldedEvent {
  const isPlain = plain.read(body, start, end, { receivedMs, internal: true });
  return (isPlain ? plain.folded() : undefined) ?? decodeWhole(body, start, end, receivedMs);
}

/** The same for those who want all that the event says, its id and free text included. */
export function decodeWhole(
  body: Uint8Array,
  start: number,
  end: number,
  receivedMs: number,
): HealingEvent {
  const context = { receivedMs, forgottenMs: undefined, internal: true };
  const parsed = parseItem(body, start, end);
  const decoded = parsed.ok ? decodeParsed(parsed.value, context, 'logged') : parsed;
  if (decoded.ok) return decoded.event;
  throw new ExporterError('STORE_CORRUPT', `logged event: ${decoded.message}`);
}

type Parsed = { readonly ok: true; readonly value: unknown } | Rejection;

function parseItem(body: Uint8Array, start: number, end: number): Parsed {
  const length = end - start;
  if (length > EVENT_BYTES_MAX) {
    const message = `event: expected at most ${EVENT_BYTES_MAX} bytes, got ${length}`;
    return rejection('event_too_large', message);
  }
  if (length > UNSCANNED_BYTES_MAX && textNestsTooDeep(body, start, end)) return tooDeep();
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString('utf8', start, end);
  // Bytes that are no UTF-8 become this character; only where it stands is it worth asking whether
  // they were.
  const isSuspect = text.includes(REPLACEMENT_CHARACTER);
  if (isSuspect && !isUtf8(bytes.subarray(start, end))) {
    const message = `event: expected UTF-8, got bytes that are not: ${describeValue(text)}`;
    return rejection('invalid_utf8', message);
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return rejection('invalid_json', `event: expected one JSON object, got ${describeValue(text)}`);
  }
}

function decodeParsed(value: unknown, context: DecodeContext, from: 'logged' | undefined): Decoded {
  if (!isJsonObject(value)) {
    return rejection(
      'invalid_json',
      `event: expected one JSON object, got ${describeValue(value)}`,
    );
  }
  const flaw = findFlaw(value) ?? envelopeFault(value, context.internal === true);
  if (flaw !== undefined) return flaw;
  const { source, id, type } = value;
  const data = value.data ?? NO_DATA;
  if (typeof source !== 'string' || typeof id !== 'string' || typeof type !== 'string') {
    return envelopeRejection('event', 'source, id and type', undefined);
  }
  if (!isJsonObject(data)) return envelopeRejection('data', 'an object', data);

  const timeMs = effectiveTime(value.time, data, context.receivedMs);
  if (typeof timeMs !== 'number') return timeMs;
  const fields = new ParsedFields(data);
  const folded = readEvent(
    type,
    { source: knownName(source) ?? rememberName(source), timeMs },
    fields,
  );
  if (folded === undefined) {
    const message = `type: expected an event type of this contract, got ${describeValue(type)}`;
    return rejection('unknown_type', message);
  }
  if (fields.rejection !== undefined) return fields.rejection;
  const untimely = from === 'logged' ? undefined : timeFault(timeMs, context);
  if (untimely !== undefined) return untimely;
  const event = withFreeText(folded, id, fields);
  const traceparent = readTraceparent(value.traceparent);
  return { ok: true, event: traceparent === undefined ? event : { ...event, traceparent } };
}

/** What the event says beside what is folded. Assigned: an object that another is spread into is made in the slow way. */
function withFreeText(folded: FoldedEvent, id: string, fields: ParsedFields): HealingEvent {
  if (folded.type !== 'selfhealer.healing.completed') return Object.assign(folded, { id });
  return Object.assign(folded, { id, actions: fields.texts(FIELD.actions_taken) });
}

/** The CloudEvents attributes, but for the time: that needs `data` too. */
function envelopeFault(event: JsonObject, internal: boolean): Rejection | undefined {
  if (event.specversion !== '1.0') {
    return envelopeRejection('specversion', '"1.0"', event.specversion);
  }
  const idLengthMax = internal ? INTERNAL_ID_LENGTH_MAX : IDENTIFIER_LENGTH_MAX;
  const fault =
    attributeFault('id', event.id, idLengthMax) ??
    (typeof event.source === 'string' && knownName(event.source) !== undefined
      ? undefined
      : attributeFault('source', event.source, IDENTIFIER_LENGTH_MAX));
  if (fault !== undefined) return fault;
  if (typeof event.type !== 'string') return envelopeRejection('type', 'a string', event.type);
  const contentType = event.datacontenttype ?? undefined;
  if (contentType !== undefined && !isJsonMediaType(contentType)) {
    return envelopeRejection('datacontenttype', 'a JSON media type', contentType);
  }
  const base64 = event.data_base64 ?? undefined;
  if (base64 !== undefined) return envelopeRejection('data_base64', 'nothing (use data)', base64);
  return undefined;
}

function isJsonMediaType(value: unknown): boolean {
  return typeof value === 'string' && JSON_MEDIA_TYPE.test(value);
}

function attributeFault(name: string, value: unknown, lengthMax: number): Rejection | undefined {
  if (typeof value !== 'string') return envelopeRejection(name, 'an identifier (a string)', value);
  if (isIdentifier(value, lengthMax)) return undefined;
  return rejection('invalid_identifier', `${name}: ${identifierFault(value, lengthMax)}`);
}

function envelopeRejection(name: string, wanted: string, got: unknown): Rejection {
  const message = `${name}: expected ${wanted}, got ${describeValue(got)}`;
  return rejection('invalid_envelope', message);
}

/** Every time that stands in the event must be one, also where another goes before it. */
function effectiveTime(time: unknown, data: JsonObject, receivedMs: number): number | Rejection {
  const envelopeMs = readTime('time', time);
  if (typeof envelopeMs === 'object') return envelopeMs;
  // Most senders write the same text twice.
  const timestampMs =
    data.timestamp === time ? envelopeMs : readTime('data.timestamp', data.timestamp);
  if (typeof timestampMs === 'object') return timestampMs;
  const detectedMs = readTime('data.detected_at', data.detected_at);
  if (typeof detectedMs === 'object') return detectedMs;
  return timestampMs ?? detectedMs ?? envelopeMs ?? receivedMs;
}

function readTime(where: string, value: unknown): number | undefined | Rejection {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') {
    const message = `${where}: expected a time as a string, got ${describeValue(value)}`;
    return rejection(where === 'time' ? 'invalid_envelope' : 'invalid_field', message);
  }
  const timeMs = parseTime(value);
  if (timeMs !== undefined) return timeMs;
  const message = `${where}: expected a time in RFC 3339, got ${describeValue(value)}`;
  return rejection('invalid_time', message);
}

function timeFault(timeMs: number, context: DecodeContext): Rejection | undefined {
  const { receivedMs, forgottenMs } = context;
  const latestMs = receivedMs + AHEAD_MS_MAX;
  if (timeMs < EARLIEST_MS || timeMs > latestMs) {
    const wanted = `${formatTime(EARLIEST_MS)} to ${formatTime(latestMs)}`;
    const message = `effective time: expected ${wanted}, got ${formatTime(timeMs)}`;
    return rejection('time_out_of_range', message);
  }
  // The newest forgotten event itself may come again: its own time is too old, too.
  if (forgottenMs !== undefined && timeMs <= forgottenMs) {
    const wanted = `later than ${formatTime(forgottenMs)} (no older duplicate can be told any more)`;
    const message = `effective time: expected ${wanted}, got ${formatTime(timeMs)}`;
    return rejection('too_old', message);
  }
  return undefined;
}
