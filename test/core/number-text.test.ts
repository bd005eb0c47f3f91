import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberTextReader, NumberTextWriter } from '../../src/core/number-text.js';

const EDGES = [
  0,
  1,
  -1,
  15,
  16,
  31,
  32,
  44,
  1023,
  2 ** 29,
  2 ** 30 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 52,
  2 ** 53,
  -(2 ** 53),
];
const anyNumber = fc.oneof(
  fc.constantFrom(...EDGES, 0.1, -Number.MAX_VALUE, Number.MIN_VALUE, -1.234567890123456e-300),
  fc.constantFrom(Infinity, -Infinity, NaN),
  fc.maxSafeInteger(),
  fc.integer({ min: -100, max: 100 }),
  fc.double(),
);

describe('numbers as text', () => {
  it('come back as they were, beside each other', () => {
    fc.assert(
      fc.property(fc.array(anyNumber), anyNumber, (numbers, baseMs) => {
        const base = Number.isFinite(baseMs) ? baseMs : 0;
        const writer = new NumberTextWriter(1);
        for (const number of numbers) {
          writer.number(number);
          writer.time(number, base);
        }
        const reader = new NumberTextReader(writer.bytes);
        for (const number of numbers) {
          // A zero has no sign here.
          expect(reader.number()).toEqual(number + 0);
          expect(reader.time(base)).toEqual(number + 0);
        }
      }),
    );
  });

  it('stand beside names, which come back as they were', () => {
    const unit = fc.oneof(fc.constantFrom('a', '_', '7', '"', 'é', '水', '😀'));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit }), anyNumber)), (pairs) => {
        const writer = new NumberTextWriter(1);
        for (const [name, number] of pairs) {
          writer.text(name);
          writer.number(number);
        }
        const text = new TextDecoder().decode(writer.bytes);
        const reader = new NumberTextReader(new TextEncoder().encode(text));
        for (const [name, number] of pairs) {
          expect(reader.text()).toBe(name);
          expect(reader.number()).toEqual(number + 0);
        }
        expect(reader.text()).toBe('');
      }),
    );
  });

  it('are text that JSON does not escape', () => {
    fc.assert(
      fc.property(fc.array(anyNumber), (numbers) => {
        const writer = new NumberTextWriter(1);
        for (const number of numbers) writer.number(number);
        const text = new TextDecoder().decode(writer.bytes);
        expect(JSON.stringify(text)).toBe(`"${text}"`);
        expect(new TextEncoder().encode(text)).toEqual(new Uint8Array(writer.bytes));
      }),
    );
  });

  it('takes few characters for small ones and for times that lie near', () => {
    const writer = new NumberTextWriter(1);
    writer.number(15);
    writer.number(-16);
    writer.time(1_795_893_830_668, 1_795_893_830_668);
    writer.time(0, 1_795_893_830_668);
    expect(writer.length).toBe(4);
  });

  it('gives zeros past the end', () => {
    const reader = new NumberTextReader(new Uint8Array(0));
    expect(reader.number()).toBe(0);
    expect(reader.time(7)).toBe(7);
  });
});
