import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLog, resolveLogFormat } from '../../src/app/log.js';
import { ExporterError } from '../../src/core/errors.js';
import type { LogLevel } from '../../src/core/ports.js';

const NOW_MS = Date.UTC(2026, 10, 23, 18, 0, 0, 123);

function record(format: 'json' | 'text', level: LogLevel = 'debug') {
  const lines: string[] = [];
  const log = createLog({ level, format, write: (line) => lines.push(line), now: () => NOW_MS });
  return { log, lines };
}

describe('JSON', () => {
  test('an entry is one object on one line', () => {
    const { log, lines } = record('json');
    log('info', 'listening', {
      url: 'http://127.0.0.1:9464',
      port: 9464,
      tls: false,
      none: undefined,
    });
    expect(lines).toEqual([
      '{"ts":"2026-11-23T18:00:00.123Z","level":"info","msg":"listening","url":"http://127.0.0.1:9464","port":9464,"tls":false}\n',
    ]);
  });

  test('a field does not pass for what the entry itself says', () => {
    const { log, lines } = record('json');
    log('error', 'true', { level: 'info', msg: 'false', ts: 0 });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      msg: 'true',
      level_: 'info',
    });
  });

  test('an error is told with code and cause; a stack only where it is not ours', () => {
    const { log, lines } = record('json');
    const cause = Object.assign(new Error('disk'), { code: 'EIO' });
    log('error', 'x', { error: new ExporterError('STORE_FAILED', 'append failed', { cause }) });
    const { error } = JSON.parse(lines[0] ?? '');
    expect(error).toMatchObject({
      name: 'ExporterError',
      code: 'STORE_FAILED',
      message: 'append failed',
    });
    expect(error.stack).toBeUndefined();
    expect(error.cause).toMatchObject({ message: 'disk', code: 'EIO' });
    expect(error.cause.stack).toContain('log.test.ts');
  });
});

describe('text', () => {
  test('reads as time, level, sentence and fields', () => {
    const { log, lines } = record('text');
    log('warn', 'the "queue" is full', { bytes: 12, source: '/swarms/alpha', why: 'two words' });
    expect(lines).toEqual([
      '2026-11-23T18:00:00.123Z WARN  the "queue" is full bytes=12 source=/swarms/alpha why="two words"\n',
    ]);
  });

  test('is for terminals, unless said otherwise', () => {
    expect(resolveLogFormat('auto', true)).toBe('text');
    expect(resolveLogFormat('auto', false)).toBe('json');
    expect(resolveLogFormat('json', true)).toBe('json');
    expect(resolveLogFormat('text', false)).toBe('text');
  });
});

test('what is below the level is left out', () => {
  const { log, lines } = record('json', 'warn');
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, level);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['warn', 'error']);
});

describe.each(['json', 'text'] as const)('as %s', (format) => {
  test('nothing that is logged breaks the line or drives a terminal', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u001b[2J',
        'a\nb',
        '\u2028',
        '\u0085',
        '\u009b1m',
        '\u202e',
        '\ud800',
        '\r\n',
      ),
    );
    const fields = fc.dictionary(
      text,
      fc.oneof(text, fc.anything({ withBigInt: true, withDate: true })),
    );
    fc.assert(
      fc.property(text, fields, (message, extra) => {
        const { log, lines } = record(format);
        log('info', message, extra);
        expect(lines).toHaveLength(1);
        expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
        if (format === 'json') expect(JSON.parse(lines[0] ?? '').level).toBe('info');
      }),
    );
  });

  test('nothing makes it throw', () => {
    const { log, lines } = record(format);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const getter = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    for (const value of [
      circle,
      trap,
      getter,
      1n,
      Symbol('s'),
      () => 1,
      NaN,
      new Date(NaN),
      null,
    ]) {
      expect(() => log('info', 'x', { value })).not.toThrow();
    }
    expect(lines).toHaveLength(9);
    const broken = createLog({
      level: 'info',
      format,
      write: () => {
        throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      },
      now: () => NOW_MS,
    });
    expect(() => broken('info', 'x')).not.toThrow();
  });

  test('a huge field is cut', () => {
    const { log, lines } = record(format);
    log('info', 'x'.repeat(1e6), {
      text: 'y'.repeat(1e6),
      list: Array.from({ length: 1e5 }, () => 1),
    });
    expect(lines[0]?.length).toBeLessThan(20_000);
  });
});
