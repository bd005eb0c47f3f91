import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashIndex, NONE } from '../../src/core/hash-index.js';

/** Few, and neighbours of each other also around the end of the table, so that they meet. */
const hash = fc.constantFrom(0, 1, 1 << 26, (1 << 26) + 1, 1 << 27, -1, -2, -(1 << 26), 1 << 30);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), hash }) },
  fc.record({ do: fc.constantFrom('remove' as const, 'replace' as const), nth: fc.nat() }),
);

function numbersOf(index: HashIndex, of: number): number[] {
  const found: number[] = [];
  for (let number = index.first(of); number !== NONE; number = index.next()) found.push(number);
  return found.sort((a, b) => a - b);
}

test('the numbers of a hash are those that were added and not removed, however they meet', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const index = new HashIndex();
      const model: [hash: number, number: number][] = [];
      let fresh = -3;
      for (const one of steps) {
        if (one.do === 'add') {
          index.add(one.hash, fresh);
          model.push([one.hash, fresh]);
          fresh += 1;
          continue;
        }
        const [chosen] = model.splice(one.nth % Math.max(1, model.length), 1);
        if (chosen === undefined) continue;
        if (one.do === 'remove') index.remove(...chosen);
        else {
          index.replace(...chosen, fresh);
          model.push([chosen[0], fresh]);
          fresh += 1;
        }
      }
      expect(index.size).toBe(model.length);
      for (const of of new Set([...model.map(([hashed]) => hashed), 0, -1, 7])) {
        const expected = model.filter(([hashed]) => hashed === of).map(([, number]) => number);
        expect(numbersOf(index, of)).toEqual(expected.sort((a, b) => a - b));
      }
    }),
    { numRuns: 500 },
  );
});

test('what is not there is neither replaced nor removed', () => {
  const index = new HashIndex();
  index.add(5, 1);
  index.replace(5, 2, 3);
  index.remove(6, 1);
  expect(numbersOf(index, 5)).toEqual([1]);
  expect(index.size).toBe(1);
});

test('a hundred thousand come and go, and all that stay are found', () => {
  const index = new HashIndex();
  const hashOf = (n: number): number => Math.imul(n, 0x9e3779b1);
  for (let n = 0; n < 100_000; n += 1) {
    index.add(hashOf(n), n);
    if (n >= 30_000) index.remove(hashOf(n - 30_000), n - 30_000);
  }
  expect(index.size).toBe(30_000);
  for (let n = 0; n < 100_000; n += 1) {
    expect(index.first(hashOf(n))).toBe(n < 70_000 ? NONE : n);
  }
});
