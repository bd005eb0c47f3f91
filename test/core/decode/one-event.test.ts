import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchDecoder } from '../../../src/core/decode/batch.js';
import { OneEvent } from '../../../src/core/decode/one-event.js';
import { splitBody } from '../../../src/core/decode/split.js';
import { EVENT_TYPES } from '../../../src/core/event.js';
import type { BodyShape } from '../../../src/core/ports.js';
import { asFolded, completed, RECEIVED_MS, validEvent } from './valid-events.js';

const CONTEXT = { receivedMs: RECEIVED_MS, forgottenMs: undefined };
const SHAPES: readonly BodyShape[] = ['one', 'array_or_one', 'array', 'lines'];
const CHECKPOINT = { name: 'file:a', value: '{}' };

function read(text: string, shape: BodyShape): OneEvent | undefined {
  return OneEvent.read({ body: Buffer.from(text), shape }, CONTEXT);
}

/** The same body, taken for a batch; undefined where it cannot be split. */
function batchOf(text: string, shape: BodyShape): BatchDecoder | undefined {
  const body = Buffer.from(text);
  const spans = splitBody(body, shape);
  if (!(spans instanceof Uint32Array)) return undefined;
  const batch = new BatchDecoder(body, spans, CONTEXT);
  batch.step(() => false);
  return batch;
}

function groupIn(body: Pick<OneEvent, 'group'>) {
  const { spans, sourceIndex, timesMs, bytes, idSpans, ...others } = body.group('http', CHECKPOINT);
  const texts = Array.from({ length: spans.length / 2 }, (_, i) =>
    Buffer.from(bytes.subarray(spans[2 * i], spans[2 * i + 1])).toString(),
  );
  return {
    ...others,
    texts,
    sourceIndex: Array.from(sourceIndex),
    times: Array.from(timesMs),
    ids: Array.from(idSpans),
  };
}

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 4 });

describe('A body that is one event', () => {
  test('comes to the same as a batch of one', () => {
    const type = fc.constantFrom(...EVENT_TYPES);
    const shape = fc.constantFrom('one', 'array_or_one');
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const envelope = fc.constantFrom({}, { id: 'ä' }, { traceparent });
    fc.assert(
      fc.property(type, shape, envelope, space, space, (type, shape, envelope, before, after) => {
        const text = `${before}${JSON.stringify(validEvent(type, {}, envelope))}${after}`;
        const one = read(text, shape);
        const batch = batchOf(text, shape);
        if (one === undefined || batch === undefined) expect.fail('it is one event');
        expect([one.size, one.problems]).toEqual([batch.size, batch.problems]);
        expect(asFolded(one.inOrder())).toEqual(asFolded(batch.inOrder(0)));
        expect(groupIn(one)).toEqual(groupIn(batch));
      }),
    );
  });

  test('is known only where nothing else can be in it', () => {
    const event = JSON.stringify(completed());
    for (const shape of ['array', 'lines'] as const) expect(read(event, shape)).toBeUndefined();
    expect(read(`[${event}]`, 'array_or_one')).toBeUndefined();
    expect(read(` ${event}`, 'array_or_one')).toBeDefined();
  });

  test.each(['', ' \n', '{}', '{', 'null', '[]', '{}{}', '\ufeff{}'])(
    'and is none (%j) is left to a batch, which says why',
    (text) => {
      for (const shape of SHAPES) expect(read(text, shape)).toBeUndefined();
    },
  );
});
