import { expect, test } from 'vitest';
import { BodyBytes } from '../../src/core/decode/body-bytes.js';
import { Layouts, type Passed } from '../../src/core/decode/layouts.js';
import { KIND } from '../../src/core/decode/places.js';

test('an event of very many values teaches nothing: to learn it took longer than to read it a hundred times', () => {
  const isLearned = (count: number): boolean => {
    const body = Buffer.from(`{"data":[${Array.from({ length: count }, () => 1).join()}]}`);
    const passed = Array.from({ length: count }, (_, i): Passed => {
      const start = 9 + 2 * i;
      return { kind: KIND.number, start, end: start + 1, place: undefined };
    });
    const layouts = new Layouts();
    const bytes = new BodyBytes(body);
    layouts.learn(bytes, 0, body.length, passed);
    return layouts.beginning.followingAt(bytes, 0) !== undefined;
  };
  expect([isLearned(100), isLearned(1000)]).toEqual([true, false]);
});
