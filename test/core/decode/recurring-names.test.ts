import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyBytes } from '../../../src/core/decode/body-bytes.js';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { knownName, quotedNameIn, rememberName } from '../../../src/core/decode/recurring-names.js';
import { completed, RECEIVED_MS } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };

test('a name that keeps coming is kept, one that does not is dropped', () => {
  rememberName('often');
  rememberName('once');
  for (let i = 0; i < 20_000; i++) {
    rememberName(`name-${i}`);
    expect(knownName('often')).toBe('often');
  }
  expect(knownName('once')).toBeUndefined();
  expect(knownName('name-0')).toBeUndefined();
  expect(knownName('name-19999')).toBe('name-19999');
});

test('what is no identifier is never kept, and is rejected each time', () => {
  for (const bad of ['a,b', '', '__overflow__', '\ud800', 'x'.repeat(201)]) {
    for (let i = 0; i < 2; i++) {
      for (const event of [completed({ agent_id: bad }), completed({}, { source: bad })]) {
        expect(decodeValue(event, CONTEXT)).toMatchObject({ code: 'invalid_identifier' });
      }
    }
    expect(knownName(bad)).toBeUndefined();
  }
});

test('an id that is long because it is our own does not make a long source or name valid', () => {
  const long = 'x'.repeat(250);
  const internal = { ...CONTEXT, internal: true };
  expect(decodeValue(completed({}, { id: long }), internal)).toMatchObject({ ok: true });
  expect(decodeValue(completed({}, { source: long }), internal)).toMatchObject({ ok: false });
  expect(decodeValue(completed({ agent_id: long }), internal)).toMatchObject({ ok: false });
});

test('a name in bytes is the one that stands there, however many are told apart', () => {
  const name = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 9 }),
    fc.nat({ max: 20_000 }).map((n) => `agent-${n}`),
    fc.constantFrom('__overflow__', '', 'x'.repeat(201)),
  );
  fc.assert(
    fc.property(name, (text) => {
      const body = new BodyBytes(Buffer.from(`{"a":"${text}"}`));
      const isOne = text !== '' && text !== '__overflow__' && text.length <= 200;
      const found = quotedNameIn(body, 5, 7 + text.length);
      expect(found).toBe(isOne ? text : undefined);
    }),
    { seed: 27, numRuns: 20_000 },
  );
});
