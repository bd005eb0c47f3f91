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
  type Severity,
} from '../event.js';

/** Kinds that have columns. All others are rare and stay as they are, as do events that belong to a trace. */
const KIND = { heartbeat: 0, detected: 1, started: 2, completed: 3 } as const;

/** Where an event's strings stand among those of all. */
const STRING = { source: 0, id: 1, failureId: 2, failureType: 3, agentId: 4, strategy: 5 } as const;
const STRINGS_AN_EVENT = 6;

/** Where words stand in an event's code: each as its place in its list plus 1, or 0 for none. */
const KIND_MASK = 0b11;
const SEVERITY_SHIFT = 2;
const OUTCOME_SHIFT = 5;
const REASON_SHIFT = 7;
const TRIGGER_SHIFT = 10;
const AGENT_FROM_METADATA = 1 << 12;

export class WaitingEvents {
  #size = 0;
  readonly #timesMs: Float64Array;
  readonly #durationsMs: Float64Array;
  readonly #codes: Uint16Array;
  readonly #strings: (string | undefined)[];
  readonly #others = new Map<number, FoldedEvent>();

  /** `capacity`: events at most. */
  constructor(capacity: number) {
    this.#timesMs = new Float64Array(capacity);
    this.#durationsMs = new Float64Array(capacity);
    this.#codes = new Uint16Array(capacity);
    this.#strings = new Array<string | undefined>(capacity * STRINGS_AN_EVENT).fill(undefined);
  }

  get size(): number {
    return this.#size;
  }

  add(event: HealingEvent): void {
    const index = this.#size;
    this.#size += 1;
    this.#timesMs[index] = event.timeMs;
    this.#put(index, STRING.source, event.source);
    this.#put(index, STRING.id, event.id);
    const hasColumns = event.traceparent === undefined && this.#putColumns(index, event);
    if (!hasColumns) this.#others.set(index, event);
  }

  timeMs(index: number): number {
    return this.#timesMs[index] ?? 0;
  }

  source(index: number): string {
    return this.#string(index, STRING.source) ?? '';
  }

  id(index: number): string {
    return this.#string(index, STRING.id) ?? '';
  }

  /** A fresh object, for who folds it. */
  at(index: number): FoldedEvent {
    const other = this.#others.get(index);
    if (other !== undefined) return other;
    const code = this.#codes[index] ?? 0;
    const source = this.source(index);
    const timeMs = this.timeMs(index);
    const failureId = this.#string(index, STRING.failureId) ?? '';
    const failureType = this.#string(index, STRING.failureType);
    const agentId = this.#string(index, STRING.agentId);
    const strategy = this.#string(index, STRING.strategy) ?? '';
    const severity = SEVERITIES[((code >> SEVERITY_SHIFT) & 0b111) - 1];
    switch (code & KIND_MASK) {
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
      case KIND.completed:
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
      default:
        return { type: 'selfhealer.heartbeat', source, timeMs };
    }
  }

  /** False when it is of a kind that has no columns. */
  #putColumns(index: number, event: HealingEvent): boolean {
    switch (event.type) {
      case 'selfhealer.heartbeat':
        return true;
      case 'selfhealer.failure.detected':
        this.#codes[index] = KIND.detected | severityCode(event);
        break;
      case 'selfhealer.healing.started':
        this.#codes[index] = KIND.started;
        this.#put(index, STRING.strategy, event.strategy);
        break;
      case 'selfhealer.healing.completed':
        this.#codes[index] =
          KIND.completed |
          severityCode(event) |
          ((OUTCOMES.indexOf(event.outcome) + 1) << OUTCOME_SHIFT) |
          ((event.reason === undefined ? 0 : SKIP_REASONS.indexOf(event.reason) + 1) <<
            REASON_SHIFT) |
          ((TRIGGERS.indexOf(event.trigger) + 1) << TRIGGER_SHIFT) |
          (event.agentFromMetadata === true ? AGENT_FROM_METADATA : 0);
        this.#durationsMs[index] = event.durationMs;
        this.#put(index, STRING.strategy, event.strategy);
        break;
      default:
        return false;
    }
    this.#put(index, STRING.failureId, event.failureId);
    this.#put(index, STRING.failureType, event.failureType);
    this.#put(index, STRING.agentId, event.agentId);
    return true;
  }

  #put(index: number, place: number, text: string | undefined): void {
    this.#strings[index * STRINGS_AN_EVENT + place] = text;
  }

  #string(index: number, place: number): string | undefined {
    return this.#strings[index * STRINGS_AN_EVENT + place];
  }
}

function severityCode({ severity }: { readonly severity: Severity | undefined }): number {
  return severity === undefined ? 0 : (SEVERITIES.indexOf(severity) + 1) << SEVERITY_SHIFT;
}
