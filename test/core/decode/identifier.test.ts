import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifierFault, isIdentifier } from '../../../src/core/decode/identifier.js';

const FORBIDDEN = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0xa0 - 0x7f }, (_, i) => 0x7f + i),
  0x2028,
  0x2029,
  ...Array.from('"\\,{}<>', (character) => character.charCodeAt(0)),
];

describe('an identifier', () => {
  test.each([
    'a',
    'agent-017',
    '/swarms/alpha',
    'agent_failure_agent-017_1795456800000',
    'https://example.org/a?b=c#d',
    'ключ',
    '失敗',
    '🚑',
    "it's 100 % [plain]; (really)=|~^`",
    ' ',
    '__proto__',
    'constructor',
    'toString',
    '__name__',
    'le',
    '__overflow',
    'x'.repeat(200),
    '🚑'.repeat(200),
  ])('may be %j', (text) => {
    expect(isIdentifier(text)).toBe(true);
  });

  test.each([
    '',
    'x'.repeat(201),
    '🚑'.repeat(201),
    '__overflow__',
    '\ud800',
    'a\udc00',
    '\udc00\ud800',
  ])('may not be %j', (text) => {
    expect(isIdentifier(text)).toBe(false);
  });

  test('holds no control character, no separator and nothing that a format has to escape', () => {
    for (const code of FORBIDDEN) {
      const character = String.fromCharCode(code);
      for (const text of [character, `a${character}`, `${character}b`, `a${character}b`]) {
        expect(isIdentifier(text), `U+${code.toString(16)}`).toBe(false);
      }
    }
  });

  test('takes every other code point', () => {
    const forbidden = new Set(FORBIDDEN);
    for (let code = 0; code <= 0x10ffff; code++) {
      const isSurrogate = code >= 0xd800 && code <= 0xdfff;
      if (isIdentifier(String.fromCodePoint(code)) === (forbidden.has(code) || isSurrogate)) {
        expect.fail(`U+${code.toString(16)}`);
      }
    }
  });

  test('is counted in code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (text) => {
        const plain = Array.from(text, (c) => (isIdentifier(c) ? c : 'x')).join('');
        expect(isIdentifier(plain)).toBe(Array.from(plain).length <= 200);
      }),
      { seed: 1 },
    );
  });
});

describe('the fault of what is no identifier', () => {
  test('names the character and its place', () => {
    expect(identifierFault('a,b')).toMatch(/got U\+002C at position 1 of "a,b"$/);
    expect(identifierFault('a\ud800')).toMatch(/got U\+D800 at position 1 of "a\\ud800"$/);
    expect(identifierFault('x\u2028')).toMatch(/got U\+2028 at position 1 of "x\\u2028"$/);
  });

  test('names the bounds of the length', () => {
    expect(identifierFault('')).toBe('expected 1 to 200 characters, got an empty string');
    expect(identifierFault('x'.repeat(201))).toBe(
      `expected 1 to 200 characters, got more: "${'x'.repeat(60)}"…`,
    );
  });

  test('names the reserved word', () => {
    expect(identifierFault('__overflow__')).toMatch(/reserved word __overflow__/);
  });
});
