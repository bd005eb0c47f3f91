import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextHash } from '../../src/core/text-hash.js';

const text = fc.string({ maxLength: 200, unit: 'grapheme' });

test('equal texts have equal hashes, whatever was asked for before', () => {
  fc.assert(
    fc.property(fc.integer(), text, text, text, (seed, first, second, other) => {
      const used = new TextHash(seed);
      used.of(other, first);
      expect(used.of(first, second)).toBe(new TextHash(seed).of(first, second));
    }),
  );
});

test('which text is first and where one ends makes a difference', () => {
  const hash = new TextHash(7);
  const all = [hash.of('a', 'b'), hash.of('b', 'a'), hash.of('ab', ''), hash.of('', 'ab')];
  expect(new Set([...all, hash.of('', 'ab\0'), hash.of('', '\0ab')])).toHaveLength(6);
});

test('texts that meet under one seed do not under another', () => {
  // By their first 18 bits some thirty pairs of 4096 texts meet, and of these pairs none is to meet again.
  const texts = Array.from({ length: 4096 }, (_, n) => `agent_down_agent-${n % 50}_${n}`);
  const meeting = (seed: number): string[] => {
    const hash = new TextHash(seed);
    const firstOf = new Map<number, string>();
    return texts.flatMap((one) => {
      const place = hash.of('/swarms/alpha', one) >>> 14;
      const before = firstOf.get(place);
      firstOf.set(place, one);
      return before === undefined ? [] : [`${before} ${one}`];
    });
  };
  const under1 = meeting(1);
  const under2 = meeting(2);
  for (const pairs of [under1, under2]) {
    expect(pairs.length).toBeGreaterThan(8);
    expect(pairs.length).toBeLessThan(80);
  }
  expect(under1.filter((pair) => under2.includes(pair))).toEqual([]);
});

test('numbered texts are spread over the places that first bits of hashes name', () => {
  const hash = new TextHash(3);
  const taken = new Set<number>();
  for (let n = 0; n < 4096; n += 1) taken.add(hash.of('/s', `task_${n}`) >>> 20);
  // Of as many that fell at random 63 % of the places would be taken.
  expect(taken.size).toBeGreaterThan(0.55 * 4096);
});
