/**
 * Events that wait for the disk, in columns. As objects, thousands of them would be walked over and moved by the
 * garbage collector until the disk has them. Here it finds an id and a failure id for each; what else an event says
 * becomes an object again when it is folded, and is dropped at once.
 */
import {
  OUTCOMES,
  SEVERITIES,
  SKIP_REASONS,
  TRIGGERS,
  type FoldedEvent,
  type HealingEvent,
} from '../event.js';
import { FIELD } from './field-names.js';
import { QuotedWords } from './known-text.js';
import { DURATION_MS_MAX } from './limits.js';
import type { PlainEvent } from './plain-event.js';
import type { PlainFields } from './plain-fields.js';
import { asciiText } from './recurring-names.js';

/** Kinds that have columns. All others are rare and stay as they are, as do events that belong to a trace. */
const KIND = { heartbeat: 0, detected: 1, started: 2, completed: 3 } as const;

/** Where an event's names stand among those of all: they recur, so none of them is made for it. */
const NAME = { source: 0, failureType: 1, agentId: 2, strategy: 3 } as const;
const NAMES_AN_EVENT = 4;
/** Where its ids begin and end in the body, without quotes. */
const SPAN = { id: 0, failureId: 2 } as const;
const SPANS_AN_EVENT = 4;

/** Where words stand in an event's code: each as its place in its list plus 1, or 0 for none. */
const KIND_MASK = 0b11;
const SEVERITY_SHIFT = 2;
const OUTCOME_SHIFT = 5;
const REASON_SHIFT = 7;
const TRIGGER_SHIFT = 10;
const AGENT_FROM_METADATA = 1 << 12;
const SEVERITY_WORDS = new QuotedWords(SEVERITIES);
const OUTCOME_WORDS = new QuotedWords(OUTCOMES);
const REASON_WORDS = new QuotedWords(SKIP_REASONS);
const TRIGGER_WORDS = new QuotedWords(TRIGGERS);
const SUCCEEDED = OUTCOMES.indexOf('succeeded') + 1;
const FAILED = OUTCOMES.indexOf('failed') + 1;
const SKIPPED = OUTCOMES.indexOf('skipped') + 1;
const REACTIVE = TRIGGERS.indexOf('reactive') + 1;

export class WaitingEvents {
  #size = 0;
  readonly #timesMs: Float64Array;
  readonly #durationsMs: Float64Array;
  readonly #codes: Uint16Array;
  readonly #spans: Uint32Array;
  readonly #names: (string | undefined)[];
  /** Those that are not in columns; whole where they were not plain. */
  #others: Map<number, FoldedEvent | HealingEvent> | undefined;

  /** `body`: what they are read from. `capacity`: events at most. */
  constructor(
    private readonly body: Uint8Array,
    capacity: number,
  ) {
    this.#timesMs = new Float64Array(capacity);
    this.#durationsMs = new Float64Array(capacity);
    this.#codes = new Uint16Array(capacity);
    this.#spans = new Uint32Array(capacity * SPANS_AN_EVENT);
    this.#names = new Array<string | undefined>(capacity * NAMES_AN_EVENT);
  }

  get size(): number {
    return this.#size;
  }

  /** Of the body. False, and nothing is added, when its `data` is not in order, or may not be. */
  addPlain(event: PlainEvent): boolean {
    const index = this.#size;
    const hasColumns = event.traceparent === undefined && this.#putColumns(index, event);
    const other = hasColumns ? undefined : event.folded();
    if (event.fields.isDoubtful) return false;
    if (other !== undefined) this.#putOther(index, other);
    this.#put(index, event);
    this.#spans[index * SPANS_AN_EVENT + SPAN.id] = event.idStart + 1;
    this.#spans[index * SPANS_AN_EVENT + SPAN.id + 1] = event.idEnd - 1;
    return true;
  }

  /** Any other. */
  add(event: HealingEvent): void {
    this.#putOther(this.#size, event);
    this.#put(this.#size, event);
  }

  timeMs(index: number): number {
    return this.#timesMs[index] ?? 0;
  }

  source(index: number): string {
    return this.#name(index, NAME.source) ?? '';
  }

  /** Where its id stands in the body, without quotes and as it is; both are 0 when it does not. */
  idStart(index: number): number {
    return this.#spans[index * SPANS_AN_EVENT + SPAN.id] ?? 0;
  }

  idEnd(index: number): number {
    return this.#spans[index * SPANS_AN_EVENT + SPAN.id + 1] ?? 0;
  }

  id(index: number): string {
    const other = this.#others?.get(index);
    if (other !== undefined && 'id' in other) return other.id;
    return asciiText(this.body, this.idStart(index), this.idEnd(index));
  }

  /** By code units, as texts are compared; negative when that of `a` comes first. */
  compareIds(a: number, b: number): number {
    const { body } = this;
    const endOfA = this.idEnd(a);
    const endOfB = this.idEnd(b);
    if (endOfA === 0 || endOfB === 0) return compareText(this.id(a), this.id(b));
    // Sorting asks for each many times: no texts are made for that.
    const startOfA = this.idStart(a);
    const startOfB = this.idStart(b);
    const length = Math.min(endOfA - startOfA, endOfB - startOfB);
    for (let i = 0; i < length; i += 1) {
      const difference = (body[startOfA + i] ?? 0) - (body[startOfB + i] ?? 0);
      if (difference !== 0) return difference;
    }
    return endOfA - startOfA - (endOfB - startOfB);
  }

  /** A fresh object, for who folds it. */
  at(index: number): FoldedEvent {
    const other = this.#others?.get(index);
    if (other !== undefined) return other;
    const code = this.#codes[index] ?? 0;
    const source = this.source(index);
    const timeMs = this.timeMs(index);
    const kind = code & KIND_MASK;
    if (kind === KIND.heartbeat) return { type: 'selfhealer.heartbeat', source, timeMs };
    const failureId = this.#failureId(index);
    const failureType = this.#name(index, NAME.failureType);
    const agentId = this.#name(index, NAME.agentId);
    const strategy = this.#name(index, NAME.strategy) ?? '';
    const severity = SEVERITIES[((code >> SEVERITY_SHIFT) & 0b111) - 1];
    switch (kind) {
      case KIND.detected:
        return {
          type: 'selfhealer.failure.detected',
          source,
          timeMs,
          failureId,
          failureType: failureType ?? '',
          agentId,
          severity,
        };
      case KIND.started:
        return {
          type: 'selfhealer.healing.started',
          source,
          timeMs,
          failureId,
          strategy,
          failureType,
          agentId,
        };
      default:
        return {
          type: 'selfhealer.healing.completed',
          source,
          timeMs,
          failureId,
          strategy,
          outcome: OUTCOMES[((code >> OUTCOME_SHIFT) & 0b11) - 1] ?? 'failed',
          durationMs: this.#durationsMs[index] ?? 0,
          failureType,
          agentId,
          agentFromMetadata: (code & AGENT_FROM_METADATA) !== 0,
          severity,
          reason: SKIP_REASONS[((code >> REASON_SHIFT) & 0b111) - 1],
          trigger: TRIGGERS[((code >> TRIGGER_SHIFT) & 0b11) - 1] ?? 'reactive',
        };
    }
  }

  #putOther(index: number, event: FoldedEvent | HealingEvent): void {
    this.#others ??= new Map();
    this.#others.set(index, event);
  }

  #put(index: number, { source, timeMs }: Pick<FoldedEvent, 'source' | 'timeMs'>): void {
    this.#size += 1;
    this.#timesMs[index] = timeMs;
    this.#putName(index, NAME.source, source);
  }

  /** False when it is of a kind that has no columns. */
  #putColumns(index: number, { type, fields }: PlainEvent): boolean {
    switch (type) {
      case 'selfhealer.heartbeat':
        this.#codes[index] = KIND.heartbeat;
        return true;
      case 'selfhealer.failure.detected':
        this.#codes[index] = KIND.detected | severityCode(fields);
        this.#putName(index, NAME.failureType, fields.name(FIELD.failure_type));
        this.#putName(index, NAME.agentId, agentOf(fields) ?? fields.agentOfMetadata());
        break;
      case 'selfhealer.healing.started':
        this.#codes[index] = KIND.started;
        this.#putName(index, NAME.strategy, fields.name(FIELD.strategy_used));
        this.#putName(index, NAME.failureType, fields.optionalName(FIELD.failure_type));
        this.#putName(index, NAME.agentId, agentOf(fields));
        break;
      case 'selfhealer.healing.completed':
        this.#putCompleted(index, fields);
        break;
      default:
        return false;
    }
    const at = index * SPANS_AN_EVENT + SPAN.failureId;
    this.#spans[at] = fields.identifierStart(FIELD.failure_id);
    this.#spans[at + 1] = fields.identifierEnd(FIELD.failure_id);
    return true;
  }

  #putCompleted(index: number, fields: PlainFields): void {
    const outcome = outcomeNumber(fields);
    const reason = fields.wordNumber(FIELD.reason, REASON_WORDS);
    const trigger = fields.wordNumber(FIELD.trigger, TRIGGER_WORDS) || REACTIVE;
    const ownAgentId = agentOf(fields);
    const agentId = ownAgentId ?? fields.agentOfMetadata();
    const isFromMetadata = ownAgentId === undefined && agentId !== undefined;
    fields.checkTexts(FIELD.actions_taken);
    this.#codes[index] =
      KIND.completed |
      severityCode(fields) |
      (outcome << OUTCOME_SHIFT) |
      ((outcome === SKIPPED ? reason : 0) << REASON_SHIFT) |
      (trigger << TRIGGER_SHIFT) |
      (isFromMetadata ? AGENT_FROM_METADATA : 0);
    this.#durationsMs[index] = fields.number(FIELD.duration_ms, DURATION_MS_MAX);
    this.#putName(index, NAME.strategy, fields.name(FIELD.strategy_used));
    this.#putName(index, NAME.failureType, fields.optionalName(FIELD.failure_type));
    this.#putName(index, NAME.agentId, agentId);
  }

  #failureId(index: number): string {
    const at = index * SPANS_AN_EVENT + SPAN.failureId;
    return asciiText(this.body, this.#spans[at] ?? 0, this.#spans[at + 1] ?? 0);
  }

  #putName(index: number, place: number, name: string | undefined): void {
    this.#names[index * NAMES_AN_EVENT + place] = name;
  }

  #name(index: number, place: number): string | undefined {
    return this.#names[index * NAMES_AN_EVENT + place];
  }
}

function agentOf(fields: PlainFields): string | undefined {
  return fields.optionalName(FIELD.agent_id);
}

function severityCode(fields: PlainFields): number {
  return fields.wordNumber(FIELD.severity, SEVERITY_WORDS) << SEVERITY_SHIFT;
}

/** As `readEvent` understands `outcome` and `success`. */
function outcomeNumber(fields: PlainFields): number {
  const outcome = fields.wordNumber(FIELD.outcome, OUTCOME_WORDS);
  const success = fields.optionalBoolean(FIELD.success);
  if (outcome > 0) return outcome;
  if (success === undefined) fields.missing();
  return success === true ? SUCCEEDED : FAILED;
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
