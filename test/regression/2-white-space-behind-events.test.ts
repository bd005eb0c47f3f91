/** White space behind an event, more than an event may have bytes, made it an event that is too large. */
import { expect, test } from 'vitest';
import { BodySplitter } from '../../src/core/decode/split.js';

const SPACE = ' \t\r'.repeat(100_000);

test.each([
  ['lines', `{"a":1}${SPACE}\n{"a":2}${SPACE}`],
  ['array', `[{"a":1}${SPACE},{"a":2}${SPACE}]${SPACE}`],
  ['one', `{"a":1}${SPACE}`],
] as const)('%s: white space behind an event is no part of it', (shape, text) => {
  for (const shouldPause of [false, true]) {
    const splitter = new BodySplitter(Buffer.from(text), shape);
    while (!splitter.step(() => shouldPause));
    const { result } = splitter;
    const spans = result instanceof Uint32Array ? [...result] : [];
    // Only the places: a difference of texts of this length would take minutes to show.
    const starts = shape === 'one' ? [0] : [text.indexOf('{"a":1}'), text.indexOf('{"a":2}')];
    expect(spans).toEqual(starts.flatMap((start) => [start, start + '{"a":1}'.length]));
  }
});
