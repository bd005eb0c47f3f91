import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodySplitter, splitBody } from '../../../src/core/decode/split.js';
import type { BodyShape } from '../../../src/core/ports.js';

function itemsOf(text: string, shape: BodyShape): readonly string[] | string {
  const body = Buffer.from(text);
  const spans = splitBody(body, shape);
  if (!(spans instanceof Uint32Array)) return spans.code;
  const items: string[] = [];
  for (let i = 0; i < spans.length; i += 2)
    items.push(body.toString('utf8', spans[i], spans[i + 1]));
  return items;
}

describe('lines', () => {
  test('are items, one a line', () => {
    expect(itemsOf('{"a":1}\n{"b":2}\n', 'lines')).toEqual(['{"a":1}', '{"b":2}']);
  });

  test('may end in CRLF, and the last without an end', () => {
    expect(itemsOf('{"a":1}\r\n{"b":2}', 'lines')).toEqual(['{"a":1}', '{"b":2}']);
  });

  test('that are blank are skipped', () => {
    expect(itemsOf('\n\r\n \t\n{"a":1}\n\n   {"b":2}  \n \n', 'lines')).toEqual([
      '{"a":1}',
      '{"b":2}',
    ]);
    expect(itemsOf('', 'lines')).toEqual([]);
    expect(itemsOf('\n \r\n', 'lines')).toEqual([]);
  });

  test('are not looked into', () => {
    expect(itemsOf('[1,2]\nnonsense', 'lines')).toEqual(['[1,2]', 'nonsense']);
  });
});

describe('an array', () => {
  test('is split at its own commas only', () => {
    const text = ' [ {"a":"],[{\\"","b":[1,[2,{}]]} , {"c":"\\\\"},"x,y" ,1 ] \n';
    expect(itemsOf(text, 'array')).toEqual([
      '{"a":"],[{\\"","b":[1,[2,{}]]}',
      '{"c":"\\\\"}',
      '"x,y"',
      '1',
    ]);
  });

  test('may be empty', () => {
    expect(itemsOf('[]', 'array')).toEqual([]);
    expect(itemsOf(' [ \n ] ', 'array')).toEqual([]);
  });

  test('keeps the places of its items when one is missing', () => {
    expect(itemsOf('[{},,{}]', 'array')).toEqual(['{}', '', '{}']);
    expect(itemsOf('[{},]', 'array')).toEqual(['{}', '']);
    expect(itemsOf('[,]', 'array')).toEqual(['', '']);
  });

  test.each([
    '',
    '  ',
    '{}',
    'null',
    'x[]',
    '[',
    '[{}',
    '[{}}',
    '["',
    '["\\',
    '[{]',
    '[]]',
    '[] x',
    '[],[]',
    '\ufeff[]',
  ])('is not %j', (text) => {
    expect(itemsOf(text, 'array')).toBe('malformed_body');
  });
});

describe('by the first byte', () => {
  test('a bracket makes an array, anything else one item', () => {
    expect(itemsOf(' \n[1,2]', 'array_or_one')).toEqual(['1', '2']);
    expect(itemsOf(' {"a":\n[1,2]} \n', 'array_or_one')).toEqual(['{"a":\n[1,2]}']);
    expect(itemsOf('nonsense', 'array_or_one')).toEqual(['nonsense']);
  });

  test('nothing at all is malformed', () => {
    expect(itemsOf('', 'array_or_one')).toBe('malformed_body');
    expect(itemsOf(' \r\n\t', 'array_or_one')).toBe('malformed_body');
  });
});

test('one is one item, even of nothing', () => {
  expect(itemsOf(' {} \n', 'one')).toEqual(['{}']);
  expect(itemsOf('[1,2]', 'one')).toEqual(['[1,2]']);
  expect(itemsOf('', 'one')).toEqual(['']);
  expect(itemsOf('  ', 'one')).toEqual(['']);
});

describe('50,000 items are taken, one more is not', () => {
  test.each([
    ['lines', (count: number) => '1\n'.repeat(count)],
    ['array', (count: number) => `[${Array(count).fill('1').join()}]`],
  ] as const)('%s', (shape, make) => {
    expect(itemsOf(make(50_000), shape)).toHaveLength(50_000);
    expect(itemsOf(make(50_001), shape)).toBe('too_many_events');
  });
});

const tricky = fc.string({
  unit: fc.constantFrom(
    '"',
    '\\',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '\n',
    '\r',
    ' ',
    'a',
    'é',
    '🚑',
    '\u2028',
  ),
  maxLength: 12,
});
const value = fc.jsonValue({ maxDepth: 4 });
const item = fc.oneof(fc.dictionary(tricky, fc.oneof(tricky, value)), value);

test('an array splits into what JSON.parse finds in it', () => {
  fc.assert(
    fc.property(fc.array(item), fc.constantFrom(undefined, 1, '\t', '\r\n'), (items, space) => {
      const text = JSON.stringify(items, undefined, space);
      const parts = itemsOf(text, 'array');
      expect(parts).toHaveLength(items.length);
      expect(Array.from(parts, (part) => JSON.parse(part))).toEqual(JSON.parse(text));
    }),
    { seed: 4, numRuns: 500 },
  );
});

test('lines split into what was written', () => {
  fc.assert(
    fc.property(fc.array(item), fc.constantFrom('\n', '\r\n', '\n\n \n'), (items, end) => {
      const text = items.map((one) => JSON.stringify(one) + end).join('');
      const parts = itemsOf(text, 'lines');
      expect(Array.from(parts, (part) => JSON.parse(part))).toEqual(
        JSON.parse(JSON.stringify(items)),
      );
    }),
    { seed: 5, numRuns: 500 },
  );
});

describe('splitting in steps', () => {
  const long = `{"text":"${'\\"[],'.repeat(20_000)}"}`;
  const spaces = ' \n'.repeat(70_000);

  test.each([
    ['array', `${spaces}[${long} ,${spaces} {},${long}]${spaces}`],
    ['array', `[${long},${long}] ${spaces} x`],
    ['array_or_one', `${spaces}[${long}]`],
    ['array_or_one', `${spaces}${long}${spaces}`],
    ['lines', `${spaces}${long}\n${spaces}{}\n${long}`],
    ['one', `${spaces}${long}`],
    ['array', `[${'"\\\\"'.repeat(40_000)}]`],
    ['array', `[${'\\"'.repeat(70_000)}`],
  ] as const)('gives what splitting at once gives: %s', (shape, text) => {
    const body = Buffer.from(text);
    const splitter = new BodySplitter(body, shape);
    let steps = 1;
    while (!splitter.step(() => true)) steps++;
    expect(splitter.result).toEqual(splitBody(body, shape));
    expect(steps).toBeGreaterThan(1);
  });
});

test('any bytes are split or refused, each span within the body and after the one before', () => {
  const shapes = fc.constantFrom<BodyShape>('one', 'array', 'lines', 'array_or_one');
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    tricky.map((text) => new Uint8Array(Buffer.from(`[${text}]`))),
  );
  fc.assert(
    fc.property(bytes, shapes, (body, shape) => {
      const spans = splitBody(body, shape);
      if (!(spans instanceof Uint32Array)) return;
      let last = 0;
      for (const edge of spans) {
        expect(edge).toBeGreaterThanOrEqual(last);
        expect(edge).toBeLessThanOrEqual(body.length);
        last = edge;
      }
    }),
    { seed: 6, numRuns: 2000 },
  );
});
