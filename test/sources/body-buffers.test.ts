import { expect, test } from 'vitest';
import { BodyBuffers } from '../../src/sources/http/body-buffers.js';

const half = (text: string): Buffer => Buffer.alloc(100_000, text);
const bodyOf = (buffers: BodyBuffers, text: string): Buffer =>
  buffers.join([half(text), half(text)], 200_000);

test('a body is its chunks, whatever its size', () => {
  const buffers = new BodyBuffers();
  for (const chunk of [1, 40_000, 200_000, 400_000]) {
    const chunks = ['a', 'b', 'c'].map((text) => Buffer.alloc(chunk, text));
    const body = buffers.join(chunks, 3 * chunk);
    expect(body.equals(Buffer.concat(chunks))).toBe(true);
    buffers.giveBack(body);
  }
});

test('memory that was given back is used for the next body, and not before', () => {
  const buffers = new BodyBuffers();
  const first = bodyOf(buffers, 'a');
  const second = bodyOf(buffers, 'b');
  expect(second.buffer).not.toBe(first.buffer);
  buffers.giveBack(first);
  expect(bodyOf(buffers, 'c').buffer).toBe(first.buffer);
  expect(second.equals(Buffer.alloc(200_000, 'b'))).toBe(true);
});

test('what was given back twice is lent once', () => {
  const buffers = new BodyBuffers();
  const body = bodyOf(buffers, 'a');
  buffers.giveBack(body);
  buffers.giveBack(body);
  expect(bodyOf(buffers, 'b').buffer).not.toBe(bodyOf(buffers, 'c').buffer);
});

test('a body that is not ours is left alone: a single chunk, a small one, a large one', () => {
  const buffers = new BodyBuffers();
  const own = [half('a'), Buffer.alloc(600_000)];
  const foreign = [
    buffers.join([half('a')], 100_000),
    buffers.join([Buffer.from('a'), Buffer.from('b')], 2),
    buffers.join(own, 700_000),
  ];
  for (const body of foreign) buffers.giveBack(body);
  const lent = bodyOf(buffers, 'b');
  for (const body of foreign) expect(lent.buffer).not.toBe(body.buffer);
});
