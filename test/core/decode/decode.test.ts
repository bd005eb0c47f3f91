import { describe, expect, test } from 'vitest';
import {
  decodeLogged,
  decodeWhole,
  decodeValue,
  type DecodeContext,
} from '../../../src/core/decode/decode.js';
import { isExporterError } from '../../../src/core/errors.js';
import { EVENT_TYPES } from '../../../src/core/event.js';
import { asAlone, decodeAlone } from './decode-alone.js';
import {
  asFolded,
  completed,
  RECEIVED_MS,
  TIME_MS,
  validEvent,
  type Json,
} from './valid-events.js';

const CONTEXT: DecodeContext = { receivedMs: RECEIVED_MS, forgottenMs: undefined };

/** The code, or 'ok'. */
function verdictOn(event: unknown, context: DecodeContext = CONTEXT): string {
  const decoded = decodeValue(event, context);
  return decoded.ok ? 'ok' : decoded.code;
}

function messageOn(event: unknown): string {
  const decoded = decodeValue(event, CONTEXT);
  return decoded.ok ? 'ok' : decoded.message;
}

function decodeText(text: string | Uint8Array, context: DecodeContext = CONTEXT) {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  return decodeAlone(body, context);
}

describe('the envelope', () => {
  test.each(EVENT_TYPES)('of %s is taken with null and unknown attributes beside it', (type) => {
    const extra = {
      dataschema: null,
      subject: 'x',
      traceparent: '00-1',
      datacontenttype: null,
      x: [],
    };
    expect(decodeValue(validEvent(type, {}, extra), CONTEXT)).toMatchObject({
      ok: true,
      event: { type, source: '/swarms/alpha', id: 'e-1', timeMs: TIME_MS },
    });
  });

  test.each<[string, Json, string]>([
    ['specversion', { specversion: '0.3' }, 'invalid_envelope'],
    ['specversion', { specversion: 1 }, 'invalid_envelope'],
    ['specversion', { specversion: null }, 'invalid_envelope'],
    ['id', { id: undefined }, 'invalid_envelope'],
    ['id', { id: null }, 'invalid_envelope'],
    ['id', { id: 7 }, 'invalid_envelope'],
    ['id', { id: ['x'] }, 'invalid_envelope'],
    ['id', { id: '' }, 'invalid_identifier'],
    ['id', { id: 'a"b' }, 'invalid_identifier'],
    ['id', { id: 'x'.repeat(201) }, 'invalid_identifier'],
    ['source', { source: undefined }, 'invalid_envelope'],
    ['source', { source: {} }, 'invalid_envelope'],
    ['source', { source: '__overflow__' }, 'invalid_identifier'],
    ['source', { source: '\ud800' }, 'invalid_identifier'],
    ['type', { type: undefined }, 'invalid_envelope'],
    ['type', { type: 3 }, 'invalid_envelope'],
    ['type', { type: '' }, 'unknown_type'],
    ['type', { type: 'healing.completed' }, 'unknown_type'],
    ['type', { type: 'selfhealer.toString' }, 'unknown_type'],
    ['type', { type: 'toString' }, 'unknown_type'],
    ['time', { time: 1_795_456_800_000 }, 'invalid_envelope'],
    ['time', { time: 'yesterday' }, 'invalid_time'],
    ['data', { data: 'text' }, 'invalid_envelope'],
    ['data', { data: [] }, 'invalid_envelope'],
    ['data', { data: 1 }, 'invalid_envelope'],
    ['data', { data: false }, 'invalid_envelope'],
    ['data_base64', { data_base64: 'e30=' }, 'invalid_envelope'],
    ['data_base64', { data_base64: '' }, 'invalid_envelope'],
    ['datacontenttype', { datacontenttype: 'text/plain' }, 'invalid_envelope'],
    ['datacontenttype', { datacontenttype: 'application/jsonx' }, 'invalid_envelope'],
    ['datacontenttype', { datacontenttype: '' }, 'invalid_envelope'],
    ['datacontenttype', { datacontenttype: 5 }, 'invalid_envelope'],
  ])('with a wrong %s is rejected: %j', (attribute, change, code) => {
    expect(verdictOn(completed({}, change))).toBe(code);
    expect(messageOn(completed({}, change))).toMatch(new RegExp(`^${attribute}: expected `));
  });

  test.each([
    'application/json',
    'text/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.x+json',
  ])('may say that its data are %s', (datacontenttype) => {
    expect(verdictOn(completed({}, { datacontenttype }))).toBe('ok');
  });

  test('needs data, except that of a heartbeat', () => {
    expect(verdictOn(validEvent('selfhealer.heartbeat', {}, { data: undefined }))).toBe('ok');
    expect(verdictOn(validEvent('selfhealer.heartbeat', {}, { data: null }))).toBe('ok');
    expect(verdictOn(completed({}, { data: null }))).toBe('missing_field');
  });

  test.each([null, undefined, 1, 'x', true, [], [completed()]])(
    'is one object, not %j',
    (value) => {
      expect(verdictOn(value)).toBe('invalid_json');
    },
  );

  test('may have a longer id in events of our own', () => {
    const event = completed({}, { id: 'x'.repeat(300) });
    expect(verdictOn(event)).toBe('invalid_identifier');
    expect(verdictOn(event, { ...CONTEXT, internal: true })).toBe('ok');
    expect(verdictOn(completed({}, { id: 'x'.repeat(301) }), { ...CONTEXT, internal: true })).toBe(
      'invalid_identifier',
    );
  });
});

describe('the effective time', () => {
  const at = (data: Json, envelope: Json) => {
    const decoded = decodeValue(completed({ timestamp: undefined, ...data }, envelope), CONTEXT);
    return decoded.ok ? decoded.event.timeMs : decoded.code;
  };

  test('is that of the data, else of the envelope, else of receipt', () => {
    const timestamp = '2026-11-23 17:00:00+00:00';
    const earlier = '2026-11-23T16:00:00Z';
    expect(at({ timestamp, detected_at: earlier }, {})).toBe(Date.UTC(2026, 10, 23, 17));
    expect(at({ timestamp: null, detected_at: earlier }, {})).toBe(Date.UTC(2026, 10, 23, 16));
    expect(at({}, { time: earlier })).toBe(Date.UTC(2026, 10, 23, 16));
    expect(at({}, { time: null })).toBe(RECEIVED_MS);
    expect(at({}, { time: undefined })).toBe(RECEIVED_MS);
  });

  test('must be well-formed wherever it stands', () => {
    expect(at({ timestamp: '2026-11-23T17:00:00Z' }, { time: 'x' })).toBe('invalid_time');
    expect(at({ timestamp: '2026-02-30T17:00:00Z' }, {})).toBe('invalid_time');
    expect(at({ timestamp: '2026-11-23T17:00:00Z', detected_at: 'x' }, {})).toBe('invalid_time');
    expect(at({ timestamp: 1_795_456_800 }, {})).toBe('invalid_field');
  });

  test('lies between the year 2000 and five minutes ahead', () => {
    expect(at({ timestamp: '1999-12-31T23:59:59.999Z' }, {})).toBe('time_out_of_range');
    expect(at({ timestamp: '2000-01-01T00:00:00Z' }, {})).toBe(Date.UTC(2000, 0, 1));
    expect(at({ timestamp: '2026-11-23T18:06:00Z' }, {})).toBe(RECEIVED_MS + 300_000);
    expect(at({ timestamp: '2026-11-23T18:06:00.001Z' }, {})).toBe('time_out_of_range');
  });

  test('that is not the effective one may lie anywhere', () => {
    expect(at({ timestamp: '2026-11-23T17:00:00Z' }, { time: '1970-01-01T00:00:00Z' })).toBe(
      Date.UTC(2026, 10, 23, 17),
    );
  });

  test('is too old when retention has forgotten newer ones', () => {
    const forgetful = { ...CONTEXT, forgottenMs: TIME_MS };
    const after = completed({ timestamp: '2026-11-23T18:00:00.124Z' });
    expect(verdictOn(after, forgetful)).toBe('ok');
    // The newest forgotten one itself could not be told from a new one either.
    expect(verdictOn(completed(), forgetful)).toBe('too_old');
    const before = completed({ timestamp: '2026-11-23T18:00:00.122Z' });
    expect(verdictOn(before, forgetful)).toBe('too_old');
    expect(verdictOn(before)).toBe('ok');
  });
});

describe('the text of an event', () => {
  const text = JSON.stringify(completed());

  test('is read between its bounds, from a Buffer or any bytes', () => {
    const body = new TextEncoder().encode(`xx${text}yy`);
    const decoded = decodeAlone(body, CONTEXT, 2, body.length - 2);
    expect(decoded).toEqual(asAlone(decodeValue(completed(), CONTEXT)));
    expect(decodeAlone(Buffer.from(body), CONTEXT, 2, body.length - 2)).toEqual(decoded);
    const shifted = new Uint8Array(body.buffer, 2);
    expect(decodeAlone(shifted, CONTEXT, 0, shifted.length - 2)).toEqual(decoded);
  });

  test.each([
    '',
    '{',
    `${text},`,
    `${text}${text}`,
    '\ufeff{}',
    'NaN',
    '{"a":NaN}',
    "{'a':1}",
    '{"a":"\n"}',
    '{"a":"\0"}',
    '[1',
    'null',
    '[]',
    '"x"',
  ])('is one JSON object, not %j', (bad) => {
    expect(decodeText(bad)).toMatchObject({ ok: false, code: 'invalid_json' });
  });

  test.each([
    [[0xff]],
    [[0xc0, 0xaf]],
    [[0xed, 0xa0, 0x80]],
    [[0xf4, 0x90, 0x80, 0x80]],
    [[0xe2, 0x82]],
  ])('is UTF-8, without the bytes %j', (bytes) => {
    const [head, tail] = text.split('Unregistered');
    const bad = Buffer.concat([Buffer.from(head!), Buffer.from(bytes), Buffer.from(tail!)]);
    expect(decodeText(bad)).toMatchObject({ ok: false, code: 'invalid_utf8' });
  });

  test('may hold the replacement character itself', () => {
    expect(decodeText(JSON.stringify(completed({ agent_id: 'a\ufffd' })))).toMatchObject({
      ok: true,
      event: { agentId: 'a\ufffd' },
    });
  });

  test('has at most 64 KiB', () => {
    const padded = (length: number) => text.replace('}}', `},"x":"${'y'.repeat(length)}"}`);
    const room = 65_536 - padded(0).length;
    expect(decodeText(padded(room))).toMatchObject({ ok: true });
    expect(decodeText(padded(room + 1))).toMatchObject({ ok: false, code: 'event_too_large' });
  });

  test('keeps the last of keys that stand twice', () => {
    const twice = text.replace('"duration_ms":153', '"duration_ms":"x","duration_ms":7');
    expect(decodeText(twice)).toMatchObject({ ok: true, event: { durationMs: 7 } });
  });
});

describe('nesting', () => {
  // The event is level 1, data level 2, so a field of data may bring 30 more.
  const nested = (levels: number, padding: number) =>
    JSON.stringify(completed({ padding: 'x"[{\\'.repeat(padding) })).replace(
      '"padding"',
      `"deep":${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)},"padding"`,
    );

  test.each([
    ['short', 0],
    ['long', 1000],
  ])('of a %s text is at most 32', (_, padding) => {
    expect(decodeText(nested(30, padding))).toMatchObject({ ok: true });
    expect(decodeText(nested(32, padding))).toMatchObject({ ok: false, code: 'too_deep' });
  });

  test('is refused before a parser has to follow it', () => {
    for (const bomb of ['['.repeat(65_536), '{"a":'.repeat(13_000)]) {
      expect(decodeText(bomb)).toMatchObject({ ok: false, code: 'too_deep' });
    }
  });
});

describe('numbers', () => {
  test.each(['1e999', '-1e999', '1' + '0'.repeat(400)])(
    'are finite everywhere, so %s is not taken, not even in a field that nobody reads',
    (number) => {
      for (const field of ['duration_ms', 'metadata', 'unknown']) {
        const text = JSON.stringify(completed({ [field]: { a: [0] } })).replace(
          '[0]',
          `[${number}]`,
        );
        expect(decodeText(text)).toMatchObject({ ok: false, code: 'invalid_number' });
      }
    },
  );

  test('that are not finite are found by their path', () => {
    expect(messageOn(completed({ metadata: { load: [1, Infinity] } }))).toBe(
      'data.metadata.load.1: expected a finite number, got Infinity',
    );
    expect(messageOn(completed({ '\n': NaN }))).toBe(
      '"data.\\n": expected a finite number, got NaN',
    );
  });
});

describe('an event of the log', () => {
  const logged = (event: unknown, receivedMs = RECEIVED_MS) => {
    const body = Buffer.from(JSON.stringify(event));
    return decodeLogged(body, 0, body.length, receivedMs);
  };

  const loggedWhole = (event: unknown) => {
    const body = Buffer.from(JSON.stringify(event));
    return decodeWhole(body, 0, body.length, RECEIVED_MS);
  };

  test('is what it was when it was taken', () => {
    const decoded = decodeValue(completed(), CONTEXT);
    expect(decoded).toEqual({ ok: true, event: loggedWhole(completed()) });
    expect(asFolded(logged(completed()))).toEqual(asFolded(loggedWhole(completed())));
  });

  test('is not held against any clock', () => {
    expect(logged(completed(), 0).timeMs).toBe(TIME_MS);
    expect(logged(completed({ timestamp: null }, { time: null }), 42).timeMs).toBe(42);
  });

  test('may be one of our own', () => {
    const own = completed({}, { id: 'x'.repeat(300) });
    expect(loggedWhole(own).id).toHaveLength(300);
    expect(logged(own)).toMatchObject({ type: 'selfhealer.healing.completed' });
  });

  test('is the damage of a person or a disk when it is none', () => {
    expect.assertions(1);
    try {
      logged({ specversion: '1.0' });
    } catch (error) {
      expect(isExporterError(error, 'STORE_CORRUPT')).toBe(true);
    }
  });
});

test('keys that mean something to JavaScript are plain data', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
  for (const name of names) {
    const data =
      `{"${name}":{"polluted":1,"success":true,"agent_id":"x"},"failure_id":"${name}",` +
      `"strategy_used":"${name}","duration_ms":1,"success":true,` +
      `"metadata":{"${name}":{"agent_id":"x"},"agent_id":"${name}"}}`;
    const text =
      `{"${name}":{"data":{}},"specversion":"1.0","id":"${name}","source":"${name}",` +
      `"type":"selfhealer.healing.completed","data":${data}}`;
    expect(decodeText(text)).toMatchObject({
      ok: true,
      event: { id: name, source: name, failureId: name, strategy: name, agentId: name },
    });
    const inherited = `{"__proto__":${JSON.stringify(completed())}}`;
    expect(decodeText(inherited)).toMatchObject({ ok: false, code: 'invalid_envelope' });
  }
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('a message shows little of what it got, and nothing that a terminal would act on', () => {
  const message = messageOn(completed({ severity: `\u001b[31m\u009b\u202e${'x'.repeat(500)}` }));
  expect(message).toMatch(/^data\.severity: expected one of critical, high, medium, low, got "/);
  expect(message).toContain('\\u001b[31m\\u009b\\u202exxx');
  expect(message.length).toBeLessThan(160);
});
