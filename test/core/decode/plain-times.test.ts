import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyBytes } from '../../../src/core/decode/body-bytes.js';
import { PlainTimes } from '../../../src/core/decode/plain-times.js';
import { parseTime } from '../../../src/core/decode/time.js';

/** Times of a few days, most of them well-formed, in all ways to write one. */
const text = fc
  .tuple(
    fc.constantFrom('2026-11-23', '2026-11-24', '2000-02-29', '2016-12-31', '2026-02-29', 'x'),
    fc.constantFrom('T', 'T', ' ', 't', '_', ''),
    fc.nat({ max: 25 }),
    fc.constantFrom(':', ':', ':', '-', ''),
    fc.nat({ max: 61 }),
    fc.nat({ max: 61 }),
    fc.oneof(
      fc.constant(''),
      fc.constantFrom('.', ',5'),
      fc.nat().map((digits) => `.${digits}`),
    ),
    fc.oneof(
      fc.constantFrom('', 'Z', 'z', 'ZZ', '+', '+01:00', '-23:59', '+24:00', '+00:60', '+0100'),
      fc.constantFrom('+00:19:32', '-08:00', '+01:00 ', '+1:00', '*01:00', '+01-00'),
    ),
  )
  .map(([date, letter, hour, colon, minute, second, fraction, offset]) => {
    const [h, m, s] = [hour, minute, second].map((part) => String(part).padStart(2, '0'));
    return `${date}${letter}${h}${colon}${m}:${s}${fraction}${offset}`;
  });

test('a time in bytes is what parseTime makes of its text, whatever was read before it', () => {
  const times = new PlainTimes();
  let taken = 0;
  fc.assert(
    fc.property(text, fc.nat({ max: 30 }), (time, cut) => {
      for (const one of [time, time.slice(0, cut), time]) {
        const body = new BodyBytes(Buffer.from(`{"time":"${one}"}`));
        const timeMs = times.read(body, 8, 10 + one.length);
        expect(timeMs).toBe(parseTime(one));
        if (timeMs !== undefined) taken += 1;
      }
    }),
    { seed: 23, numRuns: 20_000 },
  );
  expect(taken).toBeGreaterThan(2000);
});

test('all microseconds of a second are the same number as from text', () => {
  const times = new PlainTimes();
  for (let micros = 0; micros < 1_000_000; micros += 997) {
    const time = `2026-11-23T18:00:59.${String(micros).padStart(6, '0')}+05:45`;
    const body = new BodyBytes(Buffer.from(`"${time}"`));
    expect(times.read(body, 0, body.length)).toBe(parseTime(time));
  }
});

test('no day is taken unseen, also not before the first', () => {
  for (const date of ['0000-00-00', '1970-01-01', '0000-01-01']) {
    const bytes = Buffer.from(`"${date}T00:00:00Z"`);
    const read = new PlainTimes().read(new BodyBytes(bytes), 0, bytes.length);
    expect(read).toBe(parseTime(`${date}T00:00:00Z`));
  }
});
