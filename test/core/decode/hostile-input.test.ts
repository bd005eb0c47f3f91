/**
 * Whatever comes in, it is an event or a problem with a code of the list, and nothing else changes.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BatchDecoder } from '../../../src/core/decode/batch.js';
import { decodeValue, type Decoded } from '../../../src/core/decode/decode.js';
import { isIdentifier } from '../../../src/core/decode/identifier.js';
import { splitBody } from '../../../src/core/decode/split.js';
import { EVENT_TYPES } from '../../../src/core/event.js';
import type { BodyShape } from '../../../src/core/ports.js';
import { PROBLEM_CODES } from '../../../src/core/problem.js';
import { idsOf } from '../../support/group-ids.js';
import { asAlone, decodeAlone, type DecodedAlone } from './decode-alone.js';
import { FULL_DATA, RECEIVED_MS, validEvent, type Json } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };
const BUILT_IN = [Object, Array, String, Number, Boolean, Function, Date, Map, Set, RegExp];

function prototypes(): readonly (readonly PropertyKey[])[] {
  return BUILT_IN.map(({ prototype }) => Reflect.ownKeys(Object(prototype)));
}

let before: ReturnType<typeof prototypes>;
beforeAll(() => {
  before = prototypes();
});
afterAll(() => {
  expect(prototypes()).toEqual(before);
});

/** An event holds nothing that must not get further; a problem says what it must. */
function expectSound(decoded: Decoded | DecodedAlone): void {
  if (!decoded.ok) {
    expect(PROBLEM_CODES).toContain(decoded.code);
    expect(decoded.message).toMatch(/: expected .*, got /);
    expect(decoded.message.length).toBeLessThan(600);
    // eslint-disable-next-line no-control-regex -- that none is there is the point
    expect(decoded.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u);
    return;
  }
  expect(EVENT_TYPES).toContain(decoded.event.type);
  for (const [field, value] of Object.entries(decoded.event)) {
    if (typeof value === 'number') {
      expect(Number.isFinite(value), field).toBe(true);
      expect(Object.is(value, -0), field).toBe(false);
    } else if (typeof value === 'string') expect(isIdentifier(value), field).toBe(true);
    else if (typeof value === 'object') expect(field).toMatch(/^(actions|failureTypes)$/);
    else expect(['boolean', 'undefined']).toContain(typeof value);
  }
}

function decodeBytes(body: Uint8Array): DecodedAlone {
  return decodeAlone(body, CONTEXT);
}

const KEYS = [
  ...new Set(Object.values(FULL_DATA).flatMap((data) => Object.keys(data))),
  ...['id', 'source', 'type', 'time', 'data', 'specversion', 'datacontenttype', 'data_base64'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'agentId', ''],
];
const key = fc.constantFrom(...KEYS);
const nasty = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 0, -0, -1, Infinity, NaN, '\ud800', '__overflow__'),
  fc.constantFrom<unknown>(
    ['x"} 1\nfake{'],
    { toString: 1 },
    '1e3',
    '"',
    '\\',
    '\n',
    '\u2028',
    ',',
  ),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.jsonValue(),
  fc.constantFrom<unknown>(...Object.values(FULL_DATA).flatMap((data) => Object.values(data))),
);
const changes = fc.array(fc.tuple(key, nasty), { maxLength: 4 });
const mutated = fc
  .tuple(
    fc.constantFrom(...EVENT_TYPES),
    changes,
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, changes),
  )
  .map(([type, data, envelope]): Json => {
    const event = validEvent(type, {}, Object.fromEntries(envelope));
    // `data` itself may have been replaced by something that takes no fields.
    if (typeof event.data === 'object' && event.data !== null) {
      event.data = Object.fromEntries([...Object.entries(event.data), ...data]);
    }
    return event;
  });

test('any JavaScript value', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  fc.assert(
    fc.property(fc.oneof(anything, fc.jsonValue()), (value) => {
      expectSound(decodeValue(value, CONTEXT));
      expectSound(decodeValue(validEvent('selfhealer.heartbeat', {}, { data: value }), CONTEXT));
    }),
    { seed: 10, numRuns: 2000 },
  );
});

test('events with changed fields', () => {
  let taken = 0;
  fc.assert(
    fc.property(mutated, (event) => {
      const decoded = decodeValue(event, CONTEXT);
      expectSound(decoded);
      if (decoded.ok) taken++;
    }),
    { seed: 11, numRuns: 4000 },
  );
  expect(taken).toBeGreaterThan(400);
});

test('events with changed fields as text, which decide the same as their value', () => {
  fc.assert(
    fc.property(mutated, (event) => {
      const text = JSON.stringify(event);
      expect(decodeBytes(Buffer.from(text))).toEqual(
        asAlone(decodeValue(JSON.parse(text), CONTEXT)),
      );
    }),
    { seed: 12, numRuns: 1000 },
  );
});

test('texts of events with changed bytes', () => {
  const edit = fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 3 }),
    put: fc.uint8Array({ maxLength: 3 }),
  });
  const edits = fc.array(edit, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...EVENT_TYPES), edits, (type, list) => {
      let bytes = Buffer.from(JSON.stringify(validEvent(type)));
      for (const { at, cut, put } of list) {
        const start = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + cut)]);
      }
      expectSound(decodeBytes(bytes));
    }),
    { seed: 13, numRuns: 4000 },
  );
});

test('any bytes, as one event and as a body of any shape', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\n',
    '\r',
    ' ',
    '1e999',
    'null',
    '"data"',
  ];
  const json = fc
    .array(fc.constantFrom(...pieces), { maxLength: 40 })
    .map((parts) => parts.join(''));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    json.map((text) => new TextEncoder().encode(text)),
    json.map((text) => new TextEncoder().encode(`[${text}]`)),
  );
  const shapes = fc.constantFrom<BodyShape>('one', 'array', 'lines', 'array_or_one');
  fc.assert(
    fc.property(bytes, shapes, (body, shape) => {
      expectSound(decodeBytes(body));
      const spans = splitBody(body, shape);
      if (!(spans instanceof Uint32Array)) return;
      const decoder = new BatchDecoder(body, spans, CONTEXT);
      decoder.step(() => false);
      expect(decoder.size + decoder.problems.length).toBe(spans.length / 2);
      expect(idsOf(decoder.group('http'))).toHaveLength(decoder.size);
      for (const problem of decoder.problems) expectSound({ ok: false, ...problem });
    }),
    { seed: 14, numRuns: 4000 },
  );
});
