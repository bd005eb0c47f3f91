import { expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { knownName, rememberName } from '../../../src/core/decode/recurring-names.js';
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
