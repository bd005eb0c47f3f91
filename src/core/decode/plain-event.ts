/** An event straight from its bytes, where it is plain and in order. */
import type { HealingEvent } from '../event.js';
import { readEvent } from './data.js';
import { ATTRIBUTE, FIELD } from './field-names.js';
import { IDENTIFIER_LENGTH_MAX, INTERNAL_ID_LENGTH_MAX } from './limits.js';
import { PlainFields } from './plain-fields.js';
import { FIELD_PLACES, KIND, PlainItem } from './plain-item.js';
import { parseTime, type Characters } from './time.js';
import { readTraceparent } from './traceparent.js';

export interface PlainContext {
  /** Unix milliseconds: the time of an event that says none. */
  readonly receivedMs: number;
  /** The exporter's own events, whose ids may be longer. */
  readonly internal?: boolean;
}

const NO_TIME = Number.NEGATIVE_INFINITY;
const TIMESTAMP = FIELD_PLACES + FIELD.timestamp;
const DETECTED_AT = FIELD_PLACES + FIELD.detected_at;

/** One for all: it holds an event only while that is read. */
const item = new PlainItem();
const fields = new PlainFields(item);

/** A time in its bytes: no string is made of it. */
class TimeText implements Characters {
  #place = 0;

  at(place: number): this {
    this.#place = place;
    return this;
  }

  get length(): number {
    return (item.ends[this.#place] ?? 0) - (item.starts[this.#place] ?? 0);
  }

  charCodeAt(index: number): number {
    if (index >= this.length) return NaN;
    return item.body[(item.starts[this.#place] ?? 0) + index] ?? NaN;
  }
}

const timeText = new TimeText();

/**
 * Undefined where the event is not plain, or not in order: nothing is said then of what it is.
 * Whether its time is one that is taken is not asked here.
 */
export function readPlainEvent(
  body: Uint8Array,
  start: number,
  end: number,
  { receivedMs, internal = false }: PlainContext,
): HealingEvent | undefined {
  if (!item.find(body, start, end)) return undefined;
  fields.begin();
  const timeMs = isEnvelope() ? effectiveTime(receivedMs) : NO_TIME;
  if (timeMs === NO_TIME) return undefined;
  const idLengthMax = internal ? INTERNAL_ID_LENGTH_MAX : IDENTIFIER_LENGTH_MAX;
  const id = fields.identifierAt(ATTRIBUTE.id, idLengthMax);
  const source = fields.nameAt(ATTRIBUTE.source);
  const event = readEvent(fields.nameAt(ATTRIBUTE.type), { source, id, timeMs }, fields);
  if (event === undefined || fields.isDoubtful) return undefined;
  if (!isText(ATTRIBUTE.traceparent)) return event;
  const traceparent = readTraceparent(fields.textAt(ATTRIBUTE.traceparent));
  return traceparent === undefined ? event : { ...event, traceparent };
}

/** What must stand in the attributes, apart from those that are read. */
function isEnvelope(): boolean {
  return (
    isWord(ATTRIBUTE.specversion, '1.0') &&
    (isNothing(ATTRIBUTE.data) || item.kinds[ATTRIBUTE.data] === KIND.object) &&
    (isNothing(ATTRIBUTE.datacontenttype) ||
      isWord(ATTRIBUTE.datacontenttype, 'application/json')) &&
    isNothing(ATTRIBUTE.data_base64)
  );
}

/** Every time that stands in the event must be one, also where another goes before it. */
function effectiveTime(receivedMs: number): number {
  const envelopeMs = timeAt(ATTRIBUTE.time);
  // Most senders write the same text twice.
  const timestampMs = isSameText(TIMESTAMP, ATTRIBUTE.time) ? envelopeMs : timeAt(TIMESTAMP);
  const detectedMs = isSameText(DETECTED_AT, ATTRIBUTE.time) ? envelopeMs : timeAt(DETECTED_AT);
  if (envelopeMs === NO_TIME || timestampMs === NO_TIME || detectedMs === NO_TIME) return NO_TIME;
  return timestampMs ?? detectedMs ?? envelopeMs ?? receivedMs;
}

/** Undefined where nothing stands; NO_TIME where something else does. */
function timeAt(place: number): number | undefined {
  if (isNothing(place)) return undefined;
  return isText(place) ? (parseTime(timeText.at(place)) ?? NO_TIME) : NO_TIME;
}

function isNothing(place: number): boolean {
  return (item.kinds[place] ?? KIND.absent) <= KIND.null;
}

function isText(place: number): boolean {
  const kind = item.kinds[place];
  return kind === KIND.name || kind === KIND.text;
}

function isWord(place: number, word: string): boolean {
  return item.kinds[place] === KIND.name && fields.nameAt(place) === word;
}

function isSameText(place: number, other: number): boolean {
  if (!isText(place) || !isText(other)) return false;
  const { body, starts, ends } = item;
  const from = starts[place] ?? 0;
  const otherFrom = starts[other] ?? 0;
  const length = (ends[place] ?? 0) - from;
  if (length !== (ends[other] ?? 0) - otherFrom) return false;
  for (let i = 0; i < length; i += 1) if (body[from + i] !== body[otherFrom + i]) return false;
  return true;
}
