import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BLOCK_BYTES_MAX,
  BLOCK_EVENTS_MAX,
  blockEnds,
  decodeBlock,
  encodeBlock,
  type Entries,
} from '../../src/store/block.js';
import { keepFresh } from '../../src/store/entries.js';
import { packAppend } from '../../src/store/pack.js';
import { groupOf, heartbeats } from './support.js';
import { idsOf } from '../support/group-ids.js';

const texts = ({ count, text, spans }: Entries): string[] =>
  Array.from({ length: count }, (_, i) =>
    Buffer.from(text).toString('utf8', spans[2 * i], spans[2 * i + 1]),
  );

const someGroups = fc.array(
  fc.record({
    ids: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { maxLength: 30 }),
    separator: fc.constantFrom('\n', ',', ' ,\n ', '      ,\n      '),
    timesMs: fc.double({ min: 9.5e11, max: 2e12, noNaN: true }),
    step: fc.constantFrom(0, 1, 37, 0.25, -5, 1e10),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('a block', () => {
  test('gives back every event, time, input and receipt, wherever an append is cut', () => {
    fc.assert(
      fc.property(someGroups, fc.double({ min: 0, max: 1, noNaN: true }), (specs, cut) => {
        const groups = specs.map(({ ids, separator, timesMs, step }, g) =>
          groupOf(
            ids.map((id, i) => ({ id, timeMs: Math.floor(timesMs) + i * step })),
            { separator, receivedMs: g + 0.5, input: g % 2 === 0 ? 'http' : 'file' },
          ),
        );
        const packed = packAppend(groups);
        const expected = groups.flatMap((group) =>
          Array.from(group.timesMs, (_, i) =>
            Buffer.from(group.bytes).toString('utf8', group.spans[2 * i], group.spans[2 * i + 1]),
          ),
        );
        expect(texts(packed)).toEqual(expected);
        const from = Math.floor(cut * packed.count);
        if (from === packed.count) return;
        const decoded = decodeBlock(encodeBlock(7, packed, from, packed.count));
        expect(decoded && texts(decoded)).toEqual(expected.slice(from));
        expect(decoded?.timesMs).toEqual(packed.timesMs.slice(from));
        expect(decoded?.inputs).toEqual(packed.inputs.slice(from));
        expect(decoded?.receivedMs).toEqual(packed.receivedMs.slice(from));
      }),
    );
  });

  test('stays as it is when others are made after it, packed or not, full or not', () => {
    const sizes = [1, 30, 1000, 2, 1000, 200, 1];
    const all = sizes.map((size, i) => packAppend([groupOf(heartbeats(100 * i, size))]));
    const rows = all.map((packed) => encodeBlock(1, packed, 0, packed.count));
    for (const [i, row] of rows.entries()) {
      const decoded = decodeBlock(row);
      expect(decoded && texts(decoded)).toEqual(all.map(texts)[i]);
    }
  });

  test.each([
    ['one group', [groupOf(heartbeats(0, 40))]],
    ['two groups', [groupOf(heartbeats(0, 40)), groupOf(heartbeats(7, 1))]],
    ['an empty one', [groupOf(heartbeats(0, 40)), groupOf([])]],
    ['two sources', [groupOf([...heartbeats(0, 9), { id: 'x', source: '/other' }])]],
  ])('an append of %s packs the same into memory that another has used', (_name, groups) => {
    const spare = new ArrayBuffer(64 * 1024);
    new Uint8Array(spare).fill(255);
    const fresh = packAppend(groups);
    const packed = packAppend(groups, spare);
    expect(packed.text.buffer).toBe(spare);
    expect(packed).toEqual(fresh);
    const tooSmall = new ArrayBuffer(100);
    expect(packAppend(groups, tooSmall)).toEqual(fresh);
  });

  test('keeps the order of folding where it is not that of the body', () => {
    const group = groupOf(heartbeats(0, 3));
    const spans = Uint32Array.from([4, 5, 2, 3, 0, 1], (i) => group.spans[i] ?? 0);
    const otherIds = new Map(idsOf(group).reverse().entries());
    const turned = { ...group, spans, idSpans: new Uint32Array(6), otherIds };
    const packed = packAppend([turned]);
    const decoded = decodeBlock(encodeBlock(1, packed, 0, 3));
    expect(decoded && texts(decoded).map((text) => JSON.parse(text).id)).toEqual(idsOf(turned));
  });

  test('holds at most a thousand events and half a MiB, but for one event alone', () => {
    const many = packAppend([groupOf(heartbeats(0, 2 * BLOCK_EVENTS_MAX + 1))]);
    expect(blockEnds(many)).toEqual([1000, 2000, 2001]);
    const data = { text: 'x'.repeat(60_000) };
    const large = packAppend([groupOf(heartbeats(0, 20).map((event) => ({ ...event, data })))]);
    const ends = blockEnds(large);
    expect(ends.at(-1)).toBe(20);
    for (const [i, end] of ends.entries()) {
      const start = ends[i - 1] ?? 0;
      const bytes = (large.spans[2 * end - 1] ?? 0) - (large.spans[2 * start] ?? 0);
      expect(bytes).toBeLessThanOrEqual(BLOCK_BYTES_MAX);
    }
    expect(blockEnds(packAppend([]))).toEqual([]);
  });

  test('any flipped bit of its row is noticed', () => {
    const packed = packAppend([groupOf(heartbeats(0, 200))]);
    const row = encodeBlock(1, packed, 0, packed.count);
    fc.assert(
      fc.property(fc.nat(row.body.length * 8 - 1), (bit) => {
        const body = Uint8Array.from(row.body);
        body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(decodeBlock({ ...row, body })).toBeUndefined();
      }),
    );
    for (const wrong of [
      { first_seq: 2 },
      { events: 199 },
      { min_ms: 0 },
      { max_ms: 0 },
      { crc: 1 },
    ]) {
      expect(decodeBlock({ ...row, ...wrong })).toBeUndefined();
    }
    expect(decodeBlock({ ...row, encoding: 0 })).toBeUndefined();
  });

  test('of an append with old events among new ones only the new ones are kept', () => {
    const packed = packAppend([groupOf(heartbeats(0, 5))]);
    const kept = keepFresh(packed, Uint8Array.from([1, 0, 0, 1, 1]));
    const all = texts(packed);
    expect(texts(kept)).toEqual([all[0], all[3], all[4]]);
  });
});
