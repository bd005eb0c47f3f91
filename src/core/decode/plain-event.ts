/** An event straight from its bytes, where it is plain and in order. */
import { EVENT_TYPES, type EventType, type FoldedEvent } from '../event.js';
import { readEvent } from './data.js';
import { ATTRIBUTE, FIELD } from './field-names.js';
import { QuotedName, QuotedWords } from './known-text.js';
import { IDENTIFIER_LENGTH_MAX, INTERNAL_ID_LENGTH_MAX } from './limits.js';
import { PlainFields } from './plain-fields.js';
import { FIELD_PLACES, isString, KIND } from './places.js';
import { PlainItem } from './plain-item.js';
import { PlainTimes } from './plain-times.js';
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
const TYPES = new QuotedWords(EVENT_TYPES);
const VERSION = new QuotedName('1.0');
const CONTENT_TYPE = new QuotedName('application/json');
const times = new PlainTimes();

/** One for many events, one after the other: nothing is made for each. */
export class PlainEvent {
  readonly #item = new PlainItem();
  /** Of the event that was read last, as all that follows. */
  readonly fields = new PlainFields(this.#item);
  type: EventType = 'selfhealer.heartbeat';
  source = '';
  timeMs = 0;
  traceparent: string | undefined;

  /**
   * False where the event is not plain, or not in order: nothing is said then of what it is. Of its `data` only the
   * times are looked at, and whether its time is one that is taken is not asked here.
   */
  read(body: Uint8Array, start: number, end: number, context: PlainContext): boolean {
    const { fields } = this;
    if (!this.#item.find(body, start, end) || !this.#isEnvelope()) return false;
    fields.begin();
    const type = this.#type();
    const timeMs = this.#effectiveTime(context.receivedMs);
    if (type === undefined || timeMs === NO_TIME) return false;
    this.type = type;
    this.timeMs = timeMs;
    this.source = fields.nameAt(ATTRIBUTE.source);
    this.traceparent = this.#isText(ATTRIBUTE.traceparent)
      ? readTraceparent(fields.textAt(ATTRIBUTE.traceparent))
      : undefined;
    const isInternal = context.internal === true;
    fields.isIdentifier(ATTRIBUTE.id, isInternal ? INTERNAL_ID_LENGTH_MAX : IDENTIFIER_LENGTH_MAX);
    return !fields.isDoubtful;
  }

  /** Where its id stands, with its quotes. */
  get idStart(): number {
    return this.#startOf(ATTRIBUTE.id);
  }

  get idEnd(): number {
    return this.#item.ends[ATTRIBUTE.id] ?? 0;
  }

  /** Undefined where its `data` is not in order, or may not be. */
  folded(): FoldedEvent | undefined {
    const event = readEvent(this.type, this, this.fields);
    if (event === undefined || this.fields.isDoubtful) return undefined;
    const { traceparent } = this;
    return traceparent === undefined ? event : { ...event, traceparent };
  }

  #type(): EventType | undefined {
    if (!this.#isText(ATTRIBUTE.type)) return undefined;
    return EVENT_TYPES[TYPES.indexAt(this.#item.body, this.#startOf(ATTRIBUTE.type))];
  }

  /** What must stand in the attributes, apart from those that are read. */
  #isEnvelope(): boolean {
    return (
      this.#isWord(ATTRIBUTE.specversion, VERSION) &&
      (this.#isNothing(ATTRIBUTE.data) || this.#item.kinds[ATTRIBUTE.data] === KIND.object) &&
      (this.#isNothing(ATTRIBUTE.datacontenttype) ||
        this.#isWord(ATTRIBUTE.datacontenttype, CONTENT_TYPE)) &&
      this.#isNothing(ATTRIBUTE.data_base64)
    );
  }

  /** Every time that stands in the event must be one, also where another goes before it. */
  #effectiveTime(receivedMs: number): number {
    const envelopeMs = this.#timeAt(ATTRIBUTE.time);
    const timestampMs = this.#timeAt(TIMESTAMP);
    const detectedMs = this.#timeAt(DETECTED_AT);
    if (envelopeMs === NO_TIME || timestampMs === NO_TIME || detectedMs === NO_TIME) return NO_TIME;
    return timestampMs ?? detectedMs ?? envelopeMs ?? receivedMs;
  }

  /** Undefined where nothing stands; NO_TIME where something else does. */
  #timeAt(place: number): number | undefined {
    if (this.#isNothing(place)) return undefined;
    if (!this.#isText(place)) return NO_TIME;
    const { body, ends } = this.#item;
    return times.read(body, this.#startOf(place), ends[place] ?? 0) ?? NO_TIME;
  }

  #startOf(place: number): number {
    return this.#item.starts[place] ?? 0;
  }

  #isNothing(place: number): boolean {
    return (this.#item.kinds[place] ?? KIND.absent) <= KIND.null;
  }

  #isText(place: number): boolean {
    return isString(this.#item.kinds[place]);
  }

  #isWord(place: number, word: QuotedName): boolean {
    return this.#isText(place) && word.isAt(this.#item.body, this.#startOf(place));
  }
}
