import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchDecoder } from '../../../src/core/decode/batch.js';
import { decodeLogged, decodeValue } from '../../../src/core/decode/decode.js';
import { splitBody } from '../../../src/core/decode/split.js';
import type { FoldedEvent } from '../../../src/core/event.js';
import type { BodyShape } from '../../../src/core/ports.js';
import { idsOf } from '../../support/group-ids.js';
import { asFolded, completed, RECEIVED_MS, validEvent, type Json } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };

function decoderOf(text: string, shape: BodyShape): BatchDecoder {
  const body = Buffer.from(text);
  const spans = splitBody(body, shape);
  if (!(spans instanceof Uint32Array)) expect.fail(spans.message);
  return new BatchDecoder(body, spans, CONTEXT);
}

function decodeAll(text: string, shape: BodyShape): BatchDecoder {
  const decoder = decoderOf(text, shape);
  expect(decoder.step(() => false)).toBe(true);
  return decoder;
}

/** The events as they are folded, in that order. */
function folded(decoder: BatchDecoder): FoldedEvent[] {
  return Array.from({ length: decoder.size }, (_, place) => decoder.inOrder(place));
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

const lines = (...events: readonly unknown[]) =>
  events.map((event) => JSON.stringify(event)).join('\n');

test('each item is taken or rejected by itself, by its index', () => {
  const [one, two] = [completed(), completed({}, { id: 'e-2' })].map((e) => JSON.stringify(e));
  const text = `[${one}, {"no":1}, ,${two},7]`;
  const decoder = decodeAll(text, 'array');
  expect(idsOf(decoder.group('http'))).toEqual(['e-1', 'e-2']);
  expect(decoder.problems).toMatchObject([
    { index: 1, code: 'invalid_envelope' },
    { index: 2, code: 'invalid_json' },
    { index: 4, code: 'invalid_json' },
  ]);
});

test('bytes that are no UTF-8 cost only the item that they stand in', () => {
  const [good, bad] = [JSON.stringify(completed()), JSON.stringify(completed({ agent_id: 'X' }))];
  const body = Buffer.from(`${good}\n${bad}\n${good}`);
  body[body.indexOf('X')] = 0xff;
  const spans = splitBody(body, 'lines');
  if (!(spans instanceof Uint32Array)) expect.fail(spans.message);
  const decoder = new BatchDecoder(new Uint8Array(body), spans, CONTEXT);
  decoder.step(() => false);
  expect(decoder.size).toBe(2);
  expect(decoder.problems).toMatchObject([{ index: 1, code: 'invalid_utf8' }]);
});

test('no items give an empty group', () => {
  const decoder = decodeAll('[]', 'array');
  expect(decoder.group('http')).toMatchObject({ sources: [], spans: new Uint32Array(0) });
});

describe('the group for the log', () => {
  const at = (second: number, id: string, source: string): Json =>
    completed({ timestamp: `2026-11-23T17:00:0${second}Z` }, { id, source });
  const text = lines(
    at(3, 'a', '/x'),
    at(1, 'b', '/y'),
    { bad: 1 },
    at(1, 'a', '/y'),
    at(1, 'z', '/x'),
  );

  test('is in the order of time, source and id, and its spans lead to the same events', () => {
    const decoder = decodeAll(text, 'lines');
    const group = decoder.group('file', { name: 'offset', value: '7' });
    const order = ['/x z', '/y a', '/y b', '/x a'];
    expect(idsOf(group).map((id, i) => `${group.sources[group.sourceIndex[i]!]!} ${id}`)).toEqual(
      order,
    );
    expect(group.sources).toEqual(['/x', '/y']);
    expect([...group.timesMs]).toEqual(folded(decoder).map(({ timeMs }) => timeMs));
    const reread = Array.from(group.timesMs, (_, i) =>
      decodeLogged(group.bytes, group.spans[2 * i]!, group.spans[2 * i + 1]!, 0),
    );
    expect(reread.map(asFolded)).toEqual(folded(decoder).map(asFolded));
    expect(group).toMatchObject({
      input: 'file',
      receivedMs: RECEIVED_MS,
      checkpoint: { name: 'offset', value: '7' },
    });
  });

  test('has no checkpoint where none is given', () => {
    expect(decodeAll(text, 'lines').group('http')).not.toHaveProperty('checkpoint');
  });

  test('is the same in whatever order the events came', () => {
    const event = fc.record({
      second: fc.integer({ min: 0, max: 3 }),
      id: fc.constantFrom('a', 'ab', 'b', 'é', '🚑'),
      source: fc.constantFrom('/x', '/y', '/é'),
    });
    const unique = fc.uniqueArray(event, { selector: ({ id, source }) => `${source},${id}` });
    const shuffled = unique.chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const [left, right] = [one, other].map((events) => {
          const text = lines(...events.map((e) => at(e.second, e.id, e.source)));
          const decoder = decodeAll(text, 'lines');
          const group = decoder.group('http');
          const { timesMs } = group;
          const ids = idsOf(group);
          const keys = folded(decoder).map(({ source }, i) => [timesMs[i], source, ids[i]]);
          return { keys, events: folded(decoder) };
        });
        expect(left).toEqual(right);
        const inOrder = [...one].sort(
          (a, b) =>
            a.second - b.second || compareText(a.source, b.source) || compareText(a.id, b.id),
        );
        const names = left!.keys.map(([, source, id]) => [source, id]);
        expect(names).toEqual(inOrder.map(({ source, id }) => [source, id]));
      }),
      { seed: 7 },
    );
  });
});

describe('decoding in steps', () => {
  const events = Array.from({ length: 200 }, (_, i) =>
    completed({ duration_ms: i - 3 }, { id: `e-${i}` }),
  );

  test('gives what decoding at once gives', () => {
    const slow = decoderOf(lines(...events), 'lines');
    let steps = 1;
    while (!slow.step(() => true)) steps++;
    const fast = decodeAll(lines(...events), 'lines');
    expect(steps).toBeGreaterThan(5);
    expect(folded(slow)).toEqual(folded(fast));
    expect(idsOf(slow.group('http'))).toEqual(idsOf(fast.group('http')));
    expect(slow.problems).toEqual(fast.problems);
    expect(slow.size).toBe(197);
  });

  test('asks again after every few kilobytes', () => {
    let asked = 0;
    const text = lines(...events);
    decoderOf(text, 'lines').step(() => {
      asked++;
      return false;
    });
    expect(asked).toBeGreaterThanOrEqual(Math.floor(text.length / 9000));
  });
});

test('a body in ASCII and the same with other characters beside it decode alike', () => {
  const ascii = decodeAll(lines(completed(), completed({ agent_id: '' })), 'lines');
  const other = decodeAll(lines(completed(), completed({ agent_id: '' }), 'é'), 'lines');
  expect(folded(other)).toEqual(folded(ascii));
  expect(other.problems.slice(0, 1)).toEqual(ascii.problems);
  const accented = decodeAll(JSON.stringify(completed({ agent_id: 'é' })), 'one');
  expect(folded(accented)).toMatchObject([{ agentId: 'é' }]);
});

test('a body of arrays and one of lines give what JSON.parse and decodeValue give', () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  const event = fc.oneof(
    fc.jsonValue(),
    fc
      .record({ agent_id: text, unknown: fc.jsonValue(), actions_taken: fc.array(text) })
      .map((data) => completed(data)),
    fc
      .record({ resource: text, level: fc.integer() })
      .map((data) => validEvent('selfhealer.degradation.changed', data)),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const parsed: unknown[] = JSON.parse(JSON.stringify(events));
      const expected = parsed.map((value) => decodeValue(value, CONTEXT));
      const bodies = [
        decodeAll(JSON.stringify(events), 'array'),
        decodeAll(lines(...events), 'lines'),
      ];
      for (const decoder of bodies) {
        expect(folded(decoder).map(asFolded)).toEqual(
          expected.flatMap((one) => (one.ok ? [asFolded(one.event)] : [])),
        );
        const problems = expected.flatMap((one, index) =>
          one.ok ? [] : [{ index, code: one.code, message: one.message }],
        );
        expect(decoder.problems).toEqual(problems);
      }
    }),
    { seed: 8, numRuns: 300 },
  );
});
