/** Listens to a healer as an exporter would, and counts from what it hears. */
import type { HealerEvents } from '../../demo/events.js';
import type { SelfHealer } from '../../demo/healer.js';

type Name = keyof HealerEvents;

const EVENT_NAMES: readonly Name[] = [
  'failure.detected',
  'healing.started',
  'healing.completed',
  'failure.resolved',
  'strategy.registered',
  'failure.predicted',
  'prediction.resolved',
  'circuit.changed',
  'degradation.changed',
  'heartbeat',
];

export class Recorder {
  /** All that was heard, in order. */
  readonly heard: { readonly name: Name; readonly event: object }[] = [];
  readonly #byName = new Map<Name, object[]>();

  constructor(healer: SelfHealer) {
    for (const name of EVENT_NAMES) {
      const events: object[] = [];
      this.#byName.set(name, events);
      healer.on(name, (event: object) => {
        this.heard.push({ name, event });
        events.push(event);
      });
    }
  }

  of<N extends Name>(name: N): HealerEvents[N][0][] {
    return (this.#byName.get(name) ?? []) as HealerEvents[N][0][];
  }

  missing(): Name[] {
    return EVENT_NAMES.filter((name) => this.of(name).length === 0);
  }
}

export function countBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
