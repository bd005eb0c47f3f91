import { expect, test } from 'vitest';
import { Counts, type Count } from '../../../src/core/state/counts.js';
import { Family, OVERFLOW } from '../../../src/core/state/family.js';
import { NamesAtHand, SeriesAtHand } from '../../../src/core/state/series-at-hand.js';
import { completed, logged } from '../../support/events.js';

function family(labelSetsMax: number): Family<Count> {
  return new Family({ open: [true], labelSetsMax, create: () => ({ n: 0 }) });
}

test('a series at hand is the one of the family, and begins when it is first counted in', () => {
  const failures = family(2);
  const series = new SeriesAtHand(failures, 'agent_down');
  expect(failures.size).toBe(0);
  series.at(7).n += 1;
  series.at(8).n += 1;
  expect(failures.values()).toEqual([{ labels: ['agent_down'], value: { n: 2 }, sinceMs: 7 }]);
});

test('what has no series of its own is told each time, and has its own once there is room', () => {
  const failures = family(1);
  failures.at(1, 'first').n += 1;
  const series = new SeriesAtHand(failures, 'second');
  series.at(2).n += 1;
  series.at(3).n += 1;
  expect(failures.overflows).toBe(2);
  expect(failures.find([OVERFLOW])).toEqual({ n: 2 });
  failures.limit(10);
  series.at(4).n += 1;
  series.at(5).n += 1;
  expect(failures.overflows).toBe(2);
  expect(failures.find(['second'])).toEqual({ n: 2 });
});

test('names without an end are all served, and what is made for them does not pile up', () => {
  const made: string[] = [];
  const names = new NamesAtHand((name) => {
    made.push(name);
    return { name };
  });
  for (let n = 0; n < 5_000; n += 1) {
    expect(names.of(`name-${n}`).name).toBe(`name-${n}`);
    expect(names.of(`name-${n}`)).toBe(names.of(`name-${n}`));
  }
  expect(made).toHaveLength(5_000);
  names.of('name-4999');
  names.of('name-0');
  expect(made).toHaveLength(5_001);
});

test('events that come together are counted as one by one, also where there is no room for their series', () => {
  const events = [1, 2, 3, 4].map((seq) =>
    logged(completed(seq, 'f1'), seq, seq === 2 ? 'import' : 'http'),
  );
  const [together, apart] = [crowded(), crowded()];
  together.hear(events);
  for (const event of events) apart.hear([event]);
  expect(together.events.snapshot()).toEqual(apart.events.snapshot());
  expect(together.events.overflows).toBe(2);
});

/** As an older release left it that knew no type of events, and with no room for more. */
function crowded(): Counts {
  const counts = new Counts();
  const { counts: families, ...rest } = counts.snapshot();
  const known = families.map(
    ([name, kept]) => [name, name === 'events' ? { ...kept, series: [] } : kept] as const,
  );
  counts.restore({ counts: known, ...rest });
  counts.limit({ events: 0 });
  return counts;
}
