import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeValue } from '../../../src/core/decode/decode.js';
import { PlainEvent } from '../../../src/core/decode/plain-event.js';
import { WaitingEvents } from '../../../src/core/decode/waiting-events.js';
import { EVENT_TYPES, type EventType } from '../../../src/core/event.js';
import { asAlone } from './decode-alone.js';
import { asFolded, FULL_DATA, RECEIVED_MS, validEvent, type Json } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };

/** One for all tests: nothing of an event may stay for the next. */
const plain = new PlainEvent();

function readPlain(text: string | Buffer) {
  // Something before and behind it, as in a body of many.
  const body = Buffer.concat([Buffer.from('[1,'), Buffer.from(text), Buffer.from(',{}]')]);
  const waiting = new WaitingEvents(body, 1);
  if (!plain.read(body, 3, body.length - 4, CONTEXT)) return undefined;
  const event = plain.folded();
  expect(waiting.addPlain(plain)).toBe(event !== undefined);
  if (event === undefined) return undefined;
  // From columns it is what it is at once.
  expect(asFolded(waiting.at(0))).toEqual(asFolded(event));
  return { ...asFolded(event), id: waiting.id(0) };
}

/** Whatever is read as plain is what JSON.parse makes of it. Returns whether it was. */
function expectTheSame(text: string | Buffer): boolean {
  const event = readPlain(text);
  if (event === undefined) return false;
  const decoded = decodeValue(JSON.parse(text.toString()), CONTEXT);
  // Which times are taken is asked afterwards.
  const isUntimely = !decoded.ok && decoded.code === 'time_out_of_range';
  if (!isUntimely) expect(asAlone(decoded)).toEqual({ ok: true, event });
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

describe('Whatever a sender makes of the layout', () => {
  const space = fc.constantFrom('', '', '', ' ', '\n  ', '\t');
  /** Mostly what it should be. */
  const mostly = <T>(usual: T, ...others: T[]) =>
    fc.oneof({ arbitrary: fc.constant(usual), weight: 30 }, fc.constantFrom(...others));
  const times = fc
    .tuple(
      mostly('2026-11-23', '2026-11-22', '2016-02-30', '2026-11-2'),
      mostly('T', ' ', 't', 'x'),
      mostly('18:00:00', '00:00:01', '24:00:00', '18:00:60', '7:00:00', '18-00-00'),
      mostly('.123', '', '.5', '.123456', '.1234567', '.'),
      mostly('Z', '', 'z', '+01:00', '-23:59', '+1:00', '+01:00:30', '+24:00', 'ZZ'),
    )
    .map((parts) => parts.join(''));
  const data = fc.record(
    {
      ...Object.fromEntries(
        Object.entries(FULL_DATA['selfhealer.healing.completed']).map(([name, value]) => [
          name,
          mostly<unknown>(value, null, '', 'x', 7, true, [], ['a', 1], { data: {} }),
        ]),
      ),
      timestamp: times,
      detected_at: times,
      event: fc.constantFrom({ failure_id: 'not-it', type: 'x', metadata: { agent_id: 'y' } }, 'z'),
      failure_ids: fc.constant('not-it-either'),
      source: mostly('trend', '/swarms/beta'),
      metadata: mostly<unknown>({ agent_id: 'b-1' }, { agent_id: 'b{1', data: { id: 1 } }, []),
    },
    { requiredKeys: [] },
  );
  const types = fc.constantFrom<EventType>(
    'selfhealer.healing.completed',
    'selfhealer.failure.detected',
    'selfhealer.healing.started',
    'selfhealer.failure.predicted',
    'selfhealer.heartbeat',
  );
  const event = fc
    .record({
      type: types,
      data,
      id: mostly('e-1', 'x', '__overflow__', 'a,b', 'é'),
      time: times,
    })
    .map(({ type, data: fields, ...envelope }) => ({
      ...validEvent(type, {}, envelope),
      data: { ...FULL_DATA[type], ...fields },
    }));

  /** Its members in any order, some of them twice, with white space anywhere. */
  function written(value: unknown, next: () => number, gap: () => string): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const inner = (member: unknown): string => gap() + written(member, next, gap) + gap();
    if (Array.isArray(value)) return `[${value.map(inner).join(',')}]`;
    const members = Object.entries(value);
    members.sort(() => next() - 50);
    if (next() < 2 && members[0] !== undefined) members.push(members[0]);
    const texts = members.map(([name, member]) => `${gap()}"${name}"${gap()}:${inner(member)}`);
    return `{${texts.join(',')}}`;
  }

  /** The same layout with other values here and there. */
  function changed(value: unknown, next: () => number): unknown {
    if (Array.isArray(value)) return value.map((item) => changed(item, next));
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(([name, member]) => [name, changed(member, next)]);
      return Object.fromEntries(members);
    }
    const others = [null, 5, -1, true, '', 'a, b', 'x}', 'é', '"', '\n', '__overflow__', [], {}];
    if (next() < 3) return others[next() % others.length];
    return typeof value === 'string' && next() < 10 ? value.slice(1) : value;
  }

  test('it is what JSON.parse makes of it or nothing, and mostly the first', () => {
    let read = 0;
    let readAgain = 0;
    const dice = fc.array(fc.nat({ max: 99 }), { minLength: 80, maxLength: 80 });
    const spaces = fc.array(space, { minLength: 30, maxLength: 30 });
    const each = <T>(values: readonly T[]): (() => T) => {
      let i = 0;
      return () => values[i++ % values.length]!;
    };
    fc.assert(
      fc.property(event, dice, dice, spaces, (one, layout, values, gaps) => {
        const text = written(one, each(layout), each(gaps));
        expect(readPlain(text.slice(0, -1))).toBeUndefined();
        if (expectTheSame(text)) read += 1;
        // What is plain is not refused for what only its layout is.
        const isTaken = decodeValue(JSON.parse(text), CONTEXT).ok;
        const isPlain = !/[^ -~\s]/.test(text) && !/"(\w+)"\s*:.*"\1"\s*:/s.test(text);
        if (isTaken && isPlain) expect(readPlain(text)).toBeDefined();
        // By now its layout is known.
        for (let i = 0; i < 17; i += 1) readPlain(text);
        expect(expectTheSame(text)).toBe(readPlain(text) !== undefined);
        expect(readPlain(text.slice(0, -1))).toBeUndefined();
        expect(readPlain(`${text} x`)).toBeUndefined();
        const two = { ...one, data: changed(one.data, each(values)) };
        const other = written(two, each(layout), each(gaps));
        if (expectTheSame(other)) readAgain += 1;
      }),
      { seed: 22, numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(500);
    expect(readAgain).toBeGreaterThan(100);
  });
});
