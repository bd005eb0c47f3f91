import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packAppend } from '../../src/store/pack.js';
import { idsOf } from '../support/group-ids.js';
import { groupOf } from './events.js';

test('the ids of each source are handed over in order, as JSON that reads back the same', () => {
  const event = fc.record({
    id: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.uuid()),
    source: fc.constantFrom('/one', '/two', '/é'),
  });
  const groups = fc.array(fc.array(event, { maxLength: 20 }), { maxLength: 4 });
  fc.assert(
    fc.property(groups, (specs) => {
      const expected = new Map<string, string[]>();
      for (const { id, source } of specs.flat()) {
        expected.set(source, [...(expected.get(source) ?? []), id]);
      }
      const made = specs.map((events) => groupOf(events));
      expect(made.flatMap(idsOf)).toEqual(specs.flat().map(({ id }) => id));
      const { sources, idsJson, sourceIndex } = packAppend(made);
      expect(sources).toEqual([...expected.keys()]);
      expect(idsJson.map((json): unknown => JSON.parse(json))).toEqual([...expected.values()]);
      expect(Array.from(sourceIndex, (index) => sources[index])).toEqual(
        specs.flat().map(({ source }) => source),
      );
    }),
    { seed: 26, numRuns: 500 },
  );
});
