import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { readPlainEvent } from '../../../src/core/decode/plain-event.js';
import { EVENT_TYPES, type EventType } from '../../../src/core/event.js';
import { RECEIVED_MS, validEvent, type Json } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };

function readPlain(text: string | Buffer) {
  // Something before and behind it, as in a body of many.
  const body = Buffer.concat([Buffer.from('[1,'), Buffer.from(text), Buffer.from(',{}]')]);
  return readPlainEvent(body, 3, body.length - 4, CONTEXT);
}

/** Whatever is read as plain is what JSON.parse makes of it. Returns whether it was. */
function expectTheSame(text: string | Buffer): boolean {
  const event = readPlain(text);
  if (event === undefined) return false;
  const decoded = decodeValue(JSON.parse(text.toString()), CONTEXT);
  // Which times are taken is asked afterwards.
  const isUntimely = !decoded.ok && decoded.code === 'time_out_of_range';
  if (!isUntimely) expect(decoded).toEqual({ ok: true, event });
  return true;
}

describe('What senders send is read from its bytes', () => {
  test.each(EVENT_TYPES.filter((type) => type !== 'selfhealer.strategy.registered'))(
    '%s, with every field of the contract',
    (type) => {
      expect(expectTheSame(JSON.stringify(validEvent(type)))).toBe(true);
      expect(expectTheSame(JSON.stringify(validEvent(type), null, 2))).toBe(true);
    },
  );

  const data = (fields: Json): Json => validEvent('selfhealer.healing.completed', fields);
  const plain: Record<string, Json | string> = {
    'a time of its own': data({ timestamp: '2026-11-23 17:00:00.5+01:00' }),
    'no time at all': validEvent('selfhealer.heartbeat', {}, { time: undefined }),
    'nulls where nothing need be': data({ agent_id: null, severity: null, metadata: null }),
    'a trace': validEvent(
      'selfhealer.healing.completed',
      {},
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    ),
    'a trace that is none': validEvent('selfhealer.heartbeat', {}, { traceparent: 'x' }),
    'numbers with a point': data({ duration_ms: 0.125 }),
    'a number of many digits': data({ duration_ms: 1234.567890123456 }),
    'unknown fields of any kind': data({ a: [1, [2, { b: null }], true, 'x,]}'], 'b c': {} }),
    'no actions': data({ actions_taken: [] }),
  };
  test.each(Object.entries(plain))('%s', (_, event) => {
    expect(expectTheSame(JSON.stringify(event))).toBe(true);
  });
});

describe('What is not plain is left to JSON.parse', () => {
  const completed = JSON.stringify(validEvent('selfhealer.healing.completed'));
  const other: Record<string, string> = {
    'an escape': completed.replace('agent-017', 'agent\\u002d017'),
    'other characters than ASCII': completed.replace('agent-017', 'agént'),
    'a field twice': completed.replace('"duration_ms":153', '"duration_ms":1,"duration_ms":153'),
    'an attribute twice': completed.replace('"id":"e-1"', '"id":"x","id":"e-1"'),
    'data twice': completed.replace('"data":', '"data":null,"data":'),
    'an exponent': completed.replace('153', '1.53e2'),
    'a leading zero': completed.replace('153', '0153'),
    'a number without end': completed.replace('153', '153.'),
    'a field that is not as it must be': completed.replace('153', '-1'),
    'an unknown word': completed.replace('"high"', '"highest"'),
    'an identifier that is none': completed.replace('"agent-017"', '"agent{017"'),
    'a comma too many': completed.replace('153,', '153,,'),
    'a control character': completed.replace('Unregistered ', 'Unregistered\t'),
    'nesting without end': completed.replace('153', `153,"x":${'['.repeat(40)}${']'.repeat(40)}`),
    'more behind it': `${completed} x`,
    nothing: '',
    'half of it': completed.slice(0, completed.length / 2),
  };
  test.each(Object.entries(other))('%s', (_, text) => {
    expect(readPlain(text)).toBeUndefined();
  });
});

test('whatever bytes are changed, it is what JSON.parse makes of it or nothing', () => {
  const put = fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc
      .constantFrom(
        '"',
        '\\',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '0',
        '-',
        '.',
        'null',
        'true',
        'e',
      )
      .map((text) => Buffer.from(text)),
  );
  const edit = fc.record({ at: fc.nat(), cut: fc.nat({ max: 3 }), put });
  let plain = 0;
  fc.assert(
    fc.property(
      fc.constantFrom<EventType>(...EVENT_TYPES),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (type, edits) => {
        let bytes = Buffer.from(JSON.stringify(validEvent(type)));
        for (const { at, cut, put: bytesPut } of edits) {
          const start = at % (bytes.length + 1);
          const [before, after] = [bytes.subarray(0, start), bytes.subarray(start + cut)];
          bytes = Buffer.concat([before, bytesPut, after]);
        }
        if (expectTheSame(bytes)) plain += 1;
      },
    ),
    { seed: 15, numRuns: 20_000 },
  );
  expect(plain).toBeGreaterThan(500);
});
