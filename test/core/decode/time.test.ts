import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTime, parseTime } from '../../../src/core/decode/time.js';

const NOON = Date.UTC(2026, 10, 23, 12);

describe('a time', () => {
  test.each([
    ['2026-11-23T12:00:00Z', NOON],
    ['2026-11-23t12:00:00z', NOON],
    ['2026-11-23 12:00:00Z', NOON],
    ['2026-11-23T12:00:00+00:00', NOON],
    ['2026-11-23T12:00:00-00:00', NOON],
    ['2026-11-23T13:30:00+01:30', NOON],
    ['2026-11-22T12:01:00-23:59', NOON],
    ['2026-11-23T12:00:00.5Z', NOON + 500],
    ['2026-11-23T12:00:00.123Z', NOON + 123],
    ['2026-11-23T12:00:00.123456Z', NOON + 123.456],
    ['2026-11-23T12:00:00.123456999Z', NOON + 123.456],
    ['2026-11-23T12:00:00.0000000000000000000009Z', NOON],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['2028-02-29T23:59:59Z', Date.UTC(2028, 1, 29, 23, 59, 59)],
  ])('is read from RFC 3339: %s', (text, timeMs) => {
    expect(parseTime(text)).toBe(timeMs);
  });

  test.each([
    ['2026-11-23 12:00:00.123456+00:00', NOON + 123.456],
    ['2026-11-23 12:00:00+00:00', NOON],
    ['2026-11-23 12:00:00.000001', NOON + 0.001],
    ['2026-11-23 12:00:00', NOON],
    ['2026-11-23T12:00:00', NOON],
    ['2026-11-23 12:19:32+00:19:32', NOON],
  ])('is read from what Python prints, without an offset in UTC: %s', (text, timeMs) => {
    expect(parseTime(text)).toBe(timeMs);
  });

  test('may be a leap second where there can be one, and is then the second after it', () => {
    expect(parseTime('2016-12-31T23:59:60Z')).toBe(Date.UTC(2017, 0, 1));
    expect(parseTime('1990-12-31T15:59:60-08:00')).toBe(Date.UTC(1991, 0, 1));
    expect(parseTime('2015-07-01T07:59:60.5+08:00')).toBe(Date.UTC(2015, 6, 1) + 500);
    expect(parseTime('2016-12-30T23:59:60Z')).toBeUndefined();
    expect(parseTime('2016-12-31T23:58:60Z')).toBeUndefined();
    expect(parseTime('2016-12-31T23:59:60+01:00')).toBeUndefined();
  });

  test.each([
    '',
    'now',
    '1795456800000',
    '2026-11-23',
    '2026-11-23T12:00Z',
    '2026-11-23T12:00:0',
    '2026-11-23T12:00:00.Z',
    '2026-11-23T12:00:00,5Z',
    '2026-11-23T12:00:00+0100',
    '2026-11-23T12:00:00+01',
    '2026-11-23T12:00:00+24:00',
    '2026-11-23T12:00:00+01:60',
    '2026-11-23T12:00:00+01:30:',
    '2026-11-23T12:00:00+01:30:60',
    '2026-11-23T12:00:00+01:30Z',
    '2026-11-23T12:00:00ZZ',
    '2026-11-23T12:00:00 Z',
    '2026-11-23T12:00:00Z ',
    ' 2026-11-23T12:00:00Z',
    '2026-11-23_12:00:00Z',
    '2026/11/23T12:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T12:60:00Z',
    '2026-11-23T12:00:61Z',
    '2026-00-23T12:00:00Z',
    '2026-13-23T12:00:00Z',
    '2026-11-00T12:00:00Z',
    '2026-11-31T12:00:00Z',
    '2026-02-29T12:00:00Z',
    '2100-02-29T12:00:00Z',
    '+02026-11-23T12:00:00Z',
    '2026-11-23T12:00:00.1e3Z',
    '２０２６-11-23T12:00:00Z',
    '2026-1１-23T12:00:00Z',
    'Mon, 23 Nov 2026 12:00:00 GMT',
  ])('is not %j', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  test('agrees with Date on every day of five hundred years', () => {
    for (let timeMs = Date.UTC(1800, 0, 1); timeMs < Date.UTC(2300, 0, 1); timeMs += 86_400_000) {
      const noon = timeMs + 43_200_123;
      if (parseTime(new Date(noon).toISOString()) !== noon) expect.fail(String(noon));
    }
  });

  test('is what Date makes of it, in any offset', () => {
    const date = fc.date({
      min: new Date('0001-01-02'),
      max: new Date('9998-12-30'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, fc.integer({ min: -1439, max: 1439 }), (moment, offset) => {
        const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const sign = offset < 0 ? '-' : '+';
        const hours = String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0');
        const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
        expect(parseTime(`${local}${sign}${hours}:${minutes}`)).toBe(moment.getTime());
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
});

describe('a printed time', () => {
  test('shows microseconds only where there are any', () => {
    expect(formatTime(NOON)).toBe('2026-11-23T12:00:00.000Z');
    expect(formatTime(NOON + 123.456)).toBe('2026-11-23T12:00:00.123456Z');
    expect(formatTime(NOON + 0.001)).toBe('2026-11-23T12:00:00.000001Z');
  });

  test('is read back as the same number', () => {
    const micros = fc.integer({ min: 946_684_800_000_000, max: 4_102_444_800_000_000 });
    fc.assert(
      fc.property(micros, (time) => {
        expect(parseTime(formatTime(time / 1000))).toBe(time / 1000);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});
