import { expect, test } from 'vitest';
import { BodyBytes } from '../../../src/core/decode/body-bytes.js';
import { Layouts, type Passed } from '../../../src/core/decode/layouts.js';
import { KIND } from '../../../src/core/decode/places.js';

/** The values of `text`, in quotes there, and the array that ends it. */
function passedIn(text: string): Passed[] {
  const strings = [...text.matchAll(/"[a-z]*"/g)].map(([{ length }], i, all) => ({
    kind: KIND.name,
    start: all[i]!.index,
    end: all[i]!.index + length,
    place: i,
  }));
  return [...strings, { kind: KIND.texts, start: 0, end: text.length, place: 9 }];
}

/** Where the strings of `text` stand, as far as its layout is known. */
function found(layouts: Layouts, text: string): [place: number | undefined, string][] | undefined {
  const body = new BodyBytes(Buffer.from(text));
  const values: [number | undefined, string][] = [];
  let at = 0;
  for (let layout = layouts.beginning; ;) {
    const next = layout.followingAt(body, at);
    if (next === undefined) return undefined;
    at += next.length;
    if (next.ended !== undefined) return values;
    const end = text.indexOf('"', at);
    values.push([next.place, text.slice(at, end)]);
    at = end;
    layout = next;
  }
}

function learn(layouts: Layouts, text: string): void {
  layouts.learn(new BodyBytes(Buffer.from(text)), 0, text.length, passedIn(text));
}

test('a layout is found again whatever its values are, and others beside it', () => {
  const layouts = new Layouts();
  expect(found(layouts, '["a"]')).toBeUndefined();
  for (const text of ['["a"]', '["a","b"]', '["a", "b"]', '["a","b","c"]']) learn(layouts, text);
  expect(found(layouts, '["x"]')).toEqual([[0, 'x']]);
  expect(found(layouts, '["xyz",""]')).toEqual([
    [0, 'xyz'],
    [1, ''],
  ]);
  expect(found(layouts, '["u","v","w"]')).toHaveLength(3);
  expect(found(layouts, '["u", "v"]')).toHaveLength(2);
  expect(found(layouts, '["u", "v", "w"]')).toBeUndefined();
  expect(found(layouts, ' ["u"]')).toBeUndefined();
});

test('one in sixteen that are not known is learned, and none that is long', () => {
  const layouts = new Layouts();
  const learned = Array.from({ length: 48 }, (_, i) => layouts.isToLearn(i === 16 ? 10_000 : 100));
  expect(learned.flatMap((is, i) => (is ? [i] : []))).toEqual([0, 32]);
});

test('however many there are, what comes now is learned', () => {
  const layouts = new Layouts();
  for (let i = 0; i < 5000; i += 1) {
    const text = `[${' '.repeat(i % 50)}"a"${' '.repeat(Math.floor(i / 50))}]`;
    learn(layouts, text);
    expect(found(layouts, text)).toEqual([[0, 'a']]);
  }
  expect(found(layouts, '["a"]')).toBeUndefined();
});
