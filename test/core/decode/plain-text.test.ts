import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyBytes } from '../../../src/core/decode/body-bytes.js';
import { firstMarked, marksIn } from '../../../src/core/decode/plain-text.js';

/** As the comment says it, byte by byte. */
function isMarked(byte: number): boolean {
  return byte < 0x20 || byte >= 0x7b || '",\\<>'.includes(String.fromCharCode(byte));
}

function firstOf(bytes: Uint8Array): number | undefined {
  const marks = marksIn(new BodyBytes(bytes).fourAt(0));
  return marks === 0 ? undefined : firstMarked(marks);
}

test('every byte is told, at every place, whatever stands behind it', () => {
  for (let byte = 0; byte < 256; byte += 1) {
    for (let place = 0; place < 4; place += 1) {
      for (const other of [0x00, 0x2c, 0x41, 0x7f, 0xff]) {
        const bytes = Uint8Array.from([0x41, 0x20, 0x7a, 0x5f]).fill(other, place + 1);
        bytes[place] = byte;
        const expected = bytes.findIndex(isMarked);
        expect(firstOf(bytes)).toBe(expected < 0 ? undefined : expected);
      }
    }
  }
});

test('in any four bytes the first one is found', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      const expected = bytes.findIndex(isMarked);
      expect(firstOf(bytes)).toBe(expected < 0 ? undefined : expected);
    }),
    { seed: 24, numRuns: 5000 },
  );
});
