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
        for (const one of lines) growing.addLine(one);
        expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(growing.take())).toBe(
          lines.join('\n'),
        );
      }
    }),
    { seed: 5 },
  );
});
