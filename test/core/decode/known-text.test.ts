import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyBytes } from '../../../src/core/decode/body-bytes.js';
import { KnownText, QuotedWords } from '../../../src/core/decode/known-text.js';

const letter = fc.constantFrom('a', 'b');
const text = fc.string({ unit: letter, minLength: 4, maxLength: 14 });
const more = fc.string({ unit: letter, maxLength: 40 });

test('a text is found wherever it stands, and nowhere else', () => {
  fc.assert(
    fc.property(text, more, (known, rest) => {
      const all = `${rest}${known}${rest}`;
      // Something before and behind it that is no part of the body.
      const bytes = Buffer.from(`${known}${all}${known}`).subarray(known.length, -known.length);
      const body = new BodyBytes(bytes);
      for (let at = 0; at <= all.length; at += 1) {
        expect(new KnownText(known).isAt(body, at)).toBe(all.startsWith(known, at));
      }
    }),
    { seed: 25, numRuns: 500 },
  );
});

test('a word of a set is told by its quotes, too', () => {
  const words = new QuotedWords(['open', 'half_open', 'opened', 'op']);
  const indexOf = (json: string): number => words.indexAt(new BodyBytes(Buffer.from(json)), 0);
  expect(['"open"', '"half_open"', '"opened"', '"op"'].map(indexOf)).toEqual([0, 1, 2, 3]);
  expect(['"ope"', 'open', '"open', '"Open"', '""', ''].map(indexOf)).toEqual(Array(6).fill(-1));
});
