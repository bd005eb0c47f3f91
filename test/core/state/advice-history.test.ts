import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdviceHistory, type Advice } from '../../../src/core/state/advice-history.js';

const MINUTE_MS = 60_000;

function advice(id: string, severity = 'warning'): Advice {
  return { id, kind: 'strategy', severity, message: `About ${id}.`, action: 'Do it.' };
}

test('advice comes, changes and goes', () => {
  const history = new AdviceHistory();
  history.note([advice('a')], 0);
  history.note([advice('a'), advice('b')], 1);
  history.note([advice('a', 'critical'), advice('b')], 2);
  history.note([advice('b')], 3);
  expect(history.standing).toMatchObject([{ id: 'b', sinceMs: 1, untilMs: undefined }]);
  expect(history.ended).toMatchObject([
    { id: 'a', sinceMs: 0, untilMs: 3, severity: 'critical', changes: [{ timeMs: 2 }] },
  ]);
});

test('other numbers in the words are no change', () => {
  const history = new AdviceHistory();
  history.note([advice('a')], 0);
  history.saved();
  history.note([{ ...advice('a'), message: 'About a, 65.1%.' }], 1);
  expect(history.hasNews).toBe(false);
  expect(history.standing).toMatchObject([{ message: 'About a, 65.1%.', changes: [] }]);
});

test('what flickers fills nothing, and what is back after long is another time', () => {
  const history = new AdviceHistory();
  for (let minute = 0; minute < 100; minute += 1) {
    history.note(minute % 2 === 0 ? [advice('a')] : [], minute * MINUTE_MS);
  }
  expect([...history.standing, ...history.ended]).toMatchObject([{ sinceMs: 0, returns: 49 }]);
  history.note([advice('a')], 200 * MINUTE_MS);
  expect(history.ended).toHaveLength(1);
  expect(history.standing).toMatchObject([{ sinceMs: 200 * MINUTE_MS, returns: 0 }]);
});

test('it is bounded', () => {
  const history = new AdviceHistory();
  for (let round = 0; round < 4; round += 1) {
    const many = Array.from({ length: 1_500 }, (_, i) => advice(`${round}-${i}`));
    history.note(many, round);
  }
  expect(history.standing).toHaveLength(1_000);
  expect(history.ended).toHaveLength(1_000);
  expect(history.ended[0]).toMatchObject({ untilMs: 3 });
});

test('a restart in between changes nothing', () => {
  const ids = fc.subarray(['a', 'b', 'c', 'd']);
  const rounds = fc.array(fc.record({ ids, critical: fc.boolean() }), { maxLength: 12 });
  fc.assert(
    fc.property(rounds, fc.nat(12), (noted, cut) => {
      const whole = new AdviceHistory();
      let parts = new AdviceHistory();
      noted.forEach((one, i) => {
        if (i === cut) {
          const text = JSON.stringify(parts.snapshot());
          parts = new AdviceHistory();
          parts.restore(JSON.parse(text));
        }
        const given = one.ids.map((id) => advice(id, one.critical ? 'critical' : 'info'));
        whole.note(given, i * 7 * MINUTE_MS);
        parts.note(given, i * 7 * MINUTE_MS);
      });
      expect(parts.snapshot()).toEqual(whole.snapshot());
    }),
    { numRuns: 300, seed: 20_261_124 },
  );
});
