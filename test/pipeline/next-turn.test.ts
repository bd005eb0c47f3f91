import { expect, test } from 'vitest';
import { OneEvent } from '../../src/core/decode/one-event.js';
import type { Decoded } from '../../src/pipeline/decode-queue.js';
import { NextTurn } from '../../src/pipeline/next-turn.js';
import { completion } from '../sources/pipeline-rig.js';

const MEBIBYTE = 1024 * 1024;

function decoded({ events, bytes = 100 }: { readonly events: number; readonly bytes?: number }) {
  const body = Buffer.from(completion());
  const one = OneEvent.read(
    { body, shape: 'one' },
    { receivedMs: Date.now(), forgottenMs: undefined },
  );
  if (one === undefined) expect.fail('it is one event');
  const delivery = {
    input: 'http',
    body: new Uint8Array(bytes),
    shape: 'lines',
    settle: () => undefined,
    refuse: () => undefined,
  } as const;
  const taken = { delivery, receivedMs: 0, events, link: undefined };
  const group = one.group('http');
  const inOrder = () => one.inOrder();
  const many = { size: events, problems: [], inOrder, group: () => group };
  return { taken, body: many, group } satisfies Decoded;
}

test('What waits is taken in its order, all of it where it is not too much', () => {
  const next = new NextTurn();
  const waiting = [decoded({ events: 1 }), decoded({ events: 900 })];
  for (const one of waiting) next.add(one);
  expect([next.size, next.isSmall]).toEqual([2, true]);
  expect(next.take()).toEqual(waiting);
  expect([next.size, next.isSmall, next.take()]).toEqual([0, true, []]);
});

test.each([
  ['events', { events: 30_000 }],
  ['bytes', { events: 1, bytes: 20 * MEBIBYTE }],
])('A turn is bounded in %s, and so is what is decoded before it', (_bound, size) => {
  const next = new NextTurn();
  const waiting = [decoded(size), decoded(size), decoded({ events: 1000 })];
  for (const one of waiting) next.add(one);
  expect(next.isSmall).toBe(false);
  expect(next.take()).toEqual(waiting.slice(0, 1));
  expect(next.take()).toEqual(waiting.slice(1));
  expect([next.size, next.isSmall, next.hasRoom]).toEqual([0, true, true]);
});

test('One that is larger than a turn has it for itself', () => {
  const next = new NextTurn();
  const [large, small] = [decoded({ events: 1, bytes: 40 * MEBIBYTE }), decoded({ events: 1 })];
  next.add(large);
  next.add(small);
  expect(next.hasRoom).toBe(false);
  expect(next.take()).toEqual([large]);
  expect(next.hasRoom).toBe(true);
});
