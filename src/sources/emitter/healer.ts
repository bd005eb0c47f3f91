/** What an emitter of healing events has to offer to be attached. */
import { EVENT_TYPES, type EventType } from '../../core/event.js';

type Unprefixed<T> = T extends `selfhealer.${infer Name}` ? Name : never;
/** The event types without `selfhealer.`: `healing.completed`. */
export type HealerEventName = Unprefixed<EventType>;

/**
 * Any Node.js EventEmitter, typed or not, or whatever has its `on` and `off`. The payload of an
 * event is its `data` in camelCase, checked as on the wire; `eventId` makes sending it again
 * harmless.
 */
export interface HealerEmitter {
  on(eventName: HealerEventName, listener: (payload?: unknown) => void): unknown;
  off(eventName: HealerEventName, listener: (payload?: unknown) => void): unknown;
}

const PREFIX = 'selfhealer.';

export const HEALER_EVENT_NAMES: readonly HealerEventName[] = EVENT_TYPES.map(unprefixed);

function unprefixed<T extends EventType>(type: T): Unprefixed<T>;
function unprefixed(type: string): string {
  return type.slice(PREFIX.length);
}
