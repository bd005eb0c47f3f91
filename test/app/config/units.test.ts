import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  formatDuration,
  formatSize,
  isLoopback,
  parseAddress,
  parseDuration,
  parseFrequency,
  parseSize,
} from '../../../src/app/config/units.js';

describe('durations', () => {
  test.each([
    ['15s', 15_000],
    ['1h30m', 5_400_000],
    ['400d', 400 * 86_400_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 1_209_600_000 + 259_200_000 + 14_706_007],
    ['100ms', 100],
    ['0', 0],
    ['0s', 0],
  ])('%s is %d ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  test.each([
    '',
    '15',
    's',
    '1m1h',
    '1.5h',
    '-1s',
    '1s ',
    ' 1s',
    '1S',
    '1h1h',
    '1e3s',
    '15 s',
    '９s',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('what is formatted is read back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000_000_000 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
      }),
    );
  });

  test('no text makes the reader throw or answer something that is no whole number', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseDuration(text);
        expect(parsed === undefined || Number.isSafeInteger(parsed)).toBe(true);
      }),
    );
  });
});

describe('how often', () => {
  const DAY_MS = 86_400_000;

  test.each([
    ['1 in 30d', 30 * DAY_MS],
    ['one a month', 30 * DAY_MS],
    ['one false alarm a month', 30 * DAY_MS],
    ['2 false alarms per week', 3.5 * DAY_MS],
    ['10 a day', DAY_MS / 10],
    ['1 an hour', DAY_MS / 24],
    ['3 in 1y', (365 / 3) * DAY_MS],
  ])('%s is one in %d ms', (text, everyMs) => {
    expect(parseFrequency(text)).toBe(everyMs);
  });

  test.each([
    '',
    '30d',
    '1',
    '1 in',
    '0 in 30d',
    '-1 in 30d',
    '1.5 a day',
    '10000 a day',
    '1 in 59m',
    '1 in 0',
    '1 in 101y',
    '1 in a while',
    'two a day',
    '1  a day',
  ])('%j is none', (text) => {
    expect(parseFrequency(text)).toBeUndefined();
  });
});

describe('sizes', () => {
  test.each([
    ['64MiB', 67_108_864],
    ['10GB', 10_000_000_000],
    ['10GiB', 10_737_418_240],
    ['1.5KiB', 1536],
    ['512', 512],
    ['512B', 512],
    ['2 TiB', 2 * 2 ** 40],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'MiB', '64mib', '64M', '-1B', '1e9', '10iB', '9999999999999999TiB'])(
    '%j is none',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  test('what is formatted is read back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1:9464', '127.0.0.1', 9464, true],
    ['127.8.8.8:1', '127.8.8.8', 1, true],
    ['localhost:0', 'localhost', 0, true],
    ['[::1]:9464', '::1', 9464, true],
    [':9464', undefined, 9464, false],
    ['0.0.0.0:9464', '0.0.0.0', 9464, false],
    ['[::]:9464', '::', 9464, false],
    ['exporter.example.org:65535', 'exporter.example.org', 65_535, false],
    // Looks like loopback to a hasty reader, and is a name that anybody can own.
    ['127.0.0.1.example.org:80', '127.0.0.1.example.org', 80, false],
    ['127.example.org:80', '127.example.org', 80, false],
  ])('%s', (text, host, port, loopback) => {
    const address = parseAddress(text);
    expect(address).toEqual({ host, port });
    expect(isLoopback({ host, port })).toBe(loopback);
    expect(formatAddress({ host, port })).toBe(text);
  });

  test.each([
    '',
    '9464',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:99999',
    '::1:9464',
    '[::1]',
    '[x]:1',
    'a b:1',
    '1.2.3:4',
    '256.0.0.1:80',
    'http://x:1',
    '-a:1',
    'x:0x10',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});
