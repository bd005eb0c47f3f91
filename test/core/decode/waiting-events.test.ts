import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { PlainEvent } from '../../../src/core/decode/plain-event.js';
import { WaitingEvents } from '../../../src/core/decode/waiting-events.js';
import {
  EVENT_TYPES,
  OUTCOMES,
  SEVERITIES,
  SKIP_REASONS,
  TRIGGERS,
  type EventType,
  type HealingEvent,
} from '../../../src/core/event.js';
import { asFolded, RECEIVED_MS, validEvent, type Json } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** An event of any type with any of the words that its type may hold, or without. */
const anyEvent = fc
  .record({
    type: fc.constantFrom<EventType>(...EVENT_TYPES),
    severity: fc.option(fc.constantFrom(...SEVERITIES)),
    outcome: fc.constantFrom(...OUTCOMES),
    reason: fc.option(fc.constantFrom(...SKIP_REASONS)),
    trigger: fc.option(fc.constantFrom(...TRIGGERS)),
    agentId: fc.option(fc.constantFrom('a-1', 'é')),
    agentOfMetadata: fc.option(fc.constant('a-2')),
    durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    micros: fc.integer({ min: 0, max: 999_999 }),
    traceparent: fc.option(fc.constant(TRACEPARENT), { freq: 8 }),
  })
  .map((said): Json => {
    const data = {
      severity: said.severity,
      outcome: said.outcome,
      reason: said.reason,
      trigger: said.trigger,
      agent_id: said.agentId,
      metadata: { agent_id: said.agentOfMetadata },
      duration_ms: said.durationMs,
    };
    const outcome = said.type === 'selfhealer.prediction.resolved' ? { outcome: 'expired' } : {};
    const time = `2026-11-23T17:00:00.${String(said.micros).padStart(6, '0')}Z`;
    const more = { time, traceparent: said.traceparent };
    return validEvent(said.type, { ...data, ...outcome, timestamp: undefined }, more);
  });

function decoded(value: Json): HealingEvent {
  const result = decodeValue(value, CONTEXT);
  return result.ok ? result.event : expect.fail(result.message);
}

test('events are folded as they were decoded, from their bytes or whole, but for ids and free text', () => {
  const plain = new PlainEvent();
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.boolean(), (values, isWhole) => {
      const texts = values.map((value) => JSON.stringify(value));
      const body = Buffer.from(texts.join('\n'));
      const waiting = new WaitingEvents(body, values.length);
      let start = 0;
      for (const [i, text] of texts.entries()) {
        const end = start + Buffer.byteLength(text);
        const isPlain = !isWhole && plain.read(body, start, end, CONTEXT);
        if (!isPlain || !waiting.addPlain(plain)) waiting.add(decoded(values[i] ?? {}));
        start = end + 1;
      }
      expect(waiting.size).toBe(values.length);
      for (const [i, value] of values.entries()) {
        const event = decoded(value);
        const key = [event.source, event.id, event.timeMs];
        expect([waiting.source(i), waiting.id(i), waiting.timeMs(i)]).toEqual(key);
        expect(asFolded(waiting.at(i))).toEqual(asFolded(event));
      }
    }),
    { seed: 21, numRuns: 500 },
  );
});
