import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingText } from '../../src/pipeline/growing-text.js';

test('lines come out as they went in, text after text, however long they are', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.nat({ max: 100_000 }).map((length) => 'é'.repeat(length)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(line, { minLength: 1, maxLength: 5 })), (texts) => {
      const growing = new GrowingText();
      for (const lines of texts) {
        for (const one of lines) {
          growing.addLine(one.length % 2 === 0 ? one : new TextEncoder().encode(one));
        }
        const text = growing.take();
        expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(text)).toBe(lines.join('\n'));
        if (lines.length > 2) growing.giveBack(text.buffer);
      }
    }),
    { seed: 5 },
  );
});

test('a buffer that is given back is used again, unless the texts have become much shorter', () => {
  const growing = new GrowingText();
  const write = (lines: number): ArrayBuffer => {
    for (let i = 0; i < lines; i += 1) growing.addLine('a'.repeat(99));
    return growing.take().buffer;
  };
  const buffer = write(10_000);
  growing.giveBack(buffer);
  const isSame = write(9_000) === buffer;
  growing.giveBack(buffer);
  write(3_000);
  growing.giveBack(buffer);
  const isKept = write(3_000) === buffer;
  expect([isSame, isKept]).toEqual([true, false]);
});
